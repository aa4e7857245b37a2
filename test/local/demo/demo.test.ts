import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { start } from "../../support/command.ts";

const demo = (...args: readonly string[]) => start("local/demo/demo.ts", args).outcome;

/** What each kind of alert begins with: raised, eased, recovered and so on. */
const HEADLINES = [
  ...["TEST, OK", "ALL WELL", "WARNING", "CRITICAL", "EMPTY", "eased to WARNING", "still CRITICAL", "OK"],
  ...["AUDIENCE", "NO READING", "READING AGAIN, OK", "SURGE", "still NO READING", "still WARNING"],
];

/** What the lines of the story begin with, one for each message. */
function headlinesIn(output: string): string[] {
  return Array.from(
    output.matchAll(/^ {2}\d\d:\d\d {2}\w {2}(?:email\+SMS|email {4}) {2}([^:]+):/gm),
    ([, headline]) => headline ?? "",
  );
}

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;

describe("the demo where its output is no terminal", () => {
  it("has a line for every message, and shows three of them in full", async () => {
    const { code, stdout, stderr } = await demo();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(new Set(headlinesIn(stdout))).toEqual(new Set(HEADLINES));
    expect(count(stdout, "  Inbox, ")).toBe(3);
    expect(count(stdout, "  Phone, ")).toBe(2);
    expect(stdout).toContain("npm run demo -- --all");
    expect(stdout).not.toContain("\u001b");
  });

  it("is no wider than 80 columns", async () => {
    const { stdout } = await demo("--all");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("ends with the chart and the next step", async () => {
    const { stdout } = await demo();
    expect(stdout.indexOf(" ┤")).toBeGreaterThan(stdout.lastIndexOf("━┛"));
    expect(stdout.trimEnd()).toMatch(/npm run setup$/);
  });

  it("shows every message in full with --all, on the phone exactly if it was sent there", async () => {
    const { stdout } = await demo("--all");
    const messages = headlinesIn(stdout).length;
    const texts = count(stdout, "  email+SMS  ");
    expect(count(stdout, "  Inbox, ")).toBe(messages);
    expect(count(stdout, "  Phone, ")).toBe(texts);
    expect(stdout).toContain(`Messages: ${messages}, ${texts} of them by SMS too.`);
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
    expect(headlinesIn(stdout)).toEqual(["TEST, OK"]);
    expect(count(stdout, "  Inbox, ")).toBe(1);
    expect(stdout).not.toContain("--all");
    expect(stdout).not.toContain("NaN");
    // The chart has no gaps.
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
    expect(new Set(headlinesIn(stripVTControlCharacters(stdout)))).toEqual(new Set(HEADLINES));
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
    for (const option of ["npm run demo -- [options]", "--seed", "--days", "--all", "--fast"])
      expect(stdout).toContain(option);
  });

  const rows: [args: string[], told: string][] = [
    [["--day", "3"], "unknown option '--day'\n(Did you mean --days?)"],
    [["--days", "0"], "--days: got 0, expected a whole number from 1 to 10"],
    [["--days", "2.5"], "--days: got 2.5, expected a whole number from 1 to 10"],
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
    const { process, outcome } = start("local/demo/demo.ts", []);
    process.stdout?.once("data", () => process.kill("SIGINT"));
    const { code, stderr } = await outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
  });
});
