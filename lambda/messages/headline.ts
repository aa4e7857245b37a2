/** The state in a few words: what a subject and an SMS begin with. Pure. */
import type { AlertKind } from "../policy/alert.ts";
import { type AlertContext, isKeptByUnknownRunway, remainingAudience, shortFailure } from "./context.ts";
import { formatCredits, formatForecast, formatNumber } from "./format.ts";

/** The state first, in capitals, so that an inbox can be filtered by it; then the figures. */
const HEADLINES: Readonly<Record<AlertKind, (context: AlertContext) => string>> = {
  raised: (context) => levelAndFigures(context),
  surge: (context) => `SURGE: ${surgeFigures(context)}`,
  "no-reading": (context) => `NO READING: ${shortFailure(context)}`,
  audience: (context) => `AUDIENCE: ${remainingAudience(context) ?? "fewer subscribers"} left`,
  "still-no-reading": (context) => `still NO READING: ${shortFailure(context)}`,
  reminder: (context) => `still ${levelAndFigures(context)}`,
  eased: (context) => `eased to ${levelAndFigures(context)}`,
  recovered: (context) => levelAndFigures(context),
  "reading-again": (context) => `READING AGAIN, ${levelAndFigures(context)}`,
  "all-clear": (context) => `ALL WELL: ${allClearFigures(context)}`,
  test: (context) =>
    context.report.failure ? `TEST: ${shortFailure(context)}` : `TEST, ${levelAndFigures(context)}`,
};

/** ASCII that GSM-7 has too. */
export function headlineOf(context: AlertContext): string {
  return HEADLINES[context.alert.kind](context);
}

/** `CRITICAL: 212 credits left, about 6 h` */
function levelAndFigures(context: AlertContext): string {
  const { level, credits } = context.report;
  const state = (level ?? "unknown").toUpperCase();
  if (credits === null) return `${state}: ${shortFailure(context)}`;
  const left = credits < 0 ? formatCredits(credits) : `${formatCredits(credits)} left`;
  const runway = runwayPhrase(context);
  return runway === null ? `${state}: ${left}` : `${state}: ${left}, ${runway}`;
}

/** Null if it says nothing. */
function runwayPhrase({ report, decision }: AlertContext): string | null {
  if (report.level === "empty") return null;
  if (decision.runway) {
    return Number.isFinite(decision.runway.hoursLeft) ? formatForecast(decision.runway.hoursLeft) : null;
  }
  return isKeptByUnknownRunway(decision) ? "time left unknown" : null;
}

function surgeFigures(context: AlertContext): string {
  const { surge } = context.alert;
  if (surge === null) return levelAndFigures(context);
  const { credits, minutes, hoursLeft } = surge;
  return `${formatCredits(credits)} in ${formatNumber(Math.round(minutes))} min, gone in ${formatForecast(hoursLeft)}`;
}

function allClearFigures(context: AlertContext): string {
  const { credits } = context.report;
  if (credits === null) return shortFailure(context);
  const runway = runwayPhrase(context);
  return runway === null ? formatCredits(credits) : `${formatCredits(credits)}, lasts ${runway}`;
}
