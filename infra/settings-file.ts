/** Where the settings stand: `settings.json`, or the file that `-c settings=FILE` names. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { getLocation, type ParseError, parse, printParseErrorCode, visit } from "jsonc-parser";
import { expectedOfPoint } from "../lambda/fields.ts";
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

const QUOTES = 'write text in straight quotes, "such as this", and numbers, true and false without';
const NUMBER = "write a number without commas, blanks, signs and units, such as 8000 or 0.005";
const FROM_TO = "begin the file with {, and end it with }";

/**
 * What to do at common slips: the first row whose code fits, and whose pattern does where the text stops being JSON. The
 * codes are the library's, with List in front of them in a list.
 */
const SLIPS: readonly (readonly [code: RegExp, here: RegExp, fix: string])[] = [
  [
    /Symbol/,
    /<{7}|={7}|>{7}/y,
    "choose one side of this merge, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>",
  ],
  [/Symbol/, /[#/]/y, "begin a comment with //"],
  [/List/, /[-+]?\d/y, QUOTES],
  [
    /List/,
    /("[^"\n]*"\s*)?:/y,
    "a name can't stand in a list: end the list with ] before it, or put { and } around it",
  ],
  [/List/, /}/y, "put a ] before this"],
  [/Comma|Name|Value/, /]/y, "remove this ], or put a } before it"],
  [/Comma/, /:/y, "put a { before this name"],
  [/Name/, /[{[]/y, "put a } before this, or several items between [ and ]"],
  [/Comma/, /(?<=[^\d.]0)\d/y, "write the number without a 0 in front"],
  [/Name/, /(?<=\d,)\d/y, NUMBER],
  [/Comma|Symbol/, /(?<=\d[^\S\n]*)[\w.'’%]|(?<=\d)\s\d|[-+.$€]+\d/y, NUMBER],
  [/Symbol/, /[\s\p{Cf}]/uy, "remove this character: it can't be seen, or only looks like a blank"],
  [/Symbol/, /(?<=^\s*)\S/y, FROM_TO],
  [/Symbol/, /;\s*$/y, "remove this"],
  [/Symbol/, /[;，、]/y, "write a comma instead"],
  [/Symbol/, /[=：]/y, "write a colon instead"],
  [/Symbol/, /(?<=")\w|[\w@.-]+"/y, 'a " is missing in this line'],
  [/Symbol/, /T(rue|RUE)|F(alse|ALSE)/y, "write true and false in small letters"],
  [/Symbol/, /[^\p{L}“”„«»‘’'`_@$]/uy, "remove this sign, or write what it belongs to in straight quotes"],
  [/Name|Value/, /(?<!:\s*),/y, "remove this comma"],
  [/Colon/, /[},\]]/y, "put a colon and a value before this; several texts belong between [ and ]"],
  [/EndOfFile/, /[}\]]/y, "remove this"],
  [/EndOfFile/, /:/y, FROM_TO],
];

/** What was expected where the text stops being JSON in another way, by the library's codes. */
const EXPECTED: Readonly<Record<string, string>> = {
  InvalidSymbol: QUOTES,
  InvalidCharacter: "remove the tab from this text, or what else can't be seen",
  UnexpectedEndOfNumber: NUMBER,
  InvalidEscapeCharacter: "write a backslash as \\\\",
  InvalidUnicode: "write a backslash as \\\\",
  PropertyNameExpected: 'write a name in straight quotes, such as "emails"',
  ValueExpected: "write a value here",
  ColonExpected: "put a colon before this",
  CommaExpected: "put a comma before this",
  CloseBraceExpected: "put a } before this",
  CloseBracketExpected: "put a ] before this",
  EndOfFileExpected: "the settings ended before this: put all of them between one { and one }",
  UnexpectedEndOfString: 'end the text with "',
  UnexpectedEndOfComment: "end the comment with */",
};

/**
 * Parses the text of a settings' file: JSON, in which comments and a comma behind the last item are welcome.
 *
 * @param path - of the file, for the error
 * @throws InvalidInputError that says where it is not JSON and what to do; or where a name stands twice, of which JSON
 * would take the last one and forget the people in the other; or where 8.000 may mean 8,000
 */
export function parseJson(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) {
    refuseDoubtful(text, path);
    return value;
  }
  const lines = text.slice(0, first.offset).split(/\r?\n/);
  throw new InvalidInputError(
    `${path}:${lines.length}:${(lines.at(-1) ?? "").length + 1}: not JSON: ${fixOf(text, first, value)}`,
  );
}

function fixOf(text: string, { error, offset }: ParseError, value: unknown): string {
  if (text.includes("\0")) return "save it as UTF-8";
  const code = printParseErrorCode(error);
  if (value === undefined && code === "ValueExpected") {
    return "it has no settings: remove the file and npm run setup, or copy settings.example.json to it";
  }
  const isInList = typeof getLocation(text, offset).path.at(-1) === "number";
  const slip = SLIPS.find(([codes, here]) => {
    here.lastIndex = offset;
    return codes.test(isInList ? `List${code}` : code) && here.test(text);
  });
  return slip?.[2] ?? EXPECTED[code] ?? code;
}

/** What JSON takes in silence, and people mean otherwise. */
function refuseDoubtful(text: string, file: string): void {
  const seen = new Set<string>();
  const problems: string[] = [];
  // A webhook's address is a secret, and not shown.
  const shown = (path: string, instead: string) => (isAddress(path) ? instead : path);
  visit(text, {
    onObjectProperty(name, _offset, _length, line, column, pathOfObject) {
      const path = [...pathOfObject(), name].join(".");
      if (seen.has(path)) {
        problems.push(
          `${file}:${line + 1}:${column + 1}: ${shown(path, "a name")} stands there for the second time`,
        );
      }
      seen.add(path);
    },
    onLiteralValue(value, offset, length, line, column, pathOf) {
      const got = text.slice(offset, offset + length);
      const expected = typeof value === "number" ? expectedOfPoint(got) : undefined;
      const names = pathOf();
      // A price may well have three digits there.
      if (expected === undefined || names.at(-1) === "usdPerCredit" || names.includes("jobs")) return;
      const path = shown(names.join("."), "a number");
      problems.push(`${file}:${line + 1}:${column + 1}: ${path}: got ${got}, ${expected}`);
    },
  });
  if (problems.length > 0) throw new InvalidInputError(problems.join("\n"));
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
