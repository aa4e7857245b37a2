import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { start } from "../../support/command.ts";

const demo = (...args: readonly string[]) => start("local/demo/demo.ts", args).outcome;

const ALERT_KINDS = ["raised", "reminder", "eased", "recovered", "blind", "still-blind", "sighted", "test"];

/** The kinds in the list of what was told. */
function kindsIn(output: string): string[] {
  return Array.from(
    output.matchAll(/ (?:email\+SMS|email) +([a-z-]+) +\[Kie credits: kie\]/g),
    ([, kind]) => kind ?? "",
  );
}

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;

describe("the demo where its output is no terminal", () => {
  it("tells every kind of alert in plain text", async () => {
    const { code, stdout, stderr } = await demo();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(new Set(kindsIn(stdout))).toEqual(new Set(ALERT_KINDS));
    expect(stdout).not.toContain("\u001b");
  });

  it("shows a message on the phone exactly where it was sent there", async () => {
    const { stdout } = await demo();
    expect(count(stdout, "  Inbox, ")).toBe(kindsIn(stdout).length);
    expect(count(stdout, "  Phone, ")).toBe(count(stdout, " email+SMS "));
    expect(stdout).toContain(
      `${count(stdout, "  Inbox, ")} emails, ${count(stdout, "  Phone, ")} of them as SMS`,
    );
  });

  it("is the same for the same seed, and another one for another", async () => {
    const [once, again, other] = await Promise.all([
      demo("--seed", "5"),
      demo("--seed", "5"),
      demo("--seed", "6"),
    ]);
    expect(again).toEqual(once);
    expect(other.stdout).not.toEqual(once.stdout);
  });

  it("can be cut short", async () => {
    const { stdout } = await demo("--days", "1");
    expect(kindsIn(stdout)).toEqual(["test"]);
    expect(stdout).not.toContain("NaN");
    // The chart is wider than there are checks, and has no gaps.
    expect(stdout).toMatch(/┤█{40}/);
  });
});

// The options are those of util-linux; other systems have another program of that name.
const hasScript =
  spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;
if (!hasScript)
  console.warn("SKIPPED: the demo in a terminal is not tested, since there is no `script` of util-linux");

describe.skipIf(!hasScript)("the demo in a terminal", () => {
  const inTerminal = (args: string, env: Record<string, string> = {}) =>
    spawnSync(
      "script",
      ["-qec", `stty cols 100 rows 40; '${process.execPath}' local/demo/demo.ts ${args}`, "/dev/null"],
      {
        encoding: "utf8",
        env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", ...env },
        maxBuffer: 2 ** 28,
      },
    );

  it("draws in colours as it goes, and gives the cursor back", () => {
    const { status, stdout } = inTerminal("");
    expect(status).toBe(0);
    expect(new Set(kindsIn(stripVTControlCharacters(stdout)))).toEqual(new Set(ALERT_KINDS));
    expect(stdout).toContain("\u001b[32m█");
    expect(count(stdout, "\u001b[?2026h")).toBeGreaterThan(10);
    expect(stdout.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001b[?25l"));
    expect(stdout).not.toContain("Warning:");
  });

  it("shows the end at once with --fast", () => {
    const { status, stdout } = inTerminal("--fast");
    expect(status).toBe(0);
    expect(stdout).not.toContain("\u001b[?2026h");
  });

  it("has no colours with NO_COLOR", () => {
    const { stdout } = inTerminal("--fast", { NO_COLOR: "1" });
    expect(stdout).not.toContain("\u001b[");
  });
});

describe("the demo's options", () => {
  it("are told by --help", async () => {
    const { code, stdout } = await demo("--help");
    expect(code).toBe(0);
    for (const option of ["npm run demo -- [options]", "--seed", "--days", "--fast"])
      expect(stdout).toContain(option);
  });

  const rows: [args: string[], told: string][] = [
    [["--day", "3"], "unknown option '--day'\n(Did you mean --days?)"],
    [["--days", "0"], "--days: got 0, expected a whole number from 1 to 30"],
    [["--days", "2.5"], "--days: got 2.5, expected a whole number from 1 to 30"],
    [["--seed", "-1"], "--seed: got -1, expected a whole number from 0 to 4294967295"],
    [["--seed", "me"], '--seed: got "me", expected a decimal number'],
  ];
  it.each(rows)("are named where they are bad: %j", async (args, told) => {
    const { code, stdout, stderr } = await demo(...args);
    expect(stderr).toContain(told);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  });
});

describe("Ctrl-C", () => {
  it("ends the demo at once and quietly with exit code 130", async () => {
    const { process, outcome } = start("local/demo/demo.ts", ["--days", "30"]);
    process.stdout?.once("data", () => process.kill("SIGINT"));
    const { code, stderr } = await outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
  });
});
