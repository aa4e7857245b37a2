import { describe, expect, it } from "vitest";
import { FRESH_MEMORY, type Level, type Memory } from "../../../lambda/policy/memory.ts";
import {
  type Alert,
  type Cause,
  DEFAULT_POLICY,
  decide,
  type Policy,
} from "../../../lambda/policy/policy.ts";
import { type FailureReason, failed, type Reading } from "../../../lambda/policy/reading.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-11-23T05:00:00Z");

const credits = (amount: number): Reading => ({ kind: "credits", credits: amount });
const failure = (reason: FailureReason): Reading => failed(reason, "detail");
const TRANSIENT = failure("timeout");
const PERMANENT = failure("unauthorized");

/** A memory in which this level was told. */
function told(level: Level, changes: Partial<NonNullable<Memory["told"]>> = {}): Memory {
  const critical = level === "critical" || level === "empty";
  return {
    ...FRESH_MEMORY,
    level,
    told: level === "ok" ? null : { at: NOW - HOUR, critical, runway: "ok", ...changes },
  };
}

/** A memory of falls that make this burn rate, ten hours long, up to these credits. */
function burning(memory: Memory, creditsPerHour: number, upTo: number): Memory {
  return { ...memory, samples: [{ at: NOW - 10 * HOUR, credits: upTo + 10 * creditsPerHour }] };
}

const check = (memory: Memory, reading: Reading, policy: Partial<Policy> = {}) =>
  decide(memory, reading, { ...DEFAULT_POLICY, criticalHours: 6, ...policy }, NOW);

describe("the level by credits", () => {
  it.each<[number, Level, Cause | null]>([
    [1000.01, "ok", null],
    [1000, "warning", { by: "credits", threshold: 1000, held: false }],
    [999.99, "warning", { by: "credits", threshold: 1000, held: false }],
    [300.01, "warning", { by: "credits", threshold: 1000, held: false }],
    [300, "critical", { by: "credits", threshold: 300, held: false }],
    [0.01, "critical", { by: "credits", threshold: 300, held: false }],
    [0, "empty", { by: "credits", threshold: 0, held: false }],
    [-0.5, "empty", { by: "credits", threshold: 0, held: false }],
  ])("%d credits are %s", (amount, level, cause) => {
    expect(check(FRESH_MEMORY, credits(amount))).toMatchObject({ level, cause });
  });
});

describe("the level by runway", () => {
  const rate = 200;
  it.each<[hours: number, Level, Cause | null]>([
    [24.01, "ok", null],
    [24, "warning", { by: "runway", limitHours: 24, held: false }],
    [6.01, "warning", { by: "runway", limitHours: 24, held: false }],
    [6, "critical", { by: "runway", limitHours: 6, held: false }],
    [5.1, "critical", { by: "runway", limitHours: 6, held: false }],
  ])("%d hours left are %s", (hours, level, cause) => {
    const amount = hours * rate;
    expect(check(burning(FRESH_MEMORY, rate, amount), credits(amount))).toMatchObject({
      level,
      cause,
      runway: { creditsPerHour: expect.closeTo(rate, 6), hoursLeft: expect.closeTo(hours, 6) },
    });
  });

  it("the worse of the two counts: credits at warning, runway at critical", () => {
    expect(check(burning(FRESH_MEMORY, 200, 800), credits(800))).toMatchObject({
      level: "critical",
      cause: { by: "runway", limitHours: 6 },
    });
  });

  it("the worse of the two counts: credits at critical, runway at warning", () => {
    expect(check(burning(FRESH_MEMORY, 20, 300), credits(300))).toMatchObject({
      level: "critical",
      cause: { by: "credits", threshold: 300 },
    });
  });

  it("where both say the same, the threshold is the reason", () => {
    expect(check(burning(FRESH_MEMORY, 50, 1000), credits(1000)).cause).toMatchObject({ by: "credits" });
  });

  it.each([
    ["warningHours", 20, { warningHours: 0, criticalHours: 0 }],
    ["warningHours alone", 20, { warningHours: 0 }],
    ["criticalHours", 5, { warningHours: 0, criticalHours: 0 }],
  ])("a limit of 0 turns the rule off: %s", (_title, hours, policy) => {
    const amount = hours * 1000;
    expect(check(burning(FRESH_MEMORY, 1000, amount), credits(amount), policy).level).toBe("ok");
  });

  it("criticalHours of 0 leaves the warning", () => {
    expect(check(burning(FRESH_MEMORY, 1000, 5000), credits(5000), { criticalHours: 0 }).level).toBe(
      "warning",
    );
  });

  it("nothing is left at empty, and the time of emptiness is now", () => {
    expect(check(burning(FRESH_MEMORY, 100, 0), credits(0)).runway).toMatchObject({
      hoursLeft: 0,
      emptyAt: NOW,
    });
  });
});

describe("hysteresis on credits", () => {
  it.each<[before: Level, amount: number, level: Level, cause: Cause | null]>([
    ["warning", 1000.01, "warning", { by: "credits", threshold: 1000, held: true }],
    ["warning", 1100, "warning", { by: "credits", threshold: 1000, held: true }],
    ["warning", 1100.01, "ok", null],
    ["critical", 300.01, "critical", { by: "credits", threshold: 300, held: true }],
    ["critical", 330, "critical", { by: "credits", threshold: 300, held: true }],
    ["critical", 330.01, "warning", { by: "credits", threshold: 1000, held: false }],
    ["critical", 1050, "warning", { by: "credits", threshold: 1000, held: true }],
    ["critical", 1100.01, "ok", null],
    ["empty", 0.01, "critical", { by: "credits", threshold: 300, held: false }],
    ["empty", 330, "critical", { by: "credits", threshold: 300, held: true }],
    ["empty", 331, "warning", { by: "credits", threshold: 1000, held: false }],
    ["empty", 1100, "warning", { by: "credits", threshold: 1000, held: true }],
    ["empty", 1101, "ok", null],
    ["ok", 1000.01, "ok", null],
  ])("from %s, %d credits are %s", (before, amount, level, cause) => {
    expect(check(told(before), credits(amount))).toMatchObject({ level, cause });
  });

  it("a level gets worse at once", () => {
    expect(check(told("warning"), credits(300)).level).toBe("critical");
    expect(check(told("ok"), credits(1000)).level).toBe("warning");
  });

  it("the margin is exact where 1.1 times the threshold is no binary fraction", () => {
    const policy = { warningCredits: 7, criticalCredits: 3 };
    expect(check(told("warning"), credits(7.7), policy).level).toBe("warning");
    expect(check(told("warning"), credits(7.71), policy).level).toBe("ok");
    expect(check(told("critical"), credits(3.3), policy).cause).toEqual({
      by: "credits",
      threshold: 3,
      held: true,
    });
  });
});

describe("hysteresis on the runway", () => {
  it.each<[before: Level, hours: number, level: Level, cause: Cause | null]>([
    ["warning", 24.5, "warning", { by: "runway", limitHours: 24, held: true }],
    ["warning", 36, "warning", { by: "runway", limitHours: 24, held: true }],
    ["warning", 36.5, "ok", null],
    ["critical", 6.5, "critical", { by: "runway", limitHours: 6, held: true }],
    ["critical", 9, "critical", { by: "runway", limitHours: 6, held: true }],
    ["critical", 9.5, "warning", { by: "runway", limitHours: 24, held: false }],
    ["critical", 30, "warning", { by: "runway", limitHours: 24, held: true }],
    ["critical", 36.5, "ok", null],
    ["empty", 8, "critical", { by: "runway", limitHours: 6, held: true }],
    ["ok", 30, "ok", null],
    ["warning", 8, "warning", { by: "runway", limitHours: 24, held: false }],
  ])("from %s, %d hours left are %s", (before, hours, level, cause) => {
    const rate = 1024;
    const amount = hours * rate;
    expect(check(burning(told(before), rate, amount), credits(amount))).toMatchObject({ level, cause });
  });

  it("a limit that is off holds nothing", () => {
    const amount = 8 * 1024;
    const memory = burning(told("warning"), 1024, amount);
    expect(check(memory, credits(amount), { warningHours: 0 }).level).toBe("ok");
  });

  it.each<["ok" | "warning" | "critical", before: Level, Level, Cause | null]>([
    ["ok", "warning", "ok", null],
    ["warning", "warning", "warning", { by: "runway", limitHours: 24, held: true }],
    ["warning", "critical", "warning", { by: "runway", limitHours: 24, held: true }],
    ["critical", "critical", "critical", { by: "runway", limitHours: 6, held: true }],
    ["critical", "empty", "critical", { by: "runway", limitHours: 6, held: true }],
  ])("unknown is no recovery: a runway last known as %s keeps %s at %s", (runway, before, level, cause) => {
    expect(check(told(before, { runway }), credits(5000))).toMatchObject({ level, cause, runway: null });
  });

  it("a runway that is known again lets go, since nothing is used", () => {
    const memory = burning(told("warning", { runway: "warning" }), 0, 5000);
    expect(check(memory, credits(5000)).level).toBe("ok");
  });

  it.each<[hours: number, "ok" | "warning" | "critical"]>([
    [9, "critical"],
    [9.5, "warning"],
    [36, "warning"],
    [36.5, "ok"],
  ])("a runway of %d h is remembered as %s", (hours, runway) => {
    const policy = { warningCredits: 1e6 };
    const memory = burning(FRESH_MEMORY, 1024, hours * 1024);
    expect(check(memory, credits(hours * 1024), policy).memory.told).toMatchObject({ runway });
  });

  it("what the runway was is remembered while it is unknown", () => {
    const { memory } = check(told("warning", { runway: "warning" }), credits(5000));
    expect(memory.told?.runway).toBe("warning");
  });
});

describe("credit alerts", () => {
  const alertOf = (memory: Memory, amount: number) => check(memory, credits(amount)).alert;

  it.each<[before: Level, amount: number, expected: Partial<Alert> | null]>([
    ["ok", 1000.01, null],
    ["ok", 1000, { kind: "raised", severity: "warning", urgent: false, before: "ok" }],
    ["ok", 300, { kind: "raised", severity: "critical", urgent: true, before: "ok" }],
    ["ok", 0, { kind: "raised", severity: "critical", urgent: true, before: "ok" }],
    ["warning", 900, null],
    ["warning", 300, { kind: "raised", severity: "critical", urgent: true, before: "warning" }],
    ["warning", 0, { kind: "raised", severity: "critical", urgent: true, before: "warning" }],
    ["warning", 1101, { kind: "recovered", severity: "info", urgent: false, before: "warning" }],
    ["critical", 250, null],
    ["critical", 0, { kind: "raised", severity: "critical", urgent: true, before: "critical" }],
    ["critical", 500, { kind: "eased", severity: "info", urgent: true, before: "critical" }],
    ["critical", 1101, { kind: "recovered", severity: "info", urgent: true, before: "critical" }],
    ["empty", 0, null],
    ["empty", 100, { kind: "eased", severity: "info", urgent: true, before: "empty" }],
    ["empty", 1101, { kind: "recovered", severity: "info", urgent: true, before: "empty" }],
  ])("from %s to %d credits", (before, amount, expected) => {
    const alert = alertOf(told(before), amount);
    if (expected === null) expect(alert).toBeNull();
    else expect(alert).toMatchObject({ ...expected, blindSince: null });
  });

  it("a first reading that is ok tells nothing; one that is low is raised", () => {
    expect(alertOf(FRESH_MEMORY, 5000)).toBeNull();
    expect(alertOf(FRESH_MEMORY, 900)).toMatchObject({ kind: "raised", before: "ok" });
  });

  it("who heard of critical by SMS hears of the recovery, even by way of warning", () => {
    const { memory } = check(told("critical"), credits(500));
    expect(memory.told).toMatchObject({ critical: true });
    expect(alertOf(memory, 5000)).toMatchObject({ kind: "recovered", urgent: true });
  });

  it("what was raised to critical is remembered as such", () => {
    expect(check(FRESH_MEMORY, credits(200)).memory.told).toMatchObject({ critical: true });
    expect(check(told("warning"), credits(0)).memory.told).toMatchObject({ critical: true });
  });

  it("a critical alert of an earlier time is forgotten with the recovery", () => {
    const recovered = check(told("critical"), credits(5000)).memory;
    expect(recovered.told).toBeNull();
    const warned = check(recovered, credits(900)).memory;
    expect(alertOf(warned, 5000)).toMatchObject({ kind: "recovered", urgent: false });
  });

  it("what is told is remembered with its time, so that it is told once", () => {
    const first = check(told("ok"), credits(900));
    expect(first.memory).toMatchObject({ level: "warning", told: { at: NOW, critical: false } });
    expect(check(first.memory, credits(900)).alert).toBeNull();
  });
});

describe("reminders", () => {
  it.each<[Level, amount: number, intervalHours: number, "warning" | "critical"]>([
    ["warning", 900, 24, "warning"],
    ["critical", 200, 6, "critical"],
    ["empty", 0, 6, "critical"],
  ])("at %s (%d credits) come every %d h", (level, amount, intervalHours, severity) => {
    const at = NOW - intervalHours * HOUR + MINUTE;
    expect(check(told(level, { at: at + 1 }), credits(amount)).alert).toBeNull();
    const { alert, memory } = check(told(level, { at }), credits(amount));
    expect(alert).toMatchObject({
      kind: "reminder",
      severity,
      urgent: severity === "critical",
      before: level,
      nextReminderAt: NOW + intervalHours * HOUR,
    });
    expect(memory.told).toMatchObject({ at: NOW });
  });

  it("come with every check of a schedule that they share, however soon each answer is there", () => {
    let { memory } = check(told("ok"), credits(900));
    for (const [day, answerMs] of [900, 300, 250, 800, 200, 150, 900, 100, 90].entries()) {
      const now = NOW + (day + 1) * 24 * HOUR - 900 + answerMs;
      const decision = decide(memory, credits(900 - day), DEFAULT_POLICY, now);
      expect(decision.alert).toMatchObject({ kind: "reminder" });
      memory = decision.memory;
    }
  });

  it("of a short interval come early by a tenth of it at most", () => {
    const policy = { warningReminderHours: 1 / 60 };
    const at = NOW - MINUTE * 0.9;
    expect(check(told("warning", { at: at + 1 }), credits(900), policy).alert).toBeNull();
    expect(check(told("warning", { at }), credits(900), policy).alert).toMatchObject({ kind: "reminder" });
  });

  it("a clock that was ahead holds back no reminder, but a few minutes are no such clock", () => {
    expect(check(told("critical", { at: NOW + HOUR + 1 }), credits(200)).alert).toMatchObject({
      kind: "reminder",
    });
    expect(check(told("critical", { at: NOW + HOUR }), credits(200)).alert).toBeNull();
  });

  it("a silent check leaves the time of the last alert as it was", () => {
    expect(check(told("warning"), credits(900)).memory.told).toMatchObject({ at: NOW - HOUR });
  });

  it("have the intervals of the settings", () => {
    const policy = { warningReminderHours: 2, criticalReminderHours: 1 };
    expect(check(told("warning"), credits(900), policy).alert).toBeNull();
    expect(check(told("critical"), credits(200), policy).alert).toMatchObject({
      kind: "reminder",
      nextReminderAt: NOW + HOUR,
    });
    expect(check(told("warning", { at: NOW - 2 * HOUR }), credits(900), policy).alert).toMatchObject({
      kind: "reminder",
      nextReminderAt: NOW + 2 * HOUR,
    });
  });

  it("a change of level starts the interval anew, with that of the new level", () => {
    const { alert, memory } = check(told("critical", { at: NOW - 5 * HOUR }), credits(500));
    expect(alert).toMatchObject({ kind: "eased", nextReminderAt: NOW + 24 * HOUR });
    expect(memory.told).toMatchObject({ at: NOW });
  });

  it("none is announced once all is well", () => {
    expect(check(told("critical"), credits(5000)).alert).toMatchObject({ nextReminderAt: null });
  });
});

describe("blindness", () => {
  const failing = (count: number, blind: Memory["blind"] = null, memory = told("warning")): Memory => ({
    ...memory,
    failing: { count, since: NOW - 2 * HOUR },
    blind,
  });

  it.each<[string, Memory, Reading, Partial<Alert> | null]>([
    ["a first transient failure", FRESH_MEMORY, TRANSIENT, null],
    ["a second one", failing(1), TRANSIENT, null],
    ["a third one", failing(2), TRANSIENT, { kind: "blind", severity: "warning", urgent: false }],
    [
      "a permanent one at once",
      FRESH_MEMORY,
      PERMANENT,
      { kind: "blind", severity: "critical", urgent: true },
    ],
    ["a permanent one after a transient one", failing(1), PERMANENT, { kind: "blind", severity: "critical" }],
    ["a fourth one that was told", failing(3, { at: NOW - HOUR, permanent: false }), TRANSIENT, null],
    [
      "a permanent one after blind was told as transient",
      failing(3, { at: NOW - HOUR, permanent: false }),
      PERMANENT,
      { kind: "blind", severity: "critical", urgent: true },
    ],
    ["a permanent one that was told", failing(3, { at: NOW - HOUR, permanent: true }), PERMANENT, null],
    [
      "a transient one after permanent was told",
      failing(3, { at: NOW - HOUR, permanent: true }),
      TRANSIENT,
      null,
    ],
    [
      "one over a minute short of 24 h after it was told",
      failing(9, { at: NOW - 24 * HOUR + MINUTE + 1, permanent: false }),
      TRANSIENT,
      null,
    ],
    [
      "a transient one 24 h after it was told",
      failing(9, { at: NOW - 24 * HOUR, permanent: false }),
      TRANSIENT,
      { kind: "still-blind", severity: "warning", urgent: false },
    ],
    [
      "a permanent one 24 h after it was told",
      failing(9, { at: NOW - 24 * HOUR, permanent: true }),
      PERMANENT,
      { kind: "still-blind", severity: "critical", urgent: true },
    ],
    [
      "a transient one 24 h after permanent was told",
      failing(9, { at: NOW - 24 * HOUR, permanent: true }),
      TRANSIENT,
      { kind: "still-blind", severity: "critical" },
    ],
    [
      "one that was told by a clock that was ahead",
      failing(9, { at: NOW + HOUR + 1, permanent: false }),
      TRANSIENT,
      { kind: "still-blind", severity: "warning" },
    ],
    [
      "a permanent one 24 h after transient was told",
      failing(9, { at: NOW - 24 * HOUR, permanent: false }),
      PERMANENT,
      { kind: "blind", severity: "critical" },
    ],
  ])("%s", (_title, memory, reading, expected) => {
    const decision = check(memory, reading);
    if (expected === null) {
      expect(decision.alert).toBeNull();
      expect(decision.memory.blind).toEqual(memory.blind);
    } else {
      expect(decision.alert).toMatchObject({
        ...expected,
        nextReminderAt: NOW + 24 * HOUR,
        blindSince: null,
      });
      expect(decision.memory.blind).toEqual({ at: NOW, permanent: expected.severity === "critical" });
    }
  });

  it("that began by a clock that was ahead began now", () => {
    const ahead = failing(3, { at: NOW - HOUR, permanent: false });
    const memory = { ...ahead, failing: { count: 3, since: NOW + 1000 * HOUR } };
    expect(check(memory, TRANSIENT).memory.failing).toEqual({ count: 4, since: NOW });
    expect(check(memory, credits(900)).alert).toMatchObject({ kind: "sighted", blindSince: NOW });
  });

  it("failures are counted from the first one on", () => {
    const first = check(FRESH_MEMORY, TRANSIENT);
    expect(first.memory.failing).toEqual({ count: 1, since: NOW });
    const second = decide(first.memory, TRANSIENT, DEFAULT_POLICY, NOW + HOUR);
    expect(second.memory.failing).toEqual({ count: 2, since: NOW });
  });

  it("a failure leaves level, samples and reminders as they were", () => {
    const memory = burning(told("critical", { at: NOW - 100 * HOUR }), 10, 200);
    for (const reading of [TRANSIENT, PERMANENT]) {
      const decision = check(memory, reading);
      expect(decision).toMatchObject({ level: "critical", cause: null, runway: null });
      expect({ ...decision.memory, failing: null, blind: null }).toEqual(memory);
    }
  });

  it("names the level that was known before", () => {
    expect(check(failing(2), TRANSIENT).alert).toMatchObject({ before: "warning" });
    expect(check(FRESH_MEMORY, PERMANENT)).toMatchObject({ level: null, alert: { before: "ok" } });
  });

  it("a reading ends the count, told or not", () => {
    expect(check(failing(2), credits(900))).toMatchObject({
      alert: null,
      memory: { failing: null, blind: null },
    });
  });

  describe("the first reading after it", () => {
    const blind = (level: Level, permanent = false, at = NOW - HOUR) =>
      failing(5, { at: NOW - HOUR, permanent }, told(level, { at }));
    it.each<[string, Memory, number, Partial<Alert>]>([
      [
        "is sighted",
        blind("ok"),
        5000,
        { kind: "sighted", severity: "info", urgent: false, nextReminderAt: null },
      ],
      [
        "is sighted by SMS too where it was critical",
        blind("ok", true),
        5000,
        { kind: "sighted", urgent: true },
      ],
      [
        "is sighted at a level that lasts, and its reminder comes when it would have",
        blind("warning"),
        900,
        { kind: "sighted", severity: "info", urgent: false, nextReminderAt: NOW + 23 * HOUR },
      ],
      [
        "goes out with a raised alert",
        blind("ok"),
        900,
        { kind: "raised", severity: "warning", urgent: false },
      ],
      [
        "makes a warning urgent where blind was critical",
        blind("ok", true),
        900,
        { kind: "raised", urgent: true },
      ],
      ["goes out with a recovery", blind("warning"), 5000, { kind: "recovered" }],
      [
        "goes out with a reminder",
        blind("warning", false, NOW - 24 * HOUR),
        900,
        { kind: "reminder", severity: "warning" },
      ],
    ])("%s", (_title, memory, amount, expected) => {
      const decision = check(memory, credits(amount));
      expect(decision.alert).toMatchObject({ ...expected, blindSince: NOW - 2 * HOUR });
      expect(decision.memory).toMatchObject({ failing: null, blind: null });
    });

    it("leaves the time of the last credit alert as it was when nothing but sighted goes out", () => {
      expect(check(blind("warning"), credits(900)).memory.told).toMatchObject({ at: NOW - HOUR });
    });

    it("knows the level of a first reading ever", () => {
      const memory = {
        ...FRESH_MEMORY,
        failing: { count: 1, since: NOW },
        blind: { at: NOW, permanent: true },
      };
      expect(check(memory, credits(5000)).alert).toMatchObject({ kind: "sighted", before: "ok" });
    });
  });
});
