import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSettings } from "../../infra/settings.ts";
import { loadSettings, readText } from "../../infra/settings-file.ts";
import { linesOf } from "./refusal.ts";

const QUOTES = 'write text in straight quotes, "such as this", and numbers, true and false without';

const SECRET = "sk-0123456789abcdef0123456789abcdef";

describe("the file of the settings", () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "settings-"));
    file = join(folder, "team.json");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (text: string) => {
    writeFileSync(file, text);
    return loadSettings({ settings: file });
  };

  const TEXT = '{ "$schema": "./settings.schema.json", "emails": ["mé@example.com"] }';
  it.each([
    { encoding: "UTF-8", bytes: Buffer.from(TEXT) },
    { encoding: "UTF-8 with its mark", bytes: Buffer.from(`\uFEFF${TEXT}`) },
    { encoding: "UTF-16, as PowerShell's > writes it", bytes: Buffer.from(`\uFEFF${TEXT}`, "utf16le") },
    { encoding: "UTF-16, the other way round", bytes: Buffer.from(`\uFEFF${TEXT}`, "utf16le").swap16() },
  ])("may be in $encoding", ({ bytes }) => {
    writeFileSync(file, bytes);
    expect(readText(file)).toBe(TEXT);
  });

  it("in UTF-16 without a mark is refused with what to do", () => {
    writeFileSync(file, Buffer.from("{}", "utf16le"));
    expect(linesOf(() => loadSettings({ settings: file }))).toEqual([
      `${file}:1:2: not JSON: save it as UTF-8`,
    ]);
  });

  it("may have comments, and a comma behind the last item", () => {
    const text = '{ // me\n  "emails": ["me@example.com",], /* and\n no phones */\n}\n';
    expect(load(text)).toEqual(parseSettings({ emails: ["me@example.com"] }, file));
  });

  it("is named where its settings are wrong", () => {
    expect(linesOf(() => load('{ "everyMinutes": 0 }'))).toEqual([
      `Invalid settings in ${file}:`,
      "everyMinutes: got 0, expected a whole number of minutes, 1 to 1440",
    ]);
  });

  it.each([
    {
      text: '{\n  "emails": ["me@example.com"]\n  "phones": []\n}',
      at: "3:3",
      fix: "put a comma before this",
    },
    { text: '{ "everyMinutes": }', at: "1:19", fix: "write a value here" },
    { text: '{\r\n  "sms" "all"\r\n}', at: "2:9", fix: "put a colon before this" },
    { text: "{ sms: 1 }", at: "1:3", fix: QUOTES },
    { text: "{ 'sms': 1 }", at: "1:3", fix: QUOTES },
    { text: '{ “sms”: "all" }', at: "1:3", fix: QUOTES },
    { text: "", at: "1:1", fix: "write a value here" },
    { text: '{ "sms": "all"', at: "1:15", fix: "put a } before this" },
    { text: '{ "emails": ["a@b.co"', at: "1:22", fix: "put a ] before this" },
    { text: '{ "sms": "all }', at: "1:10", fix: 'end the text with "' },
    { text: '{ "sms": "a\\q" }', at: "1:10", fix: "write a backslash as \\\\" },
    { text: '{ "usdPerCredit": 0. }', at: "1:19", fix: "write a number such as 1000 or 0.005" },
    { text: "{} {}", at: "1:4", fix: "remove this, and all behind it" },
    { text: "{ /* none }", at: "1:3", fix: "end the comment with */" },
  ])("that is not JSON is refused with line, column and what to do: $text", ({ text, at, fix }) => {
    expect(linesOf(() => load(text))).toEqual([`${file}:${at}: not JSON: ${fix}`]);
  });

  it.each([
    { text: '{ "emails": ["a@b.co"],\n  "emails": ["c@d.co"] }', at: "2:3", name: "emails" },
    {
      text: '{ "accounts": [{ "name": "a" }, { "name": "b", "name": "c" }] }',
      at: "1:48",
      name: "accounts.1.name",
    },
    // An address is a secret.
    { text: '{ "https://a.b/c": 1,\n  "https://a.b/c": 1 }', at: "2:3", name: "a name" },
  ])("with a name for the second time is refused: $text", ({ text, at, name }) => {
    expect(linesOf(() => load(text))).toEqual([`${file}:${at}: ${name} stands there for the second time`]);
  });

  it("that is missing is refused with both ways to give one", () => {
    const missing = join(folder, "nothing.json");
    expect(linesOf(() => loadSettings({ settings: missing }))).toEqual([
      `There are no settings: ${missing} is missing.`,
      'Write settings.json with "npm run setup", or copy settings.example.json to it and edit that; or name another file with -c settings=FILE.',
    ]);
  });

  it("that is missing may be beside it under a longer name, as editors on Windows save it", () => {
    const missing = join(folder, "mine.json");
    for (const name of ["mine.json.txt", "Mine.jsonc", "mine.prod.json"])
      writeFileSync(join(folder, name), "{}");
    const [, ...lines] = linesOf(() => loadSettings({ settings: missing }));
    expect(lines.slice(0, -1).sort()).toEqual([
      "There is Mine.jsonc beside it: is that its name?",
      "There is mine.json.txt beside it: is that its name?",
    ]);
  });

  it("that can't be read is refused with the reason", () => {
    expect(linesOf(() => loadSettings({ settings: folder }))).toEqual([
      `The settings in ${folder} can't be read: EISDIR`,
    ]);
  });

  it.each(["", 5, null, {}])("can't be named %j", (settings) => {
    expect(linesOf(() => loadSettings({ settings }))).toEqual([
      "-c settings=FILE expects the path of a file",
    ]);
  });

  it.each([
    { emails: "a@b.co, c@d.co" },
    { "every-minutes": "60" },
    { TimeZone: "Europe/Berlin" },
    { accounts: [{ name: "video" }] },
    { apiKeyParameter: SECRET },
    { sms: SECRET, dashboard: "true" },
  ])("is where options belong, whose values are not repeated: %o", (options) => {
    expect(linesOf(() => loadSettings({ ...options, settings: file }))).toEqual([
      `Settings stand in settings.json only. Write there instead of behind -c: ${Object.keys(options).join(", ")}`,
    ]);
  });

  it("is not the place of what else stands in the context", () => {
    const context = {
      "@aws-cdk/core:stackRelativeExports": true,
      "aws:cdk:bundling-stacks": ["**"],
      "availability-zones:account=111122223333:region=us-east-1": ["us-east-1a"],
      "acknowledged-issue-numbers": [1],
      name: "mine",
      stage: "test",
      constructor: "mine",
    };
    writeFileSync(file, "{}");
    expect(loadSettings({ ...context, settings: file })).toEqual(parseSettings({}, file));
  });
});
