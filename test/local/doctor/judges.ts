/** A table of what the doctor makes of what it sees. */
import { expect, it } from "vitest";
import type { Mark, Verdict } from "../../../local/findings.ts";

/** No verdict may show it. */
export const KEY = "canary-0123456789abcdef0123456789abcdef";

export interface Row {
  readonly title: string;
  readonly verdict: Verdict | null;
  readonly mark: Mark;
  readonly text: RegExp;
  /** What the steps hold; they are one text with a line for each. */
  readonly fix?: RegExp;
}

/** What isn't fine always says how to fix it, what is fine never does, and nothing shows the key. */
export function judges(rows: readonly Row[]): void {
  it.each(rows)("$title", ({ verdict, mark, text, fix = /./ }) => {
    expect(verdict).toMatchObject({ mark, text: expect.stringMatching(text) });
    if (mark === "fine") expect(verdict?.fix).toEqual([]);
    else expect(verdict?.fix.join("\n")).toMatch(fix);
    expect(JSON.stringify(verdict)).not.toContain("canary");
  });
}
