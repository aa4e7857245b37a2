import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
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
function synth(command: string, args: readonly string[], path: string) {
  return spawnSync(
    command,
    [...args, "synth", "--quiet", "--strict", "--output", out, "-c", "settings=settings.example.json"],
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
    "makes a template that cfn-lint finds nothing in",
    () => {
      execFileSync("cfn-lint", [join(out, "KieCreditAlert.template.json")], { cwd: ROOT });
    },
  );
});
