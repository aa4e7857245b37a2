/** Bad input in one clear error: each field with the value received and what was expected. Pure. */
import type * as z from "zod/mini";

const MAX_SHOWN_CHARACTERS = 80;

/** Names of the key's parameter, where people put the key itself by mistake: what stands there is not shown. */
const KEY_PARAMETERS: readonly unknown[] = ["apiKeyParameter", "API_KEY_PARAMETER"];

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
  // A key may well stand under a name of its own, such as KIE_API_KEY.
  if (issue.code === "custom" && issue.params?.["isUnknownName"]) {
    return [`${field}: unknown name, ${issue.message}`];
  }
  const shown = KEY_PARAMETERS.includes(issue.path.at(-1)) ? measure(issue.input) : show(issue.input);
  const received = issue.input === undefined ? "is missing" : `got ${shown}`;
  return [`${field || "it"}: ${received}, ${issue.message}`];
}

function measure(value: unknown): string {
  return typeof value === "string" ? `text of length ${value.length}` : "no text";
}

function show(value: unknown): string {
  // Whatever stands inside, it may be a key. An empty list is worth telling.
  if (Array.isArray(value) && value.length > 0) return "[...]";
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return "{...}";
  // JSON has no word for infinity or undefined.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text;
}
