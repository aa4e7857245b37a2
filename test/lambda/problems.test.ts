import { expect, it } from "vitest";
import * as z from "zod";
import { parseInput } from "../../lambda/problems.ts";

const name = z.string("expected a name").startsWith("/", "expected a name");
const schema = z.object({ apiKeyParameter: name, OTHER: z.string("expected a word") });

it("what stands in place of the key's parameter is measured, not shown, and nothing inside lists and objects", () => {
  expect(() => parseInput("input", schema, { apiKeyParameter: "sk-SECRET", OTHER: ["sk-SECRET"] })).toThrow(
    "Invalid input:\n  apiKeyParameter: got text of length 9, expected a name\n  OTHER: got [...], expected a word",
  );
  expect(() => parseInput("input", schema, { apiKeyParameter: 5, OTHER: { key: "sk-SECRET" } })).toThrow(
    "Invalid input:\n  apiKeyParameter: got no text, expected a name\n  OTHER: got {...}, expected a word",
  );
});

it("what is missing is said to be missing, the key's parameter too, and an empty list is shown", () => {
  expect(() => parseInput("input", schema, { OTHER: [] })).toThrow(
    "Invalid input:\n  apiKeyParameter: is missing, expected a name\n  OTHER: got [], expected a word",
  );
});

it("an unknown name is told with a hint if there is one", () => {
  const strict = z.strictObject({ key: name });
  const hint = (unknownName: string) => (unknownName === "keys" ? "did you mean key?" : null);
  expect(() => parseInput("input", strict, { key: "x", keys: "sk-SECRET", mood: 1 }, hint)).toThrow(
    'Invalid input:\n  key: got "x", expected a name\n  keys: unknown name, did you mean key?\n  mood: unknown name',
  );
});

it("an address is measured, not shown, where a value or a name is expected: a webhook's is a secret", () => {
  const strict = z.strictObject({ name });
  const address = "https://hooks.slack.com/services/SECRET";
  for (const [input, problem] of [
    [{ name: address }, "name: got text of length 39, expected a name"],
    [{ name: ` HTTPS://x.example/SECRET` }, "name: got text of length 25, expected a name"],
    [{ name: "/a", [address]: true }, "text of length 39: unknown name"],
  ] as const) {
    expect(() => parseInput("input", strict, input)).toThrow(`Invalid input:\n  ${problem}`);
  }
});
