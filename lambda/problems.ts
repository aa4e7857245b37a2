/** Bad input in one clear error: each field with the value received and what was expected. Pure. */
import type * as z from "zod";

const MAX_SHOWN_CHARACTERS = 80;

/** The name of the key's parameter, where people put the key itself by mistake: such a value is not shown. */
const KEY_PARAMETER = "apiKeyParameter";

/** Of Kie's own, in settings, options and an environment, which is no secret. */
const KIES_ADDRESS = /base.?url$/i;

/** What to say about an unknown name, such as the name that is probably meant; null if there is nothing to say. */
export type Hint = (unknownName: string, path: readonly PropertyKey[]) => string | null;

/** The input is not what its contract says. The message has one line for each bad field. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
}

/**
 * Parses foreign input, or says everything that is wrong with it at once.
 *
 * @param what - what the input is, for the error's first line: "event"
 * @throws InvalidInputError
 */
export function parseInput<Schema extends z.ZodType>(
  what: string,
  schema: Schema,
  input: unknown,
  hint: Hint = () => null,
): z.output<Schema> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, hint));
  throw new InvalidInputError([`Invalid ${what}:`, ...new Set(problems)].join("\n  "));
}

function describe(issue: z.core.$ZodIssue, hint: Hint): string[] {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) =>
      // The value is not shown: a key may well stand under a name of its own, such as KIE_API_KEY.
      [
        `${field ? `${field}.` : ""}${isAddress(key) ? measure(key) : key}: unknown name`,
        hint(key, issue.path),
      ]
        .filter(Boolean)
        .join(", "),
    );
  }
  const shown = isSecret(issue) ? measure(issue.input) : show(issue.input);
  const received = issue.input === undefined ? "is missing" : `got ${shown}`;
  return [`${field || "it"}: ${received}, ${issue.message}${isQuoted(issue) ? ", without quotes" : ""}`];
}

/** Whether there is text where a number, true or false was expected. */
function isQuoted(issue: z.core.$ZodIssue): boolean {
  if (typeof issue.input !== "string") return false;
  if (issue.code === "invalid_value") return issue.values.every((value) => typeof value === "number");
  return issue.code === "invalid_type" && ["number", "boolean"].includes(issue.expected);
}

function isSecret({ path, input }: z.core.$ZodIssue): boolean {
  const field = String(path.at(-1));
  return (
    field === KEY_PARAMETER || (typeof input === "string" && isAddress(input) && !KIES_ADDRESS.test(field))
  );
}

function measure(value: unknown): string {
  return typeof value === "string" ? `text of length ${value.length}` : "no text";
}

/** Whether a text has an address in it: a webhook's is a secret. */
export function isAddress(text: string): boolean {
  return /https?:/i.test(text);
}

function show(value: unknown): string {
  // The contents may include a key, so they are not shown. An empty list is.
  if (Array.isArray(value) && value.length > 0) return "[...]";
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return "{...}";
  // JSON has no word for infinity or undefined.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text;
}
