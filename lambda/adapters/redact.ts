/** Takes secrets out of foreign text. Pure. */
import { oneLine } from "./quote.ts";

/** A shorter part of a secret gives nothing away. */
const MIN_FRAGMENT_CHARACTERS = 8;

/** Kie may quote the key when it refuses it, whole or in part, and with its blanks changed to fit one line. */
export function redactKey(text: string, key: string): string {
  return redact(text, key, "[key]");
}

/** A host may quote the address that was asked, whole or in part. Its own name is no secret. */
export function redactAddress(text: string, address: URL): string {
  const { username, password, pathname, search, hash, searchParams } = address;
  const parts = [username, password, pathname, search, hash].join("/").split(/[/?&=#:]+/);
  return (
    [...parts, ...parts.map(decode), ...[...searchParams].flat()]
      .filter((part) => part.length >= MIN_PART_CHARACTERS)
      // A short part would break a long one that contains it.
      .toSorted((one, other) => other.length - one.length)
      .reduce((redacted, part) => redact(redacted, part, "[address]"), text)
  );
}

/** A shorter part of an address, such as `v1`, is in many words. */
const MIN_PART_CHARACTERS = 4;

function redact(text: string, secret: string, mark: string): string {
  const line = oneLine(secret);
  const wholes = line.length < MIN_FRAGMENT_CHARACTERS ? [secret] : [secret, line];
  return [...wholes, ...fragmentsOf(secret), ...fragmentsOf(line)].reduce(
    // Hosts change the case of what they quote.
    (redacted, part) => redacted.replace(new RegExp(RegExp.escape(part), "gi"), mark),
    text,
  );
}

function fragmentsOf(text: string): string[] {
  const count = Math.max(0, text.length - MIN_FRAGMENT_CHARACTERS + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + MIN_FRAGMENT_CHARACTERS));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
