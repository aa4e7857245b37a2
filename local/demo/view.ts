/** The demo's pictures: the timeline of the balance, and messages as people get them. Pure. */
import boxen from "boxen";
import { formatNumber } from "../../lambda/messages/format.ts";
import type { Message } from "../../lambda/messages/message.ts";
import type { Policy, Severity } from "../../lambda/policy/policy.ts";
import { LEVEL_FORMATS, type Style } from "../check/view.ts";
import type { Step } from "./simulation.ts";

const DAY_MS = 86_400_000;
const CHART_ROWS = 12;
const AXIS_CHARACTERS = 9;
const PHONE_CHARACTERS = 40;

/** Eighths of a character cell, from the bottom. */
const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

const SEVERITY_FORMATS = {
  info: ["cyan", "bold"],
  warning: ["yellow", "bold"],
  critical: ["red", "bold"],
} as const satisfies Record<Severity, Parameters<Style>[0]>;

/** What the pictures show, and how wide. */
export interface Scene {
  /** When it begins, in epoch milliseconds. */
  readonly start: number;
  readonly days: number;
  readonly policy: Policy;
  readonly columns: number;
  readonly style: Style;
}

/** A message that went out, and the mark that stands for it on the timeline. */
export interface Delivery {
  readonly mark: string;
  readonly at: number;
  readonly severity: Severity;
  readonly message: Message;
}

const MARKS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The messages of these steps, marked a, b, c and so on. */
export function deliveriesOf(steps: readonly Step[]): readonly Delivery[] {
  return steps
    .flatMap((step) =>
      step.kind === "check" && step.message
        ? [{ at: step.at, severity: step.report.alert?.severity ?? "info", message: step.message }]
        : [],
    )
    .map((delivery, index) => ({ mark: MARKS[index] ?? "*", ...delivery }));
}

/** One column of the chart: the last reading that falls into it. */
interface Column {
  readonly credits: number;
  readonly isBlind: boolean;
  readonly level: keyof typeof LEVEL_FORMATS;
}

/** The balance so far, the thresholds, and above it the marks of the messages. It is as wide from the start. */
export function renderChart(steps: readonly Step[], scene: Scene): string {
  const { start, days, policy, style } = scene;
  const dayWidth = Math.max(2, Math.floor((scene.columns - AXIS_CHARACTERS) / days));
  const width = dayWidth * days;
  const columnOf = (at: number) => Math.floor(((at - start) / (days * DAY_MS)) * width);

  const columns = columnsOf(steps, columnOf);
  const highest = Math.max(policy.warningCredits, ...columns.map(({ credits }) => credits));
  const top = Math.ceil(highest / 500) * 500;
  const rowOf = (credits: number) => Math.min(CHART_ROWS - 1, Math.floor((credits / top) * CHART_ROWS));
  const thresholds = new Map([
    [rowOf(policy.warningCredits), { credits: policy.warningCredits, format: "yellow" }],
    [rowOf(policy.criticalCredits), { credits: policy.criticalCredits, format: "red" }],
  ] as const);

  const rows = Array.from({ length: CHART_ROWS }, (_, fromTop) => {
    const row = CHART_ROWS - 1 - fromTop;
    const threshold = thresholds.get(row);
    const label = threshold?.credits ?? (row === CHART_ROWS - 1 ? top : null);
    const axis = `${(label === null ? "" : formatNumber(label)).padStart(AXIS_CHARACTERS - 2)} ┤`;
    const cells = Array.from({ length: width }, (_, index) => {
      const column = columns[index];
      const filled = column === undefined ? 0 : Math.round((column.credits / top) * CHART_ROWS * 8) - row * 8;
      if (column !== undefined && (filled > 0 || row === 0)) {
        if (column.isBlind) return style("dim", "░");
        return style(LEVEL_FORMATS[column.level][0], EIGHTHS[Math.max(1, Math.min(8, filled))] ?? "");
      }
      return threshold ? style(threshold.format, "┄") : " ";
    });
    return (threshold ? style(threshold.format, axis) : axis) + cells.join("");
  });

  const dayLabels = Array.from({ length: days }, (_, day) => dayLabel(start + day * DAY_MS, dayWidth));
  const indent = " ".repeat(AXIS_CHARACTERS - 1);
  return [
    ...markRows(deliveriesOf(steps), columnOf, width, style).map((marks) => `${indent} ${marks}`),
    ...rows,
    `${indent}└${`┬${"─".repeat(dayWidth - 1)}`.repeat(days)}`,
    `${indent} ${dayLabels.join("")}`,
  ]
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Up to the last check. Where the chart has more columns than there were checks, each one lasts until the next. */
function columnsOf(steps: readonly Step[], columnOf: (at: number) => number): readonly Column[] {
  const columns: Column[] = [];
  let known = 0;
  for (const step of steps) {
    if (step.kind !== "check") continue;
    known = step.report.credits ?? known;
    const column: Column = {
      credits: known,
      isBlind: step.report.failure !== null,
      level: step.report.level ?? "ok",
    };
    const index = columnOf(step.at);
    while (columns.length < index) columns.push(columns.at(-1) ?? column);
    columns[index] = column;
  }
  return columns;
}

/** Marks that fall into one column stand above each other, the first one lowest. */
function markRows(
  deliveries: readonly Delivery[],
  columnOf: (at: number) => number,
  width: number,
  style: Style,
): readonly string[] {
  const stacks = Map.groupBy(deliveries, ({ at }) => columnOf(at));
  const height = Math.max(1, ...Array.from(stacks.values(), (stack) => stack.length));
  return Array.from({ length: height }, (_, fromTop) =>
    Array.from({ length: width }, (_, column) => {
      const delivery = stacks.get(column)?.[height - 1 - fromTop];
      return delivery ? style(SEVERITY_FORMATS[delivery.severity], delivery.mark) : " ";
    }).join(""),
  );
}

/** As much of "Mon 2 Nov" as fits. */
function dayLabel(at: number, width: number): string {
  const [weekday, day, month] = dateParts(at);
  const label = [`${weekday} ${day} ${month}`, `${weekday} ${day}`, `${day}`].find(
    (text) => text.length < width,
  );
  return (label ?? "").padEnd(width);
}

function dateParts(at: number): readonly [weekday: string, day: number, month: string] {
  const date = new Date(at);
  const name = (options: Intl.DateTimeFormatOptions) =>
    date.toLocaleDateString("en-US", { ...options, timeZone: "UTC" });
  return [name({ weekday: "short" }), date.getUTCDate(), name({ month: "short" })];
}

/** `Mon  2 Nov 14:05` */
function stamp(at: number): string {
  const [weekday, day, month] = dateParts(at);
  return `${weekday} ${String(day).padStart(2)} ${month} ${new Date(at).toISOString().slice(11, 16)}`;
}

/** What the chart's signs mean. */
export function renderLegend({ style }: Scene): string {
  const levels = (["ok", "warning", "critical"] as const).map((level) =>
    style(LEVEL_FORMATS[level][0], `█ ${level}`),
  );
  return `${" ".repeat(AXIS_CHARACTERS)}${levels.join("  ")}  ${style("dim", "░")} no reading  ┄ thresholds  a b c messages, told below`;
}

/** How far the story is. */
export function renderProgress(steps: readonly Step[], { start, days, columns, style }: Scene): string {
  const last = steps.findLast((step) => step.kind === "check");
  if (last?.kind !== "check") return "";
  const { level, failure, credits } = last.report;
  const done = Math.min(1, (last.at - start) / (days * DAY_MS));
  const width = Math.max(10, Math.min(30, columns - 62));
  const bar = "━".repeat(Math.round(done * width));
  const state = failure
    ? style("magenta", "NO READING")
    : style(LEVEL_FORMATS[level ?? "ok"], (level ?? "ok").toUpperCase());
  const figure = credits === null ? "" : `  ${formatNumber(credits)} credits`;
  const rest = style("dim", "━".repeat(width - bar.length));
  return `${style("cyan", bar)}${rest}  ${stamp(last.at)}  ${state}${figure}`;
}

/** What happened and what was told of it, a line each, in the order of time. */
export function renderStory(steps: readonly Step[], { style }: Scene): string {
  const deliveries = new Map(deliveriesOf(steps).map((delivery) => [delivery.message, delivery]));
  return steps
    .flatMap((step) => {
      if (step.kind === "happening") return [`     ${stamp(step.at)}  ${style("dim", step.text)}`];
      const delivery = step.message && deliveries.get(step.message);
      if (!delivery) return [];
      const channels = hasSms(delivery) ? "email+SMS" : "email    ";
      const mark = style(SEVERITY_FORMATS[delivery.severity], delivery.mark);
      const kind = (step.report.alert?.kind ?? "").padEnd(11);
      return [`  ${mark}  ${stamp(step.at)}  ${channels}  ${kind}  ${delivery.message.subject}`];
    })
    .join("\n");
}

export function hasSms({ message }: Delivery): boolean {
  return message.attributes["sms"] === "yes";
}

/** The message as the inbox shows it, and as the phone does where it is sent there. */
export function renderDelivery(delivery: Delivery, { columns, style }: Scene): string {
  const { mark, at, severity, message } = delivery;
  const format = SEVERITY_FORMATS[severity];
  const inbox = boxen(`${style(format, message.subject)}\n\n${message.texts.email.trimEnd()}`, {
    title: `${mark}  Inbox, ${stamp(at)}`,
    borderStyle: "round",
    padding: { left: 1, right: 1 },
    width: columns,
  });
  if (!hasSms(delivery)) return inbox;
  const phone = boxen(message.texts.sms, {
    title: `${mark}  Phone, ${stamp(at)}`,
    borderStyle: "bold",
    padding: { left: 1, right: 1 },
    width: PHONE_CHARACTERS,
    margin: { left: columns - PHONE_CHARACTERS },
  });
  return `${inbox}\n${phone}`;
}
