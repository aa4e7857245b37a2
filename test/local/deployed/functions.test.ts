import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ALERT_KINDS, HOLDS } from "../../../lambda/policy/alert.ts";
import { createClients } from "../../../local/aws.ts";
import { checkDeployed, findFunctions, readAnswer } from "../../../local/deployed/functions.ts";
import { stubAws } from "../../support/credentials.ts";
import { REPORT } from "../../support/report.ts";
import { DEPLOYED_CONFIG, environmentOf, WEBHOOK_CONFIG } from "../../support/settings.ts";
import { startWiretap, type Wiretap } from "../../support/wiretap.ts";
import { ONE_EMAIL, RUNWAY, TEST_ALERT, UNAUTHORIZED } from "../check/outcomes.ts";

describe("the answer of a function", () => {
  it.each([
    { title: "all that is known", report: { ...REPORT, runway: RUNWAY, audience: ONE_EMAIL } },
    { title: "no reading", report: { ...REPORT, ...UNAUTHORIZED, level: null } },
    ...ALERT_KINDS.map((kind) => ({
      title: `the kind ${kind}`,
      report: { ...REPORT, alert: { ...TEST_ALERT, kind } },
    })),
    ...HOLDS.map((held) => ({
      title: `held as ${held}`,
      report: { ...REPORT, alert: { ...TEST_ALERT, messageId: null, held } },
    })),
  ])("is its report: $title", ({ report }) => {
    expect(readAnswer(false, JSON.stringify(report))).toEqual({ report, error: null });
  });

  it.each([
    {
      title: "that threw",
      payload: '{"errorType":"AwsCallError","errorMessage":"denied","trace":[]}',
      error: { type: "AwsCallError", message: "denied" },
    },
    {
      title: "that ran out of time",
      payload: '{"errorMessage":"Task timed out"}',
      error: { type: "Error", message: "Task timed out" },
    },
    { title: "that was ended", payload: "", error: { type: "Error", message: "" } },
    {
      title: "that answers in no known form",
      payload: "x".repeat(600),
      error: { type: "Error", message: "x".repeat(500) },
    },
  ])("$title is its error", ({ payload, error }) => {
    expect(readAnswer(true, payload)).toEqual({ report: null, error });
  });

  it.each([
    { title: "null", payload: "null" },
    { title: "no JSON", payload: "report" },
    { title: "an empty object", payload: "{}" },
    { title: "the report of version 1", payload: JSON.stringify({ ...REPORT, version: 1 }) },
    { title: "an unknown level", payload: JSON.stringify({ ...REPORT, level: "unheard-of" }) },
  ])("that this version does not know is an error, not a reading: $title", ({ payload }) => {
    expect(readAnswer(false, payload)).toEqual({
      report: null,
      error: {
        type: "UnknownReport",
        message: expect.stringMatching(
          /^its report is of another version of this tool\. Deploy again with npx cdk deploy; or, .* update it/,
        ),
      },
    });
  });
});

describe("the stack's functions", () => {
  const CONFIGS: Record<string, object> = {
    one: environmentOf(WEBHOOK_CONFIG),
    two: environmentOf({ ...DEPLOYED_CONFIG, account: "video" }),
    three: environmentOf(DEPLOYED_CONFIG),
    four: environmentOf({ ...WEBHOOK_CONFIG, name: "phone" }),
  };
  /** As many accounts as there can be. */
  const MANY = Array.from({ length: 50 }, (_, index) => ({ ...DEPLOYED_CONFIG, account: `a${index}` }));
  let aws: Wiretap;
  /** When each function was invoked, by the clock of those who wait. */
  let invoked: number[];
  let now: number;
  /** What Lambda takes in a second, GetFunction aside: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  let left: number;
  const sleep = async (ms: number) => {
    now += ms;
  };
  beforeEach(async () => {
    invoked = [];
    now = 0;
    left = 15;
    aws = await startWiretap("", async ({ path, body }) => {
      if (path.endsWith("/invocations")) {
        invoked.push(now);
        return { body: JSON.stringify(REPORT) };
      }
      const [, name = "", part] = /functions\/(\w+)(\/\w+)?/.exec(path) ?? [];
      if (part !== undefined) left -= 1;
      if (left < 0) return { status: 429, body: '{"__type":"TooManyRequestsException"}' };
      if (name !== "") {
        const Configuration = { FunctionArn: `arn:${name}`, Environment: { Variables: CONFIGS[name] } };
        return { body: JSON.stringify(part === undefined ? { Configuration } : Configuration) };
      }
      expect(body).toContain("Action=ListStackResources");
      const resources = Object.keys(CONFIGS).map(
        (id) =>
          `<member><ResourceType>AWS::Lambda::Function</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`,
      );
      return {
        body: `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${resources.join("")}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`,
      };
    });
    stubAws(aws.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  it("are known by the kind of their configuration: a webhook is no check", async () => {
    const { checks, webhooks } = await findFunctions(createClients());
    expect(checks.map(({ arn, config }) => [arn, config.account])).toEqual([
      ["arn:three", "kie"],
      ["arn:two", "video"],
    ]);
    expect(webhooks.map(({ arn, config }) => [arn, config])).toEqual([
      ["arn:four", { ...WEBHOOK_CONFIG, name: "phone" }],
      ["arn:one", WEBHOOK_CONFIG],
    ]);
  });

  it("of another version are an error that names the function", async () => {
    CONFIGS["five"] = { CONFIG: '{"kind":"pager"}' };
    await expect(findFunctions(createClients())).rejects.toThrow(
      /^The function five was deployed by another version of this tool\. Deploy again with npx cdk deploy; or, .*\. Invalid configuration:/,
    );
    delete CONFIGS["five"];
  });

  it("are read at once, also if there are 50 accounts", async () => {
    for (const config of MANY) CONFIGS[config.account] = environmentOf(config);
    expect((await findFunctions(createClients())).checks).toHaveLength(52);
    for (const { account } of MANY) delete CONFIGS[account];
  });

  // SNS suspends an email that gets more: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
  it("send no more than ten messages a second", async () => {
    for (const config of MANY) CONFIGS[config.account] = environmentOf(config);
    const check = { dryRun: true, test: false, need: null, snoozeHours: null };
    expect(await checkDeployed(null, check, sleep)).toHaveLength(52);
    expect(now).toBe(0);
    invoked = [];
    await checkDeployed(null, { ...check, dryRun: false }, sleep);
    const inTheSecondFrom = (start: number) => invoked.filter((at) => at >= start && at < start + 1_000);
    expect(Math.max(...invoked.map((start) => inTheSecondFrom(start).length))).toBeLessThanOrEqual(10);
    for (const { account } of MANY) delete CONFIGS[account];
  });
});
