import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type ParseError, parse } from "jsonc-parser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Prompts } from "../../../local/prompts.ts";
import {
  chooseSettings,
  editSettings,
  describe as inWords,
  lookalikeNote,
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
  const KNOWN = { balances: BALANCE, localTimeZone: "Europe/Berlin", webhooks: [], deployed: [] };
  const choose = (prompts: Prompts, given = {}, deployed: readonly string[] = []) =>
    chooseSettings(prompts, readSettings(), given, { ...KNOWN, deployed });

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
  "criticalCredits": 300,
  "dashboard": false
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
      "me: expected an email address",
      "12: expected a number with + and the country first, such as +4915112345667",
      "expected Area/City such as Europe/London, or UTC",
      "expected a number of credits, 0 to 999999999",
      "expected a number of credits, 0 to 999999999",
      "expected 2 or 2000, since it may mean either",
      "expected a number of credits, 0 to 999999999",
      "expected less than 500",
    ]);
    expect(JSON.parse(written())).toMatchObject({ phones: [], warningCredits: 500, criticalCredits: 100 });
  });

  it("takes lists with blanks between people, as they are copied", async () => {
    const { prompts, problems } = createScript({
      Emails: " me@example.com  you@example.com; she@example.com,\the@example.com ",
      Phones: "+49 151 12345667 +49 151 12345668",
    });
    await choose(prompts);
    expect(problems).toEqual([]);
    expect(JSON.parse(written())).toMatchObject({
      emails: ["me@example.com", "you@example.com", "she@example.com", "he@example.com"],
      phones: ["+4915112345667", "+4915112345668"],
    });
  });

  it("has to name an email or a phone", async () => {
    const { prompts, problems } = createScript({ Emails: "", Phones: ["", "+4915112345667"] });
    await choose(prompts);
    expect(problems).toEqual(["expected an email or a phone, since there is no chat"]);
  });

  it("may name nobody but a chat", async () => {
    const { prompts, problems, said } = createScript({ Emails: "", Phones: "" });
    await chooseSettings(prompts, readSettings(), {}, { ...KNOWN, webhooks: [{ name: "slack" }] });
    expect(problems).toEqual([]);
    expect(said()).toContain("By email: nobody\nBy SMS: nobody\nBy chat or webhook: slack\n");
    expect(JSON.parse(written())).toMatchObject({ emails: [], phones: [] });
  });

  it("is not written before somebody says that it is right", async () => {
    const { prompts, asked } = createScript({
      Emails: ["me@example.com", "you@example.com"],
      "Is this right?": [false, true],
    });
    const confirm: Prompts["confirm"] = (message, initial) => {
      expect(existsSync("settings.json")).toBe(false);
      return prompts.confirm(message, initial);
    };
    await choose({ ...prompts, confirm });
    expect(asked.filter((question) => question === "Is this right?")).toHaveLength(2);
    expect(JSON.parse(written())).toMatchObject({ emails: ["you@example.com"] });
  });

  it("goes on from a list that is proposed; a number or a zone that is typed replaces it", async () => {
    const { prompts } = createScript({ Emails: "me@example.com" });
    const edited: string[] = [];
    const ask: Prompts["ask"] = (question) => {
      if (question.isEdited) edited.push(question.message);
      return prompts.ask(question);
    };
    await choose({ ...prompts, ask });
    expect(edited).toEqual([expect.stringMatching(/^Emails/), expect.stringMatching(/^Phones/)]);
  });

  it("asks about an address that is a letter from a common domain, and Enter alone corrects it", async () => {
    const { prompts, said } = createScript({ Emails: ["me@gmial.com", "me@gmail.com"] });
    await choose(prompts);
    expect(said()).toContain("me@gmial.com: is gmail.com meant?");
    expect(JSON.parse(written())).toMatchObject({ emails: ["me@gmail.com"] });
  });

  it("takes such an address if it is right, and asks no more about it once it is deployed", async () => {
    const { prompts } = createScript({ Emails: "me@gmial.com", "Is this right?": true });
    await choose(prompts);
    const again = createScript({});
    await choose(again.prompts, {}, ["Me@gmial.com"]);
    expect(again.asked).toEqual(["Change any of this?"]);
    expect(again.said()).not.toContain("meant?");
  });

  it.each([
    ["before anything is deployed", []],
    ["beside somebody who is deployed", ["you@example.com"]],
  ])("is asked about such an address that was written by hand, %s", async (_, deployed) => {
    writeFileSync("settings.json", '{ "emails": ["me@gmial.com", "you@example.com"] }');
    const { prompts, asked, said } = createScript({ Emails: "me@gmail.com, you@example.com" });
    await choose(prompts, {}, deployed);
    expect(said()).toContain("me@gmial.com: is gmail.com meant?");
    expect(asked.slice(0, 2)).toEqual(["Change any of this?", "Is this right?"]);
    expect(JSON.parse(written())).toMatchObject({ emails: ["me@gmail.com", "you@example.com"] });
  });

  it("gets such an address from the command line with a warning, and with a question if somebody is there", async () => {
    writeFileSync("settings.json", '{ "emails": ["me@example.com"] }');
    const { prompts, said } = createScript({});
    await choose({ ...prompts, isAttended: false }, { emails: ["you@gmial.com"] });
    expect(said()).toContain("you@gmial.com: is gmail.com meant?");
    const attended = createScript({ Emails: "me@example.com, she@gmail.com" });
    await choose(attended.prompts, { emails: ["she@gmial.com"] });
    expect(attended.asked.slice(0, 3)).toEqual([
      "Change any of this?",
      "Is this right?",
      expect.stringMatching(/^Emails /),
    ]);
    expect(JSON.parse(written())).toMatchObject({ emails: ["me@example.com", "she@gmail.com"] });
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

  it("gets another person beside the comments of others, and may be a link to a file with its own mode", async () => {
    mkdirSync("dotfiles");
    const text = '{\n  "emails": [\n    "me@example.com" // me\n  ],\n}\n';
    writeFileSync("dotfiles/kie.json", text, { mode: 0o600 });
    symlinkSync("dotfiles/kie.json", "settings.json");
    await choose(createScript({}).prompts, { emails: ["you@example.com"] });
    expect(readFileSync("dotfiles/kie.json", "utf8")).toBe(
      '{\n  "emails": [\n    "me@example.com", // me\n    "you@example.com"\n  ],\n}\n',
    );
    expect(lstatSync("settings.json").isSymbolicLink()).toBe(true);
    expect(statSync("settings.json").mode & 0o777).toBe(0o600);
  });

  it("keeps phones as they are written there, and says which number nobody may have", async () => {
    writeFileSync("settings.json", '{\n  "phones": [\n    "+49 (0) 151 12345667", // me\n  ]\n}\n');
    const { prompts, said } = createScript({});
    await choose(prompts, { phones: ["+4915112345667", "+15551234567"] });
    expect(written()).toBe(
      '{\n  "phones": [\n    "+49 (0) 151 12345667", // me\n    "+15551234567"\n  ]\n}\n',
    );
    expect(said()).toContain("No phone is known to have a number like +15551234567.");
    expect(said()).not.toContain("like +49");
  });

  it("has a dashboard if somebody says yes to its price, and none by default", async () => {
    const question = "A dashboard with graphs? About $3.60 a month where AWS's three free ones are used up";
    const { prompts, asked } = createScript({ Emails: "me@example.com", [question]: true });
    await choose(prompts);
    expect(asked).toContain(question);
    expect(JSON.parse(written())).toMatchObject({ dashboard: true });
  });

  it("in UTF-16 is read, and written as UTF-8", async () => {
    writeFileSync("settings.json", Buffer.from('\uFEFF{ "emails": ["me@example.com"] }', "utf16le"));
    await choose(createScript({}).prompts, { emails: ["you@example.com"] });
    expect(written()).toBe('{ "emails": ["me@example.com", "you@example.com"] }');
  });

  it("under a longer name is pointed at, if there is none", () => {
    expect(lookalikeNote()).toBeNull();
    writeFileSync("settings.json.txt", "{}");
    expect(lookalikeNote()).toBe(
      "There is no settings.json, but settings.json.txt. If that has your settings, stop here and rename it to settings.json.",
    );
    writeFileSync("settings.json", "{}");
    expect(lookalikeNote()).toBeNull();
  });

  it("that can't be written is one line, and leaves nothing behind", async () => {
    mkdirSync("settings.json.d");
    symlinkSync("settings.json.d/no/such/folder.json", "settings.json");
    const { prompts } = createScript({ Emails: "me@example.com" });
    await expect(choose(prompts)).rejects.toThrow(/^settings\.json can't be written: ENOENT/);
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
    { text: '{"timeZone":"Europe/Berlin"}', edited: '{"timeZone":"UTC"}' },
    { text: '{ "sms": "all" }', edited: '{ "sms": "all", \n  "timeZone": "UTC"\n}' },
    { text: "{ // nothing yet\n}", edited: '{ // nothing yet\n  "timeZone": "UTC"\n}' },
    {
      text: '{\n  "emails": [], // nobody\n  "sms": "all" // loud\n  // the end\n}\n',
      edited: '{\n  "emails": [], // nobody\n  "sms": "all", // loud\n  // the end\n  "timeZone": "UTC"\n}\n',
    },
    { text: '{\n  "sms": "all", // loud\n}', edited: '{\n  "sms": "all", // loud\n  "timeZone": "UTC"\n}' },
    {
      text: '{\n  "accounts": [{ "name": "a", "timeZone": "X" }]\n}',
      edited: '{\n  "accounts": [{ "name": "a", "timeZone": "X" }],\n  "timeZone": "UTC"\n}',
    },
  ])("of $text leaves all else as it is", ({ text, edited }) => {
    expect(editSettings(text, { timeZone: "UTC" })).toBe(edited);
  });

  const LIST = `{
  // who is told
  "emails": [
    "boss@example.com", // the boss, on call
    "me@example.com", /* me */
    // away until May
    "you@example.com" // you
  ],
}`;
  it.each<{ change: string; emails: string[]; edited: string }>([
    {
      change: "one more, behind the comment on the last one",
      emails: ["boss@example.com", "me@example.com", "you@example.com", "new@example.com"],
      edited: LIST.replace('you@example.com" // you', 'you@example.com", // you\n    "new@example.com"'),
    },
    {
      change: "one less, with the comment on it",
      emails: ["me@example.com", "you@example.com"],
      edited: LIST.replace('    "boss@example.com", // the boss, on call\n', ""),
    },
    {
      change: "the last one less",
      emails: ["boss@example.com", "me@example.com"],
      edited: LIST.replace('    "you@example.com" // you\n', ""),
    },
    {
      change: "the same, in another order",
      emails: ["you@example.com", "me@example.com", "boss@example.com"],
      edited: LIST,
    },
    {
      change: "nobody",
      emails: [],
      edited: LIST.replace(/ +"(boss|you).*\n/g, "").replace('"me@example.com",', ""),
    },
  ])("of people leaves comments where they belong: $change", ({ emails, edited }) => {
    const before = { emails: ["boss@example.com", "me@example.com", "you@example.com"] };
    expect(editSettings(LIST, { emails }, before)).toBe(edited);
  });

  it("of a list in one line keeps it there", () => {
    const before = { emails: ["a@b.co", "c@d.co"] };
    expect(editSettings('{"emails":["a@b.co","c@d.co"]}', { emails: ["a@b.co"] }, before)).toBe(
      '{"emails":["a@b.co"]}',
    );
  });

  it("of people takes and brings those alone, and no comment of others, however the list is written", () => {
    const people = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"));
    const between = fc.constantFrom("", " ", "\n", "\n    ", "\r\n\t", " /* x, y */ ");
    const lists = people.chain((names) =>
      fc.record({
        names: fc.constant(names),
        gaps: fc.array(between, { minLength: 3 * names.length + 1, maxLength: 3 * names.length + 1 }),
        remarks: fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length }),
        hasLastComma: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(lists, people, ({ names, gaps, remarks, hasLastComma }, after) => {
        const items = names.map((name, index) => {
          const comma = index < names.length - 1 || hasLastComma ? "," : "";
          const remark = remarks[index] ? ` // about ${name}, as it is\n` : "";
          return `${gaps[3 * index]}"${name}"${gaps[3 * index + 1]}${comma}${remark}`;
        });
        const text = `{ "emails": [${items.join("")}${gaps.at(-1)}], "sms": "all" }`;
        const edited = editSettings(text, { emails: after }, { emails: names });
        const errors: ParseError[] = [];
        const { emails, sms } = parse(edited, errors, { allowTrailingComma: true });
        expect(errors, edited).toEqual([]);
        expect(sms).toBe("all");
        expect(emails.toSorted()).toEqual(after.toSorted());
        if (!/[\n*]/.test(text)) return;
        for (const name of names.filter((each, index) => remarks[index] && after.includes(each))) {
          expect(edited).toMatch(new RegExp(`"${name}"[^"]*// about ${name}, as it is`));
        }
      }),
    );
  });

  it("sets what it should and keeps every other field, whatever the file", () => {
    const name = fc.constantFrom("emails", "phones", "timeZone", "warningCredits", "other");
    const value = fc.oneof(fc.array(fc.string()), fc.string(), fc.integer(), fc.boolean());
    const fields = fc.dictionary(name, value);
    fc.assert(
      fc.property(fields, fields, fc.constantFrom(0, 2, "\t"), (before, changes, indentation) => {
        const edited = editSettings(JSON.stringify(before, null, indentation), changes, {});
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
    dashboard: false,
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
