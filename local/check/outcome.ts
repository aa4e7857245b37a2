/** What a check came to: its exit code, and the line that monitoring plugins read. Pure. */
import { adviceOn } from "../../lambda/messages/advice.ts";
import { formatCredits, formatForecast, formatNumber } from "../../lambda/messages/format.ts";
import { OverlapError } from "../../lambda/outbox.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import type { Subscribers } from "../../lambda/report.ts";
import type { Outcome } from "../deployed/functions.ts";

/** As for monitoring plugins: ok, warning, critical, unknown. https://www.monitoring-plugins.org/doc/guidelines.html */
export type ExitCode = 0 | 1 | 2 | 3;

const STATUS_WORDS = { 0: "OK", 1: "WARNING", 2: "CRITICAL", 3: "UNKNOWN" } as const;

const LEVEL_EXIT_CODES: Readonly<Record<Level, ExitCode>> = { ok: 0, warning: 1, critical: 2, empty: 2 };

const FROM_BEST_TO_WORST: readonly ExitCode[] = [0, 1, 3, 2];

/** If a need was asked for, it alone decides; a test that nobody would hear is critical. Otherwise the level decides. */
export function exitCodeOf({ report }: Outcome): ExitCode {
  if (report === null) return 3;
  const { alert, audience, failure, level, need } = report;
  if (alert?.kind === "test" && isNobody(audience)) return 2;
  if (failure !== null || level === null) return 3;
  if (need !== null) return need.enough ? 0 : 2;
  return LEVEL_EXIT_CODES[level];
}

/** The exit code for several accounts. Unknown is worse than a warning, since it may hide anything. */
export function worstExitCode(outcomes: readonly Outcome[]): ExitCode {
  const codes = outcomes.map(exitCodeOf);
  return FROM_BEST_TO_WORST.findLast((code) => codes.includes(code)) ?? 3;
}

/** Whether the check made way for another one, which is telling something. */
export function isOverlap({ error }: Outcome): boolean {
  return error?.type === OverlapError.name;
}

/** Whether it is known that nobody hears a message. */
export function isNobody(audience: Subscribers | null): boolean {
  return audience !== null && audience.emails + audience.phones + audience.others === 0;
}

/**
 * One line for all accounts, with performance data after `|`:
 * `KIE WARNING - 905 credits, lasts about 20 h | credits=905;1000;300;0 hours_left=20;24;8`
 */
export function statusLine(outcomes: readonly Outcome[]): string {
  const isOne = outcomes.length === 1;
  const texts = outcomes.map((outcome) =>
    isOne
      ? summaryOf(outcome)
      : `${outcome.config.account} ${STATUS_WORDS[exitCodeOf(outcome)]}: ${summaryOf(outcome)}`,
  );
  const data = outcomes.flatMap((outcome) =>
    performanceData(outcome, isOne ? "" : `${outcome.config.account}_`),
  );
  const line = `KIE ${STATUS_WORDS[worstExitCode(outcomes)]} - ${texts.join("; ")}`;
  return data.length === 0 ? line : `${line} | ${data.join(" ")}`;
}

function summaryOf(outcome: Outcome): string {
  const { config, report, error } = outcome;
  if (report === null) {
    return isOverlap(outcome) ? `${error.message}, try again in a minute` : "the check failed";
  }
  const { alert, audience, credits, failure, level, need, runway } = report;
  const texts: string[] = [];
  if (failure?.reason === "missing-key") texts.push(failure.detail);
  else if (failure !== null) texts.push(adviceOn(failure.reason, config).short);
  if (credits !== null) texts.push(formatCredits(credits));
  if (typeof runway?.hoursLeft === "number" && level !== "empty") {
    texts.push(`lasts ${formatForecast(runway.hoursLeft)}`);
  }
  if (need !== null) texts.push(`${need.enough ? "enough" : "not enough"} for ${formatNumber(need.credits)}`);
  if (alert?.kind === "test" && isNobody(audience)) texts.push("nobody would hear an alert");
  return texts.join(", ");
}

/** `label=value;warn;crit;min`. A limit of 0 hours is off, so it is left empty. */
function performanceData({ config, report }: Outcome, prefix: string): string[] {
  if (report === null || report.credits === null) return [];
  const { warningCredits, criticalCredits, warningHours, criticalHours } = config;
  const hoursLeft = report.runway?.hoursLeft ?? null;
  return [
    `${prefix}credits=${report.credits};${warningCredits};${criticalCredits};0`,
    ...(hoursLeft === null
      ? []
      : [`${prefix}hours_left=${hoursLeft};${warningHours || ""};${criticalHours || ""}`]),
  ];
}
