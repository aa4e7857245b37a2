/** The SMS of an alert. Pure. */
import type { AlertKind } from "../policy/alert.ts";
import { HOUR_MS } from "../policy/time.ts";
import { KEYS_PAGE } from "./advice.ts";
import { type AlertContext, TOP_UP_PAGE } from "./context.ts";
import { formatCredits, formatHours, formatNumber } from "./format.ts";
import { headlineOf } from "./headline.ts";

/**
 * SNS calls 140 ASCII characters one SMS, and puts the topic's display name in capitals and "> " before
 * ours: https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html. The name has 10 at the most.
 */
const MAX_SMS_CHARACTERS = 128;

/** What follows the headline, the most important first. No link ends in a full stop: some phones would open that too. */
const SENTENCES: Readonly<Record<AlertKind, (context: AlertContext) => readonly string[]>> = {
  raised: (context) => [...surge(context), ...topUp(context)],
  surge: () => [`Not your jobs? New key: ${short(KEYS_PAGE)}`],
  "no-reading": () => ["No credit alerts until this is fixed."],
  audience: () => ["Not on purpose? npm run setup subscribes again."],
  "still-no-reading": () => ["No credit alerts until this is fixed."],
  reminder: topUp,
  eased: topUp,
  recovered: () => [],
  "reading-again": topUp,
  "all-clear": () => ["A sign of life: nothing to do."],
  test: () => ["This channel works."],
};

/** Joins the sentences that fit into one SMS; one that doesn't is skipped. The first one always fits. */
export function writeSms(context: AlertContext): string {
  const first = `${context.config.account} ${headlineOf(context)}.`;
  return [...SENTENCES[context.alert.kind](context), ...readingAgain(context)].reduce(
    (text, sentence) =>
      text.length + 1 + sentence.length <= MAX_SMS_CHARACTERS ? `${text} ${sentence}` : text,
    first,
  );
}

function surge({ alert }: AlertContext): string[] {
  if (alert.surge === null) return [];
  const { credits, minutes } = alert.surge;
  return [`${formatCredits(credits)} used in ${formatNumber(Math.round(minutes))} min.`];
}

function topUp({ report }: AlertContext): string[] {
  return report.level === "ok" ? [] : [`Top up: ${short(TOP_UP_PAGE)}`];
}

function readingAgain({ alert, now }: AlertContext): string[] {
  if (alert.noReadingSince === null) return [];
  return [`(No reading for ${formatHours((now - alert.noReadingSince) / HOUR_MS)} before.)`];
}

function short(url: string): string {
  return url.replace("https://", "");
}
