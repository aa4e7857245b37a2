/** What is known, in short texts that stand alone: lines of emails, chats and the command line. Pure. */
import type { Runway } from "../policy/forecast.ts";
import {
  type Cause,
  CREDITS_MARGIN_PERCENT,
  EMPTY_UNTIL,
  type Level,
  RUNWAY_MARGIN_PERCENT,
} from "../policy/levels.ts";
import type { Report, Subscribers } from "../report.ts";
import { adviceOn } from "./advice.ts";
import type { AlertContext } from "./context.ts";
import {
  formatCredits,
  formatDate,
  formatDollars,
  formatForecast,
  formatNumber,
  formatRate,
  formatTime,
  sparkline,
  UNKNOWN_BAR,
} from "./format.ts";

/** A forecast of more than a year has no date. */
const MAX_DATED_HOURS = 365 * 24;

const BASES: Readonly<Record<Runway["basis"], string>> = {
  "last-24-hours": "the last 24 h",
  "last-7-days": "the last 7 days",
};

/** `Label: value`, without padding. A surge stands beside the usual use, and not beside how long that would last. */
export function creditLines(context: AlertContext): string[] {
  const { config, alert, report, decision } = context;
  const { credits, usd, level, previousLevel, jobs } = report;
  if (credits === null || usd === null || level === null) return [];
  const was = previousLevel === null || previousLevel === level ? "" : `, was ${previousLevel}`;
  const why = whyOf(context);
  const use =
    alert.surge === null
      ? [`Use: ${describeUse(decision.runway)}`, lastsLine(decision.runway, config.timeZone)]
      : [`Usual use: ${describeUse(decision.runway)}`];
  const lines = [
    `Credits: ${creditsText(credits, usd)}`,
    `Level: ${level}${was}`,
    why && `Why: ${why}`,
    ...(level === "empty" ? [] : use),
    enoughLine(jobs),
  ];
  return lines.filter((line) => line !== null);
}

/** `212 (about $1.06)` */
export function creditsText(credits: number, usd: number): string {
  return usd === 0 ? formatNumber(credits) : `${formatNumber(credits)} (about ${formatDollars(usd)})`;
}

/** What makes the level; null at ok, and without a reading. */
export function whyOf({ alert, report: { credits, level }, decision }: AlertContext): string | null {
  const { cause, runway } = decision;
  if (cause === null || credits === null || level === null) return null;
  if (level === "empty") return whyEmpty(credits);
  const name = level === "warning" ? "the warning" : level;
  if (cause.by === "credits") return whyByCredits(cause, level, name, formatNumber(credits));
  if (runway === null) {
    return `how long the credits last is not known now; ${name} stays until it is, or until the credits rise`;
  }
  const limit = cause.withinMargin ? withMargin(cause.limitHours, RUNWAY_MARGIN_PERCENT) : cause.limitHours;
  const pace = alert.surge === null ? "" : " at the usual pace";
  const end = cause.withinMargin ? `${name} ends above` : "your limit is";
  return `lasts about ${roundedDown(runway.hoursLeft)}${pace}; ${end} ${roundedDown(limit)}`;
}

/** In the unit of the limits, so that people compare like with like; 23.97 h do not seem to be a limit of 24 h. */
function roundedDown(hours: number): string {
  return hours < 2
    ? `${Math.max(1, Math.floor(hours * 60))} min`
    : `${formatNumber(Math.floor(hours * 10) / 10)} h`;
}

function whyEmpty(credits: number): string {
  if (credits < 0) return `${formatCredits(-credits)} below zero`;
  if (credits === 0) return "nothing is left";
  return `${formatCredits(credits)} buy nothing: the cheapest job costs ${formatNumber(EMPTY_UNTIL)}`;
}

function whyByCredits(
  { threshold, withinMargin }: Extract<Cause, { by: "credits" }>,
  level: Level,
  name: string,
  has: string,
): string {
  const limit = formatNumber(threshold);
  const end = `; ${name} ends above ${formatNumber(withMargin(threshold, CREDITS_MARGIN_PERCENT))}`;
  const place = has === limit ? "is at" : withinMargin ? "is above" : "is below";
  return `${has} ${place} the ${level} threshold of ${limit}${withinMargin ? end : ""}`;
}

function withMargin(value: number, percent: number): number {
  return (value * (100 + percent)) / 100;
}

export function describeUse(runway: Runway | null): string {
  if (runway === null) return "not known yet, it takes 6 h of readings";
  return Number.isFinite(runway.hoursLeft) ? formatRate(runway.creditsPerHour) : "none, no credits were used";
}

/** `Lasts: about 6 h at the pace of ...`; null if that is unknown, or nothing is used. */
export function lastsLine(runway: Runway | null, timeZone: string): string | null {
  if (runway === null || !Number.isFinite(runway.hoursLeft)) return null;
  const { hoursLeft, emptyAt, basis, isFirstEstimate } = runway;
  const forecast = `Lasts: ${formatForecast(hoursLeft)} at the pace of ${BASES[basis]}`;
  const isSoon = hoursLeft < 48;
  const until =
    emptyAt === null || hoursLeft > MAX_DATED_HOURS
      ? ""
      : `, until ${isSoon ? formatTime(emptyAt, timeZone) : formatDate(emptyAt, timeZone)}`;
  return `${forecast}${until}${isFirstEstimate ? "; a first estimate, since less than 24 h are known" : ""}`;
}

/** `Enough for: 13 × Veo 3 fast, or 70 × Suno song`; null if no jobs are set, or there is no reading. */
export function enoughLine(jobs: Report["jobs"]): string | null {
  const texts = (jobs ?? []).map(({ name, count }) => `${formatNumber(count)} × ${name}`);
  const last = texts.pop();
  if (last === undefined) return null;
  return `Enough for: ${texts.length === 0 ? last : `${texts.join(", ")}, or ${last}`}`;
}

/** Why there is no reading, since when, and what was known last. */
export function failureLines({ alert, config, report: { failure }, decision }: AlertContext): string[] {
  if (failure === null) return [];
  const { reason, detail, since } = failure;
  const { failing } = decision.memory.seen;
  const checks =
    failing && failing.checks > 1 ? `, ${formatNumber(failing.checks)} failed checks in a row` : "";
  return [
    // Beside lost subscribers it would seem to be why they are lost.
    ...(alert.kind === "audience" ? [] : [`Why: ${adviceOn(reason, config).meaning}`]),
    `Failure: ${reason}, ${detail}`,
    `Since: ${formatTime(Date.parse(since), config.timeZone)}${checks}`,
  ];
}

/** `Last known: 5,000 credits, level ok, Sun 22 Nov 2026, 05:45 (CET)` */
export function lastKnownLine({ config, report, decision }: AlertContext): string {
  const { last } = decision.memory.seen.use;
  return last
    ? `Last known: ${formatCredits(last.credits)}, level ${report.level ?? "unknown"}, ${formatTime(last.at, config.timeZone)}`
    : "Last known: nothing yet";
}

/** What is drawn, and the bars; null if too little is known. */
export function chartOf({
  credits,
  chart,
}: Report): { readonly legend: string; readonly bars: string } | null {
  const bars = credits === null ? null : sparkline(chart);
  if (credits === null || bars === null) return null;
  // Earlier balances are remembered with three significant figures. The last one is the present one, which is exact.
  const earlier = Math.max(0, ...chart.slice(0, -1).map((balance) => balance ?? 0));
  const highest = earlier > credits ? `about ${formatNumber(earlier)}` : formatNumber(credits);
  const unknown = bars.includes(UNKNOWN_BAR) ? ` (${UNKNOWN_BAR} is unknown)` : "";
  return { legend: `Credits over the last 48 h, highest ${highest}${unknown}`, bars };
}

/** `2 emails, 1 phone and 1 other; 1 waits for its link` */
export function audienceText(audience: Subscribers): string {
  const { pending } = audience;
  const waiting = pending === 1 ? "1 waits for its link" : `${formatNumber(pending)} wait for their links`;
  return pending === 0 ? listenersText(audience) : `${listenersText(audience)}; ${waiting}`;
}

/** Those who hear: `2 emails, 1 phone and 1 other` */
export function listenersText(audience: Subscribers): string {
  const counts = (["emails", "phones", "others"] as const)
    .filter((protocol) => audience[protocol] > 0)
    .map((protocol) => countOf(protocol, audience[protocol]));
  // British English has no comma before "and".
  return counts.length === 0 ? "nobody" : new Intl.ListFormat("en-GB").format(counts);
}

/** `1 email`, `2 phones` */
export function countOf(plural: "emails" | "phones" | "others", count: number): string {
  return `${formatNumber(count)} ${count === 1 ? plural.slice(0, -1) : plural}`;
}
