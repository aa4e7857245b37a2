import { stripVTControlCharacters, styleText } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../local/wrap.ts";

describe("a text in a terminal", () => {
  it("has its lines broken between words, with their indentation", () => {
    expect(wrap("- one two three four five six\n\n  - seven eight nine ten", 20)).toEqual([
      "- one two three four",
      "five six",
      "",
      "  - seven eight nine",
      "  ten",
    ]);
  });

  it("hangs the further parts of a line", () => {
    expect(wrap("- one two three four five six seven", 24, { hang: 2 })).toEqual([
      "- one two three four",
      "  five six seven",
    ]);
  });

  it("stays as it is if there is no terminal", () => {
    expect(wrap("one ".repeat(100), undefined)).toEqual(["one ".repeat(100)]);
  });

  it.each([
    ["Add a chat: npm run setup -- --webhook team", ["Add a chat:", "npm run setup -- --webhook team"]],
    ["Or deploy: npx cdk deploy", ["Or deploy:", "npx cdk deploy"]],
    ["→ aws sns unsubscribe --subscription-arn a:b", ["→", "aws sns unsubscribe --subscription-arn a:b"]],
    [
      "Verify it: aws sns create --phone NUMBER, then",
      ["Verify it:", "aws sns create --phone NUMBER,", "then"],
    ],
    ["or log in again (aws login, aws sso login)", ["or log in again (aws", "login, aws sso login)"]],
    ["See https://kie.ai/a-page-of-some-length.", ["See", "https://kie.ai/a-page-of-some-length."]],
  ])("keeps whole what is copied: %s", (text, lines) => {
    expect(wrap(text, 22)).toEqual(lines);
  });

  it("breaks a longer word too, where a frame stands around it", () => {
    expect(wrap("x".repeat(50), 20, { hard: true })).toEqual([
      "x".repeat(20),
      "x".repeat(20),
      "x".repeat(10),
    ]);
  });

  it("loses nothing but blanks, coloured or not, and fits if its words do", () => {
    const words = fc.array(fc.stringMatching(/^[a-zäß✔→.,:-]{1,20}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 120 }), fc.boolean(), (some, columns, isRed) => {
        const text = isRed ? styleText("red", some.join(" "), { validateStream: false }) : some.join(" ");
        const lines = wrap(text, columns).map((line) => stripVTControlCharacters(line));
        expect(lines.join(" ")).toBe(some.join(" "));
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
