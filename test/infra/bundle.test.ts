import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundle } from "../../infra/bundle.ts";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws-stand-in.ts";
import { invoke } from "../support/deployment.ts";
import { ENVIRONMENT } from "../support/settings.ts";

let folder: string;
let code: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
  writeFileSync(join(folder, "stale.js"), "");
  await bundle(folder);
  code = readFileSync(join(folder, "index.js"), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true }));

function required(): string[] {
  return [...new Set([...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = ""]) => name))];
}

describe("the bundle", () => {
  it("is one small file, whatever was in the folder before", () => {
    expect(readdirSync(folder)).toEqual(["index.js"]);
    expect(code.length).toBeLessThanOrEqual(350_000);
  });

  it("has every function expression in parentheses, and no arrow function", () => {
    expect(code).toMatch(/[=:,&|?(]\((async )?function[ (*]/);
    expect(code).not.toMatch(/[=:,&|?](async )?function[ (*]/);
    expect(code).not.toContain("=>");
  });

  it("needs nothing that is not in it but Node's own modules and what is never loaded", () => {
    expect(required()).toContain("node:https");
    const others = required().filter((name) => !isBuiltin(name));
    expect(others.filter((name) => !/^@(aws-sdk|smithy)\/credential-provider-/.test(name))).toEqual([
      "@smithy/core/event-streams",
    ]);
    expect(code).not.toMatch(/\bimport\(/);
  });

  it("holds nothing of the operations that are not called", () => {
    expect(code).toContain("GetParametersRequest");
    expect(code).toContain("ListSubscriptionsByTopicInput");
    expect(code).not.toMatch(/PatchBaseline|MaintenanceWindow|PlatformApplication/);
  });
});

describe("the bundle, run as Lambda runs it", () => {
  let aws: AwsStandIn;
  let kie: KieStandIn;
  beforeEach(async () => {
    aws = await startAwsStandIn();
    kie = await startKieStandIn(credits(212));
    aws.parameters.set(ENVIRONMENT.API_KEY_PARAMETER, "0123456789abcdef0123456789abcdef");
  });
  afterEach(async () => {
    await aws.close();
    await kie.close();
  });

  function lambda() {
    const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const world = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: aws.url, KIE_BASE_URL: kie.url };
    return { ...ENVIRONMENT, ...credentials, ...world };
  }

  async function run(env: Record<string, string> = {}) {
    const { report, log } = await invoke({ name: "check", environment: lambda(), folder }, env, {});
    return { report, log, actions: aws.calls.map(({ action }) => action) };
  }

  it("checks the credits", async () => {
    const { report, log } = await run();
    expect(report, log).toMatchObject({
      credits: 212,
      level: "critical",
      alert: { kind: "raised", messageId: "message-1" },
      audience: { emails: 1, phones: 1, others: 0, pending: 1 },
    });
  });

  it.each([
    { action: "GetParameters", code: "AccessDeniedException", call: "ssm:GetParameters of" },
    { action: "GetParameters", code: "InvalidKeyId", call: "ssm:GetParameters of" },
    { action: "PutParameter", code: "ParameterMaxVersionLimitExceeded", call: "ssm:PutParameter of" },
    { action: "Publish", code: "NotFound", call: "sns:Publish to", error: "NotPublishedError" },
    {
      action: "ListSubscriptionsByTopic",
      code: "AuthorizationError",
      call: "sns:ListSubscriptionsByTopic of",
    },
  ])("tells by its own name that $action was refused with $code, and doesn't try again", async (refusal) => {
    aws.refusals.set(refusal.action, refusal.code);
    const { report, log, actions } = await run();
    const { error = "AwsCallError" } = refusal;
    expect(report).toBeUndefined();
    expect(log).toMatch(
      new RegExp(`${error}: ${refusal.call} .* failed: ${refusal.code}: refused: ${refusal.action}\\n`),
    );
    expect(actions.filter((action) => action === refusal.action)).toHaveLength(1);
  });

  it.each([
    { action: "GetParameters", code: "ThrottlingException", attempts: 5 },
    { action: "GetParameters", code: "InternalServerError", attempts: 5 },
    { action: "PutParameter", code: "ThrottlingException", attempts: 5 },
    { action: "Publish", code: "Throttled", attempts: 1 },
    { action: "Publish", code: "InternalError", attempts: 1 },
  ])("tries $action $attempts times if the answer is $code", async ({ action, code, attempts }) => {
    aws.refusals.set(action, code);
    const { actions } = await run();
    expect(actions.filter((name) => name === action)).toHaveLength(attempts);
  });

  it("takes the SDK's settings from the environment, and their defaults where those are no values", async () => {
    const { report, log } = await run({ AWS_USE_FIPS_ENDPOINT: "", AWS_USE_DUALSTACK_ENDPOINT: "perhaps" });
    expect(report, log).toMatchObject({ credits: 212 });
    const refused = await run({ AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_SSM: "http://127.0.0.1:9" });
    expect(refused.log).toContain("AwsCallError: ssm:GetParameters of");
    expect(refused.log).toContain("127.0.0.1:9");
  });

  it("loads none of Node's fetch, web streams and web crypto, and reads no files", async () => {
    const script = `
      const fs = require("node:fs/promises");
      fs.readFile = fs.open = () => { throw new Error("a file was read"); };
      require(${JSON.stringify(join(folder, "index.js"))}).handler({}).then(() => {
        console.log("loaded:", process.moduleLoadList.join(" "));
        process.exit();
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script], { env: lambda() });
    expect(stdout).toContain("NativeModule https");
    expect(stdout).not.toMatch(/NativeModule internal\/(deps\/undici|webstreams|crypto\/webcrypto)/);
  });

  it("keeps names in stack traces", async () => {
    const { log } = await run({ ACCOUNT: "" });
    expect(log).toContain("InvalidInputError: Invalid environment:\n  ACCOUNT: ");
    expect(log).toMatch(/^ {4}at parseInput .*\n {4}at readConfig /m);
  });
});
