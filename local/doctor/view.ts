/** The doctor's findings as a terminal shows them. Pure. */

import type { Style } from "../check/view.ts";
import type { Finding, Mark } from "./findings.ts";

const MARKS = { fine: "✔", warning: "⚠", cross: "✖" } as const satisfies Record<Mark, string>;
const FORMATS = { fine: "green", warning: "yellow", cross: "red" } as const satisfies Record<Mark, string>;

/** The longest subject, so that all sections have their texts in one column. */
const SUBJECT_CHARACTERS = 13;

/** A heading, a line for each finding, and below it how to mend it. */
export function renderSection(title: string, findings: readonly Finding[], style: Style): string {
  const lines = findings.flatMap(({ mark, subject, text, mend }) => [
    `  ${style(FORMATS[mark], MARKS[mark])} ${subject.padEnd(SUBJECT_CHARACTERS)}  ${text}`,
    ...mend.map((step) => `    ${" ".repeat(SUBJECT_CHARACTERS)}  ${style("dim", "→")} ${step}`),
  ]);
  return [style("bold", title), ...lines, ""].join("\n");
}

/** The last line. */
export function renderSummary(findings: readonly Finding[], style: Style): string {
  const count = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  const crosses = count("cross");
  const warnings = count("warning");
  if (crosses + warnings === 0) return style("green", `${MARKS.fine} All is well.`);
  return [
    style(FORMATS.cross, `${MARKS.cross} ${crosses} broken`),
    style(FORMATS.warning, `${MARKS.warning} ${warnings} to look at`),
    style(FORMATS.fine, `${MARKS.fine} ${count("fine")} fine`),
  ].join("   ");
}
