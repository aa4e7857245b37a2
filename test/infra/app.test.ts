import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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

  it("has one bundle, of one file, for several accounts", () => {
    const accounts = [{ name: "a" }, { name: "b" }, { name: "c" }];
    const { status, stderr } = runApp({ "kie-credit-alert": { accounts } });
    expect(status, stderr).toBe(0);

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
    expect(readdirSync(join(out, assets[0] ?? ""))).toEqual(["index.js"]);
  });
});
