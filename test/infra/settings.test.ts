import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings, settingsJsonSchema } from "../../infra/settings.ts";
import { loadSettings } from "../../infra/settings-file.ts";
import { readConfig } from "../../lambda/config.ts";
import { WEBHOOK_KINDS } from "../../lambda/fields.ts";
import { DEFAULT_POLICY } from "../../lambda/policy/rules.ts";
import { linesOf } from "./refusal.ts";
import { synthesize } from "./synthesize.ts";

const FOR_ALL = { ...DEFAULT_POLICY, usdPerCredit: 0.005, timeZone: "UTC", sms: "critical", jobs: {} };
const KIE = { name: "kie", apiKeyParameter: "/kie-credit-alert/kie/api-key", ...FOR_ALL };

const KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const SECRET = "sk-0123456789abcdef0123456789abcdef";

const parse = (settings: unknown) => parseSettings(settings, "settings.json");

/** What is wrong with settings, a line for each. */
function problemsOf(settings: unknown): string[] {
  const [first, ...problems] = linesOf(() => parse(settings));
  if (first !== undefined) expect(first).toBe("Invalid settings in settings.json:");
  return problems;
}

describe("settings", () => {
  it("have a default each", () => {
    expect(parse({})).toEqual({
      emails: [],
      phones: [],
      webhooks: [],
      everyMinutes: 15,
      accounts: [KIE],
      ...FOR_ALL,
      logRetentionDays: 30,
      apiKeyKmsKeyArn: null,
      topicKmsKeyArn: null,
      dashboard: false,
    });
  });

  it("for all accounts hold for each", () => {
    const shared = {
      emails: ["me@example.com"],
      phones: ["+15551234567"],
      webhooks: [{ name: "team" }, { name: "phone", kind: "ntfy" as const }],
      everyMinutes: 5,
      logRetentionDays: 7,
      apiKeyKmsKeyArn: KEY_ARN,
      topicKmsKeyArn: KEY_ARN,
      dashboard: true,
    };
    const policy = {
      warningCredits: 2000,
      criticalCredits: 500.5,
      warningHours: 48,
      criticalHours: 0,
      warningReminderHours: 12,
      criticalReminderHours: 1,
      allClearDays: 0,
    };
    const others = { usdPerCredit: 0.004, timeZone: "Europe/Berlin", sms: "all", jobs: { song: 12 } };
    expect(parse({ $schema: "x", ...shared, ...policy, ...others })).toMatchObject({
      ...shared,
      accounts: [{ ...KIE, ...policy, ...others }],
    });
  });

  it("of an account win over those for all", () => {
    const { accounts } = parse({
      warningCredits: 5000,
      criticalHours: 3,
      sms: "all",
      jobs: { "Veo 3 fast": 65, song: 12 },
      accounts: [
        { name: "video" },
        {
          name: "music",
          apiKeyParameter: "/keys/music",
          warningCredits: 400,
          criticalHours: 0,
          timeZone: "Asia/Tokyo",
          sms: "critical",
          jobs: { song: 10 },
        },
      ],
    });
    expect(accounts).toEqual([
      {
        ...KIE,
        name: "video",
        apiKeyParameter: "/kie-credit-alert/video/api-key",
        warningCredits: 5000,
        criticalHours: 3,
        sms: "all",
        jobs: { "Veo 3 fast": 65, song: 12 },
      },
      {
        ...KIE,
        name: "music",
        apiKeyParameter: "/keys/music",
        warningCredits: 400,
        criticalHours: 0,
        timeZone: "Asia/Tokyo",
        jobs: { song: 10 },
      },
    ]);
  });

  const JOBS =
    'expected at most 5 names of 1 to 40 printable characters, each with its credits, such as { "Veo 3 fast": 65 }';
  const ADDRESS = "expected an email address";
  const ONE = "expected one email address: write each in quotes of its own";
  const ONE_PHONE = "expected one number: write each in quotes of its own";
  const PHONE = "expected a number with + and the country first, such as +4915112345667";
  const LENGTH = "expected as many digits as the numbers of its country have";
  const MINUTES = "expected a whole number of minutes, 1 to 1440";
  const HOURS = "expected a number of hours, 1 to 8760";
  const PARAMETER =
    "expected a parameter name such as /kie-credit-alert/kie/api-key: it begins with a slash, but not with /aws or /ssm, ends with none, and has at most 15 parts of letters, digits and . _ -";
  const KEY = `expected the ARN of a KMS key, such as ${KEY_ARN}, not of an alias`;

  it.each([
    [{ emails: "me@example.com" }, 'emails: got "me@example.com", expected a list of email addresses'],
    [{ emails: ["me@"] }, `emails.0: got "me@", ${ADDRESS}`],
    [{ emails: ["a@b.co, c@d.co"] }, `emails.0: got "a@b.co, c@d.co", ${ONE}`],
    [{ emails: ["a@b.co;c@d.co"] }, `emails.0: got "a@b.co;c@d.co", ${ONE}`],
    [{ emails: ["a@b.co c@d.co"] }, `emails.0: got "a@b.co c@d.co", ${ONE}`],
    [{ emails: ["Me <a@b.co>"] }, `emails.0: got "Me <a@b.co>", ${ADDRESS}`],
    [{ emails: ["a@b@c.co"] }, `emails.0: got "a@b@c.co", ${ADDRESS}`],
    [
      { phones: ["+4915112345667, +4915112345668"] },
      `phones.0: got "+4915112345667, +4915112345668", ${ONE_PHONE}`,
    ],
    [
      { phones: ["+49 151 12345667 +49 151 12345668"] },
      `phones.0: got "+49 151 12345667 +49 151 12345668", ${ONE_PHONE}`,
    ],
    [
      { emails: ["a@b.co", "A@b.co"] },
      'emails.1: got "A@b.co", expected each one once, but item 0 is the same',
    ],
    [{ phones: ["5551234567"] }, `phones.0: got "5551234567", ${PHONE}`],
    [{ phones: ["+0123456789"] }, `phones.0: got "+0123456789", ${PHONE}`],
    [{ phones: ["+1234567890123456"] }, `phones.0: got "+1234567890123456", ${LENGTH}`],
    [{ webhooks: [{ name: "Team" }] }, `webhooks.0.name: got "Team", expected 1 to 20 of a-z, 0-9 and -`],
    [{ webhooks: [{}] }, "webhooks.0.name: is missing, expected a name"],
    [{ webhooks: ["team"] }, 'webhooks.0: got "team", expected an object with a name'],
    [
      { webhooks: [{ name: "team", kind: "pager" }] },
      `webhooks.0.kind: got "pager", expected one of ${WEBHOOK_KINDS.join(", ")}`,
    ],
    [
      { webhooks: [{ name: "team", url: "https://x" }] },
      "webhooks.0.url: unknown name, expected name and kind alone: the address is stored by npm run setup -- --webhook NAME",
    ],
    [
      { webhooks: [{ name: "team" }, { name: "team" }] },
      'webhooks.1.name: got "team", expected each name once, but item 0 is the same',
    ],
    [
      { webhooks: Array.from({ length: 11 }, (_, index) => ({ name: `w${index}` })) },
      "webhooks: got [...], expected at most 10 webhooks",
    ],
    [
      { accounts: [{ name: "webhooks" }] },
      'accounts.0.name: got "webhooks", expected another name: the addresses of webhooks stand under this one',
    ],
    [
      { phones: [4915112345667] },
      "phones.0: got 4915112345667, expected a number in quotes, such as +4915112345667",
    ],
    [
      { phones: ["+4915112345667", "0049 (0) 151 12345667"] },
      'phones.1: got "+4915112345667", expected each one once, but item 0 is the same',
    ],
    [{ everyMinutes: 0 }, `everyMinutes: got 0, ${MINUTES}`],
    [{ everyMinutes: 1441 }, `everyMinutes: got 1441, ${MINUTES}`],
    [{ everyMinutes: 1.5 }, `everyMinutes: got 1.5, ${MINUTES}`],
    [{ everyMinutes: "15" }, `everyMinutes: got "15", ${MINUTES}, without quotes`],
    [
      { warningCredits: "1000" },
      'warningCredits: got "1000", expected a number of credits, 0 to 999999999, without quotes',
    ],
    [{ criticalCredits: -1 }, "criticalCredits: got -1, expected a number of credits, 0 to 999999999"],
    [{ warningHours: -1 }, "warningHours: got -1, expected a number of hours, 0 to 8760"],
    [{ criticalHours: -1 }, "criticalHours: got -1, expected a number of hours, 0 to 8760"],
    [{ warningReminderHours: 0.99 }, `warningReminderHours: got 0.99, ${HOURS}`],
    [{ criticalReminderHours: 8760.5 }, `criticalReminderHours: got 8760.5, ${HOURS}`],
    [{ allClearDays: -1 }, "allClearDays: got -1, expected a number of days, 1 to 365, or 0 for never"],
    [{ allClearDays: 0.5 }, "allClearDays: got 0.5, expected a number of days, 1 to 365, or 0 for never"],
    [{ allClearDays: 366 }, "allClearDays: got 366, expected a number of days, 1 to 365, or 0 for never"],
    [{ usdPerCredit: 0 }, "usdPerCredit: got 0, expected a number above 0, up to 100"],
    [{ usdPerCredit: 100.5 }, "usdPerCredit: got 100.5, expected a number above 0, up to 100"],
    [
      { warningCredits: 1e20 },
      "warningCredits: got 100000000000000000000, expected a number of credits, 0 to 999999999",
    ],
    [
      { criticalCredits: 1e9 },
      "criticalCredits: got 1000000000, expected a number of credits, 0 to 999999999",
    ],
    [{ warningHours: 8761 }, "warningHours: got 8761, expected a number of hours, 0 to 8760"],
    [
      { warningHours: 1, criticalHours: 1e6 },
      "criticalHours: got 1000000, expected a number of hours, 0 to 8760",
    ],
    [{ timeZone: "Mars" }, 'timeZone: got "Mars", expected Area/City such as Europe/London, or UTC'],
    [{ timeZone: "+02:00" }, 'timeZone: got "+02:00", expected Area/City such as Europe/London, or UTC'],
    [{ sms: "none" }, 'sms: got "none", expected critical or all'],
    [{ jobs: ["song"] }, `jobs: got [...], ${JOBS}`],
    [{ jobs: { "": 12 } }, `jobs.: got "", ${JOBS}`],
    [{ jobs: { " song": 12 } }, `jobs. song: got " song", ${JOBS}`],
    [{ jobs: { song: 0 } }, "jobs.song: got 0, expected a number of credits above 0, up to 999999999"],
    [
      { jobs: { song: 1e9 } },
      "jobs.song: got 1000000000, expected a number of credits above 0, up to 999999999",
    ],
    [{ jobs: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 } }, `jobs: got {...}, ${JOBS}`],
    [{ dashboard: "true" }, 'dashboard: got "true", expected true or false, without quotes'],
    [{ dashboard: 1 }, "dashboard: got 1, expected true or false"],
    [
      { allClearDays: "7" },
      'allClearDays: got "7", expected a number of days, 1 to 365, or 0 for never, without quotes',
    ],
    [{ warningHours: true }, "warningHours: got true, expected a number of hours, 0 to 8760"],
    [
      { jobs: { song: "12" } },
      'jobs.song: got "12", expected a number of credits above 0, up to 999999999, without quotes',
    ],
    [
      { accounts: [{ name: "a", warningCredits: "9" }] },
      'accounts.0.warningCredits: got "9", expected a number of credits, 0 to 999999999, without quotes',
    ],
    [{ apiKeyKmsKeyArn: "alias/aws/ssm" }, `apiKeyKmsKeyArn: got "alias/aws/ssm", ${KEY}`],
    [{ topicKmsKeyArn: "1234abcd" }, `topicKmsKeyArn: got "1234abcd", ${KEY}`],
    [{ criticalCredits: 1000 }, "criticalCredits: got 1000, expected less than the warning threshold, 1000"],
    [{ criticalHours: 24 }, "criticalHours: got 24, expected less than the warning limit, 24, or 0"],
    [{ email: "me@example.com" }, "email: unknown name, did you mean emails?"],
    [{ emials: [] }, "emials: unknown name, did you mean emails?"],
    [{ every: 5 }, "every: unknown name"],
    [{ timezone: "UTC" }, "timezone: unknown name, did you mean timeZone?"],
    [{ critcalCredit: 5 }, "critcalCredit: unknown name, did you mean criticalCredits?"],
    [{ colour: "red" }, "colour: unknown name"],
    [
      { apiKeyParameter: "/kie" },
      "apiKeyParameter: unknown name, it is for one account and stands in accounts",
    ],
    [{ toString: 1 }, "toString: unknown name"],
    ["x", 'it: got "x", expected an object of settings'],
    [null, "it: got null, expected an object of settings"],
    [{ accounts: [] }, "accounts: got [], expected at least one account"],
    [
      { accounts: Array.from({ length: 51 }, (_, index) => ({ name: `a${index}` })) },
      "accounts: got [...], expected at most 50 accounts",
    ],
    [{ accounts: "kie" }, 'accounts: got "kie", expected a list of accounts'],
    [{ accounts: ["kie"] }, 'accounts.0: got "kie", expected an object with a name'],
    [{ accounts: [{}] }, "accounts.0.name: is missing, expected a name"],
    [{ accounts: [{ name: "Kie" }] }, 'accounts.0.name: got "Kie", expected 1 to 20 of a-z, 0-9 and -'],
    [
      { accounts: [{ name: "a" }, { name: "a" }] },
      'accounts.1.name: got "a", expected each name once, but item 0 is the same',
    ],
    [
      { accounts: [{ name: "a", emails: [] }] },
      "accounts.0.emails: unknown name, it is for all accounts and stands outside of them",
    ],
    [{ accounts: [{ name: "a", warnCredits: 1 }] }, "accounts.0.warnCredits: unknown name"],
    [
      { accounts: [{ name: "a", apiKeyParameter: "key" }] },
      `accounts.0.apiKeyParameter: got text of length 3, ${PARAMETER}`,
    ],
    [
      { accounts: [{ name: "a", apiKeyParameter: 5 }] },
      "accounts.0.apiKeyParameter: got no text, expected a parameter name",
    ],
    [
      { accounts: [{ name: "a" }, { name: "b", apiKeyParameter: "/kie-credit-alert/a/memory" }] },
      "accounts.1.apiKeyParameter: got text of length 26, expected another parameter: that is where an account's memory is",
    ],
    [
      { accounts: [{ name: "a", apiKeyParameter: "/kie-credit-alert/webhooks/team" }] },
      "accounts.0.apiKeyParameter: got text of length 31, expected another parameter: that is where a webhook's address is",
    ],
    [{ emails: [["me@example.com"]] }, `emails.0: got [...], ${ADDRESS}`],
    [
      { accounts: [{ name: "a", criticalCredits: 2000 }] },
      "accounts.0.criticalCredits: got 2000, expected less than the warning threshold, 1000",
    ],
    [
      { accounts: [{ name: "a", warningCredits: 300 }] },
      "accounts.0.criticalCredits: got 300, which is the default, expected less than the warning threshold, 300",
    ],
    [
      { warningCredits: 200, accounts: [{ name: "a" }, { name: "b" }] },
      "criticalCredits: got 300, which is the default, expected less than the warning threshold, 200",
    ],
  ])("refuse %j", (settings, problem) => {
    expect(problemsOf(settings)).toEqual([problem]);
  });

  it.each<[where: string, settings: unknown]>([
    ["under a name of its own", { KIE_API_KEY: SECRET }],
    ["for all accounts", { apiKeyParameter: SECRET }],
    ["in an account", { accounts: [{ name: "a", apiKey: SECRET }] }],
    ["in place of its parameter", { accounts: [{ name: "a", apiKeyParameter: SECRET }] }],
    ["in a list there", { accounts: [{ name: "a", apiKeyParameter: [SECRET] }] }],
    ["in an account without a list", { accounts: { apiKeyParameter: SECRET } }],
    ["in a list of settings", [{ apiKeyParameter: SECRET }]],
  ])("never repeat a key %s, but say in one line what was expected", (_, settings) => {
    const problems = problemsOf(settings);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^[\w.-]+: (unknown name(, .+)?|got .+, expected .+)$/);
    expect(problems[0]).not.toContain("0123");
  });

  it("are refused all at once", () => {
    const settings = {
      emails: ["a"],
      phones: ["0151"],
      everyMinutes: 1.5,
      colour: "red",
      timeZone: "Mars",
      criticalHours: 30,
      accounts: [
        { name: "a" },
        { name: "a", mood: "good" },
        { name: "b", warningCredits: 1, sms: "x" },
        null,
        { name: "c", apiKeyParameter: "/kie-credit-alert/a/memory" },
      ],
    };
    const names = problemsOf(settings).map((problem) => problem.slice(0, problem.indexOf(": ")));
    expect(names.sort()).toEqual(
      [
        "accounts.1.mood",
        "accounts.1.name",
        "accounts.4.apiKeyParameter",
        "accounts.2.criticalCredits",
        "accounts.2.sms",
        "accounts.3",
        "colour",
        "criticalHours",
        "emails.0",
        "everyMinutes",
        "phones.0",
        "timeZone",
      ].sort(),
    );
  });

  it("have an upper bound for each number, which is taken itself", () => {
    const bounds = {
      everyMinutes: 1_440,
      warningCredits: 999_999_999,
      criticalCredits: 999_999_998,
      warningHours: 8_760,
      criticalHours: 8_759,
      warningReminderHours: 8_760,
      criticalReminderHours: 8_760,
      allClearDays: 365,
      usdPerCredit: 100,
      logRetentionDays: 3_653,
    };
    expect(parse(bounds)).toMatchObject(bounds);
    const numbers = Object.entries(parse({})).filter(([, value]) => typeof value === "number");
    expect(Object.keys(bounds).sort()).toEqual(numbers.map(([name]) => name).sort());
    const above = Object.fromEntries(Object.keys(bounds).map((name) => [name, 1e12]));
    expect(
      problemsOf(above)
        .map((problem) => problem.split(":")[0])
        .sort(),
    ).toEqual(Object.keys(bounds).sort());
  });

  it.each([
    "/kie-credit-alert/kie/api-key",
    "/a",
    "/Team.1/kie_key",
    "/awards",
    `/${"a/".repeat(14)}a`,
    `/${"a".repeat(939)}`,
  ])("take %s as the name of a parameter", (apiKeyParameter) => {
    const [account] = parse({ accounts: [{ name: "a", apiKeyParameter }] }).accounts;
    expect(account?.apiKeyParameter).toBe(apiKeyParameter);
  });

  it.each([
    "",
    "/",
    "key",
    "/key/",
    "//key",
    "/a key",
    "/kläy",
    "/aws/key",
    "/AWSkey",
    "/ssm-key",
    "/key\n",
    `/${"a/".repeat(15)}a`,
    `/${"a".repeat(940)}`,
  ])("refuse %j as the name of a parameter, as SSM does", (apiKeyParameter) => {
    expect(problemsOf({ accounts: [{ name: "a", apiKeyParameter }] })).toHaveLength(1);
  });

  it.each([
    KEY_ARN,
    "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
  ])("take %s as a key", (topicKmsKeyArn) => {
    expect(parse({ topicKmsKeyArn }).topicKmsKeyArn).toBe(topicKmsKeyArn);
  });

  it.each([
    "arn:aws:kms:us-east-1:111122223333:alias/mine",
    "arn:aws:kms:us-east-1:111122223333:key/*",
    "arn:aws:kms:us-east-1:1111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:s3:::bucket",
  ])("refuse %s as a key", (topicKmsKeyArn) => {
    expect(problemsOf({ topicKmsKeyArn })).toHaveLength(1);
  });

  it.each([
    "UTC",
    "Europe/London",
    "Europe/Kiev",
    "Europe/Kyiv",
    "US/Eastern",
    "America/Argentina/Buenos_Aires",
    "America/Port-au-Prince",
    "Asia/Calcutta",
  ])("take %s as a time zone", (timeZone) => {
    expect(parse({ timeZone }).timeZone).toBe(timeZone);
  });

  it("take every time zone of a place that Node knows", () => {
    const zones = Intl.supportedValuesOf("timeZone").filter((name) => !/^Etc\//.test(name));
    expect(zones.length).toBeGreaterThan(400);
    expect(zones.filter((timeZone) => problemsOf({ timeZone }).length > 0)).toEqual([]);
  });

  it.each(
    [
      [
        "BST",
        "EST",
        "MST",
        "HST",
        "IST",
        "JST",
        "CET",
        "GMT",
        "GB",
        "Japan",
        "ZULU",
        "Zulu",
        "utc",
        "EST5EDT",
      ],
      [
        "Etc/GMT+5",
        "Etc/UTC",
        "Etc/GMT",
        "ETC/UTC",
        "ETc/GMT-5",
        "SystemV/EST5",
        "SYSTEMV/EST5",
        "GMT+2",
        "UTC+2",
        "+02:00",
        "-05:00",
      ],
      ["W. Europe Standard Time", "America/New York", "europe/london", "Europe/", "/Europe", "Foo/Bar", ""],
    ].flat(),
  )("refuse %j as a time zone, which is none, or another one than is meant", (timeZone) => {
    expect(problemsOf({ timeZone })).toEqual([
      `timeZone: got ${JSON.stringify(timeZone)}, expected Area/City such as Europe/London, or UTC`,
    ]);
  });

  it.each([1, 3, 5, 7, 14, 30, 365, 3653])("keep logs for %d days", (logRetentionDays) => {
    expect(parse({ logRetentionDays }).logRetentionDays).toBe(logRetentionDays);
  });

  it.each([0, 2, 31, 9999, "30"])(
    "don't keep logs for %j days, which CloudWatch refuses",
    (logRetentionDays) => {
      const [problem] = problemsOf({ logRetentionDays });
      expect(problem).toContain(
        `logRetentionDays: got ${JSON.stringify(logRetentionDays)}, expected one of 1, 3, 5,`,
      );
      expect(problem?.endsWith(", without quotes")).toBe(logRetentionDays === "30");
    },
  );

  it("that are taken are read back by the function as they were meant", () => {
    const number = fc.oneof(
      fc.double({ min: 1e-9, max: 100, noNaN: true }),
      fc.integer({ min: 1, max: 100_000 }),
    );
    const falling = fc
      .tuple(number, number)
      .map(([one, other]) => [Math.max(one, other), Math.min(one, other)]);
    const reminder = fc.double({ min: 1, max: 8760, noNaN: true });
    const settings = fc
      .record({
        credits: falling,
        hours: falling,
        reminderHours: fc.tuple(reminder, reminder),
        allClearDays: fc.nat({ max: 365 }),
        usdPerCredit: number,
        timeZone: fc.constantFrom("UTC", "Europe/Berlin"),
        sms: fc.constantFrom("critical", "all"),
        jobs: fc.dictionary(fc.stringMatching(/^[!-~×é]{1,40}$/u), number, { maxKeys: 5 }),
      })
      .map(({ credits, hours, reminderHours, ...rest }) => ({
        warningCredits: credits[0],
        criticalCredits: credits[1],
        warningHours: hours[0],
        criticalHours: hours[1],
        warningReminderHours: reminderHours[0],
        criticalReminderHours: reminderHours[1],
        ...rest,
      }))
      .filter((settings) => problemsOf(settings).length === 0);
    fc.assert(
      fc.property(settings, (settings) => {
        const [account] = parse(settings).accounts;
        const config = readConfig(synthesize(settings).environment());
        expect({ ...config, name: config.account }).toMatchObject({ ...account });
      }),
      { numRuns: 20 },
    );
  });

  describe("fuzzed", () => {
    const names = [
      "emails",
      "phones",
      "everyMinutes",
      "accounts",
      "warningCredits",
      "criticalCredits",
      "warningHours",
      "criticalHours",
      "warningReminderHours",
      "criticalReminderHours",
      "allClearDays",
      "usdPerCredit",
      "timeZone",
      "sms",
      "jobs",
      "logRetentionDays",
      "apiKeyKmsKeyArn",
      "topicKmsKeyArn",
      "dashboard",
      "name",
      "apiKeyParameter",
    ];
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(
        "",
        "0",
        0,
        -1,
        1e-7,
        1e21,
        true,
        null,
        "1,000",
        [],
        {},
        [{}],
        [{ name: "kie" }],
        ["me@example.com"],
      ),
    );
    const object = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), anything);

    /** Null if the settings are taken; else the lines that say what is wrong. Fails on any other error. */
    const problems = (settings: unknown) => {
      const lines = problemsOf(settings);
      // Each names a field, and says what is wrong with it.
      for (const line of lines) {
        expect(line).toMatch(/^.*: (got .+, .+|is missing, .+|unknown name|unknown name, .+)$/s);
      }
      return lines.length === 0 ? null : lines;
    };

    it("settings of any kind are taken as they stand, or refused by name", () => {
      fc.assert(
        fc.property(fc.oneof(object, anything), (settings) => {
          if (problems(settings) !== null) return;
          const taken = parse(settings);
          const given = settings as Record<string, unknown>;
          for (const name of ["emails", "phones", "everyMinutes", "logRetentionDays", "dashboard"] as const) {
            if (name in given) expect(taken[name]).toEqual(given[name]);
          }
        }),
        { numRuns: 2_000, seed: 1 },
      );
    });

    it("one account's fields of any kind are taken as they stand, or refused by name", () => {
      fc.assert(
        fc.property(object, (own) => {
          const settings = { accounts: [{ name: "kie", ...own }] };
          if (problems(settings) !== null) return;
          expect(parse(settings).accounts[0]).toMatchObject(own);
        }),
        { numRuns: 2_000, seed: 1 },
      );
    });
  });
});

describe("settings.schema.json", () => {
  it("is what the settings' rules say: `npm run schema` writes it afresh", () => {
    const schema: unknown = JSON.parse(readFileSync("settings.schema.json", "utf8"));
    expect(schema).toEqual(settingsJsonSchema());
  });

  it("describes every setting, and knows no other", () => {
    const { properties, additionalProperties } = settingsJsonSchema() as {
      properties: Record<string, { description?: string; items?: { additionalProperties?: boolean } }>;
      additionalProperties: boolean;
    };
    const { $schema, ...described } = properties;
    for (const { description } of Object.values(described)) expect(description).toMatch(/\.$/);
    expect(additionalProperties).toBe(false);
    expect(properties["accounts"]?.items?.additionalProperties).toBe(false);
  });

  it("and the example go together: its settings are taken", () => {
    expect(loadSettings({ settings: "settings.example.json" }).emails).toEqual(["me@example.com"]);
  });
});
