/** The demo's pictures: the story in lines, messages as people get them, and the chart of the balance. Pure. */
import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { formatCredits, formatNumber } from "../../lambda/messages/format.ts";
import type { Message } from "../../lambda/messages/message.ts";
import type { AlertKind, Severity } from "../../lambda/policy/alert.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import type { Policy } from "../../lambda/policy/rules.ts";
import { DAY_MS } from "../../lambda/policy/time.ts";
import type { Report } from "../../lambda/report.ts";
import type { Style } from "../command.ts";
import { wrap } from "../wrap.ts";
import type { Step } from "./simulation.ts";

const CHART_ROWS = 12;
const AXIS_CHARACTERS = 9;
const PHONE_CHARACTERS = 40;

/** `  12:05  ` before what happens at that time. */
const TIME_CHARACTERS = 9;
/** The sides of a frame, and a space beside each. */
const FRAME_CHARACTERS = 4;
/** `- Look at ...` or `Last reading: ...`: if such a line is too long, its other lines are indented. */
const LIST_LINE = /^(- |\d\. |[A-Z][a-z]*( [a-z]+)?: )/;

const INBOX = { corners: ["╭", "╮", "╰", "╯"], edge: "─", side: "│" } as const;
const CHAT = { corners: ["┌", "┐", "└", "┘"], edge: "─", side: "│" } as const;
const PHONE = { corners: ["┏", "┓", "┗", "┛"], edge: "━", side: "┃" } as const;

/** Eighths of a character cell, from the bottom. */
const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

type Format = Parameters<Style>[0];
type State = Level | "balance unknown";

/** A state's sign tells it apart where there are no colours, or where they look alike. */
const STATES: Readonly<Record<State, { readonly sign: string; readonly format: Format }>> = {
  ok: { sign: "·", format: "green" },
  warning: { sign: "w", format: "yellow" },
  critical: { sign: "C", format: "red" },
  empty: { sign: "E", format: ["red", "bold"] },
  "balance unknown": { sign: "?", format: "magenta" },
};

function stateOf({ level, failure }: Report): State {
  return failure === null ? (level ?? "ok") : "balance unknown";
}

/** How a message's mark and headline look. */
export const SEVERITY_FORMATS: Readonly<Record<Severity, Format>> = {
  info: ["cyan", "bold"],
  warning: ["yellow", "bold"],
  critical: ["red", "bold"],
};

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
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly message: Message;
}

const MARKS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The messages of these steps, marked a, b, c and so on. */
export function deliveriesOf(steps: readonly Step[]): readonly Delivery[] {
  return steps
    .flatMap((step) => {
      if (step.kind !== "check" || step.message === null || step.report.alert === null) return [];
      const { kind, severity } = step.report.alert;
      return [{ at: step.at, kind, severity, message: step.message }];
    })
    .map((delivery, index) => ({ mark: MARKS[index] ?? "*", ...delivery }));
}

/** The messages that are worth reading in full: at most three. */
export function highlightsOf(deliveries: readonly Delivery[]): readonly Delivery[] {
  const highlights = [
    deliveries.find(({ kind }) => kind === "all-clear"),
    deliveries.find(({ kind, severity }) => kind === "raised" && severity === "critical"),
    deliveries.find(({ kind }) => kind === "surge"),
  ].filter((delivery) => delivery !== undefined);
  return highlights.length > 0 ? highlights : deliveries.slice(0, 3);
}

/** One column of the chart: the last reading that falls into it. */
interface Column {
  readonly credits: number;
  readonly state: State;
}

/** The balance so far, the thresholds, above it the marks of the messages, below it the states. It is as wide from the start. */
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
        if (column.state === "balance unknown") return style("dim", "░");
        return style(STATES[column.state].format, EIGHTHS[Math.max(1, Math.min(8, filled))] ?? "");
      }
      return threshold ? style(threshold.format, "┄") : " ";
    });
    return (threshold ? style(threshold.format, axis) : axis) + cells.join("");
  });

  const dayLabels = Array.from({ length: days }, (_, day) => dayLabel(start + day * DAY_MS, dayWidth));
  const inMargin = (text: string) => `${text.padStart(AXIS_CHARACTERS - 2)}  `;
  const marks = markRows(deliveriesOf(steps), columnOf, width, style);
  const signs = columns.map(({ state }) => style(STATES[state].format, STATES[state].sign));
  return [
    ...marks.map((row, index) => inMargin(index === marks.length - 1 ? "credits" : "") + row),
    ...rows,
    `${inMargin("").slice(1)}└${`┬${"─".repeat(dayWidth - 1)}`.repeat(days)}`,
    inMargin("level") + signs.join(""),
    inMargin("") + dayLabels.join(""),
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
    const column: Column = { credits: known, state: stateOf(step.report) };
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
  return `${weekday} ${String(day).padStart(2)} ${month} ${timeOf(at)}`;
}

/** `14:05` */
function timeOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** What the chart's signs mean. */
export function renderLegend({ style }: Scene): string {
  const states = Object.entries(STATES).map(([state, { sign, format }]) => style(format, `${sign} ${state}`));
  const indent = " ".repeat(AXIS_CHARACTERS);
  return `${indent}${states.join("  ")}\n${indent}┄ thresholds  a b c the messages above`;
}

/** How far the story is. */
export function renderProgress(steps: readonly Step[], { start, days, columns, style }: Scene): string {
  const last = steps.findLast((step) => step.kind === "check");
  if (last?.kind !== "check") return "";
  const done = Math.min(1, (last.at - start) / (days * DAY_MS));
  const width = Math.max(5, Math.min(30, columns - 52));
  const bar = "━".repeat(Math.round(done * width));
  const state = stateOf(last.report);
  const { credits } = last.report;
  const figure = credits === null ? "" : `  ${formatCredits(credits)}`;
  const rest = style("dim", "─".repeat(width - bar.length));
  return `${style("cyan", bar)}${rest}  ${stamp(last.at)}  ${style(STATES[state].format, state.toUpperCase())}${figure}`;
}

/** What happened and what was told of it, day by day, in the order of time. */
export function renderStory(steps: readonly Step[], scene: Scene): string {
  const deliveries = new Map(deliveriesOf(steps).map((delivery) => [delivery.message, delivery]));
  const events = steps.flatMap((step) => {
    if (step.kind === "happening") return [{ at: step.at, row: happeningRow(step, scene) }];
    const delivery = step.message && deliveries.get(step.message);
    return delivery ? [{ at: step.at, row: deliveryRow(delivery, scene) }] : [];
  });
  const days = Map.groupBy(events, ({ at }) => dateParts(at).join(" "));
  return Array.from(days, ([day, ofDay]) =>
    [scene.style("bold", day), ...ofDay.map(({ row }) => row)].join("\n"),
  ).join("\n");
}

/** `  12:05  A campaign starts: about 120 credits an hour`, wrapped under itself. */
function happeningRow({ at, text }: { at: number; text: string }, { columns, style }: Scene): string {
  const lines = wrap(text, columns - TIME_CHARACTERS).map((line) => style("dim", line));
  return `  ${timeOf(at)}  ${lines.join(`\n${" ".repeat(TIME_CHARACTERS)}`)}`;
}

/** `  19:00  c  email      WARNING: 1,530 credits left, about 24 h`, cut to the width. */
function deliveryRow(delivery: Delivery, { columns, style }: Scene): string {
  const { at, mark, severity, message } = delivery;
  const channels = (hasSms(delivery) ? "email+SMS" : "email").padEnd(9);
  const room = columns - TIME_CHARACTERS - `${mark}  ${channels}  `.length;
  const paint = (text: string) => style(SEVERITY_FORMATS[severity], text);
  return `  ${timeOf(at)}  ${paint(mark)}  ${channels}  ${paint(cut(headlineOf(message), room))}`;
}

/** The subject without what is the same in all of them. */
function headlineOf({ subject }: Message): string {
  return subject.replace(/^Kie /, "");
}

export function hasSms({ message }: Delivery): boolean {
  return message.attributes["sms"] === "yes";
}

/** The message as the inbox shows it, and as the phone does if it is sent there. */
export function renderDelivery(delivery: Delivery, { columns, style }: Scene): string {
  const { mark, at, severity, message } = delivery;
  const room = columns - FRAME_CHARACTERS;
  const inbox = frame(
    `${mark}  Inbox, ${stamp(at)}`,
    [
      ...wrap(message.subject, room, { hard: true }).map((line) => style(SEVERITY_FORMATS[severity], line)),
      "",
      ...message.texts.email
        .trimEnd()
        .split("\n")
        .flatMap((line) => wrap(line, room, { hang: LIST_LINE.test(line) ? 2 : 0, hard: true })),
    ],
    columns,
    INBOX,
  );
  if (!hasSms(delivery)) return inbox;
  const phone = frame(
    `${mark}  Phone, ${stamp(at)}`,
    wrap(message.texts.sms, PHONE_CHARACTERS - FRAME_CHARACTERS, { hard: true }),
    PHONE_CHARACTERS,
    PHONE,
  );
  return `${inbox}\n${phone.replaceAll(/^/gm, " ".repeat(columns - PHONE_CHARACTERS))}`;
}

const document = z.object({ text: z.string() });

/** The message as a chat shows it. */
export function renderChat({ mark, at, severity, message }: Delivery, { columns, style }: Scene): string {
  const { text } = document.parse(JSON.parse(message.texts.document));
  const [headline = "", ...lines] = text.split("\n");
  const room = columns - FRAME_CHARACTERS;
  return frame(
    `${mark}  Chat, ${stamp(at)}`,
    [
      ...wrap(headline, room, { hard: true }).map((line) => style(SEVERITY_FORMATS[severity], line)),
      ...lines.flatMap((line) => wrap(line, room, { hang: 2, hard: true })),
    ],
    columns,
    CHAT,
  );
}

/** Lines in a box, with a title on its upper edge. Each line fits. */
function frame(
  title: string,
  lines: readonly string[],
  width: number,
  {
    corners: [topLeft, topRight, bottomLeft, bottomRight],
    edge,
    side,
  }: typeof INBOX | typeof CHAT | typeof PHONE,
): string {
  const room = width - FRAME_CHARACTERS;
  return [
    `${topLeft} ${title} ${edge.repeat(room - title.length)}${topRight}`,
    ...lines.map((line) => {
      const padding = " ".repeat(room - stripVTControlCharacters(line).length);
      return `${side} ${line}${padding} ${side}`;
    }),
    `${bottomLeft}${edge.repeat(width - 2)}${bottomRight}`,
  ].join("\n");
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
