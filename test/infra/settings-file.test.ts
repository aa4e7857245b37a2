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

  const NUMBER = "write a number without commas, blanks, signs and units, such as 8000 or 0.005";
  const ZERO = "write the number without a 0 in front";
  const NOT_THERE = "remove this sign, or write what it belongs to in straight quotes";
  const NAMED = "a name can't stand in a list: end the list with ] before it, or put { and } around it";
  const SEVERAL = "put a colon and a value before this; several texts belong between [ and ]";
  const FROM_TO = "begin the file with {, and end it with }";
  const ENDED = "the settings ended before this: put all of them between one { and one }";
  const NOTHING =
    "it has no settings: remove the file and npm run setup, or copy settings.example.json to it";
  const MERGE =
    "choose one side of this merge, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>";
  const UNSEEN = "remove this character: it can't be seen, or only looks like a blank";

  it.each([
    // Numbers, as README's prose writes them, and as people do.
    { text: '{ "warningCredits": 8,000 }', at: "1:23", fix: NUMBER },
    { text: '{ "warningCredits": 8,500,\n "sms": "all" }', at: "1:23", fix: NUMBER },
    { text: '{ "usdPerCredit": 0,005 }', at: "1:21", fix: NUMBER },
    { text: '{ "warningCredits": 8.000,50 }', at: "1:27", fix: NUMBER },
    { text: '{ "warningCredits": 1.000.000 }', at: "1:26", fix: NUMBER },
    { text: '{ "warningCredits": 8 000 }', at: "1:23", fix: NUMBER },
    { text: '{ "warningCredits": 8\u00a0000 }', at: "1:22", fix: NUMBER },
    { text: '{ "warningCredits": 8\u202f500 }', at: "1:22", fix: NUMBER },
    { text: '{ "warningCredits": 8\'000 }', at: "1:22", fix: NUMBER },
    { text: '{ "warningCredits": 2_500 }', at: "1:22", fix: NUMBER },
    { text: '{ "warningCredits": 8k }', at: "1:22", fix: NUMBER },
    { text: '{ "warningCredits": +2500 }', at: "1:21", fix: NUMBER },
    { text: '{ "everyMinutes": 15 min }', at: "1:22", fix: NUMBER },
    { text: '{ "warningHours": 24h }', at: "1:21", fix: NUMBER },
    { text: '{ "usdPerCredit": .005 }', at: "1:19", fix: NUMBER },
    { text: '{ "usdPerCredit": $0.005 }', at: "1:19", fix: NUMBER },
    { text: '{ "accounts": [{ "name": "a", "warningCredits": 8,000 }] }', at: "1:51", fix: NUMBER },
    { text: '{ "usdPerCredit": 0. }', at: "1:19", fix: NUMBER },
    { text: '{ "warningCredits": 02500 }', at: "1:22", fix: ZERO },
    { text: '{ "warningCredits": 007 }', at: "1:22", fix: ZERO },
    { text: '{ "phones": [+4915112345667] }', at: "1:14", fix: QUOTES },
    { text: '{ "phones": [0151] }', at: "1:15", fix: QUOTES },
    // Commas, colons and what is written instead.
    { text: '{ "emails": ["a@b.co"],, "phones": [] }', at: "1:24", fix: "remove this comma" },
    { text: '{ "emails": ["a@b.co",, "c@d.co"] }', at: "1:23", fix: "remove this comma" },
    { text: '{ "emails": ["a@b.co",,] }', at: "1:23", fix: "remove this comma" },
    { text: '{ "emails": [,"a@b.co"] }', at: "1:14", fix: "remove this comma" },
    { text: '{, "emails": [] }', at: "1:2", fix: "remove this comma" },
    { text: '{ "emails": ["a@b.co"]\n "phones": [] }', at: "2:2", fix: "put a comma before this" },
    { text: '{ "emails": ["a@b.co" "c@d.co"] }', at: "1:23", fix: "put a comma before this" },
    { text: '{ "emails": ["a@b.co"];\n "phones": [] }', at: "1:23", fix: "write a comma instead" },
    { text: '{ "emails": ["a@b.co"; "c@d.co"] }', at: "1:22", fix: "write a comma instead" },
    { text: '{ "warningHours": 24， "sms": "all" }', at: "1:21", fix: "write a comma instead" },
    { text: '{ "emails": [] };\n', at: "1:17", fix: "remove this" },
    { text: '{ "emails"=["a@b.co"] }', at: "1:11", fix: "write a colon instead" },
    { text: '{ "emails" => ["a@b.co"] }', at: "1:12", fix: "write a colon instead" },
    { text: '{ "sms"： "all" }', at: "1:8", fix: "write a colon instead" },
    { text: '{\r\n  "sms" "all"\r\n}', at: "2:9", fix: "put a colon before this" },
    { text: '{ "emails": "a@b.co", "c@d.co" }', at: "1:32", fix: SEVERAL },
    { text: '{ "everyMinutes": }', at: "1:19", fix: "write a value here" },
    { text: '{ "everyMinutes": , "sms": "all" }', at: "1:19", fix: "write a value here" },
    { text: '{ "sms": "all", true }', at: "1:17", fix: 'write a name in straight quotes, such as "emails"' },
    // Brackets.
    { text: '{ "emails": ["a@b.co"} }', at: "1:22", fix: "put a ] before this" },
    { text: '{ "emails": ["a@b.co"', at: "1:22", fix: "put a ] before this" },
    { text: '{ "emails": ["a@b.co",\n"phones": []}', at: "2:9", fix: NAMED },
    { text: '{ "emails": ["a@b.co"\n"phones": []}', at: "2:1", fix: NAMED },
    { text: '{ "jobs": ["Suno song": 12] }', at: "1:23", fix: NAMED },
    { text: '{ "accounts": ["name": "a"] }', at: "1:22", fix: NAMED },
    { text: '{ "jobs": "Suno song": 12 }', at: "1:22", fix: "put a { before this name" },
    { text: '{ "emails": "a@b.co", "c@d.co"] }', at: "1:31", fix: SEVERAL },
    {
      text: '{ "accounts": [{ "name": "a", { "name": "b" }] }',
      at: "1:31",
      fix: "put a } before this, or several items between [ and ]",
    },
    { text: '{ "accounts": [{ "name": "a" ] }', at: "1:30", fix: "remove this ], or put a } before it" },
    { text: '{ "emails": ["a@b.co"]] }', at: "1:23", fix: "remove this ], or put a } before it" },
    { text: '{ "sms": "all"', at: "1:15", fix: "put a } before this" },
    { text: '{ "sms": "all" } }', at: "1:18", fix: "remove this" },
    { text: '{ "emails": [] }, "phones": []', at: "1:17", fix: ENDED },
    { text: "{} {}", at: "1:4", fix: ENDED },
    { text: '"emails": ["a@b.co"]', at: "1:9", fix: FROM_TO },
    { text: 'emails: ["a@b.co"]', at: "1:1", fix: FROM_TO },
    { text: "- a@b.co", at: "1:1", fix: FROM_TO },
    { text: "```json\n{}\n```", at: "1:1", fix: FROM_TO },
    { text: '{ "emails": ("a@b.co") }', at: "1:13", fix: NOT_THERE },
    { text: '{ "emails": ["a@b.co", ...] }', at: "1:24", fix: NOT_THERE },
    // Quotes, words and texts.
    { text: "{ sms: 1 }", at: "1:3", fix: QUOTES },
    { text: "{ // v2\n sms: 1 }", at: "2:2", fix: QUOTES },
    { text: "{ 'sms': 1 }", at: "1:3", fix: QUOTES },
    { text: '{ $schema: "x" }', at: "1:3", fix: QUOTES },
    { text: '{ “sms”: "all" }', at: "1:3", fix: QUOTES },
    { text: '{ "emails": [a@b.co] }', at: "1:14", fix: QUOTES },
    { text: '{ "dashboard": yes }', at: "1:16", fix: QUOTES },
    { text: '{ "dashboard": True }', at: "1:16", fix: "write true and false in small letters" },
    { text: '{ "emails: ["a@b.co"] }', at: "1:14", fix: 'a " is missing in this line' },
    { text: '{ emails": ["a@b.co"] }', at: "1:3", fix: 'a " is missing in this line' },
    { text: '{ "sms": "all }', at: "1:10", fix: 'end the text with "' },
    { text: '{ "sms": "all\n}', at: "1:10", fix: 'end the text with "' },
    {
      text: '{ "sms": "a\tb" }',
      at: "1:10",
      fix: "remove the tab from this text, or what else can't be seen",
    },
    { text: '{ "sms": "a\\q" }', at: "1:10", fix: "write a backslash as \\\\" },
    { text: '{ "sms": "C:\\users" }', at: "1:10", fix: "write a backslash as \\\\" },
    // Comments, what can't be seen, and what is no settings at all.
    { text: '# me\n{ "emails": [] }', at: "1:1", fix: "begin a comment with //" },
    { text: '{ "everyMinutes": 5 # often\n }', at: "1:21", fix: "begin a comment with //" },
    { text: '{ "everyMinutes": 5 / often\n }', at: "1:21", fix: "begin a comment with //" },
    { text: "{ /* none }", at: "1:3", fix: "end the comment with */" },
    { text: '{\u00a0"sms": "all" }', at: "1:2", fix: UNSEEN },
    { text: '\u200b{ "sms": "all" }', at: "1:1", fix: UNSEEN },
    { text: "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n", at: "1:1", fix: MERGE },
    { text: '{ "emails": [\n<<<<<<< HEAD\n] }', at: "2:1", fix: MERGE },
    { text: "", at: "1:1", fix: NOTHING },
    { text: " \n", at: "2:1", fix: NOTHING },
    { text: "// later\n", at: "2:1", fix: NOTHING },
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

  it.each([
    {
      text: '{ "warningCredits": 8.000 }',
      at: "1:21",
      name: "warningCredits",
      got: "8.000",
      meant: "8 or 8000",
    },
    {
      text: '{\n"criticalHours": 12.500 }',
      at: "2:18",
      name: "criticalHours",
      got: "12.500",
      meant: "12.5 or 12500",
    },
    {
      text: '{ "everyMinutes": 1.440 }',
      at: "1:19",
      name: "everyMinutes",
      got: "1.440",
      meant: "1.44 or 1440",
    },
    {
      text: '{ "accounts": [{ "name": "a", "warningCredits": 999.999 }] }',
      at: "1:49",
      name: "accounts.0.warningCredits",
      got: "999.999",
      meant: "1000 or 999999",
    },
    // An address is a secret.
    { text: '{ "https://a.b/c": 8.000 }', at: "1:20", name: "a number", got: "8.000", meant: "8 or 8000" },
  ])("with a point that may be one of thousands is refused: $text", ({ text, at, name, got, meant }) => {
    expect(linesOf(() => load(text))).toEqual([
      `${file}:${at}: ${name}: got ${got}, expected ${meant}, since it may mean either`,
    ]);
  });

  it("says every such number, and every second name, at once", () => {
    const text = '{\n"warningCredits": 8.000,\n"criticalCredits": 3.000,\n"sms": "all",\n"sms": "all" }';
    expect(linesOf(() => load(text))).toEqual([
      `${file}:2:19: warningCredits: got 8.000, expected 8 or 8000, since it may mean either`,
      `${file}:3:20: criticalCredits: got 3.000, expected 3 or 3000, since it may mean either`,
      `${file}:5:1: sms stands there for the second time`,
    ]);
  });

  it.each([
    { usdPerCredit: "0.005" },
    { usdPerCredit: "1.125" },
    { warningCredits: "8000.000" },
    { warningCredits: "2500.50" },
    { warningCredits: "2500.5000" },
    { warningCredits: "1e3" },
    { criticalCredits: "0.125" },
    { jobs: '{ "1.000 images": 12, "Song": 1.125 }' },
  ])("may have a number that means one thing: %j", (settings) => {
    const [[name, value]] = Object.entries(settings) as [[string, string]];
    expect(load(`{ "${name}": ${value} /* not 8.000 */ }`)).toMatchObject({ [name]: JSON.parse(value) });
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
