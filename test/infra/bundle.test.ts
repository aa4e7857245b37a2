import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws-stand-in.ts";
import { invoke } from "../support/deployment.ts";
import { DEPLOYED_CONFIG, environmentOf } from "../support/settings.ts";
import { assetsIn, runApp } from "./run-app.ts";

let out: string;
let folder: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "bundle-"));
  const { stderr } = runApp(out, { settings: "settings.example.json" });
  folder = assetsIn(out)[0] ?? expect.unreachable(stderr);
});
afterAll(() => rmSync(out, { recursive: true }));

it("the bundle is small, and needs only Node's own modules and those that are never loaded", () => {
  const code = readFileSync(join(folder, "index.js"), "utf8");
  expect(code.length).toBeLessThan(600_000);
  const required = [...code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  expect(required).toContain("node:https");
  for (const name of required.filter((each) => !isBuiltin(each)))
    expect(name).toMatch(/^@(aws-sdk|smithy)\/(credential-provider-|core\/event-streams)/);
});

describe("the bundle, run as Lambda runs it,", () => {
  let aws: AwsStandIn;
  let kie: KieStandIn;
  beforeEach(async () => {
    aws = await startAwsStandIn();
    kie = await startKieStandIn(credits(212));
    aws.parameters.set(DEPLOYED_CONFIG.apiKeyParameter, "0123456789abcdef0123456789abcdef");
  });
  afterEach(async () => {
    await aws.close();
    await kie.close();
  });

  function run(env: Record<string, string> = {}) {
    const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const world = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: aws.url, KIE_BASE_URL: kie.url };
    const environment = { ...environmentOf(), ...credentials, ...world };
    return invoke({ environment, folder }, env, {});
  }

  it("checks the credits, tells, and remembers both before and after", async () => {
    const { report, log } = await run();
    const alert = { kind: "raised", messageId: "message-1" };
    expect(report, log).toMatchObject({ credits: 212, level: "critical", alert });
    const writes = aws.calls.map(({ action }) => action).filter((action) => /^(Put|Publish)/.test(action));
    // SSM finds the second write too fast, once.
    expect(writes).toEqual(["PutParameter", "Publish", "PutParameter", "PutParameter"]);
  });

  it("names our errors and functions as the source does when it can't start", async () => {
    const { log } = await run(environmentOf({ ...DEPLOYED_CONFIG, account: "" }));
    expect(log).toMatch(
      /^errorType: InvalidInputError\nInvalidInputError: Invalid configuration:\n {2}account: /,
    );
    expect(log).toMatch(/^ {4}at parseInput \(.*\n {4}at readConfig \(/m);
  });

  it.each([
    { action: "GetParameters", code: "AccessDeniedException" },
    { action: "PutParameter", code: "ParameterMaxVersionLimitExceeded" },
  ])("names them when $action is refused with $code", async ({ action, code }) => {
    aws.refusals.set(action, code);
    const { report, log } = await run();
    expect(report).toBeUndefined();
    expect(log).toMatch(/^errorType: AwsCallError$/m);
    expect(log).toMatch(
      new RegExp(`^AwsCallError: ssm:${action} of .* failed: ${code}: refused: ${action}$`, "m"),
    );
    expect(log).toMatch(/^ {4}at async checkCredits \(/m);
  });
});
