/** Bad input in one clear error: each field with the value received and what was expected. Pure. */
import type * as z from "zod/mini";

const MAX_SHOWN_CHARACTERS = 80;

/** The input is not what its contract says. The message has one line for each bad field. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
}

/**
 * Parses foreign input, or says everything that is wrong with it at once.
 *
 * @param what - what the input is, for the error's first line: "environment"
 * @throws InvalidInputError
 */
export function parseInput<Schema extends z.ZodMiniType>(
  what: string,
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new InvalidInputError([`Invalid ${what}:`, ...parsed.error.issues.flatMap(describe)].join("\n  "));
}

function describe(issue: z.core.$ZodIssue): string[] {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${field ? `${field}.` : ""}${key}: unknown name`);
  }
  const received = issue.input === undefined ? "is missing" : `got ${show(issue.input)}`;
  return [`${field || "it"}: ${received}, ${issue.message}`];
}

function show(value: unknown): string {
  // JSON has no word for infinity or undefined.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text;
}
