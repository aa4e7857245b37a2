/**
 * What people paste, without what they copied along with it. Of a key that was stored, `lambda/adapters/key-shape.ts`
 * names such slips.
 */

/** What may be part of a word: anything but blanks, brackets, quotes of all languages, and signs that stand around a value. */
const IN_WORD = "[^\\s\\p{C}\\p{Ps}\\p{Pe}\\p{Quotation_Mark}`´<>:;,=|\\\\：；，]";

/** Whole words that are bearer tokens (RFC 6750, section 2.1), as long as a key; the name of a variable has no digit. */
const KEYS = new RegExp(`(?<!${IN_WORD})(?=[A-Za-z_.~+/-]*\\d)[\\w-][\\w.~+/-]{19,}=*(?!${IN_WORD})`, "gu");

/** Addresses, without signs behind them that end a sentence or a bracket. `](` is in the middle of a Markdown link. */
const ADDRESSES = /https?:\/\/(?:(?!\]\()[^\s"<>\\^`{|}])*[\p{L}\p{N}/=&#%_~+*@$-]/giu;

/** The key alone, if there is one. Says if something was taken off, and nothing of what it was. */
export function unwrapKey(warn: (text: string) => void, pasted: string): string {
  return unwrap("key", KEYS, warn, pasted);
}

/** The address alone, as above. */
export function unwrapAddress(warn: (text: string) => void, pasted: string): string {
  return unwrap("address", ADDRESSES, warn, pasted);
}

function unwrap(what: string, pattern: RegExp, warn: (text: string) => void, pasted: string): string {
  const trimmed = pasted.trim();
  const [found = trimmed, ...others] = new Set(trimmed.match(pattern));
  if (found === trimmed || others.length > 0) return trimmed;
  warn(`Taken off: what stood around the ${what}`);
  return found;
}
