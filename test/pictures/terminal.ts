/** What a command printed, as an SVG that looks like a terminal. Pure. */
import { escapeXml } from "./phones.ts";

/** ANSI's codes that the commands use: https://en.wikipedia.org/wiki/ANSI_escape_code#SGR */
const STYLES: Readonly<Record<string, string>> = {
  1: `font-weight="bold"`,
  2: `opacity=".65"`,
  31: `fill="#ff7b72"`,
  32: `fill="#7ee787"`,
  33: `fill="#e3b341"`,
  35: `fill="#d2a8ff"`,
  36: `fill="#76e3ea"`,
};
const ESCAPE = new RegExp(`${"\u001b"}\\[(\\d+)m`);

/** The code that ends a style. */
const ENDS: Readonly<Record<string, string>> = { 1: "22", 2: "22" };
const END_OF_COLOUR = "39";

const FONT_SIZE = 14;
/** Of one character. */
const WIDTH = 8.4;
const HEIGHT = 17;
const PADDING = 18;

/** Drawn, since blocks of many fonts leave gaps between lines. By height, in eighths. */
const BLOCKS = " ▁▂▃▄▅▆▇█";
const UNKNOWN = "░";

interface Cell {
  readonly character: string;
  /** Attributes of SVG. */
  readonly style: string;
}

/** A command and what it printed; lines that are longer than `columns` go on in the next. */
export function terminalSvg(command: string, output: string, columns: number): string {
  const lines = [
    Array.from(`$ ${command}`, (character) => ({ character, style: STYLES["1"] ?? "" })),
    [],
    ...cellsOf(output.trimEnd()),
  ].flatMap((line) => wrap(line, columns));
  const [width, height] = [columns * WIDTH + 2 * PADDING, lines.length * HEIGHT + 2 * PADDING];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>What ${command} prints</title>
<defs><pattern id="unknown" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 0h1v1h-1zM2 2h1v1h-1z" fill="#8b949e"/></pattern></defs>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#444c56"/>
<g fill="#e6edf3" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">
${lines.flatMap(lineSvg).join("\n")}
</g>
</svg>
`;
}

/** Throws at a code that it does not know, instead of leaving it out. */
function cellsOf(text: string): Cell[][] {
  const lines: Cell[][] = [[]];
  const open: string[] = [];
  for (const [index, part] of text.split(ESCAPE).entries()) {
    if (index % 2 === 1) {
      if (STYLES[part] !== undefined) open.push(part);
      else {
        const ended = open.findLastIndex((code) => (ENDS[code] ?? END_OF_COLOUR) === part);
        if (ended < 0) throw new Error(`No style for the code ${part}`);
        open.splice(ended, 1);
      }
      continue;
    }
    const style = open.map((code) => STYLES[code]).join(" ");
    for (const character of part) {
      if (character === "\n") lines.push([]);
      else lines.at(-1)?.push({ character, style });
    }
  }
  return lines;
}

/** As a terminal does, but between words. */
function wrap(line: readonly Cell[], columns: number): (readonly Cell[])[] {
  if (line.length <= columns) return [line];
  const space = line.findLastIndex(({ character }, at) => character === " " && at <= columns);
  const at = space > 0 ? space : columns;
  return [line.slice(0, at), ...wrap(line.slice(space > 0 ? at + 1 : at), columns)];
}

/** A text for each stretch of one style, and a rectangle for each of one block. */
function lineSvg(line: readonly Cell[], row: number): string[] {
  const parts: string[] = [];
  for (let from = 0; from < line.length; ) {
    const { character, style } = line[from] as Cell;
    const kind = kindOf(character);
    const end = line.findIndex(
      (cell, at) => at > from && (kindOf(cell.character) !== kind || cell.style !== style),
    );
    const to = end < 0 ? line.length : end;
    const text = line
      .slice(from, to)
      .map((cell) => cell.character)
      .join("");
    parts.push(...partSvg(text, style, PADDING + from * WIDTH, PADDING + row * HEIGHT));
    from = to;
  }
  return parts;
}

/** What can be drawn as one. */
function kindOf(character: string): string {
  return character !== " " && (BLOCKS + UNKNOWN).includes(character) ? character : "text";
}

function partSvg(text: string, style: string, x: number, top: number): string[] {
  const width = round(text.length * WIDTH);
  const eighths = kindOf(text[0] ?? "") === "text" ? -1 : BLOCKS.indexOf(text[0] ?? "");
  if (text.trim() === "") return [];
  if (text[0] === UNKNOWN) {
    return [`<rect x="${round(x)}" y="${top}" width="${width}" height="${HEIGHT}" fill="url(#unknown)"/>`];
  }
  if (eighths > 0) {
    const height = round((HEIGHT * eighths) / 8);
    return [
      `<rect x="${round(x)}" y="${round(top + HEIGHT - height)}" width="${width}" height="${height}" ${style}/>`,
    ];
  }
  const baseline = top + HEIGHT - 4;
  return [
    `<text x="${round(x)}" y="${baseline}" textLength="${width}" xml:space="preserve" ${style}>${escapeXml(text)}</text>`,
  ];
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
