/** The alarms: what the stack watches by each, and what the doctor says about it. Pure. */

/** One alarm. */
export interface AlarmKind {
  /** Its construct's id, or the beginning of it. */
  readonly id: string;
  readonly watches: "account" | "topic" | "webhook";
  /** The name of its metric, which has a dimension for the account, its function or the topic. */
  readonly metricName: string;
  /** The state that is told to people. */
  readonly tells: "ALARM" | "INSUFFICIENT_DATA";
  /** The doctor's words for it, 13 characters at most. */
  readonly subject: string;
  /** What OK means. */
  readonly quiet: string;
  /** What the state means that is told. */
  readonly loud: string;
  /** What to do then. */
  readonly fix: string;
}

/** About so many checks that did not come are silence. */
export const SILENT_INTERVALS = 3;

/** Shows what a check does when it runs. */
export const TRY_A_CHECK = "See what happens when one runs: npm run check -- --deployed --dry-run";

export const ALARMS = {
  errors: {
    id: "Errors",
    watches: "account",
    // The checks that were given up. An error that a retry healed needs nobody.
    metricName: "AsyncEventsDropped",
    tells: "ALARM",
    subject: "Errors alarm",
    quiet: "no check was given up",
    loud: "checks are given up after their retries",
    fix: TRY_A_CHECK,
  },
  silence: {
    id: "Silence",
    watches: "account",
    // AWS's own, which costs nothing.
    metricName: "Invocations",
    tells: "INSUFFICIENT_DATA",
    subject: "Silence alarm",
    quiet: "checks start",
    loud: "no check starts",
    fix: TRY_A_CHECK,
  },
  undelivered: {
    id: "Undelivered",
    watches: "topic",
    metricName: "NumberOfNotificationsFailed",
    tells: "ALARM",
    subject: "Undelivered",
    quiet: "every message was delivered",
    loud: "some messages did not reach a subscriber",
    fix: "Send a test and ask everybody: npm run check -- --deployed --test",
  },
  unposted: {
    id: "Errors",
    watches: "webhook",
    // The messages that were given up. An error that a retry healed needs nobody.
    metricName: "AsyncEventsDropped",
    tells: "ALARM",
    subject: "Unposted",
    quiet: "every message was posted",
    loud: "messages could not be posted in the last day",
    fix: "Read what was answered in the function's log. For a new address: npm run setup -- --webhook NAME",
  },
} as const satisfies Readonly<Record<string, AlarmKind>>;
