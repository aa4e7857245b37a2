import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { start } from "../../support/command.ts";
import { CREDENTIALS } from "../../support/credentials.ts";
import { startSetupStandIn } from "./aws.ts";

const PEOPLE = ["--yes", "--email", "me@example.com"];

describe("npm run setup, if something is in the way,", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "setup-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function setup(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // Nobody listens there, so that nothing leaves this machine.
    const quiet = { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    const { process: child, outcome } = start("local/setup/setup.ts", args, { ...quiet, ...env }, folder);
    child.stdin?.end();
    const { code, stderr } = await outcome;
    expect(code).toBe(3);
    expect(existsSync(join(folder, "settings.json"))).toBe(false);
    return stderr;
  }

  it("says in one line which flags it needs if there is no terminal", async () => {
    expect(await setup([])).toBe(
      "There is no terminal to ask in: give --yes with --email ADDRESS or --phone NUMBER, and the key in KIE_API_KEY or on standard input.\n",
    );
  });

  it("asks for somebody who is told", async () => {
    expect(await setup(["--yes"])).toBe("Nobody would be told: give --email ADDRESS or --phone NUMBER.\n");
  });

  it("names every bad option", async () => {
    expect(await setup(["--yes", "--email", "me", "--phone", "0151", "--every", "x"])).toBe(
      [
        "Invalid options:",
        '  --email.0: got "me", expected an email address',
        '  --phone.0: got "0151", expected a number as E.164, such as +15551234567',
        '  --every: got "x", expected a decimal number\n',
      ].join("\n"),
    );
  });

  it("says how to get credentials if there are none", async () => {
    expect(await setup(PEOPLE)).toMatch(
      /^There are no AWS credentials here: .*https:\/\/aws\.amazon\.com\/free/s,
    );
  });

  it("does not send people for credentials if AWS can't be reached", async () => {
    const stderr = await setup(PEOPLE, CREDENTIALS);
    expect(stderr).toMatch(/^AWS can't be reached: sts:GetCallerIdentity: ECONNREFUSED/);
    expect(stderr.trim()).not.toContain("\n");
  });
});

it("settings that no deployment takes stop setup before it asks anything, and are left as they are", async () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  writeFileSync(join(folder, "settings.json"), '{ "emails": ["me@example.com"], "everyMinutes": 0 }');
  const aws = await startSetupStandIn();
  const env = { ...CREDENTIALS, AWS_ENDPOINT_URL: aws.url };
  const { code, stderr } = await start("local/setup/setup.ts", ["--yes"], env, folder).outcome;
  await aws.close();
  rmSync(folder, { recursive: true });
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr:
      "Invalid settings in settings.json:\n  everyMinutes: got 0, expected a whole number of minutes, 1 to 1440\n",
  });
  expect(aws.calls).toEqual([]);
});
