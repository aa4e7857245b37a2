/** Texts in the width of a terminal. Pure. */
import wrapAnsi from "wrap-ansi";

/** Fewer columns than these are of no use. */
const MIN_COLUMNS = 20;

/** What people copy: if a line break cut it, a shell would run the first half. */
const COMMAND = /(?<=^|→\S* |: )aws \w[^,;]*|\b(npm run|npx cdk) \S+( -- (--\S+ ?)+\S*)?/g;
const NO_BREAK = "\u00a0";

/**
 * Breaks lines between words, since a terminal would break them anywhere. A command stays whole.
 *
 * @param columns - of the terminal; none if the text is not for one
 * @param options.hang - by how much the further parts of a line are indented; 0 if it is left out
 * @param options.hard - whether a longer word is broken, too; if not, an address can be copied
 */
export function wrap(
  text: string,
  columns: number | undefined,
  { hang = 0, hard = false }: { readonly hang?: number; readonly hard?: boolean } = {},
): string[] {
  const lines = text.split("\n");
  if (columns === undefined) return lines;
  return lines.flatMap((line) => {
    const words = line.trimStart().replaceAll(COMMAND, (command) => command.replaceAll(" ", NO_BREAK));
    const indentation = line.length - line.trimStart().length;
    const width = Math.max(MIN_COLUMNS, columns - indentation - hang);
    return wrapAnsi(words, width, { hard })
      .replaceAll(NO_BREAK, " ")
      .split("\n")
      .map((part, index) => " ".repeat(indentation + (index === 0 ? 0 : hang)) + part);
  });
}
