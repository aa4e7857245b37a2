/** The rules of levels and reminders, written a second time and by credits alone, to judge by. */
import { LEVELS, type Level } from "../../lambda/policy/memory.ts";
import type { Policy } from "../../lambda/policy/policy.ts";

const HOUR_MS = 3_600_000;

export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

/** The level that credits alone make, at the least; leaving a level takes 10 % more than its threshold. */
export function levelByCredits(credits: number, before: Level, policy: Policy): Level {
  if (credits <= 0) return "empty";
  const isIn = (level: Level, threshold: number) =>
    credits <= threshold || (rank(before) >= rank(level) && credits * 10 <= threshold * 11);
  if (isIn("critical", policy.criticalCredits)) return "critical";
  return isIn("warning", policy.warningCredits) ? "warning" : "ok";
}

export function thresholdOf(level: Level, policy: Policy): number {
  return {
    ok: Number.POSITIVE_INFINITY,
    warning: policy.warningCredits,
    critical: policy.criticalCredits,
    empty: 0,
  }[level];
}

/** After this long a reminder is due: the interval, less a minute by which an answer may come sooner. */
export function reminderMs(level: Level, policy: Policy): number {
  return dueAfterMs(level === "warning" ? policy.warningReminderHours : policy.criticalReminderHours);
}

export function dueAfterMs(intervalHours: number): number {
  return intervalHours * HOUR_MS - Math.min(60_000, (intervalHours * HOUR_MS) / 10);
}
