import { describe, expect, it } from "vitest";
import type { Config } from "../../../lambda/config.ts";
import type { Report } from "../../../lambda/report.ts";
import { type ExitCode, exitCodeOf, statusLine, worstExitCode } from "../../../local/check/outcome.ts";
import { failedCheck, NOBODY, ONE_EMAIL, outcomeOf, RUNWAY, TEST_ALERT, UNAUTHORIZED } from "./outcomes.ts";

const enough = { credits: 1, enough: true };
const notEnough = { credits: 9000, enough: false };

describe("the exit code", () => {
  const rows: { title: string; part: Partial<Report>; code: ExitCode }[] = [
    { title: "ok is 0", part: {}, code: 0 },
    { title: "warning is 1", part: { level: "warning" }, code: 1 },
    { title: "critical is 2", part: { level: "critical" }, code: 2 },
    { title: "empty is 2", part: { level: "empty", credits: 0 }, code: 2 },
    { title: "no reading is 3, whatever level is remembered", part: UNAUTHORIZED, code: 3 },
    { title: "no reading with nothing remembered is 3", part: { ...UNAUTHORIZED, level: null }, code: 3 },
    {
      title: "a need that is met is 0, even at a warning",
      part: { level: "warning", need: enough },
      code: 0,
    },
    { title: "a need that is not met is 2, even at ok", part: { need: notEnough }, code: 2 },
    { title: "a need without a reading is 3", part: { ...UNAUTHORIZED, need: null }, code: 3 },
    {
      title: "a test that somebody hears is the level",
      part: { alert: TEST_ALERT, audience: ONE_EMAIL, level: "warning" },
      code: 1,
    },
    { title: "a test that nobody hears is 2", part: { alert: TEST_ALERT, audience: NOBODY }, code: 2 },
    {
      title: "a test that nobody hears is 2 without a reading too",
      part: { ...UNAUTHORIZED, alert: TEST_ALERT, audience: NOBODY },
      code: 2,
    },
    { title: "a test is the level if SNS does not say who hears it", part: { alert: TEST_ALERT }, code: 0 },
    { title: "an audience of nobody is no matter without a test", part: { audience: NOBODY }, code: 0 },
  ];
  it.each(rows)("of $title", ({ part, code }) => expect(exitCodeOf(outcomeOf(part))).toBe(code));

  it("of a check that failed is 3", () => expect(exitCodeOf(failedCheck("kie"))).toBe(3));
});

describe("the worst exit code", () => {
  const ok = outcomeOf();
  const warning = outcomeOf({ level: "warning" });
  const critical = outcomeOf({ level: "critical" });
  const unknown = failedCheck("video");
  it.each([
    { title: "ok alone is 0", outcomes: [ok], worst: 0 },
    { title: "a warning beside ok is 1", outcomes: [warning, ok], worst: 1 },
    { title: "unknown beside a warning is 3", outcomes: [unknown, warning, ok], worst: 3 },
    { title: "critical beside unknown is 2", outcomes: [unknown, critical, warning], worst: 2 },
    { title: "nothing is 3", outcomes: [], worst: 3 },
  ])("of $title", ({ outcomes, worst }) => expect(worstExitCode(outcomes)).toBe(worst));
});

describe("the line for monitoring plugins", () => {
  const lasting = (hoursLeft: number | null) => ({ ...RUNWAY, hoursLeft });
  const rows: { title: string; part: Partial<Report>; config?: Partial<Config>; line: string }[] = [
    {
      title: "a warning, and the thresholds in force",
      part: { credits: 905, level: "warning", runway: lasting(20) },
      config: { criticalHours: 6 },
      line: "KIE WARNING - 905 credits, lasts about 20 h | credits=905;1000;300;0 hours_left=20;24;6",
    },
    {
      title: "ok without a known runway",
      part: {},
      line: "KIE OK - 5,000 credits | credits=5000;1000;300;0",
    },
    {
      title: "credits that nothing uses",
      part: { runway: lasting(null) },
      line: "KIE OK - 5,000 credits | credits=5000;1000;300;0",
    },
    {
      title: "runway limits that are off",
      part: { runway: lasting(100.25) },
      config: { warningHours: 0, criticalHours: 0 },
      line: "KIE OK - 5,000 credits, lasts 4 to 5 days | credits=5000;1000;300;0 hours_left=100.25;;",
    },
    {
      title: "an empty account",
      part: { credits: -0.5, level: "empty", runway: lasting(0) },
      line: "KIE CRITICAL - -0.5 credits | credits=-0.5;1000;300;0 hours_left=0;24;8",
    },
    {
      title: "a need that is met at a warning",
      part: { credits: 905, level: "warning", need: { credits: 900, enough: true } },
      line: "KIE OK - 905 credits, enough for 900 | credits=905;1000;300;0",
    },
    {
      title: "a need that is not met",
      part: { need: { credits: 9000, enough: false } },
      line: "KIE CRITICAL - 5,000 credits, not enough for 9,000 | credits=5000;1000;300;0",
    },
    { title: "no reading", part: UNAUTHORIZED, line: "KIE UNKNOWN - Kie refuses the key" },
    {
      title: "a test that nobody hears",
      part: { alert: TEST_ALERT, audience: NOBODY },
      line: "KIE CRITICAL - 5,000 credits, nobody would hear an alert | credits=5000;1000;300;0",
    },
  ];
  it.each(rows)("says $title", ({ part, config, line }) => {
    expect(statusLine([outcomeOf(part, config)])).toBe(line);
  });

  it("sums up several accounts, each with data under its name", () => {
    const outcomes = [
      outcomeOf({ runway: RUNWAY }, { account: "kie" }),
      outcomeOf({ credits: 900, level: "warning" }, { account: "music-2" }),
      failedCheck("video"),
    ];
    expect(statusLine(outcomes)).toBe(
      "KIE UNKNOWN - kie OK: 5,000 credits, lasts about 6 h; music-2 WARNING: 900 credits; " +
        "video UNKNOWN: the check failed | " +
        "kie_credits=5000;1000;300;0 kie_hours_left=6.4;24;8 music-2_credits=900;1000;300;0",
    );
  });
});
