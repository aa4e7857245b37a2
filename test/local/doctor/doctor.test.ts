import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../../local/doctor/doctor.ts";
import { run } from "../../support/command.ts";
import { CREDENTIALS } from "../../support/credentials.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "home-"));
});
afterAll(() => rmSync(home, { recursive: true }));

/** Runs the doctor if nothing is set up. */
function doctor(args: readonly string[], env: Record<string, string> = {}) {
  return run(main, args, { HOME: home, AWS_EC2_METADATA_DISABLED: "true", ...env });
}

describe("the doctor if nothing is set up", () => {
  const rows: [title: string, env: Record<string, string>, told: RegExp][] = [
    ["no region", {}, /✖ Credentials +No AWS region is set\. Set AWS_REGION /],
    [
      "the region under its other name, but no credentials",
      { AWS_DEFAULT_REGION: "us-east-1" },
      /✖ Credentials +There are no AWS credentials here: /,
    ],
    [
      "a profile that is not there",
      { AWS_REGION: "us-east-1", AWS_PROFILE: "nope" },
      /✖ Credentials +There are no AWS credentials here: .* There is no profile nope in /,
    ],
    ["no credentials", { AWS_REGION: "us-east-1" }, /✖ Credentials +There are no AWS credentials here: /],
    [
      "no connection",
      {
        ...CREDENTIALS,
        AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      },
      /✖ Credentials +AWS can't be reached: sts:GetCallerIdentity: /,
    ],
  ];
  it.each(rows)("says so in one line and ends: %s", async (_, env, told) => {
    const { code, stdout, stderr } = await doctor([], env);
    expect(stdout).toMatch(told);
    expect(stdout).toMatch(/^Stack KieCreditAlert\n.*\n\n✖ 1 broken {3}⚠ 0 to look at {3}✔ 0 fine\n$/);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  });
});

describe("bad usage of the doctor", () => {
  const rows: [title: string, args: string[], told: string][] = [
    ["an unknown option", ["--acount", "x"], "unknown option '--acount'\n(Did you mean --account?)"],
    ["no name of an account", ["--account", "A B"], `--account: got "A B", expected 1 to 20 of`],
    [
      "an address that would show the key to the network",
      ["--base-url", "http://kie.example"],
      `--base-url: got "http://kie.example", expected an https: address, or http: to a loopback host`,
    ],
  ];
  it.each(rows)("is named: %s", async (_, args, told) => {
    const { code, stdout, stderr } = await doctor(args);
    expect(stderr).toContain(told);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  });
});

describe("--help", () => {
  it("tells every option and exit code", async () => {
    const { code, stdout } = await doctor(["--help"]);
    for (const told of ["npm run doctor -- [options]", "--account <name>", "--base-url <url>"]) {
      expect(stdout).toContain(told);
    }
    expect(stdout).toContain("2  something is broken");
    expect(code).toBe(0);
  });
});
