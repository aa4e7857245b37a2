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
    const { status, stdout, stderr } = runApp({ warning: "many", emails: "me@example.com" });
    expect(stderr.slice(stderr.indexOf("Invalid settings:"))).toBe(
      [
        "Invalid settings:",
        '  warning: got "many", expected a decimal number',
        '  emails: got "me@example.com", but its name on the command line is email',
        "",
      ].join("\n"),
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  it("bundles once for several accounts: one ES module with the SDK inside, and nothing beside it", () => {
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
    expect(readdirSync(folder)).toEqual(["index.mjs"]);
    expect(statSync(join(folder, "index.mjs")).size).toBeLessThanOrEqual(700_000);
    const code = readFileSync(join(folder, "index.mjs"), "utf8");
    expect(code).toMatch(/export\s*\{[^}]*\bas handler\b[^}]*\}|export\s*\{[^}]*\bhandler\b[^}]*\}/);
    // What is imported is Node's own: the first word of an import statement is no part of a text.
    const imports = [...code.matchAll(/^import\b.*?\bfrom\s*"([^"]+)"|;import\b[^;"]*?\bfrom\s*"([^"]+)"/gm)];
    expect(imports.length).toBeGreaterThan(0);
    expect(
      imports.map(([, first, other]) => first ?? other).filter((name) => !isBuiltin(name ?? "")),
    ).toEqual([]);
  });
});
