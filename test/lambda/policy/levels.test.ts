import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assess, type Balance, type Cause, LEVELS, type Level, rank } from "../../../lambda/policy/levels.ts";
import { DEFAULT_POLICY, type Policy } from "../../../lambda/policy/rules.ts";
import { byCredits, byRunway } from "../../support/causes.ts";

const FRESH = { level: null, runwayLevel: "ok" } as const;

const at = (credits: number, hoursLeft: number | null = null, hasRisen = false): Balance => ({
  credits,
  hoursLeft,
  hasRisen,
});

const levelOf = (previous: Parameters<typeof assess>[0], balance: Balance, policy: Partial<Policy> = {}) =>
  assess(previous, balance, { ...DEFAULT_POLICY, ...policy });

describe("the level by credits", () => {
  it.each<{ credits: number; level: Level; cause: Cause | null }>([
    { credits: 1000.01, level: "ok", cause: null },
    { credits: 1000, level: "warning", cause: byCredits(1000) },
    { credits: 300.01, level: "warning", cause: byCredits(1000) },
    { credits: 300, level: "critical", cause: byCredits(300) },
    { credits: 0.5, level: "critical", cause: byCredits(300) },
    { credits: 0.49, level: "empty", cause: byCredits(0.5) },
    { credits: 0.02, level: "empty", cause: byCredits(0.5) },
    { credits: 0, level: "empty", cause: byCredits(0.5) },
    { credits: -0.5, level: "empty", cause: byCredits(0.5) },
  ])("$credits credits are $level", ({ credits, level, cause }) => {
    expect(levelOf(FRESH, at(credits))).toMatchObject({ level, cause });
  });
});

describe("the level by runway", () => {
  it.each<{ hours: number; level: Level; cause: Cause | null }>([
    { hours: Number.POSITIVE_INFINITY, level: "ok", cause: null },
    { hours: 24.01, level: "ok", cause: null },
    { hours: 24, level: "warning", cause: byRunway(24) },
    { hours: 8.01, level: "warning", cause: byRunway(24) },
    { hours: 8, level: "critical", cause: byRunway(8) },
    { hours: 0.1, level: "critical", cause: byRunway(8) },
  ])("$hours h left are $level", ({ hours, level, cause }) => {
    expect(levelOf(FRESH, at(50_000, hours))).toMatchObject({ level, cause });
  });

  it("the worse of credits and runway is the level", () => {
    expect(levelOf(FRESH, at(800, 4))).toMatchObject({ level: "critical", cause: byRunway(8) });
    expect(levelOf(FRESH, at(300, 15))).toMatchObject({ level: "critical", cause: byCredits(300) });
  });

  it("if both make the same level, the threshold is the cause", () => {
    expect(levelOf(FRESH, at(1000, 20)).cause).toEqual(byCredits(1000));
  });

  it.each([
    { hours: 20, policy: { warningHours: 0, criticalHours: 0 }, level: "ok" },
    { hours: 20, policy: { warningHours: 0 }, level: "ok" },
    { hours: 5, policy: { criticalHours: 0 }, level: "warning" },
  ])("a limit of 0 turns the rule off: $policy at $hours h", ({ hours, policy, level }) => {
    expect(levelOf(FRESH, at(50_000, hours), policy).level).toBe(level);
  });
});

describe("the margin on credits", () => {
  it.each<{ from: Level; credits: number; level: Level; cause: Cause | null }>([
    { from: "warning", credits: 1000.01, level: "warning", cause: byCredits(1000, true) },
    { from: "warning", credits: 1100, level: "warning", cause: byCredits(1000, true) },
    { from: "warning", credits: 1100.01, level: "ok", cause: null },
    { from: "critical", credits: 300.01, level: "critical", cause: byCredits(300, true) },
    { from: "critical", credits: 330, level: "critical", cause: byCredits(300, true) },
    { from: "critical", credits: 330.01, level: "warning", cause: byCredits(1000) },
    { from: "critical", credits: 1050, level: "warning", cause: byCredits(1000, true) },
    { from: "critical", credits: 1100.01, level: "ok", cause: null },
    { from: "empty", credits: 0.79, level: "empty", cause: byCredits(0.5, true) },
    { from: "empty", credits: 0.8, level: "critical", cause: byCredits(300) },
    { from: "empty", credits: 330, level: "critical", cause: byCredits(300, true) },
    { from: "empty", credits: 1101, level: "ok", cause: null },
    { from: "ok", credits: 1000.01, level: "ok", cause: null },
    { from: "ok", credits: 300, level: "critical", cause: byCredits(300) },
  ])("from $from, $credits credits are $level", ({ from, credits, level, cause }) => {
    expect(levelOf({ level: from, runwayLevel: "ok" }, at(credits))).toMatchObject({ level, cause });
  });

  it("is exact if 1.1 times the threshold is no binary fraction", () => {
    const policy = { warningCredits: 7, criticalCredits: 3 };
    const from = (level: Level) => ({ level, runwayLevel: "ok" }) as const;
    expect(levelOf(from("warning"), at(7.7), policy).level).toBe("warning");
    expect(levelOf(from("warning"), at(7.71), policy).level).toBe("ok");
    expect(levelOf(from("critical"), at(3.3), policy).cause).toEqual(byCredits(3, true));
  });
});

describe("the margin on the runway", () => {
  it.each<{ from: Level; hours: number; level: Level; cause: Cause | null; runwayLevel: Level }>([
    { from: "warning", hours: 36, level: "warning", cause: byRunway(24, true), runwayLevel: "warning" },
    { from: "warning", hours: 36.01, level: "ok", cause: null, runwayLevel: "ok" },
    { from: "critical", hours: 12, level: "critical", cause: byRunway(8, true), runwayLevel: "critical" },
    { from: "critical", hours: 12.01, level: "warning", cause: byRunway(24), runwayLevel: "warning" },
    { from: "critical", hours: 30, level: "warning", cause: byRunway(24, true), runwayLevel: "warning" },
    { from: "warning", hours: 10, level: "warning", cause: byRunway(24), runwayLevel: "warning" },
    { from: "ok", hours: 30, level: "ok", cause: null, runwayLevel: "ok" },
  ])("from $from, $hours h left are $level", ({ from, hours, ...expected }) => {
    expect(levelOf({ level: from, runwayLevel: "ok" }, at(50_000, hours))).toEqual(expected);
  });

  it("is there for a limit of an hour too", () => {
    const from = { level: "critical", runwayLevel: "critical" } as const;
    expect(levelOf(from, at(50_000, 1.5), { criticalHours: 1 }).cause).toEqual(byRunway(1, true));
    expect(levelOf(from, at(50_000, 1.51), { criticalHours: 1 }).level).toBe("warning");
  });

  it("a limit that is off keeps nothing", () => {
    const previous = { level: "warning", runwayLevel: "warning" } as const;
    expect(levelOf(previous, at(50_000, null), { warningHours: 0, criticalHours: 0 }).level).toBe("ok");
  });
});

describe("an unknown runway", () => {
  it.each<{ made: "ok" | "warning" | "critical"; level: Level; cause: Cause | null }>([
    { made: "critical", level: "critical", cause: byRunway(8, true) },
    { made: "warning", level: "warning", cause: byRunway(24, true) },
    { made: "ok", level: "ok", cause: null },
  ])("keeps the level that it made: $made", ({ made, level, cause }) => {
    const previous = { level: "critical", runwayLevel: made } as const;
    expect(levelOf(previous, at(5000))).toEqual({ level, cause, runwayLevel: made });
  });

  it("keeps nothing once the balance rises", () => {
    const previous = { level: "critical", runwayLevel: "critical" } as const;
    expect(levelOf(previous, at(5000, null, true))).toMatchObject({ level: "ok", runwayLevel: "ok" });
  });

  it("keeps nothing that it made before the account was empty", () => {
    const { runwayLevel } = levelOf({ level: "critical", runwayLevel: "critical" }, at(0));
    expect(levelOf({ level: "empty", runwayLevel }, at(5000))).toMatchObject({ level: "ok" });
  });

  it("keeps nothing of a level that only credits made", () => {
    const { level, runwayLevel } = levelOf({ level: "ok", runwayLevel: "ok" }, at(900));
    expect({ level, runwayLevel }).toEqual({ level: "warning", runwayLevel: "ok" });
  });

  it("makes no level worse than the one that it was known to make", () => {
    const { runwayLevel } = levelOf({ level: "warning", runwayLevel: "ok" }, at(5000, 10));
    expect(levelOf({ level: "warning", runwayLevel }, at(4900))).toMatchObject({ level: "warning" });
  });
});

it("more credits never make a worse level, and a longer runway never does", () => {
  const level = fc.constantFrom(...LEVELS);
  const credits = fc.double({ min: -10, max: 2000, noNaN: true });
  const hours = fc.option(fc.double({ min: 0, max: 60, noNaN: true }));
  const more = fc.double({ min: 0, max: 500, noNaN: true });
  fc.assert(
    fc.property(level, credits, hours, more, (from, amount, hoursLeft, extra) => {
      const previous = { level: from, runwayLevel: "ok" } as const;
      const base = rank(levelOf(previous, at(amount, hoursLeft)).level);
      expect(rank(levelOf(previous, at(amount + extra, hoursLeft)).level)).toBeLessThanOrEqual(base);
      if (hoursLeft === null) return;
      expect(rank(levelOf(previous, at(amount, hoursLeft + extra)).level)).toBeLessThanOrEqual(base);
    }),
  );
});
