import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "jsonc-parser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Prompts } from "../../../local/prompts.ts";
import {
  chooseSettings,
  editSettings,
  describe as inWords,
  readPhone,
  readSettings,
} from "../../../local/setup/settings.ts";
import { createScript } from "./script.ts";

const BALANCE = [{ account: "kie", credits: 12_400 }];

describe("the settings' file", () => {
  const home = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "settings-"));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  const written = () => readFileSync("settings.json", "utf8");
  const choose = (prompts: Prompts, given = {}) =>
    chooseSettings(prompts, readSettings(), given, BALANCE, "Europe/Berlin");

  it("is made of the answers if there is none, and this machine's time zone is proposed", async () => {
    const { prompts, said } = createScript({
      Emails: "me@example.com, you@example.com",
      Phones: "+49 151 123 456-67",
      Warning: "2,000",
    });
    const { settings } = await choose(prompts);
    expect(settings.accounts[0]).toMatchObject({ warningCredits: 2000, criticalCredits: 300 });
    expect(written()).toBe(`{
  "$schema": "./settings.schema.json",
  "emails": ["me@example.com", "you@example.com"],
  "phones": ["+4915112345667"],
  "everyMinutes": 15,
  "timeZone": "Europe/Berlin",
  "warningCredits": 2000,
  "criticalCredits": 300
}
`);
    expect(said()).toContain("when 10,400 of the 12,400 are used");
    expect(readdirSync(".")).toEqual(["settings.json"]);
  });

  it("is asked about again until an answer is right", async () => {
    const { prompts, problems } = createScript({
      Emails: ["me", "me@example.com"],
      Phones: ["12", ""],
      "Time zone": ["Berlin", "Europe/Berlin"],
      Warning: ["", "-5", "2.000", "2,00", "500"],
      Critical: ["500", "100"],
    });
    await choose(prompts);
    expect(problems).toEqual([
      "expected an email address",
      "expected a number as E.164, such as +15551234567",
      "expected an IANA time zone such as Europe/Berlin",
      "expected a number, 0 or more",
      "expected a number, 0 or more",
      "expected a number, 0 or more",
      "expected a number, 0 or more",
      "expected less than 500",
    ]);
    expect(JSON.parse(written())).toMatchObject({ phones: [], warningCredits: 500, criticalCredits: 100 });
  });

  it("has to name an email or a phone", async () => {
    const { prompts, problems } = createScript({ Emails: "", Phones: ["", "+4915112345667"] });
    await choose(prompts);
    expect(problems).toEqual(["expected an email or a phone"]);
  });

  it("that names people is shown, and left as it is", async () => {
    const text = '{ "emails": ["me@example.com"],\r\n\t"warningCredits": 1e3 }';
    writeFileSync("settings.json", text);
    const { prompts, asked } = createScript({});
    await choose(prompts);
    expect(asked).toEqual(["Change any of this?"]);
    expect(written()).toBe(text);
  });

  it("is shown with the thresholds that accounts have for themselves", async () => {
    writeFileSync(
      "settings.json",
      '{ "emails": ["me@example.com"], "accounts": [{ "name": "kie", "warningCredits": 9000 }] }',
    );
    const { prompts, said } = createScript({});
    await choose(prompts);
    expect(said()).toContain("kie has its own, 9,000: when 3,400 of the 12,400 are used");
  });

  it("gets another person and a threshold from the command line, and keeps its other lines", async () => {
    writeFileSync("settings.json", '{\n  "emails": ["me@example.com"],\n\n  "dashboard":   false\n}\n');
    const { prompts } = createScript({});
    await choose(prompts, { emails: ["ME@example.com", "you@example.com"], warningCredits: 5000 });
    expect(written()).toBe(
      '{\n  "emails": ["me@example.com", "you@example.com"],\n\n  "dashboard":   false,\n  "warningCredits": 5000\n}\n',
    );
  });

  it("is not written if it would not be valid", async () => {
    const text = '{ "emails": ["me@example.com"] }';
    writeFileSync("settings.json", text);
    const { prompts } = createScript({});
    await expect(choose(prompts, { warningCredits: 200 })).rejects.toThrow(/criticalCredits: .*300/);
    expect(written()).toBe(text);
    expect(readdirSync(".")).toEqual(["settings.json"]);
  });
});

describe("an edit", () => {
  it.each([
    { text: "{}", edited: '{\n  "timeZone": "UTC"\n}' },
    {
      text: '{\r\n\t"dashboard": true\r\n}\r\n',
      edited: '{\r\n\t"dashboard": true,\r\n\t"timeZone": "UTC"\r\n}\r\n',
    },
    { text: '\uFEFF{"timeZone":"Europe/Berlin"}', edited: '\uFEFF{"timeZone":"UTC"}' },
    {
      text: '{\n  "accounts": [{ "name": "a", "timeZone": "X" }]\n}',
      edited: '{\n  "accounts": [{ "name": "a", "timeZone": "X" }],\n  "timeZone": "UTC"\n}',
    },
  ])("of $text leaves all else as it is", ({ text, edited }) => {
    expect(editSettings(text, { timeZone: "UTC" })).toBe(edited);
  });

  it("sets what it should and keeps every other field, whatever the file", () => {
    const name = fc.constantFrom("emails", "phones", "timeZone", "warningCredits", "other");
    const value = fc.oneof(fc.array(fc.string()), fc.string(), fc.integer(), fc.boolean());
    const fields = fc.dictionary(name, value);
    fc.assert(
      fc.property(fields, fields, fc.constantFrom(0, 2, "\t"), (before, changes, indentation) => {
        const edited = editSettings(JSON.stringify(before, null, indentation), changes);
        expect(parse(edited)).toEqual({ ...before, ...changes });
      }),
    );
  });
});

describe("what is set, in words,", () => {
  const choice = {
    emails: ["me@example.com"],
    phones: [],
    everyMinutes: 15,
    timeZone: "UTC",
    warningCredits: 1000,
    criticalCredits: 300,
  };

  it("says what a threshold means for the balance", () => {
    expect(inWords(choice, BALANCE, 0.005)).toBe(`By email: me@example.com
By SMS: nobody
A check every 15 min, times of UTC
Warning at 1,000 credits, about $5.00; when 11,400 of the 12,400 are used
Critical at 300 credits, about $1.50; when 12,100 of the 12,400 are used`);
  });

  it("says which of several balances is below a threshold already, and leaves out what is unknown", () => {
    const balances = [
      { account: "video", credits: 900 },
      { account: "music", credits: null },
    ];
    expect(inWords(choice, balances, 0.005)).toContain(
      "Warning at 1,000 credits, about $5.00; the 900 of video are below that already\n",
    );
  });

  it("says which account has a threshold of its own", () => {
    const balances = [
      { account: "video", credits: 12_400 },
      { account: "music", credits: 12_400 },
    ];
    const own = [{ name: "video", warningCredits: 10_000 }, { name: "music" }];
    expect(inWords(choice, balances, 0.005, own)).toContain(
      "Warning at 1,000 credits, about $5.00; video has its own, 10,000: when 2,400 of the 12,400 of video are used; when 11,400 of the 12,400 of music are used\n",
    );
  });
});

it.each([
  { written: "+49 (151) 123-456.67", number: "+4915112345667" },
  { written: "0049 151 12345667", number: "+4915112345667" },
  { written: "0151 123", number: "0151123" },
])("the phone $written is $number", ({ written, number }) => {
  expect(readPhone(written)).toBe(number);
});
