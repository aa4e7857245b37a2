/** Rows and findings as a terminal shows them. Pure. */
import { stripVTControlCharacters } from "node:util";
import type { Style } from "./command.ts";
import type { Finding, Mark } from "./findings.ts";

const SIGNS = { fine: "✔", warning: "⚠", error: "✖" } as const satisfies Record<Mark, string>;
const FORMATS = { fine: "green", warning: "yellow", error: "red" } as const satisfies Record<Mark, string>;

/** The longest subject with its sign, so that all sections have their texts in one column. */
const SUBJECT_CHARACTERS = 17;

/** A label, and the lines beside it. */
export type Row = readonly [label: string, ...lines: readonly string[]];

/**
 * Labels and lines in two columns.
 *
 * @param width - of the first one; by default that of the longest label
 */
export function renderRows(
  rows: readonly Row[],
  width = Math.max(...rows.map(([label]) => widthOf(label))),
): string {
  return rows
    .flatMap(([label, ...lines]) =>
      lines.map((line, index) => {
        const shown = index === 0 ? label : "";
        return `${shown}${" ".repeat(Math.max(0, width - widthOf(shown)))}  ${line}`;
      }),
    )
    .join("\n");
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A heading, a line for each finding, and below it how to fix it. */
export function renderSection(title: string, findings: readonly Finding[], style: Style): string {
  const rows = findings.map(
    ({ mark, subject, text, fix }): Row => [
      `  ${style(FORMATS[mark], SIGNS[mark])} ${subject}`,
      text,
      ...fix.map((step) => `${style("dim", "→")} ${step}`),
    ],
  );
  return [style("bold", title), renderRows(rows, SUBJECT_CHARACTERS), ""].join("\n");
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
