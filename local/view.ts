/** Rows and findings as a terminal shows them. Pure. */
import { stripVTControlCharacters } from "node:util";
import type { Style } from "./command.ts";
import type { Finding, Mark } from "./findings.ts";
import { wrap } from "./wrap.ts";

const SIGNS = { fine: "✔", warning: "⚠", error: "✖" } as const satisfies Record<Mark, string>;
const FORMATS = { fine: "green", warning: "yellow", error: "red" } as const satisfies Record<Mark, string>;

const GAP = "  ";

/** The longest subject, so that all sections have their texts in one column. */
const SUBJECT_CHARACTERS = 13;

/** A label, and the lines beside it. */
export type Row = readonly [label: string, ...lines: readonly string[]];

/** @param columns - of the terminal; none if it is not for one */
export function renderRows(rows: readonly Row[], columns?: number): string {
  const width = Math.max(...rows.map(([label]) => widthOf(label)));
  return renderColumns(
    rows.flatMap(([label, ...lines]) =>
      lines
        .flatMap((line) => wrap(line, columns && columns - width - GAP.length))
        .map((line, index) => [index === 0 ? label : "", line]),
    ),
  );
}

/** Cells in columns, each as wide as its widest cell. */
export function renderColumns(rows: readonly (readonly string[])[]): string {
  const pad = (cell: string, column: number) =>
    cell + " ".repeat(Math.max(...rows.map((row) => widthOf(row[column]))) - widthOf(cell));
  return rows.map((row) => row.map(pad).join(GAP).trimEnd()).join("\n");
}

function widthOf(cell = ""): number {
  return stripVTControlCharacters(cell).length;
}

/**
 * A heading, a line for each finding, and below it how to fix it.
 *
 * @param columns - of the terminal; none if it is not for one
 */
export function renderSection(
  title: string,
  findings: readonly Finding[],
  style: Style,
  columns?: number,
): string {
  const rows = findings.map(
    ({ mark, subject, text, fix }): Row => [
      `  ${style(FORMATS[mark], SIGNS[mark])} ${subject.padEnd(SUBJECT_CHARACTERS)}`,
      text,
      ...fix.map((step) => `${style("dim", "→")} ${step}`),
    ],
  );
  return [style("bold", title), renderRows(rows, columns), ""].join("\n");
}

/** The last line. */
export function renderSummary(findings: readonly Finding[], style: Style): string {
  const count = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  if (count("error") + count("warning") === 0) return style("green", `${SIGNS.fine} All is well.`);
  return [
    style(FORMATS.error, `${SIGNS.error} ${count("error")} broken`),
    style(FORMATS.warning, `${SIGNS.warning} ${count("warning")} to look at`),
    style(FORMATS.fine, `${SIGNS.fine} ${count("fine")} fine`),
  ].join("   ");
}
