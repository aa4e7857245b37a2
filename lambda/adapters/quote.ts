/** How foreign text is quoted. Pure. */

const MAX_QUOTED_CHARACTERS = 123;

/** Foreign text on one line, cut short. */
export function shortLine(text: string): string {
  return cut(oneLine(text), MAX_QUOTED_CHARACTERS);
}

/** Text of `max` characters at most, without half a character at its end. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 3).replace(/[\ud800-\udbff]$/, "")}...`;
}

/** Foreign text on one line, of printable characters only. */
export function oneLine(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}
