/** Takes secrets out of foreign text. Pure. */
import { oneLine } from "./quote.ts";

/** A shorter part of a secret gives nothing away. */
const MIN_FRAGMENT_CHARACTERS = 8;

/** Kie may quote the key when it refuses it, whole or in part, and with its blanks changed to fit one line. */
export function redactKey(text: string, key: string): string {
  return redact(text, [key], "[key]");
}

/** A host may quote the address that was asked, whole or in part, as it is or coded. Its own name is no secret. */
export function redactAddress(text: string, address: URL): string {
  const { username, password, pathname, search, hash, searchParams } = address;
  const wholes = [
    username,
    password,
    pathname,
    search,
    hash,
    String(searchParams),
    ...[...searchParams].flat(),
  ];
  // What is sent of a name and a password: https://www.rfc-editor.org/rfc/rfc7617#section-2
  if (username || password)
    wholes.push(Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64"));
  const parts = wholes
    .flatMap((whole) => [whole, ...whole.split(/[/?&=#:]+/)])
    .flatMap((part) => [part, decode(part)])
    .flatMap((part) => [part, encodeURIComponent(part)]);
  return redact(
    text,
    parts.filter((part) => part.length >= MIN_PART_CHARACTERS),
    "[address]",
  );
}

/** A shorter part of an address, such as `v1`, is in many words. */
const MIN_PART_CHARACTERS = 4;

/** Hides all that is of a secret, in whatever case: hosts change it in what they quote. */
function redact(text: string, secrets: readonly string[], mark: string): string {
  const lines = secrets.map(oneLine).filter((line) => line.length >= MIN_FRAGMENT_CHARACTERS);
  const fragments = [...secrets, ...lines].flatMap(fragmentsOf);
  const lengths = new Set(fragments.map(({ length }) => length));
  const hidden = new Set(fragments.map((fragment) => fragment.toLowerCase()));
  let redacted = "";
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    const isShown = at >= end;
    for (const length of lengths) {
      if (hidden.has(text.slice(at, at + length).toLowerCase())) end = Math.max(end, at + length);
    }
    // A blank before a secret may be one beside it.
    const blank = text[at] === " " ? " " : "";
    if (isShown) redacted += at >= end ? text[at] : blank + mark;
  }
  return redacted;
}

function fragmentsOf(text: string): string[] {
  const count = Math.max(1, text.length - MIN_FRAGMENT_CHARACTERS + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + MIN_FRAGMENT_CHARACTERS));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
