/** What a message is about. Pure. */
import type { Config } from "../config.ts";
import type { Alert } from "../policy/alert.ts";
import { isKeptByUnknownRunway } from "../policy/levels.ts";
import type { Decision } from "../policy/policy.ts";
import { nextReminderAt } from "../policy/reminders.ts";
import type { Report } from "../report.ts";

export const TOP_UP_PAGE = "https://kie.ai/billing";

/** What happened, and in which circumstances. */
export interface AlertContext {
  readonly config: Config;
  readonly alert: Alert;
  /** Its `alert` is null still. */
  readonly report: Report;
  readonly decision: Decision;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** When people are reminded of this if nothing changes, in epoch milliseconds; null if they are not. */
export function nextReminderOf({ alert, config, decision, now }: AlertContext): number | null {
  if (alert.kind === "test" || alert.kind === "audience" || isKeptByUnknownRunway(decision)) return null;
  const next = nextReminderAt(decision.memoryIfTold.told, config);
  return next !== null && next > now ? next : null;
}
