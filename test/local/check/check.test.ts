import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryFile } from "../../../local/check/memory-file.ts";
import {
  type Answer,
  credits,
  type KieStandIn,
  kieError,
  startKieStandIn,
} from "../../../local/demo/kie-stand-in.ts";
import { type Outcome, start } from "../../support/command.ts";

const KEY = "0123456789abcdef0123456789abcdef";

let kie: KieStandIn;
let folder: string;
beforeEach(async () => {
  kie = await startKieStandIn(credits(5_000));
  folder = mkdtempSync(join(tmpdir(), "check-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await kie.close();
});

/** Runs the check against the stand-in. The key is in no output, whatever happens. */
async function check(...args: readonly string[]): Promise<Outcome> {
  const outcome = await start("local/check/check.ts", ["--base-url", kie.url, ...args], { KIE_API_KEY: KEY })
    .outcome;
  expect(outcome.stdout + outcome.stderr).not.toContain(KEY.slice(0, 8));
  return outcome;
}

describe("the exit code", () => {
  const rows: [title: string, answer: Answer, args: string[], code: number][] = [
    ["0 when all is well", credits(5_000), [], 0],
    ["1 at the warning threshold", credits(1_000), [], 1],
    ["0 beside it", credits(1_000.01), [], 0],
    ["2 at the critical threshold", credits(300), [], 2],
    ["2 when the account is empty", credits(0), [], 2],
    ["by the thresholds given", credits(5_000), ["--warning", "9000", "--critical", "5000"], 2],
    ["0 when the balance is just what is needed", credits(5_000), ["--need", "5000"], 0],
    ["2 when it is not enough", credits(5_000), ["--need", "5000.5"], 2],
    ["2 when it is not enough at a warning", credits(900), ["--need", "901"], 2],
    ["1 when it is enough at a warning", credits(900), ["--need", "900"], 1],
    ["3 when there is no reading", kieError(500, `no luck with ${KEY}`), [], 3],
    ["3 when there is no reading, whatever is needed", kieError(500, ""), ["--need", "0"], 3],
  ];
  it.each(rows)("is %s", async (_, answer, args, code) => {
    kie.answer(answer);
    expect((await check(...args)).code).toBe(code);
  });
});

describe("bad usage", () => {
  const rows: [title: string, args: string[], told: string][] = [
    ["an unknown option", ["--warnin", "5"], "unknown option '--warnin'\n(Did you mean --warning?)"],
    ["an unknown option, without its value", [`--key=${KEY}`], "unknown option '--key=...'"],
    ["a short one, without its value", [`-k${KEY}`], "unknown option '-k...'"],
    [
      "an argument too many, without its text",
      [KEY],
      "too many arguments. Expected 0 arguments but got 1.\n",
    ],
    ["a missing value", ["--memory"], "option '--memory <file>' argument missing"],
    ["an empty file name", ["--memory", ""], `--memory: got "", expected a file's name`],
    ["a word for a number", ["--warning", "many"], `--warning: got "many", expected a decimal number`],
    ["an empty number", ["--critical", ""], `--critical: got "", expected a decimal number`],
    ["a negative number", ["--need", "-1"], "--need: got -1, expected a number, 0 or more"],
    [
      "a negative limit",
      ["--critical-hours", "-1"],
      "--critical-hours: got -1, expected a number, 0 or more",
    ],
    [
      "thresholds that don't fall",
      ["--warning", "5", "--critical", "6"],
      "--critical: got 6, expected less than the warning threshold, 5",
    ],
    [
      "a threshold that its other one's default doesn't fit",
      ["--warning", "200"],
      "--critical: got 300, which is the default, expected less than the warning threshold, 200",
    ],
    [
      "limits that don't fall",
      ["--warning-hours", "2", "--critical-hours", "3"],
      "--critical-hours: got 3, expected less than the warning limit, 2, or 0",
    ],
    [
      "an address that would show the key to the network",
      ["--base-url", "http://kie.example"],
      `--base-url: got "http://kie.example", expected an https: address, or http: to a loopback host`,
    ],
  ];
  const deployedRows: typeof rows = [
    [
      "what a deployed function has of its own",
      ["--deployed", "--memory", "m.json", "--warning", "5"],
      `--memory: got "m.json", expected nothing beside --deployed: the function has its own
  --warning: got 5, expected nothing beside --deployed: the function has its own
`,
    ],
    ["an address", ["--deployed"], "expected nothing beside --deployed"],
    [
      "an account without --deployed",
      ["--account", "kie"],
      `--account: got "kie", expected only beside --deployed`,
    ],
    ["no name of an account", ["--account", "A"], `--account: got "A", expected 1 to 20 of a-z, 0-9 and -`],
  ];
  it.each([...rows, ...deployedRows])("is named: %s", async (_, args, told) => {
    const { code, stdout, stderr } = await check(...args);
    expect(stderr).toContain(told);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(kie.requests).toEqual([]);
  });

  it("is named all at once", async () => {
    const { stderr } = await check("--warning", "x", "--need", "y");
    expect(stderr).toBe(
      'Invalid options:\n  --need: got "y", expected a decimal number\n  --warning: got "x", expected a decimal number\n',
    );
  });
});

describe("--deployed", () => {
  const deployed = (env: Record<string, string>) =>
    start("local/check/check.ts", ["--deployed"], { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", ...env })
      .outcome;

  it("says in one line that there is no region", async () => {
    const { code, stdout, stderr } = await deployed({});
    expect(stderr).toMatch(/^No AWS region is set\. Set AWS_REGION .*\n$/);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  });

  it("says in one line that there are no credentials", async () => {
    const { code, stdout, stderr } = await deployed({ AWS_REGION: "us-east-1" });
    expect(stderr).toMatch(/^There are no AWS credentials here: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  });
});

describe("--help", () => {
  it("tells every option and exit code, and asks nobody", async () => {
    const { code, stdout } = await check("--help");
    expect(code).toBe(0);
    for (const told of [
      "Usage: npm run check -- [options]",
      "KIE_API_KEY",
      "--memory <file>",
      "3  unknown",
    ]) {
      expect(stdout).toContain(told);
    }
    expect(kie.requests).toEqual([]);
  });
});

describe("--json", () => {
  it("leaves nothing but the report on standard output, and the alert to standard error", async () => {
    kie.answer(credits(212));
    const { stdout, stderr } = await check("--json", "--need", "1530");
    expect(JSON.parse(stdout)).toEqual({
      account: "kie",
      checkedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      credits: 212,
      level: "critical",
      runway: null,
      failure: null,
      alert: {
        kind: "raised",
        severity: "critical",
        subject: "[Kie credits: kie] CRITICAL: 212 credits left",
        messageId: "printed",
      },
      audience: null,
      need: { credits: 1530, enough: false },
    });
    expect(stderr).toContain("Subject: [Kie credits: kie] CRITICAL: 212 credits left");
  });

  // A stream is coloured where it is a terminal, so each of them is made one in turn.
  it.each([
    ["in colour where standard error is a terminal", "stderr", true],
    ["plain where only standard output is one", "stdout", false],
  ])("shows the alert %s", async (_, terminal, isColoured) => {
    kie.answer(credits(212));
    const env = {
      KIE_API_KEY: KEY,
      NODE_OPTIONS: `--import=data:text/javascript,process.${terminal}.isTTY=true`,
    };
    const { stdout, stderr } = await start("local/check/check.ts", ["--base-url", kie.url, "--json"], env)
      .outcome;
    expect(stderr).toContain("Subject: ");
    expect(stderr.includes("\u001b[")).toBe(isColoured);
    expect(JSON.parse(stdout)).toMatchObject({ credits: 212 });
  });

  it("reports a failure as data", async () => {
    kie.answer(kieError(401, "You do not have access permissions"));
    const report = JSON.parse((await check("--json")).stdout);
    expect(report).toMatchObject({
      credits: null,
      level: null,
      failure: {
        reason: "unauthorized",
        detail: 'code 401: "You do not have access permissions"',
        permanent: true,
        consecutive: 1,
      },
      alert: { kind: "blind" },
    });
  });
});

describe("the alert", () => {
  it("is printed as each channel would show it", async () => {
    kie.answer(credits(212));
    const { stdout, stderr } = await check();
    expect(stderr).toBe("");
    expect(stdout).toContain("Subject: [Kie credits: kie] CRITICAL: 212 credits left");
    expect(stdout).toContain("The credits of kie are almost used up");
    expect(stdout).toContain("\n  Check by hand: npm run check\n");
    expect(stdout).toContain("kie CRITICAL: 212 credits left. Top up: kie.ai/billing\n");
    expect(stdout).toContain('  "credits": 212,\n');
  });

  it.each([
    ["Foo/Bar", "(UTC)"],
    ["UTC0", "(UTC)"],
    [":/etc/localtime", "(UTC)"],
    ["", "(UTC)"],
    ["Asia/Tokyo", "(Asia/Tokyo)"],
  ])("tells times in the zone of TZ=%s as %s", async (TZ, zone) => {
    kie.answer(credits(212));
    const { outcome } = start("local/check/check.ts", ["--base-url", kie.url], { KIE_API_KEY: KEY, TZ });
    const { code, stdout, stderr } = await outcome;
    expect(stdout).toContain(zone);
    expect(stdout).not.toContain("undefined");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  });

  it("is left out on a dry run, but the report shows it", async () => {
    kie.answer(credits(212));
    const { stdout } = await check("--dry-run");
    expect(stdout).not.toContain("Subject:");
    expect(stdout).toContain("raised, would be told: [Kie credits: kie] CRITICAL: 212 credits left");
  });

  it("can be a test", async () => {
    const { stdout, code } = await check("--test");
    expect(stdout).toContain("TEST, OK: 5,000 credits left");
    expect(code).toBe(0);
  });

  it("says without a key how to give one", async () => {
    const { stdout, code } = await start("local/check/check.ts", ["--base-url", kie.url]).outcome;
    expect(stdout).toContain("Set the environment variable KIE_API_KEY to the key.");
    expect(code).toBe(3);
    expect(kie.requests).toEqual([]);
  });
});

describe("--memory", () => {
  const file = () => join(folder, "memory.json");
  const alertOf = ({ stdout }: Outcome) => JSON.parse(stdout).alert?.kind ?? null;

  it("lets news be told once: raised, then silent, then recovered", async () => {
    const remember = () => check("--json", "--memory", file());
    kie.answer(credits(212));
    const raised = await remember();
    expect(alertOf(raised)).toBe("raised");
    expect(raised.stderr).not.toContain("memory");
    expect(alertOf(await remember())).toBeNull();
    kie.answer(credits(5_000));
    expect(alertOf(await remember())).toBe("recovered");
    expect(alertOf(await remember())).toBeNull();
    expect(readdirSync(folder)).toEqual(["memory.json"]);
  });

  it("is left alone by a dry run", async () => {
    await check("--memory", file(), "--dry-run");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("starts afresh with a warning where the file is no memory", async () => {
    writeFileSync(file(), "{");
    const { code, stderr } = await check("--memory", file());
    expect(stderr).toBe("Starting with a fresh memory: the memory is not JSON\n");
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toMatchObject({ version: 1, level: "ok" });
  });

  it("says in one line that the file can't be read", async () => {
    const { code, stdout, stderr } = await check("--memory", folder);
    expect(stderr).toMatch(/^--memory: \S+ can't be read: EISDIR: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(kie.requests).toEqual([]);
  });

  it("leaves no draft beside what can't be written", () => {
    mkdirSync(file());
    expect(() => createMemoryFile(file()).write("{}")).toThrow(/^--memory: \S+ can't be written: /);
    expect(readdirSync(folder)).toEqual(["memory.json"]);
  });

  it("says in one line that the file can't be written", async () => {
    const { code, stderr } = await check("--memory", join(folder, "missing", "memory.json"));
    expect(stderr).toMatch(/^--memory: \S+ can't be written: ENOENT: .*\n$/);
    expect(code).toBe(3);
  });
});

describe("Ctrl-C", () => {
  it("ends the check at once and quietly with exit code 130", async () => {
    kie.answer(() => {}); // Kie never answers.
    const { process, outcome } = start("local/check/check.ts", ["--base-url", kie.url], { KIE_API_KEY: KEY });
    await vi.waitUntil(() => kie.requests.length === 1, { timeout: 20_000 });
    process.kill("SIGINT");
    expect(await outcome).toEqual({ code: 130, stdout: "", stderr: "" });
  });
});
