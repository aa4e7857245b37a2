/**
 * The email of an alert: plain text for proportional fonts and phones, so nothing is aligned, and every line but the
 * chart may wrap. Pure.
 */
import type { AlertKind } from "../policy/alert.ts";
import type { Level } from "../policy/levels.ts";
import { HOUR_MS } from "../policy/time.ts";
import type { Subscribers } from "../report.ts";
import { adviceOn, FOLDER, KEYS_PAGE } from "./advice.ts";
import {
  type AlertContext,
  countOf,
  isKeptByUnknownRunway,
  nextReminderOf,
  remainingAudience,
  shortFailure,
  TOP_UP_PAGE,
} from "./context.ts";
import { creditLines, failureLines } from "./facts.ts";
import {
  formatCredits,
  formatForecast,
  formatHours,
  formatNumber,
  formatTime,
  sparkline,
  UNKNOWN_BAR,
} from "./format.ts";

interface Words {
  readonly opening: (context: AlertContext) => string;
  /** None if nothing is to be done. */
  readonly steps: (context: AlertContext) => readonly string[];
}

/** What differs by kind: what happened, and what to do. */
const WORDS: Readonly<Record<AlertKind, Words>> = {
  raised: {
    opening: (context) => sentences(stateSentence(context), surgeSentences(context)),
    steps: stateSteps,
  },
  surge: {
    opening: (context) => sentences(surgeSentences(context), "A surge is told once in 24 h."),
    steps: () => ["Look at what runs on this account.", `If it is wanted, top up in time: ${TOP_UP_PAGE}`],
  },
  "no-reading": { opening: (context) => noReadingSentences(context), steps: stateSteps },
  audience: { opening: audienceSentences, steps: audienceSteps },
  "still-no-reading": { opening: (context) => noReadingSentences(context, "still "), steps: stateSteps },
  reminder: { opening: (context) => stateSentence(context, "still "), steps: stateSteps },
  eased: { opening: easedSentence, steps: stateSteps },
  recovered: { opening: recoveredSentences, steps: stateSteps },
  "reading-again": { opening: (context) => stateSentence(context), steps: stateSteps },
  "all-clear": { opening: allClearSentences, steps: () => [] },
  test: { opening: testSentences, steps: stateSteps },
};

/** @param chart - balances of the last 48 hours, the oldest first; null if unknown */
export function writeEmail(context: AlertContext, chart: readonly (number | null)[]): string {
  const { opening, steps } = WORDS[context.alert.kind];
  const paragraphs = [
    sentences(readingAgain(context), opening(context)),
    lines(
      `Account: ${context.config.account}`,
      ...(context.report.failure ? failureLines(context) : creditLines(context)),
      subscribedLine(context),
    ),
    chartLines(context, chart),
    meaningLine(context),
    stepLines(steps(context)),
    lines(nextReminderLine(context), checkByHandLine(context)),
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== null).join("\n\n")}\n`;
}

function stateSentence({ config: { account }, report, decision }: AlertContext, still = ""): string {
  const { level, credits } = report;
  if (credits === null || level === null) return `How many credits ${account} has is not known.`;
  const left = formatCredits(credits);
  if (isKeptByUnknownRunway(decision)) {
    return `${account} has ${left} and ${still}counts as ${level} until it is known how long they last.`;
  }
  const hoursLeft = decision.runway?.hoursLeft ?? Number.POSITIVE_INFINITY;
  const enough = Number.isFinite(hoursLeft) ? `, enough for ${formatForecast(hoursLeft)}` : "";
  const texts: Record<Level, string> = {
    ok: `All is well: ${account} has ${left}.`,
    warning: `The credits of ${account} are ${still}running low: ${left} left${enough}.`,
    critical: `The credits of ${account} are ${still}almost used up: ${left} left${enough}.`,
    empty: `${account} ${still}has no credits left: jobs fail until you top up.`,
  };
  return texts[level];
}

function surgeSentences({ alert: { surge } }: AlertContext): string | null {
  if (surge === null) return null;
  const used = `${formatCredits(surge.credits)} in the last ${formatNumber(Math.round(surge.minutes))} minutes`;
  return (
    `${used}, more than in any hour of the last 7 days: at this pace they are gone in ${formatHours(surge.hoursLeft)}. ` +
    `If these are not your jobs, replace the key: ${KEYS_PAGE}.`
  );
}

function readingAgain({ alert, now }: AlertContext): string | null {
  if (alert.noReadingSince === null) return null;
  return `There is a reading again, after ${formatHours((now - alert.noReadingSince) / HOUR_MS)} without one.`;
}

function easedSentence(context: AlertContext): string {
  const { report, config, decision } = context;
  if (report.credits === null || isKeptByUnknownRunway(decision)) return `Better: ${stateSentence(context)}`;
  return `Better, but still low: ${config.account} has ${formatCredits(report.credits)}.`;
}

function recoveredSentences(context: AlertContext): string {
  // After a damaged memory, say, nobody knows what was told.
  return context.alert.previousLevel === null
    ? `${stateSentence(context)} You hear this since it is not known what was told before.`
    : stateSentence(context).replace("All is well:", "All is well again:");
}

function noReadingSentences(context: AlertContext, still = ""): string {
  return `The credits of ${context.config.account} ${still}can't be read: ${shortFailure(context)}. Until this is fixed, nobody is warned of low credits.`;
}

function audienceSentences(context: AlertContext): string {
  const remaining = remainingAudience(context);
  const fewer = remaining === null ? "" : `: ${remaining} left`;
  return `Fewer people hear these alerts${fewer}. Somebody unsubscribed, or a mail filter that opens every link did it for them. This is told once.`;
}

function audienceSteps(): string[] {
  return [
    `See who is missing: npm run doctor ${FOLDER}`,
    "Subscribe them again: npm run setup. AWS then sends them a link.",
    "Paste that link into npm run confirm instead of clicking it: then no link in an email can unsubscribe them.",
    "If somebody left on purpose, take them out of settings.json.",
  ];
}

function allClearSentences(context: AlertContext): string {
  const { allClearDays } = context.config;
  const rhythm = allClearDays === 7 ? "weekly sign of life" : "sign of life";
  const days = `${formatNumber(allClearDays)} ${allClearDays === 1 ? "day" : "days"}`;
  return `${stateSentence(context)} This is the ${rhythm}, sent after ${days} without a message: nothing needs doing.`;
}

function testSentences(context: AlertContext): string {
  const test = `This is a test: alerts on the Kie credits of ${context.config.account} reach you on this channel.`;
  return context.report.failure
    ? `${test} At the moment the credits can't be read: ${shortFailure(context)}.`
    : test;
}

function stateSteps({ config, report, decision }: AlertContext): readonly string[] {
  if (report.failure) return adviceOn(report.failure.reason, config.apiKeyParameter).steps;
  if (report.level === "ok") return [];
  const topUp = `Top up: ${TOP_UP_PAGE}`;
  if (!isKeptByUnknownRunway(decision)) return [topUp];
  return ["Wait: after 6 h of readings it is known how long the credits last.", `Or top up: ${TOP_UP_PAGE}`];
}

/** Where it matters who hears: null elsewhere. */
function subscribedLine({ alert, report: { audience } }: AlertContext): string | null {
  const isAsked = alert.kind === "audience" || alert.kind === "all-clear" || alert.kind === "test";
  return isAsked && audience ? `Subscribed: ${describeAudience(audience)}` : null;
}

function describeAudience({ emails, phones, others, pending }: Subscribers): string {
  return [
    countOf("emails", emails),
    countOf("phones", phones),
    ...(others > 0 ? [countOf("others", others)] : []),
    ...(pending > 0 ? [`${formatNumber(pending)} not confirmed yet`] : []),
  ].join(", ");
}

function chartLines({ report }: AlertContext, chart: readonly (number | null)[]): string | null {
  const bars = report.credits === null ? null : sparkline(chart);
  if (bars === null) return null;
  const highest = formatNumber(Math.max(0, ...chart.map((credits) => credits ?? 0)));
  const legend = bars.includes(UNKNOWN_BAR) ? ` (${UNKNOWN_BAR} is unknown)` : "";
  return `Credits over the last 48 h, ${highest} at most${legend}:\n${bars}`;
}

function meaningLine({ alert, report: { failure }, config }: AlertContext): string | null {
  if (failure === null || alert.kind === "audience") return null;
  return `What it means: ${adviceOn(failure.reason, config.apiKeyParameter).meaning}`;
}

function stepLines(steps: readonly string[]): string {
  return steps.length === 0
    ? "What to do: nothing."
    : lines("What to do:", ...steps.map((step) => `- ${step}`));
}

function nextReminderLine(context: AlertContext): string | null {
  const at = nextReminderOf(context);
  if (at === null) return null;
  const wait = formatForecast((at - context.now) / HOUR_MS);
  return `Next reminder, if nothing changes: in ${wait}, ${formatTime(at, context.config.timeZone)}.`;
}

function checkByHandLine({ config }: AlertContext): string {
  return config.apiKeyParameter === null
    ? "Check by hand: npm run check"
    : `Check by hand: npm run check -- --deployed ${FOLDER}`;
}

function sentences(...texts: readonly (string | null)[]): string {
  return texts.filter((text) => text !== null).join(" ");
}

function lines(...texts: readonly (string | null)[]): string {
  return texts.filter((text) => text !== null).join("\n");
}
