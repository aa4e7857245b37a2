import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import cdkJson from "../../cdk.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "cdk-out-"));
});
afterEach(() => rmSync(out, { recursive: true }));

/** Runs the app as the CDK's command line does. */
function runApp(context: Record<string, unknown>) {
  const [command = "", ...args] = cdkJson.app.split(" ");
  return spawnSync(command, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
    },
  });
}

describe("the app", () => {
  it("ends on bad settings with nothing but what is wrong with them", () => {
    const { status, stdout, stderr } = runApp({ warning: "many", KIE_API_KEY: "sk-SECRET" });
    expect(stderr.slice(stderr.indexOf("Invalid settings:"))).toBe(
      [
        "Invalid settings:",
        '  warning: got "many", expected a decimal number',
        '  KIE_API_KEY: unknown name, expected email, phone, every, warning, critical, or a name under "kie-credit-alert" in cdk.json',
        "",
      ].join("\n"),
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain("SECRET");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  it("bundles once for several accounts: one file with the SDK inside, where errors keep their names", () => {
    const accounts = [{ name: "a" }, { name: "b" }, { name: "c" }];
    const { status, stderr } = runApp({ "kie-credit-alert": { accounts } });
    expect(status, stderr).toBe(0);
    expect(stderr.match(/Bundling asset/g)).toHaveLength(1);
    expect(stderr.match(/index\.mjs/g)).toHaveLength(1);

    const { Resources } = JSON.parse(readFileSync(join(out, "KieCreditAlert.template.json"), "utf8"));
    const keys = Object.values(
      Resources as Record<string, { Type: string; Properties: { Code: { S3Key: string } } }>,
    )
      .filter(({ Type }) => Type === "AWS::Lambda::Function")
      .map(({ Properties }) => Properties.Code.S3Key);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);

    const assets = readdirSync(out).filter((name) => name.startsWith("asset."));
    expect(assets).toEqual([`asset.${keys[0]?.replace(".zip", "")}`]);
    const folder = join(out, assets[0] ?? "");
    const file = join(folder, "index.mjs");
    expect(readdirSync(folder)).toEqual(["index.mjs"]);
    expect(statSync(file).size).toBeLessThanOrEqual(500_000);

    const code = readFileSync(file, "utf8");
    const named = (pattern: RegExp) => [...new Set([...code.matchAll(pattern)].map(([, name = ""]) => name))];
    // What is imported at once is Node's own; but not node:http, which would load Node's fetch.
    const atOnce = named(/\bfrom"([^"]+)"/g);
    expect(atOnce).toContain("node:https");
    expect(atOnce.filter((name) => !isBuiltin(name) || name === "node:http")).toEqual([]);
    // What is imported on demand never is: credentials come from the environment, and nothing streams events.
    const onDemand = named(/\bimport\("([^"]+)"\)/g).filter((name) => !isBuiltin(name));
    expect(onDemand.filter((name) => !/^@(aws-sdk|smithy)\/credential-provider-/.test(name))).toEqual([
      "@smithy/core/event-streams",
    ]);
    expect(code).not.toMatch(/\brequire\("/);

    const { stderr: said } = spawnSync(process.execPath, [file], { encoding: "utf8", env: {} });
    expect(said).toContain(
      "InvalidInputError: Invalid environment:\n  ACCOUNT: is missing, expected a name\n",
    );
    expect(said).toMatch(/^ {4}at parseInput .*\n {4}at readConfig /m);
  });
});
