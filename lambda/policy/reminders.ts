/** When people are reminded. Pure. */
import { type Level, rank } from "./levels.ts";
import type { Told } from "./memory.ts";
import type { Policy } from "./rules.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

export const NO_READING_REMINDER_MS = DAY_MS;

/** Reminders may go out a little early: a daily check can finish slightly sooner than yesterday's. */
const MAX_EARLY_MS = 5 * MINUTE_MS;

/** When the next reminder is due if nothing changes, in epoch milliseconds; null if there will be none. */
export function nextReminderAt({ level, at, noReading, snoozedUntil }: Told, policy: Policy): number | null {
  if (noReading === null && rank(level) === 0) return null;
  const next = noReading ? noReading.at + NO_READING_REMINDER_MS : at + reminderMs(level, policy);
  return Math.max(next, snoozedUntil ?? 0);
}

/** Whether an interval has passed, or nearly. */
export function isDue(since: number, intervalMs: number, now: number): boolean {
  return now - since >= intervalMs - Math.min(MAX_EARLY_MS, intervalMs / 10);
}

/** The interval between reminders of a level. */
export function reminderMs(level: Level | null, policy: Policy): number {
  return (level === "warning" ? policy.warningReminderHours : policy.criticalReminderHours) * HOUR_MS;
}
