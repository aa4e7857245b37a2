import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { createTelemetry } from "../../lambda/adapters/telemetry.ts";
import type { Environment } from "../../lambda/config.ts";
import { NO_USE, observe } from "../../lambda/policy/forecast.ts";
import { FRESH_MEMORY, serializeMemory } from "../../lambda/policy/memory.ts";
import { credits, json, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws-stand-in.ts";
import { stubAws } from "../support/credentials.ts";
import { REPORT } from "../support/report.ts";
import { DEPLOYED_CONFIG, environmentOf } from "../support/settings.ts";

const KEY = "canary-0123456789abcdef";

let aws: AwsStandIn;
let kie: KieStandIn;
let handler: typeof import("../../lambda/handler.ts")["handler"];
const output: string[] = [];

beforeAll(async () => {
  aws = await startAwsStandIn();
  kie = await startKieStandIn(credits(5000));
  const environment: Environment = {
    ...environmentOf({ ...DEPLOYED_CONFIG, emitsMetrics: true }),
    KIE_BASE_URL: kie.url,
  };
  stubAws(aws.url);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  aws.parameters.set(DEPLOYED_CONFIG.apiKeyParameter, `${KEY}\n`);
  const collect = (chunk: string | Uint8Array) => {
    output.push(String(chunk));
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(collect);
  vi.spyOn(process.stderr, "write").mockImplementation(collect);
  ({ handler } = await import("../../lambda/handler.ts"));
});
afterEach(() => {
  output.length = 0;
  aws.calls.length = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  await kie.close();
});

const lines = () =>
  output
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it("checks the credits with the key of SSM, and writes one log line and one set of metrics", async () => {
  const report = await handler({});
  expect(report).toMatchObject({
    account: "kie",
    credits: 5000,
    level: "ok",
    audience: { emails: 1, phones: 1, others: 0, pending: 1 },
  });
  expect(kie.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(aws.calls.map(({ action }) => action).sort()).toEqual([
    "GetParameters",
    "ListSubscriptionsByTopic",
    "PutParameter",
  ]);

  const [log, metrics, ...rest] = lines();
  expect(rest).toEqual([]);
  expect(log).toMatchObject({ level: "INFO", message: "checked", account: "kie", report });
  expect(metrics).toMatchObject({ account: "kie", Credits: 5000 });
  expect(metrics).not.toHaveProperty("HoursLeft");
  expect(metrics).not.toHaveProperty("service");
  expect(metrics?.["_aws"]).toMatchObject({
    CloudWatchMetrics: [{ Namespace: "KieCreditAlert", Dimensions: [["account"]] }],
  });
});

it("takes the event of a rule that has no input of its own for a check", async () => {
  kie.answer(credits(5000));
  const event = {
    source: "aws.events",
    "detail-type": "Scheduled Event",
    detail: {},
    id: "1",
    region: "us-east-1",
  };
  expect(await handler(event)).toMatchObject({ credits: 5000 });
});

it("publishes an alert", async () => {
  kie.answer(credits(212));
  expect(await handler({})).toMatchObject({ alert: { kind: "raised", messageId: "message-1" } });
  expect(aws.calls.map(({ action }) => action)).toContain("Publish");
});

it("measures nothing that nobody knows", async () => {
  // Not tried again, since the wait would be too long.
  kie.answer(json(429, { code: 429, msg: "Slow down" }, { "retry-after": "3600" }));
  expect(await handler({})).toMatchObject({ failure: { reason: "throttled" } });
  expect(lines().map(({ message }) => message)).toEqual(["checked"]);
});

it("measures the runway once it is known", async () => {
  kie.answer(credits(500));
  const use = observe(NO_USE, { at: Date.now() - 10 * 3_600_000, credits: 1000 });
  const memory = serializeMemory({ ...FRESH_MEMORY, seen: { ...FRESH_MEMORY.seen, use } });
  aws.parameters.set(DEPLOYED_CONFIG.memoryParameter, memory);
  await handler({});
  expect(lines().find((line) => "_aws" in line)).toMatchObject({ HoursLeft: expect.closeTo(10, 0) });
});

it("measures nothing if there is no dashboard to show it", () => {
  createTelemetry({ account: "kie", emitsMetrics: false }).record(REPORT);
  expect(lines().map(({ message }) => message)).toEqual(["checked"]);
});

it("warns in the log if the memory is damaged", async () => {
  kie.answer(credits(5000));
  aws.parameters.set(DEPLOYED_CONFIG.memoryParameter, "{");
  await handler({});
  expect(lines()).toContainEqual(
    expect.objectContaining({ level: "WARN", message: expect.stringContaining("not JSON") }),
  );
});

it("refuses an event that it doesn't know, and names every field", async () => {
  await expect(handler({ dryrun: true, need: -1, test: "yes" })).rejects.toThrow(
    'Invalid event:\n  test: got "yes", expected true or false, without quotes\n  need: got -1, expected a number of credits, 0 to 999999999\n  dryrun: unknown name',
  );
  await expect(handler("check")).rejects.toThrow('it: got "check", expected an object');
  expect(aws.calls).toEqual([]);
});

it.each([
  {
    event: { snoozeHours: 169 },
    message: "snoozeHours: got 169, expected 1 to 168 hours, or 0 to end the snooze",
  },
  { event: { snoozeHours: 0.5 }, message: "snoozeHours: got 0.5, expected 1 to 168 hours" },
  {
    event: { snoozeHours: 3, dryRun: true },
    message: "snoozeHours: got 3, expected none beside dryRun, which remembers nothing",
  },
  {
    event: { snoozeHours: 0, test: true },
    message: "snoozeHours: got 0, expected none beside test, which remembers nothing",
  },
])("refuses $event", async ({ event, message }) => {
  await expect(handler(event)).rejects.toThrow(message);
});

it("throws where AWS fails, and has written no heartbeat", async () => {
  aws.refusals.set("GetParameters", "AccessDeniedException");
  await expect(handler({})).rejects.toThrow(
    "ssm:GetParameters of /kie-credit-alert/kie/api-key and /kie-credit-alert/kie/memory failed",
  );
  aws.refusals.clear();
  expect(output).toEqual([]);
});

it("the key is in no output, error or message of any of these", async () => {
  kie.answer(json(200, { code: 500, msg: `No luck with ${KEY}` }, { "retry-after": "3600" }));
  const report = await handler({});
  aws.refusals.set("PutParameter", "AccessDeniedException");
  const error = await handler({}).catch((thrown: Error) => thrown.stack);
  aws.refusals.clear();
  const said = [
    output.join(""),
    JSON.stringify(report),
    error,
    JSON.stringify(aws.calls),
    [...aws.parameters.entries()].filter(([name]) => name !== DEPLOYED_CONFIG.apiKeyParameter).join(""),
  ].join("");
  expect(said).toContain("server-error");
  expect(said).not.toContain(KEY);
});
