/** A report and a message as a terminal shows them, and the exit code of a report. Pure. */
import type { styleText } from "node:util";
import { adviceOn } from "../lambda/advice.ts";
import type { Config } from "../lambda/config.ts";
import { formatDollars, formatHours, formatNumber, formatTime } from "../lambda/format.ts";
import type { Report } from "../lambda/invocation.ts";
import type { Level } from "../lambda/memory.ts";
import type { Message } from "../lambda/message.ts";

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is where the output shows no colours. */
export type Style = (format: Format, text: string) => string;

/** As monitoring plugins have it: ok, warning, critical, unknown. */
export type ExitCode = 0 | 1 | 2 | 3;

const LEVEL_EXIT_CODES = { ok: 0, warning: 1, critical: 2, empty: 2 } as const satisfies Record<
  Level,
  ExitCode
>;

export const LEVEL_FORMATS = {
  ok: ["green", "bold"],
  warning: ["yellow", "bold"],
  critical: ["red", "bold"],
  empty: ["red", "bold", "inverse"],
} as const satisfies Record<Level, Format>;

/** The level; critical where a balance is not enough for what is needed; unknown where there is no reading. */
export function exitCodeOf({ failure, level, need }: Report): ExitCode {
  if (failure !== null || level === null) return 3;
  return need?.enough === false ? 2 : LEVEL_EXIT_CODES[level];
}

const FROM_WELL_TO_WORST: readonly ExitCode[] = [0, 1, 3, 2];

/** The exit code for several accounts. Unknown is worse than a warning, since it may hide anything. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return FROM_WELL_TO_WORST.findLast((code) => codes.includes(code)) ?? 3;
}

type Row = readonly [label: string, ...lines: readonly string[]];

/**
 * A report as an aligned table.
 *
 * @param config - of the check that the report is from
 */
export function renderReport(
  report: Report,
  config: Pick<Config, "apiKeyParameter" | "usdPerCredit" | "timeZone">,
  style: Style,
): string {
  const { account, alert, audience, need } = report;
  const rows: Row[] = [
    ["Account", account],
    ["Level", describeLevel(report, style)],
    ...(report.failure ? failureRows(report.failure, config, style) : creditRows(report, config)),
  ];
  if (need) {
    const missing = need.credits - (report.credits ?? 0);
    const verdict = need.enough
      ? style("green", "enough")
      : style("red", `not enough, ${formatNumber(missing)} missing`);
    rows.push(["Need", `${formatNumber(need.credits)}: ${verdict}`]);
  }
  if (alert) {
    const told = alert.messageId === null ? "would be told" : "told";
    rows.push(["Alert", `${alert.kind}, ${told}: ${alert.subject}`]);
  }
  if (audience) {
    const nobody = audience.confirmed === 0 ? style("red", ": nobody is told") : "";
    rows.push(["Audience", `${audience.confirmed} confirmed, ${audience.pending} pending${nobody}`]);
  }

  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, ...texts]) =>
    texts.map((text, index) => `${style("dim", (index === 0 ? label : "").padEnd(width))}  ${text}`),
  );
  return lines.join("\n");
}

function describeLevel({ failure, level }: Report, style: Style): string {
  if (failure === null && level !== null) return style(LEVEL_FORMATS[level], level.toUpperCase());
  return `${style(["magenta", "bold"], "UNKNOWN")}, last known: ${level ?? "nothing yet"}`;
}

function creditRows(
  { credits, runway }: Report,
  { usdPerCredit, timeZone }: Pick<Config, "usdPerCredit" | "timeZone">,
): Row[] {
  if (credits === null) return [];
  return [
    ["Credits", `${formatNumber(credits)}, worth about ${formatDollars(credits * usdPerCredit)}`],
    runway
      ? [
          "Runway",
          `about ${formatHours(runway.hoursLeft)} at ${formatNumber(runway.creditsPerHour)} credits an hour, ` +
            `until ${formatTime(Date.parse(runway.emptyAt), timeZone)}`,
        ]
      : ["Runway", "unknown: less than 6 h of readings, or nothing was used"],
  ];
}

function failureRows(
  { reason, detail, permanent, consecutive }: NonNullable<Report["failure"]>,
  { apiKeyParameter }: Pick<Config, "apiKeyParameter">,
  style: Style,
): Row[] {
  const { meaning, steps } = adviceOn(reason, apiKeyParameter);
  const times = consecutive === 1 ? "" : `, ${formatNumber(consecutive)} times in a row`;
  return [
    ["Failure", `${style("red", `${reason}: ${detail}`)} (${permanent ? "permanent" : "transient"}${times})`],
    ["Meaning", meaning],
    ["To do", ...steps],
  ];
}

const RULE_CHARACTERS = 72;

/** A message as each channel gets it. */
export function renderMessage({ subject, texts, attributes }: Message, style: Style): string {
  const sms = attributes["sms"] === "yes" ? texts.sms : "(not sent: SMS is for critical news)";
  const fields = Object.entries(JSON.parse(texts.machine)).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  const rule = (title: string) => style("dim", `── ${title} `.padEnd(RULE_CHARACTERS, "─"));
  return [
    rule("Email"),
    style("bold", `Subject: ${subject}`),
    "",
    texts.email,
    rule("SMS"),
    sms,
    "",
    rule("JSON, for programs"),
    `{\n${fields.join(",\n")}\n}`,
    "",
  ].join("\n");
}
