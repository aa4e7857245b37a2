import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { credits, type KieStandIn, startKieStandIn } from "../../../local/demo/kie-stand-in.ts";
import { main } from "../../../local/setup/setup.ts";
import { run } from "../../support/command.ts";
import { CREDENTIALS } from "../../support/credentials.ts";
import { hasTerminals, startAtTerminal } from "../../support/terminal.ts";
import { startWebhookStandIns } from "../../support/webhook-stand-ins.ts";
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
    const { code, stderr } = await run(main, args, { ...quiet, ...env }, { cwd: folder });
    expect(code).toBe(3);
    expect(existsSync(join(folder, "settings.json"))).toBe(false);
    return stderr;
  }

  it("says in one line which flags it needs if there is no terminal", async () => {
    expect(await setup([])).toBe(
      "There is no terminal to ask in: give --yes with --email ADDRESS, --phone NUMBER or --webhook NAME, and the key in KIE_API_KEY or on standard input.\n",
    );
  });

  it.each([[["--new-key"]], [["--new-key", "kie"]]])(
    "says in one line how a key is replaced if there is no terminal: %j",
    async (args) => {
      expect(await setup(args)).toBe(
        "There is no terminal to ask in: to replace a key, give --yes in the folder that has your settings.json, and the new key in KIE_API_KEY or on standard input.\n",
      );
    },
  );

  it("asks for somebody who is told", async () => {
    expect(await setup(["--yes"])).toBe(
      "Nobody would be told: give --email ADDRESS, --phone NUMBER or --webhook NAME.\n",
    );
  });

  it("names every bad option", async () => {
    expect(
      await setup(["--yes", "--email", "me", "--phone", "0151", "--every", "0", "--warning-credits", "x"]),
    ).toBe(
      [
        "Invalid options:",
        '  --email.0: got "me", expected an email address',
        '  --phone.0: got "0151", expected a number with + and the country first, such as +4915112345667',
        "  --every: got 0, expected a whole number of minutes, 1 to 1440",
        '  --warning-credits: got "x", expected a number such as 1530 or 0.5, without commas and units\n',
      ].join("\n"),
    );
  });

  it("takes a key for no account's name, and does not repeat it", async () => {
    expect(await setup([...PEOPLE, "--new-key", "0123456789abcdef"])).toBe(
      "--new-key: expected the name of an account, kie. The key itself is asked for, or read from KIE_API_KEY or standard input.\n",
    );
  });

  it("takes a webhook's address for no name, and does not repeat it", async () => {
    expect(await setup(["--yes", "--webhook", "https://hooks.slack.com/services/x"])).toBe(
      "--webhook: expected a name of your own, 1 to 20 of a-z, 0-9 and -. The address itself is asked for, or read from standard input.\n",
    );
  });

  it.each([
    [
      ["--warning-credits", "100"],
      "  criticalCredits: got 300, which is the default, expected less than the warning threshold, 100\n",
    ],
    [
      ["--critical-credits", "5000"],
      "  criticalCredits: got 5000, expected less than the warning threshold, 1000\n",
    ],
  ])("refuses %j before it stores a key", async (args, problem) => {
    expect(await setup([...PEOPLE, ...args])).toBe(
      `Invalid settings in settings.json with these options:\n${problem}`,
    );
  });

  it("says how to get credentials if there are none", async () => {
    expect(await setup(PEOPLE)).toMatch(
      /^There are no AWS credentials here: .*https:\/\/aws\.amazon\.com\/free/s,
    );
  });

  it("does not send people with a profile for an AWS account", async () => {
    const stderr = await setup(PEOPLE, { AWS_REGION: "us-east-1", AWS_PROFILE: "nope" });
    expect(stderr).toMatch(/^There are no AWS credentials here: .* There is no profile nope in [^\n]*\n$/);
  });

  it("takes no default for a profile's region that is none", async () => {
    mkdirSync(join(folder, ".aws"));
    writeFileSync(join(folder, ".aws/config"), "[default]\nregion = us_east_1\n");
    expect(await setup(PEOPLE)).toMatch(
      /^Region not accepted: region="us_east_1" .* Set AWS_REGION to a region/,
    );
  });

  it("finds out that the folder can't be written before it asks for a key", async () => {
    mkdirSync(join(folder, "settings.json.tmp"));
    expect(await setup(PEOPLE, CREDENTIALS)).toMatch(
      /^The folder \S+ can't be written: EISDIR.* Setup writes settings\.json here, and the CDK cdk\.out\.\n$/,
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
  const { code, stderr } = await run(main, ["--yes"], env, { cwd: folder });
  await aws.close();
  rmSync(folder, { recursive: true });
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr:
      "Invalid settings in settings.json:\n  everyMinutes: got 0, expected a whole number of minutes, 1 to 1440\n",
  });
  expect(aws.calls).toEqual([]);
});

it.each([
  ["eleventh", /^Invalid settings in settings\.json with the webhook eleventh:\n {2}webhooks: .*at most 10/],
  // It is there already, so setup goes on, and finds no AWS.
  ["hook-10", /^AWS can't be reached/],
])("a webhook that is one too many is refused before its address is asked for: %s", async (name, text) => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const webhooks = Array.from({ length: 10 }, (_, index) => ({ name: `hook-${index + 1}` }));
  writeFileSync(join(folder, "settings.json"), JSON.stringify({ webhooks }));
  const env = { ...CREDENTIALS, HOME: folder, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  const ended = await run(main, ["--yes", "--webhook", name], env, { cwd: folder });
  rmSync(folder, { recursive: true });
  expect(ended).toMatchObject({ code: 3, stderr: expect.stringMatching(text) });
});

describe("of several accounts", () => {
  let folder: string;
  let kie: KieStandIn;
  let aws: Awaited<ReturnType<typeof startSetupStandIn>>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "setup-"));
    writeFileSync(
      join(folder, "settings.json"),
      '{ "emails": ["me@example.com"], "accounts": [{ "name": "video" }, { "name": "music" }] }',
    );
    kie = await startKieStandIn(credits(5_000));
    aws = await startSetupStandIn();
    for (const name of ["video", "music"]) {
      aws.parameters.set(`/kie-credit-alert/${name}/api-key`, {
        Type: "SecureString",
        Value: `key-of-${name}`,
      });
    }
  });
  afterEach(async () => {
    await kie.close();
    await aws.close();
    rmSync(folder, { recursive: true });
  });

  const setUp = (...args: readonly string[]) =>
    run(
      main,
      ["--yes", "--base-url", kie.url, ...args],
      // It does not say for which account it is.
      { ...CREDENTIALS, AWS_ENDPOINT_URL: aws.url, KIE_API_KEY: "0123456789abcdef" },
      { cwd: folder },
    );

  it("one gets a new key, and the others' keys are left alone", async () => {
    const { code, stdout, stderr } = await setUp("--new-key", "music");
    expect(code).toBe(3);
    expect(stdout).toContain(
      "⚠ No stack KieCreditAlert in 123456789012, us-east-1, while settings.json names people.",
    );
    expect(stdout).toContain("Kie key of video: stored, and it works: 5,000 credits");
    expect(stderr).toMatch(/^The Kie API key of music, .*: there is none\./);
  });

  it("a key that does not say whose it is changes none, and is told how it would", async () => {
    // It stops at the webhook's address, which is missing.
    const { code, stdout } = await setUp("--webhook", "team");
    expect(code).toBe(3);
    expect(stdout).toMatch(/KIE_API_KEY was not used, .*: npm run setup -- --new-key NAME$/m);
    expect(aws.calls).not.toContain("PutParameter");
  });
});

it("a stack from the template for the browser stops setup before it stores a key", async () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const aws = await startSetupStandIn(["CREATE_COMPLETE"], {
    Description: "Tells you. From the template for the browser, version 0.3.0",
  });
  const { code, stderr } = await run(
    main,
    PEOPLE,
    { ...CREDENTIALS, AWS_ENDPOINT_URL: aws.url, KIE_API_KEY: "0123456789abcdef0123456789abcdef" },
    { cwd: folder },
  );
  await aws.close();
  rmSync(folder, { recursive: true });
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^The stack KieCreditAlert here is from the template for the browser, and setup does not deploy over it\./,
  );
  expect(aws.calls).toEqual(["DescribeStacks"]);
});

describe.skipIf(!hasTerminals())("the first setup at a terminal", () => {
  it("needs no email where there is a chat, and writes nothing before somebody says that it is right", async () => {
    const folder = mkdtempSync(join(tmpdir(), "setup-"));
    const kie = await startKieStandIn(credits(5_000));
    const aws = await startSetupStandIn();
    const services = await startWebhookStandIns();
    const terminal = startAtTerminal(
      "local/setup/setup.ts",
      ["--base-url", kie.url],
      { ...CREDENTIALS, HOME: folder, AWS_ENDPOINT_URL: aws.url, KIE_API_KEY: "0123456789abcdef" },
      { cwd: folder },
    );
    const answer = async (question: string, text = "") => {
      await terminal.shows(question);
      terminal.type(`${text}\r`);
    };
    await answer("(optional, hidden)", services.addressOf("json"));
    await answer("What does 127.0.0.1:");
    await answer("Emails that get every message, with commas between them (optional)");
    await answer("Phones");
    await answer("Time zone");
    await answer("Warning at or below");
    await answer("Critical at or below");
    await answer("A dashboard with graphs?");
    await terminal.shows("Is this right?");
    expect(existsSync(join(folder, "settings.json"))).toBe(false);
    terminal.type("\r");
    await answer("Bootstrap?", "n");
    const { code, screen } = await terminal.ended();
    const settings = JSON.parse(readFileSync(join(folder, "settings.json"), "utf8"));
    await Promise.all([kie.close(), aws.close(), services.close()]);
    rmSync(folder, { recursive: true });
    expect(settings).toMatchObject({ emails: [], phones: [], webhooks: [{ name: "webhook" }] });
    expect(screen).toContain("Nothing is deployed. npm run setup goes on from here.");
    expect(code).toBe(3);
  });
});

it.skipIf(!hasTerminals())("a second copy is asked about before anything is stored", async () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  writeFileSync(join(folder, "settings.json"), '{ "emails": ["me@example.com"] }');
  const aws = await startSetupStandIn();
  const env = { ...CREDENTIALS, HOME: folder, AWS_ENDPOINT_URL: aws.url, KIE_API_KEY: "0123456789abcdef" };
  const terminal = startAtTerminal("local/setup/setup.ts", [], env, { cwd: folder });
  await terminal.shows("Deploy here?");
  terminal.type("\r");
  const { code, screen } = await terminal.ended();
  await aws.close();
  rmSync(folder, { recursive: true });
  expect(screen).toContain("Nothing was changed. Deployed elsewhere?");
  expect(code).toBe(3);
  expect(aws.calls).toEqual(["DescribeStacks"]);
});
