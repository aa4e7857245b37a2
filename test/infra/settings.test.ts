import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCES_PER_ACCOUNT, readSettings, SHARED_RESOURCES } from "../../infra/settings.ts";
import { readConfig } from "../../lambda/config.ts";
import { DEFAULT_POLICY } from "../../lambda/policy/policy.ts";
import { InvalidInputError } from "../../lambda/problems.ts";
import { synthesize } from "./synthesize.ts";

const KIE = {
  name: "kie",
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  policy: DEFAULT_POLICY,
  usdPerCredit: 0.005,
  timeZone: "UTC",
  sms: "critical",
};

const KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** The settings of an object in cdk.json. */
const read = (settings: Record<string, unknown>) => readSettings({ "kie-credit-alert": settings });

function problemsOf(context: Record<string, unknown>): string[] {
  try {
    readSettings(context);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const [first, ...problems] = error.message.split("\n");
    expect(first).toBe("Invalid settings:");
    return problems.map((problem) => problem.trim());
  }
  return [];
}

describe("settings", () => {
  it("have a default each", () => {
    expect(readSettings({})).toEqual({
      emails: [],
      phones: [],
      everyMinutes: 15,
      accounts: [KIE],
      logRetentionDays: 30,
      apiKeyKmsKeyArn: null,
      topicKmsKeyArn: null,
      dashboard: true,
    });
  });

  it("are read from the object in cdk.json", () => {
    const shared = {
      emails: ["me@example.com"],
      phones: ["+15551234567"],
      everyMinutes: 5,
      logRetentionDays: 7,
      apiKeyKmsKeyArn: KEY_ARN,
      topicKmsKeyArn: KEY_ARN,
      dashboard: false,
    };
    const policy = {
      warningCredits: 2000,
      criticalCredits: 500.5,
      warningHours: 48,
      criticalHours: 0,
      warningReminderHours: 12,
      criticalReminderHours: 1,
    };
    const others = { usdPerCredit: 0.004, timeZone: "Europe/Berlin", sms: "all" };
    expect(read({ ...shared, ...policy, ...others })).toEqual({
      ...shared,
      accounts: [{ ...KIE, policy, ...others }],
    });
  });

  it("can be overridden by flat names", () => {
    const context = {
      "kie-credit-alert": {
        emails: ["a@example.com"],
        phones: ["+15550000000"],
        everyMinutes: 5,
        warningCredits: 1,
        criticalCredits: 0,
      },
      email: "b@example.com, c@example.com",
      phone: "+15551234567,+4915112345678",
      every: "60",
      warning: "2000",
      critical: "500.5",
    };
    expect(readSettings(context)).toMatchObject({
      emails: ["b@example.com", "c@example.com"],
      phones: ["+15551234567", "+4915112345678"],
      everyMinutes: 60,
      accounts: [{ policy: { warningCredits: 2000, criticalCredits: 500.5 } }],
    });
  });

  it("of an account win over flat names, which win over those for all accounts", () => {
    const { accounts } = readSettings({
      warning: "2000",
      "kie-credit-alert": {
        warningCredits: 5000,
        criticalHours: 3,
        sms: "all",
        accounts: [
          { name: "video" },
          {
            name: "music",
            apiKeyParameter: "/keys/music",
            warningCredits: 400,
            criticalHours: 0,
            timeZone: "Asia/Tokyo",
            sms: "critical",
          },
        ],
      },
    });
    expect(accounts).toEqual([
      {
        ...KIE,
        name: "video",
        apiKeyParameter: "/kie-credit-alert/video/api-key",
        policy: { ...DEFAULT_POLICY, warningCredits: 2000, criticalHours: 3 },
        sms: "all",
      },
      {
        ...KIE,
        name: "music",
        apiKeyParameter: "/keys/music",
        policy: { ...DEFAULT_POLICY, warningCredits: 400, criticalHours: 0 },
        timeZone: "Asia/Tokyo",
      },
    ]);
  });

  it("leave alone what the CDK itself keeps in the context", () => {
    const context = {
      "@aws-cdk/core:stackRelativeExports": true,
      "aws-cdk:enableDiffNoFail": true,
      "aws:cdk:bundling-stacks": ["**"],
      "availability-zones:account=111122223333:region=us-east-1": ["us-east-1a"],
      "acknowledged-issue-numbers": [1],
      "cli-telemetry": false,
    };
    expect(readSettings(context)).toEqual(readSettings({}));
  });

  const ADDRESS = "expected an email address";
  const E164 = "expected a number as E.164, such as +15551234567";
  const MINUTES = "expected a whole number of minutes, 1 to 1440";
  const WRITTEN_OUT = "expected a number from 0.000001 to below 1e21, or 0";
  const PARAMETER =
    "expected a parameter name such as /kie-credit-alert/kie/api-key, not beginning with /aws or /ssm";
  const KEY = `expected the ARN of a KMS key, such as ${KEY_ARN}, not of an alias`;

  it.each([
    [{ emails: "me@example.com" }, 'emails: got "me@example.com", expected a list of email addresses'],
    [{ emails: ["me@"] }, `emails.0: got "me@", ${ADDRESS}`],
    [{ emails: ["a@b.co", "A@b.co"] }, 'emails.1: got "A@b.co", expected each one once'],
    [{ phones: ["5551234567"] }, `phones.0: got "5551234567", ${E164}`],
    [{ phones: ["+0123456789"] }, `phones.0: got "+0123456789", ${E164}`],
    [{ phones: ["+1234567890123456"] }, `phones.0: got "+1234567890123456", ${E164}`],
    [{ phones: ["+15551234567", "+15551234567"] }, 'phones.1: got "+15551234567", expected each one once'],
    [{ everyMinutes: 0 }, `everyMinutes: got 0, ${MINUTES}`],
    [{ everyMinutes: 1441 }, `everyMinutes: got 1441, ${MINUTES}`],
    [{ everyMinutes: 1.5 }, `everyMinutes: got 1.5, ${MINUTES}`],
    [{ everyMinutes: "15" }, `everyMinutes: got "15", ${MINUTES}`],
    [{ warningCredits: "1000" }, 'warningCredits: got "1000", expected a number, 0 or more'],
    [{ criticalCredits: -1 }, "criticalCredits: got -1, expected a number, 0 or more"],
    [{ warningHours: -1 }, "warningHours: got -1, expected a number, 0 or more"],
    [{ criticalHours: -1 }, "criticalHours: got -1, expected a number, 0 or more"],
    [{ warningReminderHours: 0 }, "warningReminderHours: got 0, expected a number above 0"],
    [{ criticalReminderHours: 0 }, "criticalReminderHours: got 0, expected a number above 0"],
    [{ usdPerCredit: 0 }, "usdPerCredit: got 0, expected a number above 0"],
    [{ usdPerCredit: 1e-7 }, `usdPerCredit: got 1e-7, ${WRITTEN_OUT}`],
    [{ warningCredits: 1e21 }, `warningCredits: got 1e+21, ${WRITTEN_OUT}`],
    [{ timeZone: "Mars" }, 'timeZone: got "Mars", expected an IANA time zone such as Europe/Berlin'],
    [{ sms: "none" }, 'sms: got "none", expected critical or all'],
    [{ dashboard: "no" }, 'dashboard: got "no", expected true or false'],
    [{ apiKeyKmsKeyArn: "alias/aws/ssm" }, `apiKeyKmsKeyArn: got "alias/aws/ssm", ${KEY}`],
    [{ topicKmsKeyArn: "1234abcd" }, `topicKmsKeyArn: got "1234abcd", ${KEY}`],
    [{ criticalCredits: 1000 }, "criticalCredits: got 1000, expected less than the warning threshold, 1000"],
    [{ criticalHours: 24 }, "criticalHours: got 24, expected less than the warning limit, 24, or 0"],
    [{ email: "me@example.com" }, "email: unknown name"],
    [{ accounts: [] }, "accounts: got [], expected at least one account"],
    [{ accounts: "kie" }, 'accounts: got "kie", expected a list of accounts'],
    [{ accounts: ["kie"] }, 'accounts.0: got "kie", expected an object with a name'],
    [{ accounts: [{}] }, "accounts.0.name: is missing, expected a name"],
    [{ accounts: [{ name: "Kie" }] }, 'accounts.0.name: got "Kie", expected 1 to 20 of a-z, 0-9 and -'],
    [{ accounts: [{ name: "a" }, { name: "a" }] }, 'accounts.1.name: got "a", expected each name once'],
    [{ accounts: [{ name: "a", emails: [] }] }, "accounts.0.emails: unknown name"],
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
    [{ emails: [["me@example.com"]] }, `emails.0: got [...], ${ADDRESS}`],
    [
      { accounts: [{ name: "a", criticalCredits: 2000 }] },
      "accounts.0.criticalCredits: got 2000, expected less than the warning threshold, 1000",
    ],
    [
      { accounts: [{ name: "a", warningCredits: 300 }] },
      "accounts.0.criticalCredits: got 300, which is the default, expected less than the warning threshold, 300",
    ],
  ])("refuse %j", (settings, problem) => {
    expect(problemsOf({ "kie-credit-alert": settings })).toEqual([`kie-credit-alert.${problem}`]);
  });

  it.each([
    [{ "kie-credit-alert": "x" }, 'kie-credit-alert: got "x", expected an object of settings'],
    [{ email: "" }, `email.0: got "", ${ADDRESS}`],
    [{ email: "a@b.co,b" }, `email.1: got "b", ${ADDRESS}`],
    [{ phone: "555" }, `phone.0: got "555", ${E164}`],
    [{ every: "1.5" }, `every: got 1.5, ${MINUTES}`],
    [{ every: "" }, 'every: got "", expected a decimal number'],
    [{ warning: "1e3" }, 'warning: got "1e3", expected a decimal number'],
    [{ critical: "-1" }, "critical: got -1, expected a number, 0 or more"],
    [{ critical: "0x10" }, 'critical: got "0x10", expected a decimal number'],
    [{ critical: "2000" }, "critical: got 2000, expected less than the warning threshold, 1000"],
    [
      { warning: "200" },
      "kie-credit-alert.criticalCredits: got 300, which is the default, expected less than the warning threshold, 200",
    ],
    [{ emails: "a@b.co" }, "emails: unknown name, expected email, its name on the command line"],
    [{ phones: "+15551234567" }, "phones: unknown name, expected phone, its name on the command line"],
    [{ everyMinutes: "5" }, "everyMinutes: unknown name, expected every, its name on the command line"],
    [{ warningCredits: "5" }, "warningCredits: unknown name, expected warning, its name on the command line"],
    [
      { criticalCredits: "5" },
      "criticalCredits: unknown name, expected critical, its name on the command line",
    ],
    [
      { "kie-credit-alerts": {} },
      'kie-credit-alerts: unknown name, expected email, phone, every, warning, critical, or a name under "kie-credit-alert" in cdk.json',
    ],
  ])("refuse the context %j", (context, problem) => {
    expect(problemsOf(context)).toEqual([problem]);
  });

  const SECRET = "sk-0123456789abcdef0123456789abcdef";

  it.each<[where: string, context: Record<string, unknown>]>([
    ["under a name of its own", { KIE_API_KEY: SECRET }],
    ["under the flat name of nothing", { apiKeyParameter: SECRET }],
    ["among the settings", { "kie-credit-alert": { apiKey: SECRET } }],
    ["in an account", { "kie-credit-alert": { accounts: [{ name: "a", apiKey: SECRET }] } }],
    [
      "in place of its parameter",
      { "kie-credit-alert": { accounts: [{ name: "a", apiKeyParameter: SECRET }] } },
    ],
    ["in a list there", { "kie-credit-alert": { accounts: [{ name: "a", apiKeyParameter: [SECRET] }] } }],
    ["in an account without a list", { "kie-credit-alert": { accounts: { apiKeyParameter: SECRET } } }],
    ["in a list of settings", { "kie-credit-alert": [{ apiKeyParameter: SECRET }] }],
  ])("never repeat a key %s, but say in one line what was expected", (_, context) => {
    const problems = problemsOf(context);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^[\w.-]+: (unknown name|(unknown name|got .+), expected .+)$/);
    expect(problems[0]).not.toContain("0123");
  });

  it("are refused all at once", () => {
    const context = {
      emails: "a@b.co",
      email: "a",
      every: "1.5",
      critical: "2000",
      "kie-credit-alert": {
        colour: "red",
        timeZone: "Mars",
        criticalHours: 30,
        accounts: [
          { name: "a" },
          { name: "a", mood: "good" },
          { name: "b", warningCredits: 1, sms: "x" },
          null,
        ],
      },
    };
    const names = problemsOf(context).map((problem) => problem.slice(0, problem.indexOf(": ")));
    expect(names.sort()).toEqual(
      [
        "critical",
        "email.0",
        "emails",
        "every",
        "kie-credit-alert.accounts.1.mood",
        "kie-credit-alert.accounts.1.name",
        "kie-credit-alert.accounts.2.criticalCredits",
        "kie-credit-alert.accounts.2.sms",
        "kie-credit-alert.accounts.3",
        "kie-credit-alert.colour",
        "kie-credit-alert.criticalHours",
        "kie-credit-alert.timeZone",
      ].sort(),
    );
  });

  it.each([
    "/kie-credit-alert/kie/api-key",
    "/a",
    "/Team.1/kie_key",
    "/awards",
    `/${"a/".repeat(14)}a`,
    `/${"a".repeat(939)}`,
  ])("take %s as the name of a parameter", (apiKeyParameter) => {
    const [account] = read({ accounts: [{ name: "a", apiKeyParameter }] }).accounts;
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
    expect(problemsOf({ "kie-credit-alert": { accounts: [{ name: "a", apiKeyParameter }] } })).toHaveLength(
      1,
    );
  });

  it.each([
    KEY_ARN,
    "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
  ])("take %s as a key", (topicKmsKeyArn) => {
    expect(read({ topicKmsKeyArn }).topicKmsKeyArn).toBe(topicKmsKeyArn);
  });

  it.each([
    "arn:aws:kms:us-east-1:111122223333:alias/mine",
    "arn:aws:kms:us-east-1:111122223333:key/*",
    "arn:aws:kms:us-east-1:1111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:s3:::bucket",
  ])("refuse %s as a key", (topicKmsKeyArn) => {
    expect(problemsOf({ "kie-credit-alert": { topicKmsKeyArn } })).toHaveLength(1);
  });

  it.each([1, 3, 5, 7, 14, 30, 365, 3653])("keep logs for %d days", (logRetentionDays) => {
    expect(read({ logRetentionDays }).logRetentionDays).toBe(logRetentionDays);
  });

  it.each([0, 2, 31, 9999, "30"])(
    "don't keep logs for %j days, which CloudWatch refuses",
    (logRetentionDays) => {
      const [problem] = problemsOf({ "kie-credit-alert": { logRetentionDays } });
      expect(problem).toContain(
        `logRetentionDays: got ${JSON.stringify(logRetentionDays)}, expected one of 1, 3, 5,`,
      );
    },
  );

  it("refuse more accounts than a stack can hold, and say what to do", () => {
    const accounts = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `a${index}` }));
    const most = Math.floor((500 - SHARED_RESOURCES - 2) / RESOURCES_PER_ACCOUNT);
    const context = (count: number) => ({
      email: "me@example.com",
      "kie-credit-alert": { phones: ["+15551234567"], accounts: accounts(count) },
    });
    expect(problemsOf(context(most))).toEqual([]);
    expect(problemsOf(context(most + 1))).toEqual([
      `kie-credit-alert.accounts: got ${most + 1}, expected at most ${most} accounts in one stack, which CloudFormation limits to 500 resources; use several stacks, each in a region or an AWS account of its own`,
    ]);
    expect(most).toBeGreaterThanOrEqual(40);
  });

  it("that are taken are read back by the function as they were meant", () => {
    const number = fc.oneof(
      fc.double({ min: 1e-9, max: 1e22, noNaN: true }),
      fc.integer({ min: 1, max: 100_000 }),
    );
    const falling = fc
      .tuple(number, number)
      .map(([one, other]) => [Math.max(one, other), Math.min(one, other)]);
    const settings = fc
      .record({
        credits: falling,
        hours: falling,
        reminderHours: fc.tuple(number, number),
        usdPerCredit: number,
        timeZone: fc.constantFrom("UTC", "Europe/Berlin"),
        sms: fc.constantFrom("critical", "all"),
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
      .filter((settings) => problemsOf({ "kie-credit-alert": settings }).length === 0);
    fc.assert(
      fc.property(settings, (settings) => {
        const [account] = read(settings).accounts;
        const { Environment } = synthesize({ settings }).find("AWS::Lambda::Function");
        const config = readConfig({
          ...Environment.Variables,
          MEMORY_PARAMETER: "m",
          TOPIC_ARN: "arn:topic",
        });
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
      "usdPerCredit",
      "timeZone",
      "sms",
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
    const flat = fc.dictionary(
      fc.constantFrom("email", "phone", "every", "warning", "critical", "emails", "-c", ""),
      anything,
    );

    /** Null where the settings are taken; else the lines that say what is wrong. Fails on any other error. */
    const problems = (context: Record<string, unknown>) => {
      const lines = problemsOf(context);
      // Each names a field, and says what is wrong with it.
      for (const line of lines)
        expect(line).toMatch(/^.*: (got .+, .+|is missing, .+|unknown name|unknown name, .+)$/s);
      return lines.length === 0 ? null : lines;
    };

    it("settings of any kind are taken as they stand, or refused by name", () => {
      fc.assert(
        fc.property(fc.oneof(object, anything), flat, (settings, flat) => {
          const context = { ...flat, "kie-credit-alert": settings };
          if (problems(context) !== null) return;
          const taken = readSettings(context);
          const given = settings as Record<string, unknown>;
          for (const name of ["emails", "phones", "everyMinutes", "logRetentionDays", "dashboard"] as const) {
            const isOverridden = ["email", "phone", "every"].some(
              (key) => key in flat && name.startsWith(key),
            );
            if (name in given && !isOverridden) expect(taken[name]).toEqual(given[name]);
          }
        }),
        { numRuns: 2_000, seed: 1 },
      );
    });

    it("one account's fields of any kind are taken as they stand, or refused by name", () => {
      fc.assert(
        fc.property(object, (own) => {
          const context = { "kie-credit-alert": { accounts: [{ name: "kie", ...own }] } };
          if (problems(context) !== null) return;
          const [{ policy, ...taken } = { policy: {} }] = readSettings(context).accounts;
          expect({ ...policy, ...taken }).toMatchObject(own);
        }),
        { numRuns: 2_000, seed: 1 },
      );
    });
  });
});
