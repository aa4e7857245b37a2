/** What the alerts of an account follow from. Pure. */

/** Thresholds in credits, runway limits and reminder intervals in hours. A runway limit of 0 turns it off. */
export interface Policy {
  readonly warningCredits: number;
  readonly criticalCredits: number;
  readonly warningHours: number;
  readonly criticalHours: number;
  readonly warningReminderHours: number;
  /** At critical and empty. */
  readonly criticalReminderHours: number;
  /** After so many days of silence people are told that all is well; 0 is never. */
  readonly allClearDays: number;
}

export const DEFAULT_POLICY: Policy = {
  warningCredits: 1000,
  criticalCredits: 300,
  warningHours: 24,
  criticalHours: 8,
  warningReminderHours: 24,
  criticalReminderHours: 6,
  allClearDays: 7,
};

/** What the alerts of an account follow from. */
export interface Rules {
  readonly policy: Policy;
  /** What phones hear: critical news, or all of it. */
  readonly sms: "critical" | "all";
  /** Whether this account tells that subscribers were lost: of several on one topic only the first does. */
  readonly tellsAudience: boolean;
}
