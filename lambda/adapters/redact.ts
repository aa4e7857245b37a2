/** Takes the key out of foreign text. Pure. */
import { oneLine } from "./quote.ts";

/** A shorter part of a key gives nothing away. */
const MIN_FRAGMENT_CHARACTERS = 8;

/** Kie may quote the key when it refuses it, whole or in part, and with its blanks changed to fit one line. */
export function redactKey(text: string, key: string): string {
  const line = oneLine(key);
  const wholes = line.length < MIN_FRAGMENT_CHARACTERS ? [key] : [key, line];
  return [...wholes, ...fragmentsOf(key), ...fragmentsOf(line)].reduce(
    (redacted, secret) => redacted.replaceAll(secret, "[key]"),
    text,
  );
}

function fragmentsOf(text: string): string[] {
  const count = Math.max(0, text.length - MIN_FRAGMENT_CHARACTERS + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + MIN_FRAGMENT_CHARACTERS));
}
