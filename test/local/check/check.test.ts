import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../../../local/check/check.ts";
import { createMemoryFile } from "../../../local/check/memory-file.ts";
import {
  type Answer,
  credits,
  type KieStandIn,
  kieError,
  startKieStandIn,
} from "../../../local/demo/kie-stand-in.ts";
import { type Outcome, run } from "../../support/command.ts";
import { hasTerminals, startAtTerminal } from "../../support/terminal.ts";

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
  const outcome = await run(main, ["--base-url", kie.url, ...args], { KIE_API_KEY: KEY });
  expect(outcome.stdout + outcome.stderr).not.toContain(KEY.slice(0, 8));
  return outcome;
}

describe("the exit code", () => {
  const rows: { title: string; answer: Answer; args: string[]; code: number }[] = [
    { title: "0 just above the default warning threshold", answer: credits(1_000.01), args: [], code: 0 },
    { title: "2 at the default critical threshold", answer: credits(300), args: [], code: 2 },
    {
      title: "by the thresholds given",
      answer: credits(5_000),
      args: ["--warning", "9000", "--critical", "5000"],
      code: 2,
    },
    {
      title: "0 when the balance is just what is needed, though it is at a warning",
      answer: credits(900),
      args: ["--need", "900"],
      code: 0,
    },
    { title: "2 when it is not enough", answer: credits(5_000), args: ["--need", "5000.5"], code: 2 },
    {
      title: "3 when there is no reading, whatever is needed",
      answer: kieError(500, `no luck with ${KEY}`),
      args: ["--need", "0"],
      code: 3,
    },
  ];
  it.each(rows)("is $title", async ({ answer, args, code }) => {
    kie.answer(answer);
    expect((await check(...args)).code).toBe(code);
  });
});

describe("--timeout", () => {
  it("ends the whole command in one line with exit code 3, beside JSON on standard error", async () => {
    kie.answer(() => {}); // Kie never answers.
    expect(await check("--timeout", "1", "--json")).toEqual({
      code: 3,
      stdout: "",
      stderr: "KIE UNKNOWN - no result within 1 s\n",
    });
  });

  it("changes nothing if the check is done in time, and does not wait for it", async () => {
    const { code, stdout } = await check("--timeout", "3600");
    expect(stdout).toMatch(/^KIE OK - 5,000 credits /);
    expect(code).toBe(0);
  });
});

describe("options that npm keeps, since -- is missing before them", () => {
  const underNpm = (env: Record<string, string>, ...args: string[]) =>
    run(main, ["--base-url", kie.url, ...args], {
      KIE_API_KEY: KEY,
      npm_lifecycle_event: "check",
      ...env,
    });

  it("are named in one line, with the command to type", async () => {
    const kept = { npm_config_deployed: "true", npm_config_dry_run: "true" };
    expect(await underNpm(kept)).toEqual({
      code: 3,
      stdout: "",
      stderr:
        "npm kept --dry-run --deployed for itself. Put -- before the options: npm run check -- --dry-run --deployed\n",
    });
    expect(kie.requests).toEqual([]);
  });

  it("are named with their values, also if npm left the value on the command line", async () => {
    const { stderr } = await underNpm({ npm_config_need: "true", npm_config_memory: "m.json" }, "1530");
    expect(stderr).toContain(": npm run check -- --memory m.json --need <credits>\n");
  });

  it("are no matter if they are given behind -- too, or if it is not npm that runs the check", async () => {
    expect((await underNpm({ npm_config_dry_run: "true" }, "--dry-run")).code).toBe(0);
    const notUnderNpm = { KIE_API_KEY: KEY, npm_config_json: "true" };
    expect((await run(main, ["--base-url", kie.url], notUnderNpm)).code).toBe(0);
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
    [
      "a word for a number",
      ["--warning", "many"],
      `--warning: got "many", expected a number such as 1530 or 0.5, without commas and units`,
    ],
    [
      "an empty number",
      ["--critical", ""],
      `--critical: got "", expected a number such as 1530 or 0.5, without commas and units`,
    ],
    ["a negative number", ["--need", "-1"], "--need: got -1, expected a number of credits, 0 to 999999999"],
    [
      "a negative limit",
      ["--critical-hours", "-1"],
      "--critical-hours: got -1, expected a number of hours, 0 to 8760",
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
    ["an address beside --deployed", ["--deployed"], "expected nothing beside --deployed"],
    [
      "an account without --deployed",
      ["--account", "kie"],
      `--account: got "kie", expected only beside --deployed`,
    ],
    [
      "a snooze that nothing would remember",
      ["--snooze", "5"],
      "--snooze: got 5, expected only beside --deployed or --memory",
    ],
    [
      "a snooze beside a test",
      ["--memory", "m.json", "--snooze", "0", "--test"],
      "--snooze: got 0, expected none beside --test, which remembers nothing",
    ],
    [
      "a snooze beside a dry run",
      ["--memory", "m.json", "--snooze", "5", "--dry-run"],
      "--snooze: got 5, expected none beside --dry-run, which remembers nothing",
    ],
    [
      "a snooze of half an hour",
      ["--snooze", "0.5"],
      "--snooze: got 0.5, expected 1 to 168 hours, or 0 to end the snooze",
    ],
    [
      "a snooze of more than a week",
      ["--snooze", "169"],
      "--snooze: got 169, expected 1 to 168 hours, or 0 to end the snooze",
    ],
    ["a limit of no time", ["--timeout", "0"], "--timeout: got 0, expected 1 to 3600 seconds"],
    [
      "a limit of more than an hour",
      ["--timeout", "3601"],
      "--timeout: got 3601, expected 1 to 3600 seconds",
    ],
    [
      "a text to show of a deployed check",
      ["--deployed", "--show"],
      "--show: got true, expected nothing beside --deployed, where there is nothing to show",
    ],
    [
      "a text to show of a dry run",
      ["--dry-run", "--show"],
      "--show: got true, expected nothing beside --dry-run, where there is nothing to show",
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
      'Invalid options:\n  --need: got "y", expected a number such as 1530 or 0.5, without commas and units\n  --warning: got "x", expected a number such as 1530 or 0.5, without commas and units\n',
    );
  });
});

describe("--deployed", () => {
  const deployed = (env: Record<string, string>) =>
    run(main, ["--deployed"], { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", ...env });

  it("says in one line that there is no region", async () => {
    const { code, stdout, stderr } = await deployed({});
    expect(stdout).toMatch(/^KIE UNKNOWN - No AWS region is set\. Set AWS_REGION .*\n$/);
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
  });

  it("says in one line that there are no credentials", async () => {
    const { code, stdout, stderr } = await deployed({ AWS_REGION: "us-east-1" });
    expect(stdout).toMatch(/^KIE UNKNOWN - There are no AWS credentials here: .*\n$/);
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
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
      "--snooze <hours>",
      "3  unknown",
    ]) {
      expect(stdout).toContain(told);
    }
    expect(kie.requests).toEqual([]);
  });
});

describe("--json", () => {
  it("leaves nothing but the report, on one line of standard output, and the alert to standard error", async () => {
    kie.answer(credits(212));
    const { stdout, stderr } = await check("--json", "--show", "--need", "1530");
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      version: 2,
      account: "kie",
      checkedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      credits: 212,
      usd: 1.06,
      level: "critical",
      previousLevel: null,
      cause: { by: "credits", threshold: 300, withinMargin: false },
      runway: null,
      failure: null,
      alert: {
        kind: "raised",
        severity: "critical",
        subject: "Kie CRITICAL: 212 credits left",
        messageId: null,
        held: null,
      },
      audience: null,
      snoozedUntil: null,
      need: { credits: 1530, enough: false },
      jobs: [],
      chart: [...Array(23).fill(null), 212],
    });
    expect(stderr).toContain("Subject: Kie CRITICAL: 212 credits left");
    expect(stderr).toContain('{"version":2,"account":"kie",');
  });

  // A stream is coloured if it is a terminal, so each of them is made one in turn.
  it.each([
    ["in colour if standard error is a terminal", "stderr", true],
    ["plain if only standard output is one", "stdout", false],
  ] as const)("shows the alert %s", async (_, terminal, isColoured) => {
    kie.answer(credits(212));
    const args = ["--base-url", kie.url, "--json", "--show"];
    const { stdout, stderr } = await run(main, args, { KIE_API_KEY: KEY }, { terminal });
    expect(stderr).toContain("Subject: ");
    expect(stderr.includes("\u001b[")).toBe(isColoured);
    expect(JSON.parse(stdout)).toMatchObject({ credits: 212 });
  });

  it("reports a failure as data, with what is odd about the shape of a key that Kie refuses", async () => {
    kie.answer(kieError(401, `bad key ${KEY} ${KEY}1`));
    const args = ["--base-url", kie.url, "--json", "--show"];
    const { code, stdout, stderr } = await run(main, args, { KIE_API_KEY: `${KEY} ${KEY}1` });
    const report = JSON.parse(stdout);
    const detail = 'code 401: "bad key [key]"; the key has a blank in it';
    expect(report).toMatchObject({
      credits: null,
      level: null,
      failure: { reason: "unauthorized", detail, permanent: true, since: report.checkedAt },
      alert: { kind: "no-reading", messageId: null },
    });
    expect(stderr).toContain(`\nFailure: unauthorized, ${detail}\n`);
    expect(stdout + stderr).not.toContain(KEY.slice(0, 8));
    expect(code).toBe(3);
  });
});

describe("the alert", () => {
  it("is named in a screenful, which says how to see its text", async () => {
    kie.answer(credits(212));
    const { stdout, stderr } = await check();
    expect(stdout).toMatch(/^KIE CRITICAL - 212 credits /);
    expect(stdout).toContain("raised, would be told: Kie CRITICAL: 212 credits left\n");
    expect(stdout).toMatch(/\n\nIts text, as people would get it: npm run check -- --show\n$/);
    expect(stdout.split("\n").length).toBeLessThan(20);
    expect(stdout).not.toContain("Subject:");
    expect(stderr).toBe("");
    expect((await check("--json")).stderr).toBe("");
  });

  it("is shown with --show as people would get it, below the line for monitoring plugins", async () => {
    kie.answer(credits(212));
    const { stdout, stderr } = await check("--show");
    expect(stdout).not.toContain("--show");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^KIE CRITICAL - 212 credits \| credits=212;1000;300;0\n\nAccount {2}kie\n/);
    expect(stdout).toContain("raised, would be told: Kie CRITICAL: 212 credits left\n");
    expect(stdout).toContain("Subject: Kie CRITICAL: 212 credits left");
    expect(stdout).toContain("kie has only 212 credits left.");
    expect(stdout).toContain("\n\nCheck by hand: npm run check\n");
    expect(stdout).toContain(
      "kie CRITICAL: 212 credits left. Top up: kie.ai/billing (Automatic top-up, if on, has not happened.)\n",
    );
    expect(stdout).not.toContain('"credits"');
  });

  it("promises a reminder only if the check is remembered", async () => {
    kie.answer(credits(212));
    const shown = [await check("--show"), await check("--show", "--memory", join(folder, "memory.json"))];
    const line = "Next reminder, if nothing changes: in 6 h";
    expect(shown.map(({ stdout }) => stdout.includes(line))).toEqual([false, true]);
  });

  it.each([
    ["UTC", /\(UTC\)/],
    // The system's own, which may be any.
    ["", /\([A-Z][\w+:-]*\)/],
    ["Asia/Tokyo", /\(GMT\+9\)/],
  ])("tells times in the zone of TZ=%s as %s", async (TZ, zone) => {
    kie.answer(credits(212));
    // The time of the next reminder is one.
    const args = ["--base-url", kie.url, "--show", "--memory", join(folder, "memory.json")];
    const { code, stdout, stderr } = await run(main, args, { KIE_API_KEY: KEY, TZ });
    expect(stdout).toMatch(zone);
    expect(stdout).not.toContain("undefined");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  });

  it("is left out on a dry run, but the report shows it", async () => {
    kie.answer(credits(212));
    const { stdout } = await check("--dry-run");
    expect(stdout).not.toContain("Subject:");
    expect(stdout).toContain("raised, would be told: Kie CRITICAL: 212 credits left");
  });

  it("can be a test", async () => {
    const { stdout, code } = await check("--test");
    expect(stdout).toContain("test, would be told: Kie TEST, OK: 5,000 credits left");
    expect(stdout).toContain("This channel works.");
    expect(code).toBe(0);
  });

  it.each([
    { title: "there is none", env: {}, told: "there is no key" },
    { title: "it is empty", env: { KIE_API_KEY: " " }, told: "the key is empty" },
    {
      title: "it has a letter that no header can carry",
      env: { KIE_API_KEY: `${KEY}ж` },
      told: "the key holds a character that no HTTP header can carry; the key has a character that is not ASCII",
    },
  ])("is two lines about the key if $title", async ({ env, told }) => {
    expect(await run(main, ["--base-url", kie.url], env)).toEqual({
      code: 3,
      stdout: `KIE UNKNOWN - ${told}\nRun it again with a key that works. At a terminal it asks for one, unless KIE_API_KEY is set. Keys are made on https://kie.ai/api-key\n`,
      stderr: "",
    });
    expect(kie.requests).toEqual([]);
  });
});

it.each([`Bearer ${KEY}`, `"${KEY}"`, `KIE_API_KEY=${KEY} # mine`])(
  "of a KIE_API_KEY such as %j the key alone is taken, and standard error says so",
  async (text) => {
    const { code, stdout, stderr } = await run(main, ["--base-url", kie.url], { KIE_API_KEY: text });
    expect(stdout).toMatch(/^KIE OK - 5,000 credits /);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Taken off: what stood around the key\n" });
    expect(kie.requests).toMatchObject([{ headers: { authorization: `Bearer ${KEY}` } }]);
  },
);

describe("a second look at Kie", () => {
  const empty = (terminal?: "stdout" | "stderr") =>
    run(main, ["--base-url", kie.url], { KIE_API_KEY: KEY }, terminal && { terminal });

  it("is announced to somebody who waits for it at a terminal, and to nobody else", async () => {
    kie.answer(credits(0));
    expect((await empty("stderr")).stderr).toBe("Asking Kie again in 10 s, to be sure\n");
    expect((await empty("stdout")).stderr).toBe("");
    expect((await empty()).stderr).toBe("");
    kie.answer(credits(5_000));
    expect((await empty("stderr")).stderr).toBe("");
  });
});

describe.skipIf(!hasTerminals())("a key that is not in KIE_API_KEY", () => {
  const start = (env = {}, ...args: string[]) =>
    startAtTerminal("local/check/check.ts", ["--base-url", kie.url, ...args], env);

  it("is asked for at a terminal, hidden, and what was copied along with it is taken off", async () => {
    const terminal = start();
    await terminal.shows("Your Kie API key, from https://kie.ai/api-key (hidden)");
    terminal.type(`KIE_API_KEY="Bearer ${KEY}"\r`);
    const { code, screen } = await terminal.ended();
    expect(screen).toContain("Taken off: what stood around the key");
    expect(screen).toContain("KIE OK - 5,000 credits ");
    expect(screen).not.toContain(KEY.slice(0, 8));
    expect(kie.requests).toMatchObject([{ headers: { authorization: `Bearer ${KEY}` } }]);
    expect(code).toBe(0);
  });

  it("goes on with the same command after Ctrl-C while Kie is asked", async () => {
    kie.answer(kieError(401, "no"));
    const terminal = start({ KIE_API_KEY: " " });
    await terminal.shows("(hidden)");
    terminal.type(`${KEY}\r`);
    await terminal.shows("Asking Kie again");
    terminal.type("\u0003");
    const { code, screen } = await terminal.ended();
    expect(screen).toContain("Stopped. To go on: npm run check\n");
    expect(code).toBe(130);
  });

  it("may be left out there", async () => {
    const terminal = start({ KIE_API_KEY: " " });
    await terminal.shows("(hidden)");
    terminal.type("\r");
    const { code, screen } = await terminal.ended();
    expect(screen).toContain("KIE UNKNOWN - the key is empty\n");
    expect(code).toBe(3);
  });

  it("is not asked for beside --json, which programs read, nor where there is one", async () => {
    expect((await start({}, "--json").ended()).screen).toMatch(/^\{.*"missing-key"/);
    expect((await start({ KIE_API_KEY: KEY }).ended()).screen).toMatch(/^KIE OK - 5,000 credits /);
  });
});

describe("--memory", () => {
  const file = () => join(folder, "memory.json");
  const alertOf = ({ stdout }: Outcome) => JSON.parse(stdout).alert?.kind ?? null;

  it("lets an alert be shown once: raised, then silent, then recovered", async () => {
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

  it("starts afresh with a warning if the file is no memory, and tells what is true", async () => {
    writeFileSync(file(), "{");
    const { code, stdout, stderr } = await check("--memory", file());
    expect(stderr).toBe("Starting with a fresh memory: the memory is not JSON\n");
    expect(stdout).toContain("recovered, would be told: ");
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toMatchObject({
      version: 2,
      told: { level: "ok" },
      sending: null,
    });
  });

  it("keeps a snooze, and lets it be ended", async () => {
    kie.answer(credits(900));
    const snoozedUntil = () => JSON.parse(readFileSync(file(), "utf8")).told.snoozedUntil;
    const raised = await check("--memory", file(), "--snooze", "24");
    expect(raised.stdout).toMatch(/\nkie: not snoozed, since what was told right now ended it\. .*\n$/);
    expect(snoozedUntil()).toBeNull();

    const snoozed = await check("--memory", file(), "--snooze", "24");
    expect(snoozed.stdout).toMatch(
      /\n\nkie: no reminders for 24 h, until .* \(UTC\), unless it gets worse\.\n$/,
    );
    expect(snoozedUntil()).toBeGreaterThan(Date.now());

    const ended = await check("--memory", file(), "--snooze", "0", "--json");
    expect(ended.stderr).toBe("\nkie: reminders are on.\n");
    expect(snoozedUntil()).toBeNull();
  });

  it("says in one line that another check is telling something, and leaves that to it", async () => {
    kie.answer(credits(900));
    await check("--memory", file());
    const memory = JSON.parse(readFileSync(file(), "utf8"));
    const sending = {
      kind: "raised",
      severity: "warning",
      bySms: false,
      level: "warning",
      previousLevel: null,
      noReadingSince: null,
      previousAudience: null,
      surge: null,
      at: Date.now(),
      tries: 1,
    };
    const document = JSON.stringify({ ...memory, sending });
    writeFileSync(file(), document);
    for (const args of [[], ["--snooze", "24"]]) {
      expect(await check("--memory", file(), ...args)).toEqual({
        code: 3,
        stdout: "KIE UNKNOWN - another check is sending a message at this moment, try again in a minute\n",
        stderr: "",
      });
    }
    expect(readFileSync(file(), "utf8")).toBe(document);
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
