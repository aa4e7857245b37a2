/** Where the settings stand: `settings.json`, or the file that `-c settings=FILE` names. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type ParseError, parse, printParseErrorCode, visit } from "jsonc-parser";
import { InvalidInputError, isAddress } from "../lambda/problems.ts";
import { parseSettings, SETTINGS, type Settings } from "./settings.ts";

/** Beside cdk.json, so in the folder where the CDK's commands work. */
export const SETTINGS_FILE = "settings.json";

/**
 * Reads the settings' file: `settings.json`, or the one that `-c settings=FILE` names.
 *
 * @param context - all of the CDK's context
 * @throws InvalidInputError that says what to do
 */
export function loadSettings(context: Readonly<Record<string, unknown>>): Settings {
  refuseOptions(context);
  const { settings: file = SETTINGS_FILE } = context;
  if (typeof file !== "string" || file === "") {
    throw new InvalidInputError("-c settings=FILE expects the path of a file");
  }
  const path = resolve(file);
  const text = readText(path);
  if (text !== null) return parseSettings(parseJson(text, path), file);
  const others = lookalikesOf(path).map((name) => `There is ${name} beside it: is that its name?`);
  throw new InvalidInputError(
    [
      `There are no settings: ${path} is missing.`,
      ...others,
      `Write ${SETTINGS_FILE} with "npm run setup", or copy settings.example.json to it and edit that; or name another file with -c settings=FILE.`,
    ].join("\n"),
  );
}

/**
 * The text of a settings' file, in UTF-8, or in UTF-16 if it begins with that mark, as after PowerShell's `>`.
 *
 * @returns null if there is no such file
 * @throws InvalidInputError if it can't be read
 */
export function readText(path: string): string | null {
  try {
    const bytes = readFileSync(path);
    const mark = bytes.subarray(0, 2).toString("hex");
    // The decoder leaves the mark out.
    return new TextDecoder({ fffe: "utf-16le", feff: "utf-16be" }[mark]).decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new InvalidInputError(`The settings in ${path} can't be read: ${code}`);
  }
}

/** Files beside a missing one whose names only go on behind its own, such as the settings.json.txt of an editor. */
export function lookalikesOf(path: string): string[] {
  const name = basename(path).toLowerCase();
  try {
    return readdirSync(dirname(path)).filter((other) => other.toLowerCase().startsWith(name));
  } catch {
    return [];
  }
}

/** What to do where the text is not JSON, by the library's codes. */
const FIXES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'write text in straight quotes, "such as this", and numbers, true and false without',
  InvalidCharacter: "write text in one line, and a line break in it as \\n",
  UnexpectedEndOfNumber: "write a number such as 1000 or 0.005",
  InvalidEscapeCharacter: "write a backslash as \\\\",
  PropertyNameExpected: 'write a name in straight quotes, such as "emails"',
  ValueExpected: "write a value here",
  ColonExpected: "put a colon before this",
  CommaExpected: "put a comma before this",
  CloseBraceExpected: "put a } before this",
  CloseBracketExpected: "put a ] before this",
  EndOfFileExpected: "remove this, and all behind it",
  UnexpectedEndOfString: 'end the text with "',
  UnexpectedEndOfComment: "end the comment with */",
};

/**
 * Parses the text of a settings' file: JSON, in which comments and a comma behind the last item are welcome.
 *
 * @param path - of the file, for the error
 * @throws InvalidInputError that says where it is not JSON and what to do, or where a name stands twice: JSON would take
 * the last one, and forget the people in the other
 */
export function parseJson(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) {
    refuseRepeatedNames(text, path);
    return value;
  }
  const lines = text.slice(0, first.offset).split(/\r?\n/);
  const code = printParseErrorCode(first.error);
  const isUtf16 = text.includes("\0");
  const problem = isUtf16 ? "save it as UTF-8" : (FIXES[code] ?? code);
  throw new InvalidInputError(
    `${path}:${lines.length}:${(lines.at(-1) ?? "").length + 1}: not JSON: ${problem}`,
  );
}

function refuseRepeatedNames(text: string, file: string): void {
  const seen = new Set<string>();
  visit(text, {
    onObjectProperty(name, _offset, _length, line, column, pathOfObject) {
      const path = [...pathOfObject(), name].join(".");
      if (seen.has(path)) {
        // A webhook's address is a secret, and not shown.
        const shown = isAddress(path) ? "a name" : path;
        throw new InvalidInputError(
          `${file}:${line + 1}:${column + 1}: ${shown} stands there for the second time`,
        );
      }
      seen.add(path);
    },
  });
}

/** A setting that is given as an option would otherwise be passed over. Other names may be somebody else's. */
function refuseOptions(context: Readonly<Record<string, unknown>>): void {
  const simple = (name: string) => name.toLowerCase().replace(/[-_]/g, "");
  const names = new Set([...Object.keys(SETTINGS.shape), "apiKeyParameter"].map(simple));
  const options = Object.keys(context).filter((name) => names.has(simple(name)));
  if (options.length === 0) return;
  throw new InvalidInputError(
    `Settings stand in ${SETTINGS_FILE} only. Write there instead of behind -c: ${options.join(", ")}`,
  );
}
