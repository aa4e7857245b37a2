/** What a message is about, and what every channel says of it. Pure. */
import type { Config } from "../config.ts";
import type { Alert } from "../policy/alert.ts";
import type { Audience } from "../policy/audience.ts";
import type { Decision } from "../policy/policy.ts";
import { nextReminderAt } from "../policy/reminders.ts";
import type { Report } from "../report.ts";
import { adviceOn } from "./advice.ts";
import { formatNumber } from "./format.ts";

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

/** The failure in a few words, as GSM-7. */
export function shortFailure({ report: { failure }, config }: AlertContext): string {
  return failure ? adviceOn(failure.reason, config.apiKeyParameter).short : "there is no reading";
}

/** Such a level says nothing of the credits, of which there may be plenty by now. */
export function isKeptByUnknownRunway({ cause, runway }: Decision): boolean {
  return cause?.by === "runway" && runway === null;
}

/** Who can still hear alerts, of those who could: `1 of 2 emails and 0 of 1 phone`. Null if nobody was lost. */
export function remainingAudience(context: AlertContext): string | null {
  const before = context.alert.previousAudience;
  const now = audienceNow(context);
  if (before === null || now === null) return null;
  const lost = (["emails", "phones"] as const).filter((protocol) => now[protocol] < before[protocol]);
  const texts = lost.map((protocol) => `${now[protocol]} of ${countOf(protocol, before[protocol])}`);
  return texts.length === 0 ? null : texts.join(" and ");
}

/** As listed; if SNS did not say, as told. */
function audienceNow({ report, decision }: AlertContext): Audience | null {
  return report.audience ?? decision.memory.told.audience;
}

/** `1 email`, `2 phones` */
export function countOf(plural: "emails" | "phones" | "others", count: number): string {
  return `${formatNumber(count)} ${count === 1 ? plural.slice(0, -1) : plural}`;
}

/** When people are reminded of this if nothing changes, in epoch milliseconds; null if they are not. */
export function nextReminderOf({ alert, config, decision, now }: AlertContext): number | null {
  if (alert.kind === "test" || alert.kind === "audience" || isKeptByUnknownRunway(decision)) return null;
  const next = nextReminderAt(decision.memoryIfTold.told, config);
  return next !== null && next > now ? next : null;
}
