import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isInstalled } from "../support/moto.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let out: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "cdk-out-"));
});
afterAll(() => rmSync(out, { recursive: true }));

/** Runs the CDK's command line under this Node. */
function synth(command: string, args: readonly string[], path: string, settings = "settings.example.json") {
  return spawnSync(
    command,
    [...args, "synth", "--quiet", "--strict", "--output", out, "-c", `settings=${settings}`],
    {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, PATH: path },
    },
  );
}

describe("synth", () => {
  const path = process.env["PATH"] ?? "";

  it("has nothing to warn of, though warnings are errors", () => {
    const { status, stdout, stderr } = synth("npx", ["cdk"], path);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout + stderr).not.toMatch(/warning|error/i);
  });

  it("works with a cdk that is installed globally, on the host's own Node", () => {
    // Without this project's commands on the PATH, `node` is the host's.
    const hostPath = path
      .split(":")
      .filter((folder) => !folder.includes("node_modules"))
      .join(":");
    const cdk = join(ROOT, "node_modules/aws-cdk/bin/cdk");
    const { status, stdout, stderr } = synth("node", [cdk], hostPath);
    expect(status, stdout + stderr).toBe(0);
  });

  it.skipIf(!isInstalled("cfn-lint", "pip install cfn-lint"))(
    "makes a template that cfn-lint finds nothing in, with webhooks too",
    () => {
      const template = join(out, "KieCreditAlert.template.json");
      execFileSync("cfn-lint", [template], { cwd: ROOT });
      const settings = join(out, "settings.json");
      const webhooks = [{ name: "team" }, { name: "phone", kind: "ntfy" }];
      writeFileSync(settings, JSON.stringify({ emails: ["me@example.com"], webhooks }));
      const { status, stdout, stderr } = synth("npx", ["cdk"], path, settings);
      expect(status, stdout + stderr).toBe(0);
      execFileSync("cfn-lint", [template], { cwd: ROOT });
      expect(readFileSync(template, "utf8")).toContain("/kie-credit-alert/webhooks/phone");
    },
  );
});
