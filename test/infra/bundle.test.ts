import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws-stand-in.ts";
import { invoke } from "../support/deployment.ts";
import { DEPLOYED_CONFIG, environmentOf } from "../support/settings.ts";
import { assetsIn, ROOT, runApp } from "./run-app.ts";

let out: string;
let folder: string;
let code: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "bundle-"));
  const { stderr } = runApp(out, { settings: "settings.example.json" });
  folder = assetsIn(out)[0] ?? expect.unreachable(stderr);
  code = readFileSync(join(folder, "index.js"), "utf8");
});
afterAll(() => rmSync(out, { recursive: true }));

/** The source lines that a stack names, from the innermost on. */
function linesIn(stack: string): string[] {
  return [...stack.matchAll(/\b(lambda\/[\w/-]+\.ts):(\d+):\d+/g)].map(([, file = "", line = ""]) => {
    const text = readFileSync(join(ROOT, file), "utf8").split("\n")[Number(line) - 1];
    return `${file}: ${text?.trim()}`;
  });
}

describe("the bundle", () => {
  it("is small", () => {
    expect(statSync(join(folder, "index.js")).size).toBeLessThanOrEqual(460_000);
    expect(statSync(join(folder, "index.js.map")).size).toBeLessThanOrEqual(750_000);
  });

  it("has no arrow function", () => {
    expect(code).not.toContain("=>");
  });

  it("needs nothing that is not in it but Node's own modules and what is never loaded", () => {
    const required = [...code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name = ""]) => name);
    expect(required).toContain("node:https");
    const others = new Set(required.filter((name) => !isBuiltin(name)));
    for (const name of others)
      expect(name).toMatch(/^@(aws-sdk|smithy)\/(credential-provider-|core\/event-streams)/);
  });

  it("has a source map of this checkout's files, without any folder of this machine", () => {
    const { sources } = JSON.parse(readFileSync(join(folder, "index.js.map"), "utf8")) as {
      sources: string[];
    };
    expect(sources).toContain("lambda/handler.ts");
    for (const source of sources) expect(source).toMatch(/^(lambda|node_modules)\//);
  });
});

describe("the bundle, run as Lambda runs it", () => {
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

  function lambda() {
    const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const world = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: aws.url, KIE_BASE_URL: kie.url };
    return { ...environmentOf(), ...credentials, ...world };
  }

  async function run(env: Record<string, string> = {}) {
    const { report, log } = await invoke({ environment: lambda(), folder }, env, {});
    return { report, log, actions: aws.calls.map(({ action }) => action) };
  }

  it("checks the credits", async () => {
    const { report, log } = await run();
    expect(report, log).toMatchObject({
      credits: 212,
      level: "critical",
      alert: { kind: "raised", messageId: "message-1" },
    });
  });

  it.each([
    { action: "GetParameters", code: "AccessDeniedException" },
    { action: "PutParameter", code: "ParameterMaxVersionLimitExceeded" },
  ])("tells by our error's own name that $action was refused with $code", async ({ action, code }) => {
    aws.refusals.set(action, code);
    const { report, log } = await run();
    expect(report).toBeUndefined();
    expect(log).toMatch(
      new RegExp(`^AwsCallError: ssm:${action} of .* failed: ${code}: refused: ${action}$`, "m"),
    );
  });

  it("loads none of Node's fetch and web streams", async () => {
    const script = `
      require(${JSON.stringify(join(folder, "index.js"))}).handler({}).then(() => {
        console.log("loaded:", process.moduleLoadList.join(" "));
        process.exit();
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script], { env: lambda() });
    expect(stdout).toContain("NativeModule https");
    expect(stdout).not.toMatch(/NativeModule internal\/(deps\/undici|webstreams)/);
  });

  it("names our files and lines in the stack of an error at its start", async () => {
    const { log } = await run({ CONFIG: "{}" });
    expect(log).toContain("InvalidInputError: Invalid configuration:\n  kind: ");
    expect(linesIn(log)).toEqual([
      expect.stringMatching(/^lambda\/problems\.ts: throw new InvalidInputError\(/),
      expect.stringMatching(/^lambda\/config\.ts: .*parseInput\("configuration"/),
      expect.stringMatching(/^lambda\/handler\.ts: .*readConfig\(process\.env\)/),
    ]);
  });

  it("names our files and lines in the stack of an error of a port", async () => {
    aws.refusals.set("GetParameters", "AccessDeniedException");
    const { log } = await run();
    const lines = linesIn(log);
    expect(lines[0]).toMatch(/^lambda\/adapters\/aws\.ts: .*new AwsCallError\(|^lambda\/adapters\/aws\.ts: /);
    expect(lines.join("\n")).toContain("lambda/check-credits.ts: ");
  });

  it("reads its source map not while all is well", async () => {
    const script = `
      const fs = require("node:fs");
      const { readFileSync } = fs;
      let maps = 0;
      fs.readFileSync = (file, ...rest) => {
        if (String(file).endsWith(".map")) maps++;
        return readFileSync(file, ...rest);
      };
      require(${JSON.stringify(join(folder, "index.js"))}).handler({}).then(() => {
        console.log("maps:", maps);
        process.exit();
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script], { env: lambda() });
    expect(stdout).toContain("maps: 0\n");
  });
});
