/** What a check returns. Pure. */
import * as z from "zod";
import type { Config } from "./config.ts";
import { ALERT_KINDS, type Alert, HOLDS, SEVERITIES } from "./policy/alert.ts";
import { chartOf } from "./policy/forecast.ts";
import { LEVELS } from "./policy/levels.ts";
import type { Decision } from "./policy/policy.ts";
import { FAILURE_REASONS, type Reading } from "./policy/reading.ts";

const VERSION = 2;

const level = z.enum(LEVELS).nullable();
const count = z.number();
const time = z.iso.datetime();

/** The one declaration of the report: the command line parses with it, and the document for programs extends it. */
export const reportSchema = z.object({
  version: z.literal(VERSION),
  account: z.string(),
  checkedAt: time,
  /** Null if there is no reading; `failure` then says why. */
  credits: z.number().nullable(),
  usd: z.number().nullable(),
  /** Without a reading the last known one; null if none is known. */
  level,
  /** The level that was told before this check; null if none was. */
  previousLevel: level,
  /** What makes the level; null at ok, and without a reading. */
  cause: z
    .union([
      z.object({ by: z.literal("credits"), threshold: z.number(), withinMargin: z.boolean() }),
      z.object({ by: z.literal("runway"), limitHours: z.number(), withinMargin: z.boolean() }),
    ])
    .nullable(),
  /** Null if it is unknown. `hoursLeft` and `emptyAt` are null if nothing is used. */
  runway: z
    .object({
      creditsPerHour: z.number(),
      hoursLeft: z.number().nullable(),
      emptyAt: time.nullable(),
      basis: z.enum(["last-24-hours", "last-7-days"]),
      /** Whether less than 24 hours are known. */
      isFirstEstimate: z.boolean(),
    })
    .nullable(),
  failure: z
    .object({
      reason: z.enum(FAILURE_REASONS),
      detail: z.string(),
      permanent: z.boolean(),
      /** The first failure in a row. */
      since: time,
    })
    .nullable(),
  /** The alert that is due. `messageId` is null if it is held, or the check is a dry run; `held` says why. */
  alert: z
    .object({
      kind: z.enum(ALERT_KINDS),
      severity: z.enum(SEVERITIES),
      subject: z.string(),
      messageId: z.string().nullable(),
      held: z.enum(HOLDS).nullable(),
    })
    .nullable(),
  /** Confirmed subscriptions by protocol, and those that wait for it; null if SNS did not say. */
  audience: z.object({ emails: count, phones: count, others: count, pending: count }).nullable(),
  /** Until then there are no reminders; null if they are not snoozed, or a snooze ends with the alert. */
  snoozedUntil: time.nullable(),
  /** Null if `need` was not asked for, or there is no reading. */
  need: z.object({ credits: z.number(), enough: z.boolean() }).nullable(),
  /** How many of each job of the settings the balance is enough for; null if there is no reading. */
  jobs: z
    .array(z.object({ name: z.string(), credits: z.number(), count }))
    .nullable()
    // A function that was deployed earlier says neither this nor the next.
    .default(null),
  /** 24 balances, one for each two hours of the last 48, the oldest first; null where unknown. */
  chart: z.array(z.number().nullable()).default([]),
});

/** Times are ISO 8601 in UTC. */
export type Report = Readonly<z.output<typeof reportSchema>>;

/** Who would hear a message: confirmed subscriptions by protocol, and how many wait for confirmation. */
export type Subscribers = NonNullable<Report["audience"]>;

export interface Findings {
  readonly reading: Reading;
  readonly decision: Decision;
  /** The alert that is due, or the test; null if there is none. */
  readonly alert: Alert | null;
  readonly audience: Subscribers | null;
  /** Credits that are asked for; null if none are. */
  readonly need: number | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What a check found. Its `alert` is null still, since that has a subject only once its message is written. */
export function reportOf(
  config: Config,
  { reading, decision, alert, audience, need, now }: Findings,
): Report {
  const { level, cause, runway, memory } = decision;
  const isTold = decision.hold === null && alert?.kind !== "test";
  const { snoozedUntil } = (isTold ? decision.memoryIfTold : memory).told;
  const credits = reading.kind === "credits" ? reading.credits : null;
  return {
    version: VERSION,
    account: config.account,
    checkedAt: iso(now),
    credits,
    usd: credits === null ? null : round(credits * config.usdPerCredit),
    level,
    previousLevel: alert ? alert.previousLevel : decision.previousLevel,
    cause,
    runway: runway && {
      ...runway,
      creditsPerHour: round(runway.creditsPerHour),
      hoursLeft: Number.isFinite(runway.hoursLeft) ? round(runway.hoursLeft) : null,
      emptyAt: runway.emptyAt === null ? null : iso(runway.emptyAt),
    },
    failure:
      reading.kind === "failure"
        ? { ...reading.failure, since: iso(memory.seen.failing?.since ?? now) }
        : null,
    alert: null,
    audience,
    snoozedUntil: snoozedUntil === null ? null : iso(snoozedUntil),
    need: need !== null && credits !== null ? { credits: need, enough: credits >= need } : null,
    jobs: credits === null ? null : whatItBuys(config.jobs, credits),
    chart: [...chartOf(memory.seen.use, now)],
  };
}

function whatItBuys(jobs: Config["jobs"], credits: number): Report["jobs"] {
  return Object.entries(jobs).map(([name, cost]) => {
    // Twelve figures are exact: 0.3 credits are three jobs of 0.1.
    const count = Math.floor(Number((credits / cost).toPrecision(12)));
    return { name, credits: cost, count: Math.min(Math.max(0, count), Number.MAX_SAFE_INTEGER) };
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** To two decimals, and finite: JSON has no infinity. */
function round(value: number): number {
  return Number(Math.min(value, Number.MAX_VALUE).toFixed(2));
}
