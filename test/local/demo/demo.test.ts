import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { ALERT_KINDS } from "../../../lambda/policy/alert.ts";
import { DAY_MS } from "../../../lambda/policy/time.ts";
import { main } from "../../../local/demo/demo.ts";
import { type Step, simulate } from "../../../local/demo/simulation.ts";
import { STORY_START } from "../../../local/demo/story.ts";
import { run } from "../../support/command.ts";

/** Each life takes a second, so those of whole stories are shared. */
const lives = new Map<number, Promise<Step[]>>();

async function liveDays(seed: number, days: number): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const step of simulate({ seed, days })) steps.push(step);
  return steps;
}

function live(seed: number): Promise<Step[]> {
  const known = lives.get(seed) ?? liveDays(seed, 10);
  lives.set(seed, known);
  return known;
}

const checksOf = (steps: readonly Step[]) => steps.filter((step) => step.kind === "check");
const kindsOf = (steps: readonly Step[]) => checksOf(steps).flatMap(({ report }) => report.alert?.kind ?? []);

describe("the story", () => {
  it("goes from a test message to a recovery, and holds nothing back", async () => {
    expect(kindsOf(await live(1))).toEqual([
      ...["test", "all-clear"],
      ...["raised", "raised", "eased", "raised", "reminder", "raised", "recovered"],
      ...["audience", "no-reading", "reading-again"],
      ...["surge", "no-reading", "still-no-reading", "reading-again"],
      ...["raised", "reminder", "recovered"],
    ]);
    expect(checksOf(await live(1)).filter(({ report }) => report.alert?.messageId === null)).toEqual([]);
  });

  it.each([0, 2, 3, 4])("tells every kind of alert, whatever the seed: %d", async (seed) => {
    expect(new Set(kindsOf(await live(seed)))).toEqual(new Set(ALERT_KINDS));
  });

  it("is the same for the same seed, and another one for another", async () => {
    const begun = await liveDays(2, 2);
    expect(begun).toEqual((await live(2)).slice(0, begun.length));
    expect(begun).not.toEqual((await live(3)).slice(0, begun.length));
  });

  it("shows a check every quarter of an hour, and one by hand", async () => {
    expect(checksOf(await live(1))).toHaveLength(10 * 96 + 1);
  });

  it("has estimates from its first check on, since the stack was deployed a week before", async () => {
    expect(checksOf(await live(1))[0]?.report.runway?.isFirstEstimate).toBe(false);
  });

  it("warns by runway before it warns by credits", async () => {
    const first = checksOf(await live(1)).find(({ report }) => report.alert?.kind === "raised");
    expect(first?.report.level).toBe("warning");
    expect(first?.report.credits).toBeGreaterThan(1_000);
    expect(first?.report.runway?.hoursLeft).toBeLessThanOrEqual(24);
  });

  it("bothers nobody with half an hour of maintenance", async () => {
    const failed = checksOf(await live(1)).filter(
      ({ at, report }) => at < STORY_START + DAY_MS && report.failure !== null,
    );
    expect(failed.map(({ report }) => [report.failure?.reason, report.alert])).toEqual([
      ["maintenance", null],
      ["maintenance", null],
    ]);
  });

  it("tells of a job that runs away within half an hour, while the credits are still plenty", async () => {
    const steps = await live(1);
    const began = steps.find((step) => step.kind === "happening" && step.text.includes("runs away"));
    const told = checksOf(steps).find(({ report }) => report.alert?.kind === "surge");
    expect((told?.at ?? 0) - (began?.at ?? 0)).toBeLessThanOrEqual(30 * 60_000);
    expect(told?.report.level).toBe("ok");
  });
});

/** What each kind of alert begins with: raised, eased, recovered and so on. */
const HEADLINES = new Set([
  ...["TEST, OK", "CREDITS WELL", "WARNING", "CRITICAL", "EMPTY", "eased to WARNING", "still CRITICAL", "OK"],
  ...[
    "AUDIENCE",
    "BALANCE UNKNOWN",
    "BALANCE KNOWN AGAIN, OK",
    "SURGE",
    "still BALANCE UNKNOWN",
    "still WARNING",
  ],
]);

/** What the lines of the story begin with, one for each message. */
function headlinesIn(output: string): string[] {
  return Array.from(
    output.matchAll(/^ {2}\d\d:\d\d {2}\w {2}(?:email\+SMS|email {4}) {2}([^:]+):/gm),
    ([, headline]) => headline ?? "",
  );
}

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;

describe("the demo", () => {
  it("shows every message in full with --all, on the phone exactly if it was sent there", async () => {
    const { code, stdout, stderr } = await run(main, ["--all"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const headlines = headlinesIn(stdout);
    expect(new Set(headlines)).toEqual(HEADLINES);
    expect(count(stdout, "  Inbox, ")).toBe(headlines.length);
    const texts = count(stdout, "  email+SMS  ");
    expect(count(stdout, "  Phone, ")).toBe(texts);
    expect(stdout).toContain(`Messages: ${headlines.length}, ${texts} of them by SMS too.`);
    // It ends with the chart and the next step, and has neither colours nor lines of more than 80 columns.
    expect(stdout.indexOf(" ┤")).toBeGreaterThan(stdout.lastIndexOf("━┛"));
    expect(stdout.trimEnd()).toMatch(/npm run setup$/);
    expect(stdout).not.toContain("\u001b");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("draws in colours in a terminal as it goes, and shows three messages", async () => {
    const { code, stdout, stderr } = await run(main, [], {}, { terminal: "stdout" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("\u001b[32m█");
    expect(count(stdout, "\u001b[?2026h")).toBeGreaterThan(10);
    const plain = stripVTControlCharacters(stdout);
    expect(new Set(headlinesIn(plain))).toEqual(HEADLINES);
    expect(count(plain, "  Inbox, ")).toBe(3);
    expect(count(plain, "  Phone, ")).toBe(2);
    expect(count(plain, "  Chat, ")).toBe(1);
    expect(plain).toContain("npm run demo -- --all");
  });

  it("can be cut short, and shows the end at once with --fast", async () => {
    const { stdout } = await run(main, ["--days", "1", "--fast"], {}, { terminal: "stdout" });
    expect(stdout).not.toContain("\u001b[?2026h");
    const plain = stripVTControlCharacters(stdout);
    expect(headlinesIn(plain)).toEqual(["TEST, OK"]);
    expect(count(plain, "  Inbox, ")).toBe(1);
    expect(plain).not.toMatch(/--all|NaN/);
    // The chart has no gaps.
    expect(plain).toMatch(/┤█{40}/);
  });

  it("lives another run with --seed, and has no colours with NO_COLOR", async () => {
    const shown = (...args: string[]) =>
      run(main, ["--days", "2", "--fast", ...args], { NO_COLOR: "1" }, { terminal: "stdout" });
    const { stdout } = await shown("--seed", "5");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toBe((await shown()).stdout);
  });

  it("tells its options by --help", async () => {
    const { code, stdout } = await run(main, ["--help"]);
    expect(code).toBe(0);
    for (const option of ["npm run demo -- [options]", "--seed", "--days", "--all", "--fast"])
      expect(stdout).toContain(option);
  });

  const rows: [args: string[], told: string][] = [
    [["--day", "3"], "unknown option '--day'\n(Did you mean --days?)"],
    [["--days", "0"], "--days: got 0, expected a whole number from 1 to 10"],
    [["--days", "2.5"], "--days: got 2.5, expected a whole number from 1 to 10"],
    [["--seed", "-1"], "--seed: got -1, expected a whole number from 0 to 4294967295"],
    [["--seed", "me"], '--seed: got "me", expected a number such as 1530 or 0.5, without commas and units'],
  ];
  it.each(rows)("names what is bad: %j", async (args, told) => {
    const { code, stdout, stderr } = await run(main, args);
    expect(stderr).toContain(told);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  });
});
