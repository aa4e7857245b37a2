import { describe, expect, it } from "vitest";
import type { Style } from "../../local/command.ts";
import type { Finding } from "../../local/findings.ts";
import { renderSection, renderSummary } from "../../local/view.ts";

const plain: Style = (_, text) => text;
const marked: Style = (format, text) => `<${format}>${text}</>`;

const fine: Finding = { subject: "Credentials", mark: "fine", text: "AWS account 1", fix: [] };
const warning: Finding = { subject: "Silence alarm", mark: "warning", text: "new", fix: ["Look again."] };
const refused: Finding = { subject: "Key", mark: "error", text: "refused", fix: ["Look at it.", "Put it."] };

describe("a section", () => {
  it("has a line for each finding, and below it how to fix it", () => {
    expect(renderSection("Account kie", [fine, warning, refused], plain)).toBe(`Account kie
  ✔ Credentials    AWS account 1
  ⚠ Silence alarm  new
                   → Look again.
  ✖ Key            refused
                   → Look at it.
                   → Put it.
`);
  });

  it("is broken between words, under its text, where a terminal ends", () => {
    const long = {
      ...warning,
      text: "no check has ever started here",
      fix: ["Run: npm run check -- --deployed"],
    };
    expect(renderSection("Account kie", [fine, long], plain, 40)).toBe(`Account kie
  ✔ Credentials    AWS account 1
  ⚠ Silence alarm  no check has ever
                   started here
                   → Run:
                   npm run check -- --deployed
`);
  });

  it("has coloured marks", () => {
    const text = renderSection("Account kie", [fine, warning, refused], marked);
    for (const part of ["<bold>Account kie</>", "<green>✔</>", "<yellow>⚠</>", "<red>✖</>"]) {
      expect(text).toContain(part);
    }
  });
});

describe("the summary", () => {
  it("counts the findings by their marks", () => {
    expect(renderSummary([fine, fine, warning, refused], plain)).toBe(
      "✖ 1 broken   ⚠ 1 to look at   ✔ 2 fine",
    );
  });

  it("is short if there is nothing to do", () => {
    expect(renderSummary([fine], plain)).toBe("✔ All is well.");
  });
});
