/** The outcomes of checks, and a message, as a terminal shows them. Pure. */
import type { Config } from "../../lambda/config.ts";
import { adviceOn, KEYS_PAGE } from "../../lambda/messages/advice.ts";
import {
  audienceText,
  chartOf,
  creditsText,
  describeUse,
  enoughLine,
  lastsLine,
  listenersText,
} from "../../lambda/messages/facts.ts";
import { formatForecast, formatHours, formatNumber, formatTime } from "../../lambda/messages/format.ts";
import type { Message } from "../../lambda/messages/message.ts";
import type { Hold } from "../../lambda/policy/alert.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import type { Report, Subscribers } from "../../lambda/report.ts";
import type { Format, Style } from "../command.ts";
import type { Outcome } from "../deployed/functions.ts";
import { type Row, renderColumns, renderRows } from "../view.ts";
import { wrap } from "../wrap.ts";
import { isNobody, isOverlap, statusLine } from "./outcome.ts";

const LEVEL_FORMATS = {
  ok: ["green", "bold"],
  warning: ["yellow", "bold"],
  critical: ["red", "bold"],
  empty: ["red", "bold", "inverse"],
} as const satisfies Record<Level, Format>;

const UNKNOWN_FORMAT = ["magenta", "bold"] as const satisfies Format;

const HOLD_REASONS: Readonly<Record<Hold, string>> = {
  "nobody-listens": "nobody confirmed would get it",
  "too-many": "good news waits after 5 changes in 24 h",
  "on-its-way": "another message goes first, which may not have been heard",
  snoozed: "reminders are snoozed",
};

/**
 * The line for monitoring plugins; then one outcome in full, or of several a table, and in full those without a
 * reading. A laptop without a usable key gets two lines: what is wrong, and what to do. That another check is under way
 * is said in the first line.
 *
 * @param columns - of the terminal; none if it is not for one
 */
export function renderOutcomes(outcomes: readonly Outcome[], style: Style, columns?: number): string {
  const [first] = outcomes;
  const status = wrap(statusLine(outcomes), columns).join("\n");
  if (first && outcomes.length === 1) {
    if (isOverlap(first)) return status;
    if (!lacksLocalKey(first)) return [status, renderOutcome(first, style, columns)].join("\n\n");
    const { steps } = adviceOn("missing-key", first.config);
    return [status, ...wrap(`${steps.join(" ")} Keys are made on ${KEYS_PAGE}`, columns)].join("\n");
  }
  // All accounts of a stack have one topic, and so one audience.
  const audience = outcomes.find(({ report }) => report?.audience)?.report?.audience;
  const unknown = outcomes.filter((outcome) => outcome.report?.failure !== null && !isOverlap(outcome));
  return [
    status,
    renderTable(outcomes, style),
    ...(audience ? [renderFields([audienceRow(audience, style)], style, columns)] : []),
    ...unknown.map((outcome) => renderOutcome(outcome, style, columns)),
  ].join("\n\n");
}

/** Whether this is a laptop without a usable key. */
export function lacksLocalKey({ config, report }: Outcome): boolean {
  return config.apiKeyParameter === null && report?.failure?.reason === "missing-key";
}

/** Labels and their lines. */
function renderFields(rows: readonly Row[], style: Style, columns: number | undefined): string {
  return renderRows(
    rows.map(([label, ...lines]): Row => [style("dim", label), ...lines]),
    columns,
  );
}

function renderOutcome(outcome: Outcome, style: Style, columns: number | undefined): string {
  const { config, report, error } = outcome;
  const rows: Row[] = [["Account", config.account]];
  if (report === null) {
    rows.push(
      ["Level", `${levelWord(report, style)}: the check failed`],
      ["Error", ...`${error.type}: ${error.message}`.split("\n").map((line) => style("red", line))],
      ["To do", "Find out more: npm run doctor"],
    );
    return renderFields(rows, style, columns);
  }
  const { alert, audience } = report;
  rows.push(
    ["Level", levelText(report, style)],
    ...creditRows(report, config),
    ...failureRows(report, config, style),
    ...needRows(report, style),
  );
  if (alert) rows.push(["Alert", `${alertText(outcome)}: ${alert.subject}`]);
  if (audience) rows.push(audienceRow(audience, style));
  return renderFields(rows, style, columns);
}

function levelText(report: Report, style: Style): string {
  const { failure, level } = report;
  const isKnown = failure === null && level !== null;
  return levelWord(report, style) + (isKnown ? "" : `, last known: ${level ?? "nothing yet"}`);
}

function levelWord(report: Report | null, style: Style): string {
  if (!report || report.failure !== null || report.level === null) return style(UNKNOWN_FORMAT, "UNKNOWN");
  return style(LEVEL_FORMATS[report.level], report.level.toUpperCase());
}

function creditRows(report: Report, config: Config): Row[] {
  const { credits, usd, level, runway, jobs } = report;
  if (credits === null || usd === null) return [];
  const forecast = runway && {
    ...runway,
    hoursLeft: runway.hoursLeft ?? Number.POSITIVE_INFINITY,
    emptyAt: runway.emptyAt === null ? null : Date.parse(runway.emptyAt),
  };
  const hint = runway === null && config.apiKeyParameter === null ? " (kept with --memory)" : "";
  const isEmpty = level === "empty";
  const chart = chartOf(report);
  return [
    ["Credits", creditsText(credits, usd)],
    ...(isEmpty ? [] : [["Use", `${describeUse(forecast)}${hint}`] as const]),
    ...labelled(isEmpty ? null : lastsLine(forecast, config.timeZone)),
    ...labelled(enoughLine(jobs)),
    ...(chart ? [["Chart", chart.bars, chart.legend] as const] : []),
  ];
}

/** A line of an email as a row: `Label: value` */
function labelled(line: string | null): Row[] {
  const [label, value] = line?.split(/: (.*)/s) ?? [];
  return label === undefined || value === undefined ? [] : [[label, value]];
}

function failureRows({ checkedAt, failure }: Report, config: Config, style: Style): Row[] {
  if (failure === null) return [];
  const { reason, detail, since } = failure;
  const { meaning, steps } = adviceOn(reason, config);
  return [
    ["Failure", style("red", `${reason}, ${detail}`)],
    ...(since === checkedAt ? [] : [["Since", formatTime(Date.parse(since), config.timeZone)] as const]),
    ["Meaning", meaning],
    ["To do", ...steps],
  ];
}

function needRows({ credits, need }: Report, style: Style): Row[] {
  if (need === null || credits === null) return [];
  const verdict = need.enough
    ? style("green", "enough")
    : style("red", `not enough, ${formatNumber(need.credits - credits)} missing`);
  return [["Need", `${formatNumber(need.credits)}: ${verdict}`]];
}

/** The kind, and whether people get it. */
function alertText({ report }: Outcome): string {
  const { alert = null, audience = null } = report ?? {};
  if (alert === null) return "-";
  const { kind, held, messageId } = alert;
  if (held !== null) return `${kind} is due, but ${HOLD_REASONS[held]}`;
  if (messageId === null) return `${kind}, would be told`;
  if (kind !== "test") return `${kind}, told`;
  return audience === null ? "test, sent" : `test, sent to ${listenersText(audience)}`;
}

function audienceRow(audience: Subscribers, style: Style): Row {
  const text = audienceText(audience);
  return ["Audience", isNobody(audience) ? style("red", text) : text];
}

function renderTable(outcomes: readonly Outcome[], style: Style): string {
  const hasNeed = outcomes.some(({ report }) => report?.need);
  const heads = ["Account", "Level", "Credits", "Lasts", ...(hasNeed ? ["Need"] : []), "Alert"];
  const rows = outcomes.map((outcome) => {
    const { credits = null, level = null, runway = null, need = null } = outcome.report ?? {};
    const hoursLeft = level === "empty" ? null : runway?.hoursLeft;
    return [
      outcome.config.account,
      levelWord(outcome.report, style),
      credits === null ? "-" : formatNumber(credits),
      typeof hoursLeft === "number" ? formatForecast(hoursLeft) : "-",
      ...(hasNeed ? [needWord(need, style)] : []),
      alertText(outcome),
    ];
  });
  return renderColumns([heads.map((head) => style("dim", head)), ...rows]);
}

function needWord(need: Report["need"], style: Style): string {
  if (need === null) return "-";
  return need.enough ? style("green", "enough") : style("red", "not enough");
}

/** Says what came of a snooze for so many hours. */
export function renderSnooze(hours: number, { account, snoozedUntil }: Report, timeZone: string): string {
  if (hours === 0) return `${account}: reminders are on.`;
  if (snoozedUntil === null) {
    return `${account}: not snoozed, since what was told right now ended it. Snooze again if you know of it.`;
  }
  const until = formatTime(Date.parse(snoozedUntil), timeZone);
  return `${account}: no reminders for ${formatHours(hours)}, until ${until}, unless it gets worse.`;
}

const RULE_CHARACTERS = 72;

/**
 * A message as people get it.
 *
 * @param hasReminders - whether a later check remembers this one, so that it could remind
 * @param withDocument - whether to show what programs get too
 */
export function renderMessage(
  { subject, texts, attributes }: Message,
  { hasReminders, withDocument }: { readonly hasReminders: boolean; readonly withDocument: boolean },
  style: Style,
): string {
  const email = hasReminders ? texts.email : texts.email.replace(/^Next reminder, .*\n/m, "");
  const rule = (title: string) => style("dim", `── ${title} `.padEnd(RULE_CHARACTERS, "─"));
  return [
    rule("Email"),
    style("bold", `Subject: ${subject}`),
    "",
    email,
    rule("SMS"),
    attributes["sms"] === "yes" ? texts.sms : "(no SMS: phones get critical news only)",
    ...(withDocument ? ["", rule("JSON, for programs"), texts.document] : []),
  ].join("\n");
}
