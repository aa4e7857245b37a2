import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DeployedConfig, readConfig, readWebhookConfig } from "../../lambda/config.ts";
import { WEBHOOK_KINDS } from "../../lambda/fields.ts";
import { InvalidInputError } from "../../lambda/problems.ts";
import { DEPLOYED_CONFIG, environmentOf, WEBHOOK_CONFIG } from "../support/settings.ts";

const KIE_BASE_URL = "https://api.kie.ai";

/** What is wrong, a line for each field. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const [first, ...problems] = error.message.split("\n  ");
    expect(first).toBe("Invalid configuration:");
    return problems;
  }
  return [];
}

const changed = (field: string, value: unknown) =>
  environmentOf({ ...DEPLOYED_CONFIG, [field]: value } as DeployedConfig);

it("is read as it was written; other variables, of which Lambda has many, are passed over", () => {
  const config = { ...DEPLOYED_CONFIG, usdPerCredit: 1e-7, warningCredits: 1e8, tellsAudience: false };
  expect(readConfig({ ...environmentOf(config), AWS_REGION: "us-east-1" })).toEqual({
    ...config,
    kieBaseUrl: KIE_BASE_URL,
  });
});

it("every field that is missing is named, all at once", () => {
  expect(problemsOf({ CONFIG: "{}" }).map((line) => line.split(", expected")[0])).toEqual(
    Object.keys(readConfig(environmentOf()))
      .filter((name) => name !== "kieBaseUrl")
      .map((name) => `${name}: is missing`),
  );
});

it.each([
  ["is missing", undefined],
  ["is not a JSON object", ""],
  ["is not a JSON object", '{ "apiKeyParameter": "sk-SECRET"'],
  ["is not a JSON object", '"sk-SECRET"'],
  ["is not a JSON object", "[]"],
  ["is not a JSON object", "null"],
])("CONFIG %s: %s", (problem, CONFIG) => {
  const env = CONFIG === undefined ? {} : { CONFIG };
  expect(() => readConfig(env)).toThrow(new InvalidInputError(`Invalid configuration: CONFIG ${problem}`));
});

describe("a bad field is named with what it is and what was expected", () => {
  it.each<[string, unknown, string]>([
    ["kind", "webhook", 'expected "check"'],
    ["account", "Kie", "expected 1 to 20 of a-z, 0-9 and -"],
    ["account", "a".repeat(21), "expected 1 to 20 of a-z, 0-9 and -"],
    ["memoryParameter", "", "expected a name"],
    ["topicArn", "alerts", "expected an ARN"],
    ["tellsAudience", "yes", "expected true or false, without quotes"],
    ["warningCredits", "1000", "expected a number of credits, 0 to 999999999, without quotes"],
    ["warningCredits", -1, "expected a number of credits, 0 to 999999999"],
    ["criticalCredits", 1000, "expected less than the warning threshold, 1000"],
    ["criticalHours", 24, "expected less than the warning limit, 24, or 0"],
    ["warningReminderHours", 0.99, "expected a number of hours, 1 to 8760"],
    ["criticalReminderHours", 8760.5, "expected a number of hours, 1 to 8760"],
    ["allClearDays", 366, "expected a number of days, 1 to 365, or 0 for never"],
    ["usdPerCredit", 0, "expected a number above 0, up to 100"],
    ["timeZone", "Mars/Olympus", "expected Area/City such as Europe/London, or UTC"],
    ["emitsMetrics", 1, "expected true or false"],
    ["sms", "none", "expected critical or all"],
  ])("%s: %j", (field, value, expected) => {
    expect(problemsOf(changed(field, value))).toEqual([
      `${field}: got ${JSON.stringify(value)}, ${expected}`,
    ]);
  });

  it("but not what stands in place of the key's parameter", () => {
    expect(problemsOf(changed("apiKeyParameter", ["sk-SECRET"]))).toEqual([
      "apiKeyParameter: got no text, expected a name",
    ]);
  });

  it("and thresholds that don't fall though others are wrong, and KIE_BASE_URL with them", () => {
    const config = { ...DEPLOYED_CONFIG, sms: "x", criticalCredits: 2000 } as unknown as DeployedConfig;
    const problems = problemsOf({ ...environmentOf(config), KIE_BASE_URL: "api.kie.ai" });
    expect(problems.map((line) => line.split(":")[0])).toEqual(["sms", "KIE_BASE_URL", "criticalCredits"]);
  });
});

it("limits may be off, and there may be a critical one without a warning one", () => {
  expect(problemsOf(environmentOf({ ...DEPLOYED_CONFIG, warningHours: 0, criticalHours: 6 }))).toEqual([]);
});

describe("KIE_BASE_URL", () => {
  it.each([
    KIE_BASE_URL,
    "https://proxy.example.com/kie/",
    "http://127.0.0.1:8080",
    "http://localhost:1",
    "http://[::1]:1",
  ])("may be %s", (url) => {
    expect(readConfig({ ...environmentOf(), KIE_BASE_URL: url }).kieBaseUrl).toBe(url);
  });

  it.each([
    "api.kie.ai",
    "http://api.kie.ai",
    "http://127.0.0.1.example.com",
    "http://localhost@example.com",
    "https://user:pass@api.kie.ai",
    "https://api.kie.ai?key=1",
    "https://api.kie.ai?",
    "https://api.kie.ai/#",
    "https://api.kie.ai ",
    "https://api.kie.ai/x\\",
  ])("may not be %s", (url) => {
    expect(problemsOf({ ...environmentOf(), KIE_BASE_URL: url })).toEqual([
      `KIE_BASE_URL: got ${JSON.stringify(url)}, expected an https: address, or http: to a loopback host`,
    ]);
  });

  it("sends the key to nobody but an https: address or this very machine", () => {
    const addresses = fc.oneof(fc.webUrl({ validSchemes: ["http", "https", "ftp"] }), fc.string());
    fc.assert(
      fc.property(addresses, (address) => {
        const env = { ...environmentOf(), KIE_BASE_URL: address };
        if (problemsOf(env).length > 0) return;
        const { protocol, hostname } = new URL(readConfig(env).kieBaseUrl);
        expect(protocol === "https:" || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)).toBe(true);
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });
});

describe("the configuration of a webhook", () => {
  it.each([WEBHOOK_CONFIG, { ...WEBHOOK_CONFIG, webhookKind: null }])(
    "is read as it was written: %j",
    (config) => {
      expect(readWebhookConfig({ ...environmentOf(config), AWS_REGION: "us-east-1" })).toEqual(config);
    },
  );

  it("names every bad field, and is no configuration of a check", () => {
    expect(() =>
      readWebhookConfig(environmentOf({ ...WEBHOOK_CONFIG, name: "Team", webhookKind: "pager" as "slack" })),
    ).toThrow(
      `name: got "Team", expected 1 to 20 of a-z, 0-9 and -\n  webhookKind: got "pager", expected one of ${WEBHOOK_KINDS.join(", ")}`,
    );
    expect(() => readWebhookConfig(environmentOf())).toThrow('kind: got "check", expected "webhook"');
    expect(() => readWebhookConfig({})).toThrow("CONFIG is missing");
  });
});
