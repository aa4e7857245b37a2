/** The words of every alert: a row for each kind, a column for each channel, whose file is only its frame. Pure. */
import type { AlertKind } from "../policy/alert.ts";
import { isCritical, isKeptByUnknownRunway, type Level } from "../policy/levels.ts";
import { HOUR_MS } from "../policy/time.ts";
import { adviceOn, bare, FOLDER, KEYS_PAGE } from "./advice.ts";
import { type AlertContext, TOP_UP_PAGE } from "./context.ts";
import { countOf, describeUse, enoughLine, lastKnownLine, lastsLine, whyOf } from "./facts.ts";
import {
  formatClock,
  formatCredits,
  formatForecast,
  formatHours,
  formatNumber,
  formatTime,
  withUnit,
} from "./format.ts";

type Text = (context: AlertContext) => string;
type Lines = (context: AlertContext) => readonly string[];

interface Words {
  /** The state first, in capitals, so that an inbox can be filtered by it; then the figures. ASCII that GSM-7 has too. */
  readonly headline: Text;
  /** What follows the headline in an SMS, the most important first. No address ends in a full stop: some phones would open that too. */
  readonly sms: Lines;
  /** What follows the headline in a chat: two to four short lines. */
  readonly chat: Lines;
  /** How an email begins. */
  readonly opening: Text;
  /** What to do; none if that is nothing. */
  readonly steps: Lines;
}

/** What most kinds have: what to do follows from the level, or from the failure. */
const BY_STATE = { chat: stateLines, steps: stateSteps } as const;

/** Where the AWS console shows who is subscribed. */
const TOPIC_PAGE = "in the AWS console, Amazon SNS, Topics, the one named after this stack";
const SUBSCRIBE = "Amazon SNS, Create subscription";

export const WORDS: Readonly<Record<AlertKind, Words>> = {
  raised: {
    ...BY_STATE,
    headline: levelAndFigures,
    sms: topUpShort,
    opening: (context) =>
      [stateSentence(context), ...surgeSentences(context, "Something uses the credits")].join(" "),
  },
  surge: {
    headline: surgeHeadline,
    sms: () => [`Not yours? New key, delete old: ${bare(KEYS_PAGE)}`, `(Or top up: ${bare(TOP_UP_PAGE)})`],
    chat: (context) => [surgeEnd(context), ...surgeSteps()],
    opening: (context) => {
      const something = `Something uses the credits of ${context.config.account}`;
      return [...surgeSentences(context, something), "A surge is told once in 24 h."].join(" ");
    },
    steps: surgeSteps,
  },
  "no-reading": {
    ...BY_STATE,
    headline: (context) => `BALANCE UNKNOWN: ${failureShort(context)}`,
    sms: noReadingShort,
    opening: (context) => noReadingSentence(context, "is"),
  },
  audience: {
    headline: (context) => `AUDIENCE: ${lostAudience(context)} alerts`,
    sms: ({ config }) => [`Not on purpose? ${config.consoleOnly ? SUBSCRIBE : "npm run setup"}`],
    chat: (context) => [
      `Why: ${audienceReason(context)}`,
      `Not on purpose? ${context.config.consoleOnly ? SUBSCRIBE : `npm run setup ${FOLDER}`}`,
    ],
    opening: (context) =>
      `${lostAudience(context)} these alerts (${audienceReason(context)}). Not on purpose? ${context.config.consoleOnly ? SUBSCRIBE : "npm run setup"}.`,
    steps: audienceSteps,
  },
  "still-no-reading": {
    ...BY_STATE,
    headline: (context) => `still BALANCE UNKNOWN: ${failureShort(context)}`,
    sms: noReadingShort,
    opening: (context) => noReadingSentence(context, "is still"),
  },
  reminder: {
    ...BY_STATE,
    headline: (context) => `still ${levelAndFigures(context)}`,
    sms: topUpShort,
    opening: (context) => stateSentence(context, "still "),
  },
  eased: {
    ...BY_STATE,
    headline: (context) => `eased to ${levelAndFigures(context)}`,
    sms: topUpShort,
    opening: easedSentence,
  },
  recovered: {
    ...BY_STATE,
    headline: levelAndFigures,
    sms: () => [],
    opening: (context) =>
      // After a damaged memory, say, nobody knows what was told.
      context.alert.previousLevel === null
        ? `${stateSentence(context)} You hear this since it is not known what was told before.`
        : stateSentence(context).replace("are well:", "are well again:"),
  },
  "reading-again": {
    ...BY_STATE,
    headline: (context) => `BALANCE KNOWN AGAIN, ${levelAndFigures(context)}`,
    sms: topUpShort,
    opening: (context) => stateSentence(context),
  },
  "all-clear": {
    ...BY_STATE,
    headline: (context) =>
      `${context.alert.isAfterSurge ? "SURGE OVER" : "CREDITS WELL"}: ${figures(context)}`,
    sms: () => ["Nothing to do."],
    opening: allClearSentences,
  },
  test: {
    ...BY_STATE,
    headline: (context) =>
      context.report.failure ? `TEST: ${failureShort(context)}` : `TEST, ${levelAndFigures(context)}`,
    sms: () => ["This channel works."],
    chat: (context) => [testSentence(context), ...stateLines(context).slice(-3)],
    opening: (context) =>
      context.report.failure
        ? `${testSentence(context)} At the moment the balance is unknown: ${failureShort(context)}.`
        : testSentence(context),
  },
};

/** That the balance is known again, for any kind that says so: null for others. */
export function knownAgain({ alert: { noReadingSince }, now }: AlertContext) {
  if (noReadingSince === null) return null;
  const hours = (now - noReadingSince) / HOUR_MS;
  // Under half a minute, a clock stepped back.
  const length = hours * 60 < 0.5 ? null : formatHours(hours);
  return {
    sentence:
      length === null ? "The balance is known again." : `The balance is known again, after ${length}.`,
    sms: length === null ? [] : [`(Unknown for ${length} before.)`],
  };
}

/** `CRITICAL: 212 credits left, about 6 h` */
function levelAndFigures(context: AlertContext): string {
  return `${(context.report.level ?? "unknown").toUpperCase()}: ${figures(context)}`;
}

/** `212 credits left, about 6 h` */
function figures(context: AlertContext): string {
  const { credits } = context.report;
  if (credits === null) return failureShort(context);
  const left = credits < 0 ? formatCredits(credits) : `${formatCredits(credits)} left`;
  const runway = runwayPhrase(context);
  return runway === null ? left : `${left}, ${runway}`;
}

/** Null if it says nothing. */
function runwayPhrase(context: AlertContext): string | null {
  const { alert, report, decision } = context;
  if (report.level === "empty") return null;
  if (alert.surge) return `gone in ${formatForecast(surgeHours(context))}`;
  if (decision.runway) {
    return Number.isFinite(decision.runway.hoursLeft) ? formatForecast(decision.runway.hoursLeft) : null;
  }
  return isKeptByUnknownRunway(decision) ? "time left unknown" : null;
}

function surgeHeadline(context: AlertContext): string {
  const { surge } = context.alert;
  if (surge === null) return `SURGE: ${figures(context)}`;
  const credits = surge.credits < 1_000 ? surge.credits : Math.round(surge.credits);
  const used = `${formatCredits(credits)} in ${formatNumber(Math.round(surge.minutes))} min`;
  return `SURGE: ${used}, gone in ${formatForecast(surgeHours(context))}`;
}

/** How long the present balance lasts at the surge's pace. */
function surgeHours({ alert: { surge }, report }: AlertContext): number {
  if (surge === null) return Number.POSITIVE_INFINITY;
  const { credits, minutes, hoursLeft } = surge;
  const hours = ((report.credits ?? Number.NaN) * minutes) / 60 / credits;
  return Number.isFinite(hours) ? Math.max(0, hours) : hoursLeft;
}

/** The failure in a few words, as GSM-7. */
function failureShort({ report: { failure }, config }: AlertContext): string {
  return failure ? adviceOn(failure.reason, config).short : "there is no reading";
}

/** In words that follow from what makes the level. */
function stateSentence(context: AlertContext, still = ""): string {
  const { report, decision } = context;
  const { account } = context.config;
  const { level, credits } = report;
  if (credits === null || level === null) return `How many credits ${account} has is not known.`;
  const has = formatCredits(credits);
  if (isKeptByUnknownRunway(decision)) {
    return `${account} has ${has} and ${still}counts as ${level} until it is known how long they last.`;
  }
  const hoursLeft = decision.runway?.hoursLeft ?? Number.POSITIVE_INFINITY;
  const isKnown = Number.isFinite(hoursLeft);
  const enough = isKnown && !context.alert.surge ? `, enough for ${formatForecast(hoursLeft)}` : "";
  const pace = context.alert.surge ? "At the usual pace " : "";
  const byRunway = `${pace}${account} ${still}runs out in ${formatForecast(hoursLeft)}: ${has} left.`;
  const isByRunway = decision.cause?.by === "runway" && isKnown;
  const texts: Record<Level, string> = {
    ok: `The credits of ${account} are well: ${formatNumber(credits)} left${enough}.`,
    warning: isByRunway
      ? byRunway
      : `The credits of ${account} are ${still}running low: ${formatNumber(credits)} left${enough}.`,
    critical: isByRunway ? byRunway : `${account} ${still}has only ${has} left${enough}.`,
    empty: emptySentence(account, still, credits),
  };
  return [texts[level], ...automaticTopUp(context)].join(" ");
}

function emptySentence(account: string, still: string, credits: number): string {
  const end = "jobs fail until you top up.";
  if (credits < 0) return `${account} is ${still}${formatCredits(-credits)} below zero: ${end}`;
  if (credits === 0) return `${account} ${still}has no credits left: ${end}`;
  return `${account} ${still}has only ${formatCredits(credits)} left, too little for any job: ${end}`;
}

/** Kie's automatic top-up can stop without a word. */
function automaticTopUp({ alert, report: { level } }: AlertContext): string[] {
  const isMissed = isCritical(level) && alert.kind !== "eased";
  return isMissed ? ["If automatic top-up is on, it has not happened."] : [];
}

/** @param something - how the first sentence begins: "Something uses the credits of kie" */
function surgeSentences(context: AlertContext, something: string): string[] {
  const { surge } = context.alert;
  if (surge === null) return [];
  const used = `${formatNumber(surge.credits)} in the last ${withUnit(Math.round(surge.minutes), "minute")}`;
  return [`${something} much faster than usual: ${used}.`, `${surgeEnd(context)}.`];
}

/** `If it goes on, the 3,883 left are gone at about 04:30 (CET)`; with the date if that is a day away, or more. */
function surgeEnd(context: AlertContext): string {
  const { report, config, now } = context;
  const hours = surgeHours(context);
  const left = report.credits === null ? "they" : `the ${formatNumber(report.credits)} left`;
  const when =
    hours < 48
      ? `at about ${(hours < 24 ? formatClock : formatTime)(now + hours * HOUR_MS, config.timeZone)}`
      : `in ${formatForecast(hours)}`;
  return `If it goes on, ${left} are gone ${when}`;
}

function surgeShort({ alert: { surge } }: AlertContext): string[] {
  if (surge === null) return [];
  return [`(${formatCredits(surge.credits)} used in ${formatNumber(Math.round(surge.minutes))} min.)`];
}

function surgeSteps(): string[] {
  return [
    `Not your jobs? Make a new key, and delete the old one: ${KEYS_PAGE}`,
    `Your jobs? Top up in time: ${TOP_UP_PAGE}`,
  ];
}

function easedSentence(context: AlertContext): string {
  const { report, config, decision } = context;
  if (report.credits === null || isKeptByUnknownRunway(decision)) return `Better: ${stateSentence(context)}`;
  return `Better, but still low: ${config.account} has ${formatCredits(report.credits)}.`;
}

function allClearSentences(context: AlertContext): string {
  const state = stateSentence(context);
  const alone = "It is about the credits alone: jobs can fail while the balance is fine.";
  if (context.alert.isAfterSurge) {
    return `The surge is over: credits are no longer used much faster than usual. ${state}`;
  }
  const { allClearDays } = context.config;
  const rhythm = allClearDays === 7 ? "weekly sign of life" : "sign of life";
  return `${state} This is the ${rhythm}, sent after ${withUnit(allClearDays, "day")} without news. ${alone}`;
}

function testSentence({ config: { account } }: AlertContext): string {
  return `This is a test: alerts on the Kie credits of ${account} reach you on this channel.`;
}

function noReadingSentence(context: AlertContext, is: string): string {
  return `Nobody is warned if credits run low: the balance of ${context.config.account} ${is} unknown, since ${failureShort(context)}.`;
}

function noReadingShort({ report: { failure }, config }: AlertContext): string[] {
  // On a laptop nobody gets an SMS.
  const { inShort } = failure && config.apiKeyParameter !== null ? adviceOn(failure.reason, config) : {};
  return inShort === undefined
    ? ["No credit alerts until it is known."]
    : [inShort, "(No credit alerts until then.)"];
}

/** How it is, and what to do: at most four lines. */
function stateLines(context: AlertContext): string[] {
  const { alert, report, decision, config } = context;
  const steps = stateSteps(context);
  if (report.credits === null) {
    const unknown = "Until it is known again, nobody is warned of low credits.";
    return [unknown, lastKnownLine(context), ...steps.slice(0, 2)];
  }
  const why = whyOf(context);
  const lasts =
    report.level === "empty" || alert.surge
      ? null
      : (lastsLine(decision.runway, config.timeZone) ?? `Use: ${describeUse(decision.runway)}`);
  const lines = [
    knownAgain(context)?.sentence ?? null,
    alert.surge && surgeEnd(context),
    why && `Why: ${why}`,
    lasts,
    enoughLine(report.jobs),
  ].filter((line) => line !== null);
  const [first = "Nothing to do.", ...others] = steps;
  const toDo = [[...automaticTopUp(context), first].join(" "), ...others];
  return [...lines.slice(0, 4 - toDo.length), ...toDo];
}

function stateSteps(context: AlertContext): string[] {
  const { config, alert, report, decision } = context;
  if (report.failure) return [...adviceOn(report.failure.reason, config).steps];
  if (report.level === "ok") return [];
  if (isKeptByUnknownRunway(decision)) {
    return [
      "Wait: after 6 h of readings it is known how long the credits last.",
      `Or top up: ${TOP_UP_PAGE}`,
    ];
  }
  return alert.surge ? surgeSteps() : [`Top up: ${TOP_UP_PAGE}`];
}

function topUpShort(context: AlertContext): string[] {
  if (context.report.level === "ok") return [];
  const automatic = automaticTopUp(context).map(() => "(Automatic top-up, if on, has not happened.)");
  return [`Top up: ${bare(TOP_UP_PAGE)}`, ...surgeShort(context), ...automatic];
}

/** What a subject has room for, beside the longest name. */
const LOST_CHARACTERS = 43;

/** `1 of 2 emails no longer gets`; of how many is left out if there is no room. */
function lostAudience(context: AlertContext): string {
  const { before, lost } = lostOf(context);
  if (lost.length === 0) return "somebody no longer gets";
  const whole = lost
    .map(({ protocol, count }) => `${formatNumber(count)} of ${countOf(protocol, before[protocol])}`)
    .join(" and ");
  const short = lost.map(({ protocol, count }) => countOf(protocol, count)).join(" and ");
  const isOne = lost.length === 1 && lost[0]?.count === 1;
  return `${whole.length <= LOST_CHARACTERS ? whole : short} no longer ${isOne ? "gets" : "get"}`;
}

/** Of emails and phones, those that people know of and that are listed no more. If SNS did not say, as told. */
function lostOf({ alert, report, decision }: AlertContext) {
  const now = report.audience ?? decision.memory.told.audience;
  const before = alert.previousAudience ?? { emails: 0, phones: 0, others: 0 };
  const lost = (["emails", "phones"] as const).flatMap((protocol) => {
    const count = now === null ? 0 : before[protocol] - now[protocol];
    return count > 0 ? [{ protocol, count }] : [];
  });
  return { before, lost };
}

/** An email has a link to unsubscribe; a phone's subscription is only taken away by hand. */
function audienceReason(context: AlertContext): string {
  const { lost } = lostOf(context);
  const isLost = (protocol: "emails" | "phones") => lost.some((each) => each.protocol === protocol);
  const reasons = [
    ...(isLost("emails") ? ["unsubscribed, by somebody or by a mail filter that opens every link"] : []),
    ...(isLost("phones") ? ["phone taken off by a deployment or in the AWS console"] : []),
  ];
  return reasons.join("; ") || "unsubscribed";
}

function audienceSteps(context: AlertContext): string[] {
  const { lost } = lostOf(context);
  const isEmailLost = lost.some(({ protocol }) => protocol === "emails");
  if (context.config.consoleOnly) {
    return [
      `See who is missing: ${TOPIC_PAGE}`,
      "Not on purpose? Choose Create subscription there. AWS then sends a link: copy it, choose Confirm subscription, and paste it.",
      "On purpose? Take them out of the stack: CloudFormation, Update.",
    ];
  }
  return [
    `See who is missing: ${TOPIC_PAGE}; or npm run doctor ${FOLDER}`,
    `Not on purpose? Subscribe them again: npm run setup ${FOLDER}`,
    ...(isEmailLost
      ? [
          "AWS then sends a link. Paste it into npm run confirm instead of clicking it: then no link in an email can unsubscribe them.",
        ]
      : []),
    "On purpose? Take them out of settings.json.",
  ];
}
