/** The document of an alert for programs. Pure. */
import { POLICY } from "../policy/rules.ts";
import { adviceOn } from "./advice.ts";
import { type AlertContext, nextReminderOf, TOP_UP_PAGE } from "./context.ts";

/**
 * The report, and all that the other channels add to it, as JSON. Times are ISO 8601 in UTC; a number that has no JSON,
 * such as infinity, is null.
 *
 * @param chat - the alert for people in a chat, as `text`
 */
export function writeDocument(context: AlertContext, subject: string, chat: string): string {
  const { config, alert, report } = context;
  return JSON.stringify({
    ...report,
    subject,
    text: chat,
    // It is written before it is published.
    alert: { kind: alert.kind, severity: alert.severity, subject, messageId: null, held: null },
    advice: report.failure && adviceOn(report.failure.reason, config),
    policy: POLICY.parse(config),
    noReadingSince: iso(alert.noReadingSince),
    previousAudience: alert.previousAudience,
    surge: alert.surge,
    isAfterSurge: alert.isAfterSurge,
    nextReminderAt: iso(nextReminderOf(context)),
    timeZone: config.timeZone,
    topUp: TOP_UP_PAGE,
  });
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
