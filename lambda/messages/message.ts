/** The words of an alert, one text per channel. Pure. */

import type { Config } from "../config.ts";
import type { Alert, Cause, Decision } from "../policy/policy.ts";
import type { Reading } from "../policy/reading.ts";
import { adviceOn } from "./advice.ts";
import { formatCredits, formatDollars, formatHours, formatNumber, formatTime, sparkline } from "./format.ts";

const TOP_UP_PAGE = "https://kie.ai/billing";
const HOUR_MS = 3_600_000;
const CHART_HOURS = 48;

/** SNS: fewer than 100 printable ASCII characters; one more, or a line break, and the whole Publish fails. */
export const MAX_SUBJECT_CHARACTERS = 99;

/**
 * SNS calls 140 ASCII characters one SMS, and puts the topic's display name in capitals and "> " before
 * ours: https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html. The name has 10 at the most.
 */
const MAX_SMS_CHARACTERS = 128;

/** Raised when the machine document changes in a way that its readers would notice. */
const MACHINE_VERSION = 1;

/** One message, ready to publish. */
export interface Message {
  /** 1 to 99 printable ASCII characters. */
  readonly subject: string;
  readonly texts: {
    readonly email: string;
    /** One SMS: ASCII that GSM-7 has too, at most 128 characters. */
    readonly sms: string;
    /** A JSON document for programs, described in the README. */
    readonly machine: string;
  };
  /** What subscriptions can filter on. `sms` is there, as "yes", where SMS subscribers should hear it. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What happened, and in which circumstances. */
interface Story {
  readonly config: Config;
  readonly alert: Alert;
  readonly reading: Reading;
  readonly decision: Decision;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function writeMessage(story: Story): Message {
  const { config, alert, decision } = story;
  const urgent = alert.urgent || config.sms === "all";
  return {
    subject: `[Kie credits: ${config.account}] ${headline(story)}`.slice(0, MAX_SUBJECT_CHARACTERS),
    texts: { email: writeEmail(story), sms: writeSms(story), machine: writeMachineDocument(story) },
    attributes: {
      severity: alert.severity,
      kind: alert.kind,
      level: decision.level ?? "unknown",
      account: config.account,
      ...(urgent ? { sms: "yes" } : {}),
    },
  };
}

/** The state first, in capitals, so that an inbox can be filtered by it; then the figures. */
function headline(story: Story): string {
  const { alert, decision, reading, config } = story;
  const level = (decision.level ?? "unknown").toUpperCase();
  if (reading.kind === "failure") {
    const { short } = adviceOn(reading.failure.reason, config.apiKeyParameter);
    if (alert.kind === "test") return `TEST: ${short}`;
    return `${alert.kind === "still-blind" ? "still BLIND" : "BLIND"}: ${short}`;
  }
  const left = `${formatCredits(reading.credits)} left`;
  const figures = left + soon(decision);
  switch (alert.kind) {
    case "reminder":
      return `still ${level}: ${figures}`;
    case "eased":
      return `eased to ${level}: ${figures}`;
    case "sighted":
      return `SIGHTED, ${level}: ${figures}`;
    case "test":
      return `TEST, ${level}: ${figures}`;
    default:
      return `${level}: ${figures}`;
  }
}

function soon(decision: Decision): string {
  if (decision.level === "empty") return "";
  if (decision.runway) return `, about ${formatHours(decision.runway.hoursLeft)}`;
  return isHeldByUnknownRunway(decision) ? ", runway unknown" : "";
}

/** Such a level says nothing of the credits, of which there may be plenty by now. */
function isHeldByUnknownRunway({ cause, runway }: Decision): boolean {
  return cause?.by === "runway" && runway === null;
}

/** As much as fits: the first sentence always does, the rest is left out from the end. */
function writeSms(story: Story): string {
  const { alert, decision, reading, config } = story;
  const sentences = [`${config.account} ${headline(story)}.`];
  if (alert.kind === "test") sentences.push("This channel works.");
  else if (reading.kind === "failure") sentences.push("No credit alerts until this is mended.");
  else {
    if (alert.blindSince !== null) sentences.push("Readings are back.");
    if (decision.level !== "ok") sentences.push(`Top up: ${TOP_UP_PAGE.replace("https://", "")}`);
  }
  return sentences.reduce((text, sentence) =>
    text.length + 1 + sentence.length <= MAX_SMS_CHARACTERS ? `${text} ${sentence}` : text,
  );
}

function writeEmail(story: Story): string {
  const { alert, reading, config } = story;
  const rows = reading.kind === "failure" ? failureRows(story) : creditRows(story);
  const width = Math.max(...rows.map(([label]) => label.length));
  const table = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);

  const lines = [opening(story), "", ...table];
  if (reading.kind === "failure") {
    const { meaning, steps } = adviceOn(reading.failure.reason, config.apiKeyParameter);
    lines.push("", "What it means", `  ${meaning}`, "", "What to do", ...steps.map((step) => `  ${step}`));
  } else {
    lines.push("", "What to do", `  ${whatToDo(story.decision)}`);
  }
  lines.push(
    config.apiKeyParameter === null
      ? "  Check by hand: npm run check"
      : "  Check by hand: npm run check -- --deployed, in the folder that this was deployed from.",
  );
  if (alert.nextReminderAt !== null) {
    const wait = formatHours((alert.nextReminderAt - story.now) / HOUR_MS);
    const at = formatTime(alert.nextReminderAt, config.timeZone);
    lines.push(`  Next reminder, if nothing changes: in ${wait}, ${at}.`);
  }
  return `${lines.join("\n")}\n`;
}

function whatToDo(decision: Decision): string {
  if (decision.level === "ok") return "Nothing.";
  if (isHeldByUnknownRunway(decision))
    return `Wait: the burn rate is known after 6 h of readings. Or top up: ${TOP_UP_PAGE}`;
  return `Top up: ${TOP_UP_PAGE}`;
}

/** What happened and what it means, in a line. */
function opening(story: Story): string {
  const { alert, reading, decision, config, now } = story;
  const { account } = config;
  if (alert.kind === "test") {
    return `This is a test: alerts on the Kie credits of ${account} reach you on this channel.`;
  }
  if (reading.kind === "failure") {
    const { short } = adviceOn(reading.failure.reason, config.apiKeyParameter);
    const still = alert.kind === "still-blind" ? "still " : "";
    return `The credits of ${account} ${still}can't be read, since ${short}: nobody is warned until this is mended.`;
  }
  const credits = formatCredits(reading.credits);
  const blindHours = alert.blindSince === null ? null : formatHours((now - alert.blindSince) / HOUR_MS);
  if (alert.kind === "sighted") {
    return `The credits of ${account} can be read again after ${blindHours}: ${credits}, level ${decision.level}.`;
  }
  const back = blindHours === null ? "" : ` Readings are back after ${blindHours}.`;
  return sentence(alert, decision, account, credits) + back;
}

function sentence(alert: Alert, decision: Decision, account: string, credits: string): string {
  const { level, runway } = decision;
  const time = runway && `about ${formatHours(runway.hoursLeft)}`;
  switch (alert.kind) {
    case "recovered":
      return `All is well again: ${account} has ${credits}.`;
    case "eased":
      return `Better, but not well: ${account} has ${credits} and is at ${level} after ${alert.before}.`;
    default: {
      const still = alert.kind === "reminder" ? "still " : "";
      if (level === "empty")
        return `The credits of ${account} are ${still}used up: jobs fail until you top up.`;
      if (isHeldByUnknownRunway(decision))
        return `${account} has ${credits} and ${still}counts as ${level}, until it is known how long they last.`;
      const enough = time ? `, enough for ${time} as they are used now` : "";
      const state = level === "critical" ? "almost used up" : "running low";
      return `The credits of ${account} are ${still}${state}: ${credits} left${enough}.`;
    }
  }
}

type Row = readonly [label: string, value: string];

function creditRows(story: Story): Row[] {
  const { config, alert, reading, decision, now } = story;
  if (reading.kind === "failure") return [];
  const { level, cause, runway, memory } = decision;
  const rows: Row[] = [
    ["Account", config.account],
    [
      "Credits",
      `${formatNumber(reading.credits)} (about ${formatDollars(reading.credits * config.usdPerCredit)})`,
    ],
    ["Level", `${level}${alert.before !== level && alert.kind !== "test" ? `, was ${alert.before}` : ""}`],
  ];
  if (cause) rows.push(["Why", explain(cause, reading.credits, decision)]);
  if (runway) {
    rows.push([
      "Burn rate",
      `${formatCredits(runway.creditsPerHour)} an hour over the last 24 h, top-ups left out`,
    ]);
    if (level !== "empty") {
      rows.push([
        "Runs out",
        `in about ${formatHours(runway.hoursLeft)}, ${formatTime(runway.emptyAt, config.timeZone)}`,
      ]);
    }
  } else {
    rows.push(["Burn rate", "unknown: less than 6 h of readings, or nothing was used"]);
  }
  const chart = sparkline(
    [...memory.samples.filter(({ at }) => at < now), { at: now, credits: reading.credits }],
    CHART_HOURS,
  );
  if (chart) rows.push([`Last ${CHART_HOURS} h`, chart]);
  return rows;
}

function explain(cause: Cause, credits: number, { runway, level }: Decision): string {
  if (level === "empty") return credits === 0 ? "nothing is left" : `${formatCredits(-credits)} below zero`;
  if (cause.by === "credits") {
    const threshold = `the ${level} threshold of ${formatCredits(cause.threshold)}`;
    if (cause.held) {
      return `${formatNumber(credits - cause.threshold)} above ${threshold}, but it takes more than ${formatNumber(cause.threshold / 10)} to leave it`;
    }
    const below = cause.threshold - credits;
    return below === 0 ? `exactly at ${threshold}` : `${formatNumber(below)} below ${threshold}`;
  }
  const limit = `the ${level} limit of ${formatNumber(cause.limitHours)} h`;
  if (runway === null) return `the runway was not clear of ${limit} by half when it was last known`;
  const difference = formatHours(Math.abs(cause.limitHours - runway.hoursLeft));
  if (cause.held) {
    return `the runway is ${difference} above ${limit}, but it takes more than ${formatNumber(cause.limitHours / 2)} h to leave it`;
  }
  return runway.hoursLeft === cause.limitHours
    ? `the runway is exactly at ${limit}`
    : `the runway is ${difference} below ${limit}`;
}

function failureRows({ config, reading, decision }: Story): Row[] {
  if (reading.kind === "credits") return [];
  const { reason, detail } = reading.failure;
  const { failing } = decision.memory;
  const rows: Row[] = [
    ["Account", config.account],
    ["Failure", `${reason}: ${detail}`],
  ];
  if (failing) {
    const checks = failing.count === 1 ? "1 check" : `${formatNumber(failing.count)} checks in a row`;
    rows.push(["Since", `${formatTime(failing.since, config.timeZone)}, ${checks}`]);
  }
  rows.push(["Last known", lastKnown(decision, config.timeZone)]);
  return rows;
}

function lastKnown({ level, memory }: Decision, timeZone: string): string {
  if (level === null) return "nothing yet";
  const last = memory.samples.at(-1);
  // The level is of the last reading, and samples are half an hour apart.
  const credits = last ? `; ${formatCredits(last.credits)} on ${formatTime(last.at, timeZone)}` : "";
  return `level ${level}${credits}`;
}

/** Everything that the email says, as data. Times are ISO 8601 in UTC. */
function writeMachineDocument({ config, alert, reading, decision, now }: Story): string {
  const { level, cause, runway, memory } = decision;
  const credits = reading.kind === "credits" ? reading.credits : null;
  return JSON.stringify({
    version: MACHINE_VERSION,
    kind: alert.kind,
    severity: alert.severity,
    account: config.account,
    checkedAt: iso(now),
    credits,
    usd: credits === null ? null : credits * config.usdPerCredit,
    level,
    levelBefore: alert.before,
    cause,
    runway: runway && { ...runway, emptyAt: iso(runway.emptyAt) },
    failure:
      reading.kind === "failure"
        ? {
            ...reading.failure,
            consecutive: memory.failing?.count,
            since: memory.failing && iso(memory.failing.since),
            advice: adviceOn(reading.failure.reason, config.apiKeyParameter),
          }
        : null,
    blindSince: alert.blindSince === null ? null : iso(alert.blindSince),
    nextReminderAt: alert.nextReminderAt === null ? null : iso(alert.nextReminderAt),
    policy: config.policy,
    timeZone: config.timeZone,
    samples: memory.samples.map((sample) => [iso(sample.at), sample.credits]),
    topUp: TOP_UP_PAGE,
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
