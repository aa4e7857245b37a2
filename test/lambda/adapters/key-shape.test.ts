import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeKeyShape } from "../../../lambda/adapters/key-shape.ts";

const KEY = "0123456789abcdef0123456789abcdef";

const rows: { title: string; wrap: (key: string) => string; words: string | null }[] = [
  { title: "the key alone", wrap: (key) => key, words: null },
  { title: "double quotes", wrap: (key) => `"${key}"`, words: "has quotes around it" },
  { title: "single quotes", wrap: (key) => `'${key}'`, words: "has quotes around it" },
  { title: "quotes of a text editor", wrap: (key) => `“${key}”`, words: "has quotes around it" },
  { title: "one quote that was left behind", wrap: (key) => `${key}"`, words: "has quotes around it" },
  {
    title: "a header's value",
    wrap: (key) => `Bearer ${key}`,
    words: "begins with Bearer, which is added by itself",
  },
  {
    title: "a whole header",
    wrap: (key) => `authorization: bearer ${key}`,
    words: "begins with Bearer, which is added by itself",
  },
  {
    title: "a header's value in quotes",
    wrap: (key) => `"Bearer ${key}"`,
    words: "begins with Bearer, which is added by itself",
  },
  { title: "a line of .env", wrap: (key) => `KIE_API_KEY=${key}`, words: "begins with KIE_API_KEY=" },
  {
    title: "a line of a shell",
    wrap: (key) => `export KIE_API_KEY="${key}"`,
    words: "begins with KIE_API_KEY=",
  },
  { title: "another name's line", wrap: (key) => `API_KEY = ${key}`, words: "begins with a name and =" },
  { title: "an object", wrap: (key) => `{"apiKey":"${key}"}`, words: "is JSON, not the key alone" },
  { title: "a list", wrap: (key) => `["${key}"]`, words: "is JSON, not the key alone" },
  { title: "angle brackets", wrap: (key) => `<${key}>`, words: "has angle brackets around it" },
  {
    title: "a key that a page hides in part",
    wrap: (key) => `${key.slice(0, 4)}****${key.slice(-4)}`,
    words: "is shown only in part, with the rest hidden",
  },
  { title: "two lines", wrap: (key) => `${key}\n${key}`, words: "has more than one line" },
  { title: "a blank", wrap: (key) => `${key} ${key}`, words: "has a blank in it" },
  { title: "a letter of elsewhere", wrap: (key) => `${key}ж`, words: "has a character that is not ASCII" },
  { title: "the padding of base64", wrap: (key) => `${key}==`, words: null },
];

describe("the shape of a key", () => {
  it.each(rows)("with $title is described, or ordinary", ({ wrap, words }) => {
    expect(describeKeyShape(wrap(KEY))).toBe(words);
  });

  it("is described in the same words whatever the key is, so that nothing of it gets out", () => {
    const known = new Set(rows.map(({ words }) => words));
    const anyKey = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[0-9a-f]{1,40}$/),
    );
    fc.assert(
      fc.property(anyKey, fc.constantFrom(...rows), (key, { wrap }) => {
        expect(known).toContain(describeKeyShape(wrap(key)));
      }),
    );
  });
});
