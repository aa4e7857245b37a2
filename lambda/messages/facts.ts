/** What is known, as lines of an email: `Label: value`, without padding. Null stands for no line. Pure. */
import type { Runway } from "../policy/forecast.ts";
import { type Cause, CREDITS_MARGIN_PERCENT, type Level, RUNWAY_MARGIN_PERCENT } from "../policy/levels.ts";
import type { AlertContext } from "./context.ts";
import {
  formatCredits,
  formatDate,
  formatDollars,
  formatForecast,
  formatNumber,
  formatRate,
  formatTime,
} from "./format.ts";

/** A forecast of more than a year has no date. */
const MAX_DATED_HOURS = 365 * 24;

const BASES: Readonly<Record<Runway["basis"], string>> = {
  "last-24-hours": "the last 24 h",
  "last-7-days": "the last 7 days",
};

export function creditLines({ config, alert, report, decision }: AlertContext): (string | null)[] {
  const { credits, usd, level } = report;
  const { cause, runway } = decision;
  if (credits === null || usd === null || level === null) return [];
  const { previousLevel } = alert;
  const was = previousLevel === null || previousLevel === level ? "" : `, was ${previousLevel}`;
  return [
    `Credits: ${formatNumber(credits)} (about ${formatDollars(usd)})`,
    `Level: ${level}${was}`,
    cause && `Why: ${explainCause(cause, level, credits, runway)}`,
    `Use: ${describeUse(runway)}`,
    level === "empty" ? null : lastsLine(runway, config.timeZone),
  ];
}

function explainCause(cause: Cause, level: Level, credits: number, runway: Runway | null): string {
  const name = level === "warning" ? "the warning" : level;
  if (level === "empty") return credits < 0 ? `${formatCredits(-credits)} below zero` : "nothing is left";
  if (cause.by === "credits") {
    const { threshold, withinMargin } = cause;
    const has = formatNumber(credits);
    if (withinMargin) {
      return `${has} is above the threshold of ${formatNumber(threshold)}; ${name} ends above ${formatNumber(withMargin(threshold, CREDITS_MARGIN_PERCENT))}`;
    }
    return credits === threshold
      ? `${has} is exactly the ${level} threshold`
      : `${has} is below the ${level} threshold of ${formatNumber(threshold)}`;
  }
  if (runway === null) {
    return `how long the credits last is not known now; ${name} stays until it is, or until the credits rise`;
  }
  const lasts = `lasts ${formatForecast(runway.hoursLeft)}`;
  return cause.withinMargin
    ? `${lasts}; ${name} ends above ${formatNumber(withMargin(cause.limitHours, RUNWAY_MARGIN_PERCENT))} h`
    : `${lasts}; your limit is ${formatNumber(cause.limitHours)} h`;
}

export function describeUse(runway: Runway | null): string {
  if (runway === null) return "not known yet, it takes 6 h of readings";
  return Number.isFinite(runway.hoursLeft) ? formatRate(runway.creditsPerHour) : "none, no credits were used";
}

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

export function failureLines({ config: { timeZone }, report, decision }: AlertContext): (string | null)[] {
  const { failure, level } = report;
  const { failing, use } = decision.memory.seen;
  const checks =
    failing && failing.checks > 1 ? `, ${formatNumber(failing.checks)} failed checks in a row` : "";
  return [
    failure && `Failure: ${failure.reason}, ${failure.detail}`,
    failure && `Since: ${formatTime(Date.parse(failure.since), timeZone)}${checks}`,
    use.last
      ? `Last reading: ${formatCredits(use.last.credits)}, level ${level ?? "unknown"}, ${formatTime(use.last.at, timeZone)}`
      : "Last reading: none yet",
  ];
}

function withMargin(value: number, percent: number): number {
  return (value * (100 + percent)) / 100;
}
