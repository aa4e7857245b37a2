/** The doctor's findings as a terminal shows them. Pure. */
import type { Style } from "./command.ts";
import type { Finding, Mark } from "./findings.ts";

const SIGNS = { fine: "✔", warning: "⚠", error: "✖" } as const satisfies Record<Mark, string>;
const FORMATS = { fine: "green", warning: "yellow", error: "red" } as const satisfies Record<Mark, string>;

/** The longest subject, so that all sections have their texts in one column. */
const SUBJECT_CHARACTERS = 13;

/** A heading, a line for each finding, and below it how to fix it. */
export function renderSection(title: string, findings: readonly Finding[], style: Style): string {
  const lines = findings.flatMap(({ mark, subject, text, fix }) => [
    `  ${style(FORMATS[mark], SIGNS[mark])} ${subject.padEnd(SUBJECT_CHARACTERS)}  ${text}`,
    ...fix.map((step) => `    ${" ".repeat(SUBJECT_CHARACTERS)}  ${style("dim", "→")} ${step}`),
  ]);
  return [style("bold", title), ...lines, ""].join("\n");
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
