/** When people are reminded. Pure. */
import { type Level, rank } from "./levels.ts";
import type { Told } from "./memory.ts";
import type { Policy } from "./rules.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

const NO_READING_REMINDER_MS = DAY_MS;

/** Each interval is twice the last, up to a week, or the setting if that is longer. */
const LONGEST_MS = 7 * DAY_MS;

/** Reminders may go out a little early: a daily check can finish slightly sooner than yesterday's. */
const MAX_EARLY_MS = 5 * MINUTE_MS;

/** Whether people are to be reminded of what was told, even while reminders are snoozed. */
export function isReminderDue(told: Told, policy: Policy, now: number): boolean {
  const next = intervalOf(told, policy);
  return next !== null && isDue(next.since, next.ms, now);
}

/** When the next reminder is due if nothing changes, in epoch milliseconds; null if there will be none. */
export function nextReminderAt(told: Told, policy: Policy): number | null {
  const next = intervalOf(told, policy);
  return next && Math.max(next.since + next.ms, told.snoozedUntil ?? 0);
}

/** Whether an interval has passed, or nearly. */
export function isDue(since: number, intervalMs: number, now: number): boolean {
  return now - since >= intervalMs - Math.min(MAX_EARLY_MS, intervalMs / 10);
}

/** The interval that the next reminder ends; null if there will be none. */
function intervalOf(
  { level, at, reminders, noReading }: Told,
  policy: Policy,
): { readonly since: number; readonly ms: number } | null {
  if (noReading) return { since: noReading.at, ms: grown(NO_READING_REMINDER_MS, noReading.reminders) };
  return rank(level) === 0 ? null : { since: at, ms: grown(firstIntervalMs(level, policy), reminders) };
}

function grown(firstMs: number, reminders: number): number {
  return Math.min(firstMs * 2 ** reminders, Math.max(firstMs, LONGEST_MS));
}

function firstIntervalMs(level: Level | null, policy: Policy): number {
  return (level === "warning" ? policy.warningReminderHours : policy.criticalReminderHours) * HOUR_MS;
}
