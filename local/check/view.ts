/** A report and a message as a terminal shows them, and the exit code of a report. Pure. */
import type { styleText } from "node:util";
import type { Config } from "../../lambda/config.ts";
import { type Audience, confirmedIn, type Report } from "../../lambda/invocation.ts";
import { adviceOn } from "../../lambda/messages/advice.ts";
import { formatDollars, formatHours, formatNumber, formatTime } from "../../lambda/messages/format.ts";
import type { Message } from "../../lambda/messages/message.ts";
import type { Level } from "../../lambda/policy/memory.ts";

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

const UNKNOWN_FORMAT = ["magenta", "bold"] as const satisfies Format;

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

/** What a deployed function answered: its report, or the error that it ended with. */
export type Outcome = { readonly config: Config } & (
  | { readonly report: Report; readonly error: null }
  | { readonly report: null; readonly error: { readonly type: string; readonly message: string } }
);

/** As for a report; a check that broke off knows nothing. */
export function exitCodeOfOutcome({ report }: Outcome): ExitCode {
  return report === null ? 3 : exitCodeOf(report);
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
  if (audience) rows.push(audienceRow(audience, style));

  return renderRows(rows, style);
}

function renderRows(rows: readonly Row[], style: Style): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, ...texts]) =>
    texts.map((text, index) => `${style("dim", (index === 0 ? label : "").padEnd(width))}  ${text}`),
  );
  return lines.join("\n");
}

function describeLevel({ failure, level }: Report, style: Style): string {
  if (failure === null && level !== null) return style(LEVEL_FORMATS[level], level.toUpperCase());
  return `${style(UNKNOWN_FORMAT, "UNKNOWN")}, last known: ${level ?? "nothing yet"}`;
}

function audienceRow(audience: Audience, style: Style): Row {
  const confirmed = confirmedIn(audience);
  const nobody = confirmed === 0 ? style("red", ": nobody is told") : "";
  return ["Audience", `${confirmed} confirmed, ${audience.pending} pending${nobody}`];
}

/** One outcome in full; of several, a table, and in full those without a reading. */
export function renderOutcomes(outcomes: readonly Outcome[], style: Style): string {
  const [first] = outcomes;
  if (first && outcomes.length === 1) return renderOutcome(first, style);
  // All accounts of a stack have one topic, and so one audience.
  const audience = outcomes.find(({ report }) => report?.audience)?.report?.audience;
  const unknown = outcomes.filter((outcome) => exitCodeOfOutcome(outcome) === 3);
  return [
    renderTable(outcomes, style),
    ...(audience ? [renderRows([audienceRow(audience, style)], style)] : []),
    ...unknown.map((outcome) => renderOutcome(outcome, style)),
  ].join("\n\n");
}

function renderOutcome({ config, report, error }: Outcome, style: Style): string {
  if (report !== null) return renderReport(report, config, style);
  const rows: Row[] = [
    ["Account", config.account],
    ["Level", `${style(UNKNOWN_FORMAT, "UNKNOWN")}, since the check broke off`],
    ["Error", ...`${error.type}: ${error.message}`.split("\n").map((line) => style("red", line))],
    ["To do", "Find out more: npm run doctor"],
  ];
  return renderRows(rows, style);
}

type Cell = readonly [text: string, format?: Format];

function renderTable(outcomes: readonly Outcome[], style: Style): string {
  const hasNeed = outcomes.some(({ report }) => report?.need);
  const heads = ["Account", "Level", "Credits", "Runway", ...(hasNeed ? ["Need"] : []), "Alert"];
  const rows = [
    heads.map((head): Cell => [head, "dim"]),
    ...outcomes.map(({ config, report }): Cell[] => {
      const isKnown = report?.failure === null && report.level !== null;
      const { alert = null, need = null } = report ?? {};
      return [
        [config.account],
        isKnown && report.level !== null
          ? [report.level.toUpperCase(), LEVEL_FORMATS[report.level]]
          : ["UNKNOWN", UNKNOWN_FORMAT],
        [report?.credits == null ? "-" : formatNumber(report.credits)],
        [report?.runway ? formatHours(report.runway.hoursLeft) : "-"],
        ...(hasNeed ? [needCell(need)] : []),
        [alert ? `${alert.kind}, ${alert.messageId === null ? "would be told" : "told"}` : "-"],
      ];
    }),
  ];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.[0].length ?? 0)));
  return rows
    .map((row) =>
      row
        .map(([text, format], column) => {
          const padding = column === row.length - 1 ? "" : " ".repeat((widths[column] ?? 0) - text.length);
          return (format ? style(format, text) : text) + padding;
        })
        .join("  "),
    )
    .join("\n");
}

function needCell(need: Report["need"]): Cell {
  if (need === null) return ["-"];
  return need.enough ? ["enough", "green"] : ["not enough", "red"];
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
