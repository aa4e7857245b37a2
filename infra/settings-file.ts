/** Where the settings stand: `settings.json`, or the file that `-c settings=FILE` names. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ParseError, parse, printParseErrorCode, visit } from "jsonc-parser";
import { InvalidInputError } from "../lambda/problems.ts";
import { FORMER_NAMES, parseSettings, SETTINGS, type Settings } from "./settings.ts";

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
  return parseSettings(readJson(file), file);
}

function readJson(file: string): unknown {
  const path = resolve(file);
  try {
    return parseJson(readFileSync(path, "utf8"), path);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new InvalidInputError(`The settings in ${path} can't be read: ${code}`);
    throw new InvalidInputError(
      [
        `There are no settings: ${path} is missing.`,
        `Write ${SETTINGS_FILE} with "npm run setup", or copy settings.example.json to it and edit that; or name another file with -c settings=FILE.`,
      ].join("\n"),
    );
  }
}

/**
 * Parses the text of a settings' file.
 *
 * @param path - of the file, for the error
 * @throws InvalidInputError that says where it is not JSON, or where a name stands twice: JSON would take the last one,
 * and forget the people in the other
 */
export function parseJson(content: string, path: string): unknown {
  // Editors on Windows may put a byte order mark first.
  const text = content.replace(/^\uFEFF/, "");
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first === undefined) {
    refuseRepeatedNames(text, path);
    return value;
  }
  const lines = text.slice(0, first.offset).split(/\r?\n/);
  const problem = printParseErrorCode(first.error)
    .replace(/\B[A-Z]/g, " $&")
    .toLowerCase();
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
        throw new InvalidInputError(
          `${file}:${line + 1}:${column + 1}: ${path} stands there for the second time`,
        );
      }
      seen.add(path);
    },
  });
}

/** Where the settings stood in cdk.json until version 0.1. */
const FORMER_OBJECT = "kie-credit-alert";

/** A setting that is given as an option would otherwise be passed over. Other names may be somebody else's. */
function refuseOptions(context: Readonly<Record<string, unknown>>): void {
  const names = [...Object.keys(SETTINGS.shape), "apiKeyParameter"];
  const simple = (name: string) => name.toLowerCase().replace(/[-_]/g, "");
  const problems = Object.entries(context).flatMap(([name, value]) => {
    if (name === FORMER_OBJECT) {
      return `"${name}" in cdk.json: move what it holds to ${SETTINGS_FILE}, as it is, and remove it from cdk.json`;
    }
    const setting = FORMER_NAMES.get(simple(name)) ?? names.find((known) => simple(known) === simple(name));
    return setting === undefined
      ? []
      : `-c ${name}=...: write this line into ${SETTINGS_FILE} instead: ${lineFor(setting, value)}`;
  });
  if (problems.length === 0) return;
  throw new InvalidInputError([`Settings stand in ${SETTINGS_FILE} only:`, ...problems].join("\n  "));
}

/** The line for a setting: with the value that was given if that is a good one, else with an example. */
function lineFor(setting: string, given: unknown): string {
  // It may be the key itself, which is never shown.
  if (setting === "apiKeyParameter") {
    return '"accounts": [{ "name": "kie", "apiKeyParameter": "/kie-credit-alert/kie/api-key" }]';
  }
  const text = String(given);
  const meant = [given, text.split(/\s*,\s*/), asJson(text)].find(
    (value) => SETTINGS.safeParse({ [setting]: value }).success,
  );
  return `"${setting}": ${JSON.stringify(meant ?? EXAMPLES[setting])}`;
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  ...SETTINGS.parse({}),
  emails: ["me@example.com"],
  phones: ["+15551234567"],
};

/** A number, true or false; undefined if it is nothing of that kind. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
