/** The rules of levels and reminders, written a second time, to judge by. */
import { LEVELS, type Level } from "../../lambda/policy/levels.ts";
import type { Policy } from "../../lambda/policy/rules.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export function rank(level: Level | null): number {
  return level === null ? 0 : LEVELS.indexOf(level);
}

export function isCritical(level: Level | null): boolean {
  return rank(level) >= rank("critical");
}

export function worse(one: Level, other: Level): Level {
  return rank(one) > rank(other) ? one : other;
}

/**
 * The level of a reading, by credits and runway.
 *
 * @param hoursLeft - null if unknown
 * @param leaving - how far above its threshold and limit a level is still taken for reached: 10 % and 50 % if it is
 * being left, else nothing; and whether empty is, which takes 0.8 credits
 */
export function levelOf(
  credits: number,
  hoursLeft: number | null,
  policy: Policy,
  leaving = { credits: 0, hours: 0, isEmpty: false },
): Level {
  if (credits < (leaving.isEmpty ? 0.8 : 0.5)) return "empty";
  const isIn = (threshold: number, limitHours: number) =>
    credits * 100 <= threshold * (100 + leaving.credits) ||
    (limitHours > 0 && hoursLeft !== null && hoursLeft * 100 <= limitHours * (100 + leaving.hours));
  if (isIn(policy.criticalCredits, policy.criticalHours)) return "critical";
  return isIn(policy.warningCredits, policy.warningHours) ? "warning" : "ok";
}

export function thresholdOf(level: Level, policy: Policy): number {
  return {
    ok: Number.POSITIVE_INFINITY,
    warning: policy.warningCredits,
    critical: policy.criticalCredits,
    // Below 0.5, and balances have two decimals.
    empty: 0.49,
  }[level];
}

/** The interval after so many reminders: it doubles up to a week, or the setting if that is longer. */
export function reminderMs(level: Level, policy: Policy, reminders = 0): number {
  return doubled(
    (level === "warning" ? policy.warningReminderHours : policy.criticalReminderHours) * HOUR_MS,
    reminders,
  );
}

export function doubled(ms: number, times: number): number {
  return Math.min(ms * 2 ** times, Math.max(ms, 7 * DAY_MS));
}

/** What is due after an interval may come 5 minutes early, or a tenth of the interval if that is less. */
export function dueAfterMs(intervalMs: number): number {
  return intervalMs - Math.min(5 * MINUTE_MS, intervalMs / 10);
}
