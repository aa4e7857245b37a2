import { describe, expect, it } from "vitest";
import { type Environment, environmentOf, readConfig } from "../../lambda/config.ts";

const ENVIRONMENT: Environment = {
  ACCOUNT: "kie",
  API_KEY_PARAMETER: "/kie-credit-alert/kie/api-key",
  MEMORY_PARAMETER: "memory",
  TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
  WARNING_CREDITS: "1000",
  CRITICAL_CREDITS: "300.5",
  WARNING_HOURS: "24",
  CRITICAL_HOURS: "0",
  WARNING_REMINDER_HOURS: "24",
  CRITICAL_REMINDER_HOURS: "1.5",
  ALL_CLEAR_DAYS: "0",
  USD_PER_CREDIT: "0.005",
  TIME_ZONE: "Europe/Berlin",
  SMS: "critical",
  TELLS_AUDIENCE: "no",
};

it("is read from the environment", () => {
  expect(readConfig({ ...ENVIRONMENT })).toEqual({
    account: "kie",
    apiKeyParameter: "/kie-credit-alert/kie/api-key",
    memoryParameter: "memory",
    topicArn: "arn:aws:sns:us-east-1:123456789012:alerts",
    policy: {
      warningCredits: 1000,
      criticalCredits: 300.5,
      warningHours: 24,
      criticalHours: 0,
      warningReminderHours: 24,
      criticalReminderHours: 1.5,
      allClearDays: 0,
    },
    usdPerCredit: 0.005,
    timeZone: "Europe/Berlin",
    sms: "critical",
    tellsAudience: false,
    kieBaseUrl: "https://api.kie.ai",
  });
});

it("other variables, of which Lambda has many, are passed over", () => {
  expect(() => readConfig({ ...ENVIRONMENT, AWS_REGION: "us-east-1" })).not.toThrow();
});

it("every variable that is missing is named, all at once", () => {
  const names = Object.keys(ENVIRONMENT);
  const message = messageOf({});
  for (const name of names) expect(message).toContain(`${name}: is missing`);
  expect(message.split("\n")).toHaveLength(names.length + 1);
});

describe("a bad variable is named with what it is and what was expected", () => {
  it.each<[keyof Environment, string, string]>([
    ["ACCOUNT", "Kie", "1 to 20 of a-z, 0-9 and -"],
    ["ACCOUNT", "", "1 to 20 of a-z, 0-9 and -"],
    ["ACCOUNT", "a".repeat(21), "1 to 20 of a-z, 0-9 and -"],
    ["API_KEY_PARAMETER", "", "a name"],
    ["MEMORY_PARAMETER", "", "a name"],
    ["TOPIC_ARN", "alerts", "an ARN"],
    ["WARNING_CREDITS", "", "a decimal number"],
    ["WARNING_CREDITS", "1e3", "a decimal number"],
    ["WARNING_CREDITS", " 1000", "a decimal number"],
    ["WARNING_CREDITS", "NaN", "a decimal number"],
    ["WARNING_CREDITS", "-1", "0 or more"],
    ["CRITICAL_CREDITS", "1000", "less than the warning threshold, 1000"],
    ["CRITICAL_HOURS", "24", "less than the warning limit, 24, or 0"],
    ["WARNING_REMINDER_HOURS", "0.99", "a number of hours, 1 to 8760"],
    ["CRITICAL_REMINDER_HOURS", "-6", "a number of hours, 1 to 8760"],
    ["CRITICAL_REMINDER_HOURS", "8760.5", "a number of hours, 1 to 8760"],
    ["ALL_CLEAR_DAYS", "-1", "a number of days, 1 to 365, or 0 for never"],
    ["ALL_CLEAR_DAYS", "366", "a number of days, 1 to 365, or 0 for never"],
    ["TELLS_AUDIENCE", "true", "yes or no"],
    ["USD_PER_CREDIT", "0", "above 0"],
    ["TIME_ZONE", "Mars/Olympus", "an IANA time zone"],
    ["SMS", "none", "critical or all"],
    ["KIE_BASE_URL", "api.kie.ai", "an https: address"],
    ["KIE_BASE_URL", "http://api.kie.ai", "an https: address"],
    ["KIE_BASE_URL", "http://127.0.0.1.example.com", "an https: address"],
    ["KIE_BASE_URL", "https://user:pass@api.kie.ai", "an https: address"],
    ["KIE_BASE_URL", "https://api.kie.ai?key=1", "an https: address"],
    ["KIE_BASE_URL", "https://api.kie.ai?", "an https: address"],
    ["KIE_BASE_URL", "https://api.kie.ai/#", "an https: address"],
    ["KIE_BASE_URL", "https://api.kie.ai ", "an https: address"],
    ["KIE_BASE_URL", "https://api.kie.ai/x\\", "an https: address"],
  ])("%s=%j", (name, value, expected) => {
    const lines = messageOf({ ...ENVIRONMENT, [name]: value }).split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]?.replaceAll('"', "").replaceAll("\\\\", "\\")).toContain(
      `${name}: got ${value.slice(0, 70)}`,
    );
    expect(lines[1]).toContain(expected);
  });

  it("thresholds that don't fall, though other variables are missing or wrong", () => {
    const { TIME_ZONE, ...others } = ENVIRONMENT;
    const lines = messageOf({ ...others, SMS: "x", CRITICAL_CREDITS: "2000" }).split("\n");
    expect(lines.slice(1).map((line) => line.trim().split(":")[0])).toEqual([
      "TIME_ZONE",
      "SMS",
      "CRITICAL_CREDITS",
    ]);
  });
});

it.each([
  "https://api.kie.ai",
  "https://proxy.example.com/kie/",
  "http://127.0.0.1:8080",
  "http://localhost:1",
  "http://[::1]:1",
])("KIE_BASE_URL may be %s", (url) => {
  expect(readConfig({ ...ENVIRONMENT, KIE_BASE_URL: url }).kieBaseUrl).toBe(url);
});

it("is read back from the environment that it makes", () => {
  const { policy, kieBaseUrl, ...config } = readConfig({ ...ENVIRONMENT });
  const values = { ...config, ...policy, usdPerCredit: 1e-7, warningCredits: 1e21, tellsAudience: true };
  const environment = environmentOf(values);
  expect(Object.keys(environment).sort()).toEqual(Object.keys(ENVIRONMENT).sort());
  const { policy: readPolicy, kieBaseUrl: readUrl, ...others } = readConfig({ ...environment });
  expect({ ...others, ...readPolicy }).toEqual(values);
});

it("a number too large to be one is refused", () => {
  expect(messageOf({ ...ENVIRONMENT, WARNING_CREDITS: "9".repeat(400) })).toContain(
    "WARNING_CREDITS: got Infinity, expected a number",
  );
});

it("limits may be off, and there may be a critical one without a warning one", () => {
  expect(() => readConfig({ ...ENVIRONMENT, WARNING_HOURS: "0", CRITICAL_HOURS: "6" })).not.toThrow();
});

function messageOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof Error && error.name === "InvalidInputError") return error.message;
    throw error;
  }
  throw new Error("no error");
}
