import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSettings } from "../../infra/settings.ts";
import { loadSettings } from "../../infra/settings-file.ts";
import { linesOf } from "./refusal.ts";

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

  it("may begin with a byte order mark, and name its schema", () => {
    const text = '\uFEFF{ "$schema": "./settings.schema.json", "emails": ["me@example.com"] }';
    expect(load(text)).toEqual(parseSettings({ emails: ["me@example.com"] }, file));
  });

  it("is named where its settings are wrong", () => {
    expect(linesOf(() => load('{ "everyMinutes": 0 }'))).toEqual([
      `Invalid settings in ${file}:`,
      "everyMinutes: got 0, expected a whole number of minutes, 1 to 1440",
    ]);
  });

  it.each([
    { text: '{\n  "emails": ["me@example.com"]\n  "phones": []\n}', at: "3:3", problem: "comma expected" },
    { text: '{ "everyMinutes": }', at: "1:19", problem: "value expected" },
    { text: '{\r\n  "sms": "all",\r\n}', at: "3:1", problem: "property name expected" },
    { text: "", at: "1:1", problem: "value expected" },
    { text: '{ "sms": "all"', at: "1:15", problem: "close brace expected" },
    { text: '{ "sms": "all" } x', at: "1:18", problem: "invalid symbol" },
    { text: "{ // none\n}", at: "1:3", problem: "invalid comment token" },
  ])("that is not JSON is refused with line and column: $text", ({ text, at, problem }) => {
    expect(linesOf(() => load(text))).toEqual([`${file}:${at}: not JSON: ${problem}`]);
  });

  it.each([
    { text: '{ "emails": ["a@b.co"],\n  "emails": ["c@d.co"] }', at: "2:3", name: "emails" },
    {
      text: '{ "accounts": [{ "name": "a" }, { "name": "b", "name": "c" }] }',
      at: "1:48",
      name: "accounts.1.name",
    },
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
    { option: { email: "a@b.co, c@d.co" }, line: '"emails": ["a@b.co","c@d.co"]' },
    { option: { emails: "me@" }, line: '"emails": ["me@example.com"]' },
    { option: { phone: "+15551234567" }, line: '"phones": ["+15551234567"]' },
    { option: { phones: "" }, line: '"phones": ["+15551234567"]' },
    { option: { every: "5" }, line: '"everyMinutes": 5' },
    { option: { everyMinutes: "often" }, line: '"everyMinutes": 15' },
    { option: { "every-minutes": "60" }, line: '"everyMinutes": 60' },
    { option: { warning: "2000" }, line: '"warningCredits": 2000' },
    { option: { warningCredits: "" }, line: '"warningCredits": 1000' },
    { option: { critical: "1e2" }, line: '"criticalCredits": 100' },
    { option: { criticalHours: "0" }, line: '"criticalHours": 0' },
    { option: { TimeZone: "Europe/Berlin" }, line: '"timeZone": "Europe/Berlin"' },
    { option: { sms: SECRET }, line: '"sms": "critical"' },
    { option: { dashboard: "false" }, line: '"dashboard": false' },
    { option: { dashboard: "maybe" }, line: '"dashboard": true' },
    { option: { accounts: [{ name: "video" }] }, line: '"accounts": [{"name":"video"}]' },
    {
      option: { apiKeyParameter: SECRET },
      line: '"accounts": [{ "name": "kie", "apiKeyParameter": "/kie-credit-alert/kie/api-key" }]',
    },
  ])("is where options belong, each with its line: $option", ({ option, line }) => {
    const [name] = Object.keys(option);
    expect(linesOf(() => loadSettings({ ...option, settings: file }))).toEqual([
      "Settings stand in settings.json only:",
      `-c ${name}=...: write this line into settings.json instead: ${line}`,
    ]);
  });

  it("is where the settings of cdk.json belong", () => {
    expect(linesOf(() => loadSettings({ "kie-credit-alert": { emails: [] } }))).toEqual([
      "Settings stand in settings.json only:",
      '"kie-credit-alert" in cdk.json: move what it holds to settings.json, as it is, and remove it from cdk.json',
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
