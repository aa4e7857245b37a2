/** What the alerts of an account follow from. Pure. */
import * as z from "zod";

/** As many as the template for the browser takes; more is a slip. */
export const MAX_AMOUNT = 999_999_999;
const AMOUNT = `expected a number of credits, 0 to ${MAX_AMOUNT}`;
export const amount = z.number(AMOUNT).nonnegative(AMOUNT).max(MAX_AMOUNT, AMOUNT);

const HOURS = "expected a number of hours, 0 to 8760";
/** A year at most: no message tells of a longer forecast. */
const hours = z.number(HOURS).nonnegative(HOURS).max(8_760, HOURS);

const REMINDER_HOURS = "expected a number of hours, 1 to 8760";
/** A year at most, since the next reminder is told as a date. */
const reminderHours = z.number(REMINDER_HOURS).min(1, REMINDER_HOURS).max(8_760, REMINDER_HOURS);

const ALL_CLEAR_DAYS = "expected a number of days, 1 to 365, or 0 for never";
const allClearDays = z
  .number(ALL_CLEAR_DAYS)
  .min(0, ALL_CLEAR_DAYS)
  .max(365, ALL_CLEAR_DAYS)
  .refine((days) => days <= 0 || days >= 1, { error: ALL_CLEAR_DAYS, abort: true });

/**
 * Thresholds in credits, runway limits and reminder intervals, by their names in settings.json. Editors show the
 * descriptions, from settings.schema.json.
 */
export const POLICY = z.object({
  warningCredits: amount.describe("At or below this many credits the level is warning.").default(1_000),
  criticalCredits: amount
    .describe("At or below this many credits the level is critical. Less than warningCredits.")
    .default(300),
  warningHours: hours
    .describe("If the credits last no longer than this, the level is warning. 0 turns it off.")
    .default(24),
  criticalHours: hours
    .describe(
      "If the credits last no longer than this, the level is critical. Less than warningHours; 0 turns it off.",
    )
    .default(8),
  warningReminderHours: reminderHours
    .describe("Hours between reminders while the level is warning.")
    .default(24),
  criticalReminderHours: reminderHours
    .describe("Hours between reminders while the level is critical or empty.")
    .default(6),
  allClearDays: allClearDays
    .describe("After this many days without a message, one says that the credits are well. 0 is never.")
    .default(7),
});

export type Policy = Readonly<z.output<typeof POLICY>>;

export const DEFAULT_POLICY: Policy = POLICY.parse({});

/** What the alerts of an account follow from. */
export interface Rules extends Policy {
  /** What phones hear: critical news, or all of it. */
  readonly sms: "critical" | "all";
  /** Whether this account tells that subscribers were lost: of several on one topic only the first does. */
  readonly tellsAudience: boolean;
}

type Thresholds = Pick<Policy, "warningCredits" | "criticalCredits" | "warningHours" | "criticalHours">;

/**
 * Thresholds and limits must fall from warning to critical; a limit of 0 is off. Values that already failed
 * validation are skipped.
 *
 * @param problem - told of a field, with its value and what was expected by the other one, its limit
 */
export function checkPolicy(
  { warningCredits, criticalCredits, warningHours, criticalHours }: Thresholds,
  problem: (
    field: "criticalCredits" | "criticalHours",
    value: number,
    expected: string,
    limit: "warningCredits" | "warningHours",
  ) => void,
): void {
  if (areAll(amount, warningCredits, criticalCredits) && criticalCredits >= warningCredits) {
    problem(
      "criticalCredits",
      criticalCredits,
      `expected less than the warning threshold, ${warningCredits}`,
      "warningCredits",
    );
  }
  if (areAll(hours, warningHours, criticalHours) && warningHours > 0 && criticalHours >= warningHours) {
    problem(
      "criticalHours",
      criticalHours,
      `expected less than the warning limit, ${warningHours}, or 0`,
      "warningHours",
    );
  }
}

function areAll(rule: z.ZodType, ...values: readonly number[]): boolean {
  return values.every((value) => rule.safeParse(value).success);
}
