/** How foreign text is quoted. Pure. */

const MAX_QUOTED_CHARACTERS = 120;

/** Foreign text on one line, cut short. */
export function shortLine(text: string): string {
  const line = oneLine(text);
  return line.length > MAX_QUOTED_CHARACTERS ? `${line.slice(0, MAX_QUOTED_CHARACTERS)}...` : line;
}

/** Foreign text on one line, of printable characters only. */
export function oneLine(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}
