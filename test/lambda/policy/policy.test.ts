import { describe, expect, it } from "vitest";
import type { Alert, Hold } from "../../../lambda/policy/alert.ts";
import type { Audience } from "../../../lambda/policy/audience.ts";
import { NO_USE, observe } from "../../../lambda/policy/forecast.ts";
import type { Level } from "../../../lambda/policy/levels.ts";
import {
  FRESH_MEMORY,
  type Memory,
  parseMemory,
  type Sending,
  type Told,
} from "../../../lambda/policy/memory.ts";
import { type Decision, decide, type Look, testAlert } from "../../../lambda/policy/policy.ts";
import { type FailureReason, failed, type Reading } from "../../../lambda/policy/reading.ts";
import { nextReminderAt } from "../../../lambda/policy/reminders.ts";
import { DEFAULT_POLICY, type Policy } from "../../../lambda/policy/rules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-23T05:00:00Z");

const credits = (amount: number): Reading => ({ kind: "credits", credits: amount });
const failure = (reason: FailureReason): Reading => failed(reason, "detail");
const TIMEOUT = failure("timeout");
const REFUSED = failure("unauthorized");

const TWO_EMAILS: Audience = { emails: 2, phones: 0, others: 0 };
const PHONE_ALONE: Audience = { emails: 0, phones: 1, others: 0 };
const EMAIL_AND_PHONE: Audience = { emails: 1, phones: 1, others: 0 };
const ONE_OF_EACH: Audience = { emails: 1, phones: 1, others: 1 };
const NOBODY: Audience = { emails: 0, phones: 0, others: 0 };

/** A balance that makes the level. */
const BALANCE = { ok: 5000, warning: 900, critical: 200, empty: 0 } as const satisfies Record<Level, number>;

interface Past {
  /** Seen at the last reading, 15 minutes ago. */
  seen?: Level;
  lastReadingAgo?: number;
  failing?: { checks: number; ago: number };
  told?: Partial<Told>;
  audience?: Audience | null;
  sending?: Sending | null;
}

/** A memory in which this level was seen, and told an hour ago. */
function remembered({ seen = "ok", told = {}, ...past }: Past = {}): Memory {
  const { lastReadingAgo = 15 * MINUTE, failing, audience = TWO_EMAILS, sending = null } = past;
  const level = told.level === undefined ? seen : told.level;
  return {
    seen: {
      level: seen,
      runwayLevel: "ok",
      failing: failing ? { checks: failing.checks, since: NOW - failing.ago } : null,
      audience: audience,
      use: observe(NO_USE, { at: NOW - lastReadingAgo, credits: BALANCE[seen] }),
    },
    told: {
      ...FRESH_MEMORY.told,
      level,
      at: NOW - HOUR,
      bySms: level === "critical" || level === "empty",
      audience: audience,
      anythingAt: NOW - HOUR,
      ...told,
    },
    sending,
  };
}

/** What is remembered of these readings, oldest first. */
function useOf(readings: readonly { ago: number; credits: number }[]): Memory["seen"]["use"] {
  return readings.reduce((use, { ago, credits }) => observe(use, { at: NOW - ago, credits }), NO_USE);
}

interface Circumstances extends Partial<Omit<Look, "reading">> {
  policy?: Partial<Policy>;
  sms?: "critical" | "all";
  tellsAudience?: boolean;
  now?: number;
}

function check(memory: Memory, reading: Reading, circumstances: Circumstances = {}): Decision {
  const { policy, sms = "critical", tellsAudience = true, now = NOW, ...look } = circumstances;
  return decide(
    memory,
    { reading, audience: TWO_EMAILS, snoozeHours: null, ...look },
    { ...DEFAULT_POLICY, ...policy, sms, tellsAudience },
    now,
  );
}

/** A memory in which so many were listed by the check before, too. */
function lost(memory: Memory, audience: Audience): Memory {
  return { ...memory, seen: { ...memory.seen, audience } };
}

function sendingIn({ memoryIfTold: { sending } }: Decision): Sending {
  if (sending === null) throw new Error("nothing is sent");
  return sending;
}

/** What goes out; a held alert does not. */
function goesOut(decision: Decision): Alert | null {
  return decision.hold === null ? decision.alert : null;
}

describe("a level that changes", () => {
  it.each<{ told: Level; to: Level; expected: Partial<Alert> | null }>([
    { told: "ok", to: "ok", expected: null },
    { told: "ok", to: "warning", expected: { kind: "raised", severity: "warning", bySms: false } },
    { told: "ok", to: "critical", expected: { kind: "raised", severity: "critical", bySms: true } },
    { told: "ok", to: "empty", expected: { kind: "raised", severity: "critical", bySms: true } },
    { told: "warning", to: "warning", expected: null },
    { told: "warning", to: "critical", expected: { kind: "raised", severity: "critical", bySms: true } },
    { told: "warning", to: "ok", expected: { kind: "recovered", severity: "info", bySms: false } },
    { told: "critical", to: "critical", expected: null },
    { told: "critical", to: "empty", expected: { kind: "raised", severity: "critical", bySms: true } },
    { told: "critical", to: "warning", expected: { kind: "eased", severity: "info", bySms: true } },
    { told: "critical", to: "ok", expected: { kind: "recovered", severity: "info", bySms: true } },
    { told: "empty", to: "critical", expected: { kind: "eased", severity: "info", bySms: true } },
    { told: "empty", to: "ok", expected: { kind: "recovered", severity: "info", bySms: true } },
  ])("from $told to $to is told as it deserves", ({ told, to, expected }) => {
    const { alert } = check(remembered({ seen: told }), credits(BALANCE[to]));
    if (expected === null) expect(alert).toBeNull();
    else expect(alert).toMatchObject({ ...expected, level: to, previousLevel: told, noReadingSince: null });
  });

  it("is told by what people know, not by what was seen", () => {
    const unheard = remembered({ seen: "critical", told: { level: "ok" } });
    expect(check(unheard, credits(200)).alert).toMatchObject({ kind: "raised", previousLevel: "ok" });
    const unheardRecovery = remembered({ seen: "ok", told: { level: "critical" } });
    expect(check(unheardRecovery, credits(5000)).alert).toMatchObject({ kind: "recovered" });
  });

  it("is told on the first reading ever if it is low, and by silence if it is ok", () => {
    expect(check(FRESH_MEMORY, credits(900)).alert).toMatchObject({ kind: "raised", previousLevel: null });
    const low = { ...check(FRESH_MEMORY, credits(900)).memoryIfTold, sending: null };
    expect(check(low, credits(5000)).alert).toMatchObject({ kind: "recovered", bySms: false });
    const quiet = check(FRESH_MEMORY, credits(5000));
    expect(quiet.alert).toBeNull();
    expect(quiet.memory.told).toMatchObject({ level: "ok", anythingAt: NOW });
  });

  it("is told once", () => {
    const first = check(remembered(), credits(900));
    const after = { ...first.memoryIfTold, sending: null };
    expect(after.told).toMatchObject({ level: "warning", at: NOW, anythingAt: NOW, bySms: false });
    expect(check(after, credits(900), { now: NOW + 15 * MINUTE }).alert).toBeNull();
  });

  it("by SMS to ok if it was critical, even by way of warning, and not if that is long over", () => {
    const critical = { ...check(remembered(), credits(200)).memoryIfTold, sending: null };
    expect(check(critical, credits(5000)).alert).toMatchObject({ kind: "recovered", bySms: true });
    const eased = { ...check(remembered({ seen: "critical" }), credits(500)).memoryIfTold, sending: null };
    expect(check(eased, credits(5000)).alert).toMatchObject({ kind: "recovered", bySms: true });
    const recovered = { ...check(eased, credits(5000)).memoryIfTold, sending: null };
    const warned = { ...check(recovered, credits(900)).memoryIfTold, sending: null };
    expect(check(warned, credits(5000)).alert).toMatchObject({ kind: "recovered", bySms: false });
  });

  it("goes by SMS whatever it is if the settings say so", () => {
    expect(check(remembered(), credits(900), { sms: "all" }).alert).toMatchObject({ bySms: true });
  });
});

describe("reminders", () => {
  it.each<{ level: Level; hours: number; severity: string; bySms: boolean }>([
    { level: "warning", hours: 24, severity: "warning", bySms: false },
    { level: "critical", hours: 6, severity: "critical", bySms: true },
    { level: "empty", hours: 6, severity: "critical", bySms: true },
  ])("of $level come after $hours h, up to 5 minutes early", ({ level, hours, severity, bySms }) => {
    const at = NOW - hours * HOUR + 5 * MINUTE;
    const reading = credits(BALANCE[level]);
    expect(check(remembered({ seen: level, told: { at: at + 1 } }), reading).alert).toBeNull();
    const { alert, memoryIfTold } = check(remembered({ seen: level, told: { at } }), reading);
    expect(alert).toMatchObject({ kind: "reminder", severity, bySms });
    expect(memoryIfTold.told).toMatchObject({ at: NOW, reminders: 1 });
    expect(nextReminderAt(memoryIfTold.told, DEFAULT_POLICY)).toBe(NOW + 2 * hours * HOUR);
  });

  /** The hours between one message and the next while nothing changes, checked every 15 minutes. */
  const pausesOf = (first: Decision, reading: Reading, policy: Partial<Policy>, count: number) => {
    const pauses: number[] = [];
    let memory: Memory = { ...first.memoryIfTold, sending: null };
    let told = NOW;
    for (let now = NOW + 15 * MINUTE; pauses.length < count; now += 15 * MINUTE) {
      const decision = check(memory, reading, { policy, now });
      memory = decision.alert ? { ...decision.memoryIfTold, sending: null } : decision.memory;
      if (!decision.alert) continue;
      pauses.push((now - told) / HOUR);
      told = now;
    }
    return pauses;
  };
  const silent = () => check(remembered({ lastReadingAgo: DAY }), REFUSED);

  it.each<{ title: string; first: Decision; reading: Reading; policy?: Partial<Policy>; pauses: number[] }>([
    {
      title: "critical",
      first: check(remembered(), credits(200)),
      reading: credits(200),
      pauses: [6, 12, 24, 48, 96, 168, 168],
    },
    {
      title: "warning",
      first: check(remembered(), credits(900)),
      reading: credits(900),
      pauses: [24, 48, 96, 168, 168],
    },
    {
      title: "warning, by a setting of over a week",
      first: check(remembered(), credits(900)),
      reading: credits(900),
      policy: { warningReminderHours: 200 },
      pauses: [200, 200],
    },
    { title: "no reading", first: silent(), reading: REFUSED, pauses: [24, 48, 96, 168, 168] },
  ])("of $title come after $pauses hours", ({ first, reading, policy = {}, pauses }) => {
    expect(pausesOf(first, reading, policy, pauses.length)).toEqual(pauses);
  });

  it("begin anew with a new level, and only their time with a reading again", () => {
    const worn = remembered({ seen: "critical", told: { at: NOW - DAY, reminders: 4 } });
    expect(check(worn, credits(0)).memoryIfTold.told).toMatchObject({ at: NOW, reminders: 0 });
    const noReading = { at: NOW, since: NOW, isPermanent: true, bySms: true, reminders: 2 };
    const blind = remembered({ seen: "critical", told: { at: NOW - DAY, reminders: 4, noReading } });
    const again = check(blind, credits(200));
    expect(again.alert).toMatchObject({ kind: "reading-again" });
    expect(again.memoryIfTold.told).toMatchObject({ at: NOW, reminders: 4, noReading: null });
  });

  it("that nobody may have heard make the next one no rarer", () => {
    const due = check(
      remembered({ seen: "critical", told: { at: NOW - 12 * HOUR, reminders: 1 } }),
      credits(200),
    );
    const again = check(due.memoryIfTold, credits(200), { now: NOW + 15 * MINUTE });
    expect(again.memoryIfTold).toMatchObject({ told: { reminders: 2 }, sending: { tries: 2 } });
    const given = check(again.memoryIfTold, credits(200), { now: NOW + 30 * MINUTE });
    expect(given.memory).toMatchObject({ told: { reminders: 1 }, sending: null });
    const noReading = { at: NOW - DAY, since: NOW - 2 * DAY, isPermanent: true, bySms: true, reminders: 0 };
    const silence = remembered({ lastReadingAgo: 2 * DAY, told: { noReading } });
    const still = check(silence, REFUSED);
    expect(still.memoryIfTold.told.noReading).toMatchObject({ reminders: 1 });
    const unheard = { ...still.memoryIfTold, sending: { ...sendingIn(still), tries: 2 } };
    const later = check(unheard, REFUSED, { now: NOW + HOUR });
    expect(later.memory.told.noReading).toMatchObject({ reminders: 0 });
  });

  it("that are tried once more are not counted twice", () => {
    const due = check(remembered({ seen: "critical", told: { at: NOW - 6 * HOUR } }), credits(200));
    const again = check(due.memoryIfTold, credits(200), { now: NOW + 15 * MINUTE });
    expect(again.memoryIfTold).toMatchObject({ told: { reminders: 1 }, sending: { tries: 2 } });
  });

  it("of an hour come early by a tenth of it at most", () => {
    const policy = { warningReminderHours: 0.5 };
    const at = NOW - 27 * MINUTE;
    expect(
      check(remembered({ seen: "warning", told: { at: at + 1 } }), credits(900), { policy }).alert,
    ).toBeNull();
    expect(
      check(remembered({ seen: "warning", told: { at } }), credits(900), { policy }).alert,
    ).toMatchObject({
      kind: "reminder",
    });
  });

  it("come with every daily check, though it may be two minutes sooner than the last", () => {
    let memory = { ...check(remembered(), credits(900)).memoryIfTold, sending: null };
    let at = NOW;
    for (const soonerMinutes of [2, 0, 4, 1]) {
      at += DAY - soonerMinutes * MINUTE;
      const { alert, memoryIfTold } = check(memory, credits(900), { now: at });
      expect(alert).toMatchObject({ kind: "reminder" });
      const told = { ...memoryIfTold.told, reminders: 0 };
      memory = { ...memoryIfTold, told, sending: null };
    }
  });

  it("are not for a level that only an unknown runway keeps", () => {
    const memory = remembered({ seen: "critical", told: { at: NOW - DAY } });
    const use = observe(NO_USE, { at: NOW - HOUR, credits: 5000 });
    const kept: Memory = { ...memory, seen: { ...memory.seen, runwayLevel: "critical", use } };
    expect(check(kept, credits(5000))).toMatchObject({ level: "critical", runway: null, alert: null });
    // More credits than before end it.
    expect(check(kept, credits(5001))).toMatchObject({ level: "ok", alert: { kind: "recovered" } });
  });

  it("are for a level that a known runway makes", () => {
    const memory = remembered({ seen: "warning", told: { at: NOW - DAY } });
    const use = useOf(
      Array.from({ length: 10 }, (_, n) => ({ ago: (10 - n) * HOUR, credits: 3000 - 100 * n })),
    );
    const { alert, cause } = check({ ...memory, seen: { ...memory.seen, use } }, credits(2000));
    expect(cause).toMatchObject({ by: "runway", withinMargin: false });
    expect(alert).toMatchObject({ kind: "reminder" });
  });

  it.each<{ title: string; told: Partial<Told>; next: number | null }>([
    { title: "ok is never", told: { level: "ok" }, next: null },
    { title: "warning is a day after the alert", told: { level: "warning" }, next: NOW + 23 * HOUR },
    { title: "critical is six hours after it", told: { level: "critical" }, next: NOW + 5 * HOUR },
    {
      title: "no reading is a day after that was told, whatever the level",
      told: { noReading: { at: NOW, since: NOW - DAY, isPermanent: false, bySms: false, reminders: 0 } },
      next: NOW + DAY,
    },
  ])("the next one of $title", ({ told, next }) => {
    expect(nextReminderAt(remembered({ told }).told, DEFAULT_POLICY)).toBe(next);
  });

  it("are not while no reading is told", () => {
    const noReading = { at: NOW - HOUR, since: NOW - HOUR, isPermanent: false, bySms: false, reminders: 0 };
    const memory = remembered({ seen: "warning", told: { at: NOW - 2 * DAY, noReading } });
    expect(check(memory, credits(900)).alert).toMatchObject({ kind: "reading-again" });
  });
});

describe("no reading", () => {
  const REASONS = { timeout: TIMEOUT, refused: REFUSED, missingKey: failure("missing-key") } as const;

  it.each<{ reason: keyof typeof REASONS; lastReadingAgo: number | null; checks: number; isDue: boolean }>([
    { reason: "missingKey", lastReadingAgo: MINUTE, checks: 0, isDue: true },
    { reason: "refused", lastReadingAgo: null, checks: 0, isDue: true },
    { reason: "refused", lastReadingAgo: 15 * MINUTE, checks: 0, isDue: false },
    { reason: "refused", lastReadingAgo: 20 * MINUTE, checks: 5, isDue: false },
    { reason: "refused", lastReadingAgo: 20 * MINUTE + 1, checks: 0, isDue: true },
    { reason: "timeout", lastReadingAgo: 40 * MINUTE, checks: 5, isDue: false },
    { reason: "timeout", lastReadingAgo: 40 * MINUTE + 1, checks: 0, isDue: false },
    { reason: "timeout", lastReadingAgo: 40 * MINUTE + 1, checks: 1, isDue: true },
    { reason: "timeout", lastReadingAgo: 12 * HOUR, checks: 0, isDue: false },
    { reason: "timeout", lastReadingAgo: 12 * HOUR + 1, checks: 0, isDue: true },
    { reason: "timeout", lastReadingAgo: null, checks: 0, isDue: false },
  ])("$reason, $lastReadingAgo ms after a reading and $checks failed checks, is due: $isDue", (row) => {
    const failing = row.checks > 0 ? { checks: row.checks, ago: 10 * MINUTE } : undefined;
    const past = remembered({
      lastReadingAgo: row.lastReadingAgo ?? 0,
      ...(failing && { failing }),
    });
    const memory =
      row.lastReadingAgo === null ? { ...past, seen: { ...past.seen, level: null, use: NO_USE } } : past;
    expect(check(memory, REASONS[row.reason]).alert?.kind ?? null).toBe(row.isDue ? "no-reading" : null);
  });

  it.each<{ ago: number; checks: number; isDue: boolean }>([
    { ago: 40 * MINUTE + 1, checks: 1, isDue: true },
    { ago: 40 * MINUTE, checks: 1, isDue: false },
    { ago: 12 * HOUR + 1, checks: 1, isDue: true },
  ])("counts from the first failure, $ago ms ago, if there never was a reading", ({ ago, checks, isDue }) => {
    const past = remembered({ failing: { checks, ago } });
    const memory = { ...past, seen: { ...past.seen, level: null, use: NO_USE } };
    expect(check(memory, TIMEOUT).alert !== null).toBe(isDue);
  });

  it.each<{ seen: Level; reading: Reading; audience: Audience | null; severity: string; bySms: boolean }>([
    { seen: "ok", reading: TIMEOUT, audience: TWO_EMAILS, severity: "warning", bySms: false },
    { seen: "warning", reading: TIMEOUT, audience: EMAIL_AND_PHONE, severity: "warning", bySms: false },
    { seen: "ok", reading: TIMEOUT, audience: PHONE_ALONE, severity: "warning", bySms: true },
    { seen: "ok", reading: TIMEOUT, audience: ONE_OF_EACH, severity: "warning", bySms: false },
    { seen: "ok", reading: TIMEOUT, audience: null, severity: "warning", bySms: false },
    { seen: "critical", reading: TIMEOUT, audience: TWO_EMAILS, severity: "critical", bySms: true },
    { seen: "empty", reading: TIMEOUT, audience: TWO_EMAILS, severity: "critical", bySms: true },
    { seen: "ok", reading: REFUSED, audience: TWO_EMAILS, severity: "critical", bySms: true },
  ])("at $seen is $severity to $audience, by SMS: $bySms", ({ seen, reading, audience, severity, bySms }) => {
    const memory = remembered({ seen, lastReadingAgo: DAY, audience: audience });
    const { alert } = check(memory, reading, { audience });
    expect(alert).toMatchObject({ kind: "no-reading", severity, bySms, level: seen });
  });

  const toldNoReading = (changes: Partial<NonNullable<Told["noReading"]>> = {}) =>
    remembered({
      seen: "warning",
      lastReadingAgo: 2 * DAY,
      failing: { checks: 100, ago: 2 * DAY },
      told: {
        noReading: {
          at: NOW - HOUR,
          since: NOW - 2 * DAY,
          isPermanent: false,
          bySms: false,
          reminders: 0,
          ...changes,
        },
      },
    });

  it.each<{ title: string; memory: Memory; reading: Reading; kind: string | null }>([
    { title: "that was told", memory: toldNoReading(), reading: TIMEOUT, kind: null },
    { title: "that turns permanent", memory: toldNoReading(), reading: REFUSED, kind: "no-reading" },
    {
      title: "told as permanent",
      memory: toldNoReading({ isPermanent: true }),
      reading: REFUSED,
      kind: null,
    },
    {
      title: "that was permanent",
      memory: toldNoReading({ isPermanent: true }),
      reading: TIMEOUT,
      kind: null,
    },
    {
      title: "5 minutes short of a day",
      memory: toldNoReading({ at: NOW - DAY + 5 * MINUTE }),
      reading: TIMEOUT,
      kind: "still-no-reading",
    },
    {
      title: "6 minutes short of a day",
      memory: toldNoReading({ at: NOW - DAY + 6 * MINUTE }),
      reading: TIMEOUT,
      kind: null,
    },
  ])("$title is told as $kind", ({ memory, reading, kind }) => {
    expect(check(memory, reading).alert?.kind ?? null).toBe(kind);
  });

  it("that was told is not told again by a single failure long after, until it is due by its rule", () => {
    const memory = { ...toldNoReading({ at: NOW - 2 * DAY }) };
    const read: Memory = {
      ...memory,
      seen: { ...memory.seen, failing: null, use: observe(NO_USE, { at: NOW - 15 * MINUTE, credits: 900 }) },
    };
    expect(check(read, TIMEOUT).alert).toBeNull();
  });

  it("that may pass is remembered as told, and not as permanent or by SMS", () => {
    const { memoryIfTold } = check(remembered({ lastReadingAgo: DAY }), TIMEOUT);
    expect(memoryIfTold.told.noReading).toEqual({
      at: NOW,
      since: NOW,
      isPermanent: false,
      bySms: false,
      reminders: 0,
    });
  });

  it("stays permanent, and by SMS, until a reading", () => {
    const memory = toldNoReading({ isPermanent: true, bySms: true, at: NOW - DAY });
    const { alert, memoryIfTold } = check(memory, TIMEOUT);
    expect(alert).toMatchObject({ kind: "still-no-reading", severity: "warning" });
    expect(memoryIfTold.told.noReading).toEqual({
      at: NOW,
      since: NOW - 2 * DAY,
      isPermanent: true,
      bySms: true,
      reminders: 1,
    });
  });

  it("changes nothing but what is known of failures", () => {
    const memory = remembered({ seen: "critical", told: { at: NOW - 100 * HOUR } });
    for (const reading of [TIMEOUT, REFUSED]) {
      const decision = check(memory, reading);
      expect(decision).toMatchObject({ level: "critical", cause: null, runway: null, alert: null });
      expect(decision.memory).toEqual({
        ...memory,
        seen: { ...memory.seen, failing: { since: NOW, checks: 1 } },
      });
    }
  });

  describe("and then a reading", () => {
    const bySms = {
      noReading: { at: NOW - HOUR, since: NOW - 2 * HOUR, isPermanent: true, bySms: true, reminders: 0 },
    };
    it.each<{ told: Level; to: Level; noReading: Partial<Told>; expected: Partial<Alert> }>([
      {
        told: "ok",
        to: "ok",
        noReading: bySms,
        expected: { kind: "reading-again", severity: "info", bySms: true },
      },
      { told: "warning", to: "warning", noReading: bySms, expected: { kind: "reading-again" } },
      { told: "ok", to: "warning", noReading: bySms, expected: { kind: "raised", bySms: true } },
      { told: "warning", to: "ok", noReading: bySms, expected: { kind: "recovered", bySms: true } },
      {
        told: "ok",
        to: "ok",
        noReading: {
          noReading: {
            at: NOW - HOUR,
            since: NOW - 2 * HOUR,
            isPermanent: false,
            bySms: false,
            reminders: 0,
          },
        },
        expected: { kind: "reading-again", bySms: false },
      },
    ])("at $to after $told is one message, $expected.kind", ({ told, to, noReading, expected }) => {
      const memory = remembered({ seen: told, told: noReading, failing: { checks: 9, ago: 2 * HOUR } });
      const { alert, memoryIfTold } = check(memory, credits(BALANCE[to]));
      expect(alert).toMatchObject({ ...expected, noReadingSince: NOW - 2 * HOUR });
      expect(memoryIfTold).toMatchObject({ seen: { failing: null }, told: { noReading: null, level: to } });
    });
  });
});

describe("held alerts", () => {
  it.each<{
    title: string;
    audience: Audience | null;
    listed: Audience | null;
    amount: number;
    hold: Hold | null;
  }>([
    { title: "nobody is confirmed", audience: NOBODY, listed: NOBODY, amount: 200, hold: "nobody-listens" },
    { title: "a phone alone, at warning", audience: PHONE_ALONE, listed: null, amount: 900, hold: null },
    { title: "a phone alone, at critical", audience: PHONE_ALONE, listed: null, amount: 200, hold: null },
    { title: "a queue", audience: { ...NOBODY, others: 1 }, listed: null, amount: 900, hold: null },
    {
      title: "SNS does not say, and nobody was listed last",
      audience: null,
      listed: NOBODY,
      amount: 200,
      hold: "nobody-listens",
    },
    {
      title: "SNS does not say, and somebody was listed last",
      audience: null,
      listed: TWO_EMAILS,
      amount: 200,
      hold: null,
    },
    { title: "SNS never said", audience: null, listed: null, amount: 200, hold: null },
  ])("if $title: $hold", ({ audience, listed, amount, hold }) => {
    const memory = remembered({ audience: listed });
    const decision = check(memory, credits(amount), { audience, tellsAudience: false });
    expect(decision).toMatchObject({ alert: { kind: "raised" }, hold });
    expect(decision.memory.told.level).toBe("ok");
  });

  it("stay due", () => {
    const first = check(remembered({ audience: NOBODY }), credits(900), { audience: NOBODY });
    const second = check(first.memory, credits(900), { audience: TWO_EMAILS, now: NOW + 15 * MINUTE });
    expect(second).toMatchObject({ alert: { kind: "raised", previousLevel: "ok" }, hold: null });
  });

  it("give way to the next one that is not held", () => {
    const memory = remembered({ seen: "critical", told: { at: NOW - 6 * HOUR }, audience: TWO_EMAILS });
    const decision = check(lost(memory, PHONE_ALONE), credits(200), {
      audience: PHONE_ALONE,
      snoozeHours: 24,
    });
    expect(goesOut(decision)).toMatchObject({ kind: "audience", bySms: true });
    expect(decision.held).toEqual([{ kind: "reminder", hold: "snoozed" }]);
  });

  const changes = (count: number) => Array.from({ length: count }, (_, n) => NOW - (n + 1) * HOUR);

  it.each<{ told: Level; to: Level; kind: string }>([
    { told: "critical", to: "warning", kind: "eased" },
    { told: "warning", to: "ok", kind: "recovered" },
  ])("good news, $kind, waits after five changes in a day", ({ told, to, kind }) => {
    const few = remembered({ seen: told, told: { changes: changes(4) } });
    expect(check(few, credits(BALANCE[to]))).toMatchObject({ alert: { kind }, hold: null });
    const many = remembered({ seen: told, told: { changes: changes(5) } });
    expect(check(many, credits(BALANCE[to]))).toMatchObject({ alert: { kind }, hold: "too-many" });
  });

  it("reading-again waits after five changes in a day, and a change of 24 hours ago counts no more", () => {
    const noReading = { at: NOW - HOUR, since: NOW - HOUR, isPermanent: true, bySms: true, reminders: 0 };
    const many = remembered({ told: { noReading, changes: changes(5) } });
    expect(check(many, credits(5000))).toMatchObject({ alert: { kind: "reading-again" }, hold: "too-many" });
    const older = remembered({ told: { noReading, changes: [...changes(4), NOW - DAY] } });
    expect(check(older, credits(5000))).toMatchObject({ alert: { kind: "reading-again" }, hold: null });
  });

  it("bad news never waits", () => {
    const memory = remembered({ seen: "warning", told: { changes: changes(12) }, lastReadingAgo: DAY });
    expect(goesOut(check(memory, credits(200)))).toMatchObject({ kind: "raised" });
    expect(goesOut(check(memory, REFUSED))).toMatchObject({ kind: "no-reading" });
  });

  it.each<{ kind: string; isChange: boolean; memory: Memory; reading: Reading }>([
    { kind: "raised", isChange: true, memory: remembered(), reading: credits(900) },
    { kind: "eased", isChange: true, memory: remembered({ seen: "critical" }), reading: credits(900) },
    { kind: "recovered", isChange: true, memory: remembered({ seen: "warning" }), reading: credits(5000) },
    { kind: "no-reading", isChange: true, memory: remembered({ lastReadingAgo: DAY }), reading: REFUSED },
    {
      kind: "reading-again",
      isChange: true,
      memory: remembered({
        told: {
          noReading: { at: NOW - HOUR, since: NOW - HOUR, isPermanent: true, bySms: true, reminders: 0 },
        },
      }),
      reading: credits(5000),
    },
    {
      kind: "reminder",
      isChange: false,
      memory: remembered({ seen: "warning", told: { at: NOW - DAY } }),
      reading: credits(900),
    },
    {
      kind: "all-clear",
      isChange: false,
      memory: remembered({ told: { anythingAt: NOW - 7 * DAY } }),
      reading: credits(5000),
    },
  ])("$kind counts as a change: $isChange", ({ kind, isChange, memory, reading }) => {
    const { alert, memoryIfTold } = check(memory, reading);
    expect(alert?.kind).toBe(kind);
    expect(memoryIfTold.told.changes).toEqual(isChange ? [NOW] : []);
  });
});

describe("snoozing", () => {
  const due = remembered({ seen: "warning", told: { at: NOW - DAY } });

  it("holds reminders for its hours, and 0 ends it", () => {
    const snoozed = check(due, credits(900), { snoozeHours: 48 });
    expect(snoozed).toMatchObject({ alert: { kind: "reminder" }, hold: "snoozed" });
    expect(snoozed.memory.told.snoozedUntil).toBe(NOW + 48 * HOUR);
    const later = check(snoozed.memory, credits(900), { now: NOW + 48 * HOUR - 1 });
    expect(later.hold).toBe("snoozed");
    expect(goesOut(check(snoozed.memory, credits(900), { now: NOW + 48 * HOUR }))).toMatchObject({
      kind: "reminder",
    });
    const ended = check(snoozed.memory, credits(900), { snoozeHours: 0 });
    expect(goesOut(ended)).toMatchObject({ kind: "reminder" });
    expect(ended.memory.told.snoozedUntil).toBeNull();
  });

  it("is remembered on a failed check too, and holds still-no-reading", () => {
    const noReading = { at: NOW - DAY, since: NOW - DAY, isPermanent: true, bySms: true, reminders: 0 };
    const memory = remembered({ lastReadingAgo: DAY, told: { noReading } });
    const decision = check(memory, REFUSED, { snoozeHours: 3 });
    expect(decision).toMatchObject({ alert: { kind: "still-no-reading" }, hold: "snoozed" });
    expect(decision.memory.told.snoozedUntil).toBe(NOW + 3 * HOUR);
  });

  it("moves the next reminder", () => {
    const { memory } = check(remembered({ seen: "warning" }), credits(900), { snoozeHours: 100 });
    expect(nextReminderAt(memory.told, DEFAULT_POLICY)).toBe(NOW + 100 * HOUR);
  });

  it.each<{ title: string; memory: Memory; reading: Reading; isOver: boolean }>([
    { title: "a worse level", memory: remembered({ seen: "warning" }), reading: credits(200), isOver: true },
    { title: "ok", memory: remembered({ seen: "warning" }), reading: credits(5000), isOver: true },
    {
      title: "no reading",
      memory: remembered({ seen: "warning", lastReadingAgo: DAY }),
      reading: REFUSED,
      isOver: true,
    },
    {
      title: "a better level that is not ok",
      memory: remembered({ seen: "critical" }),
      reading: credits(900),
      isOver: false,
    },
  ])("ends when $title is told: $isOver", ({ memory, reading, isOver }) => {
    const told = { ...memory.told, snoozedUntil: NOW + HOUR };
    const { memoryIfTold } = check({ ...memory, told }, reading);
    expect(memoryIfTold.told.snoozedUntil).toBe(isOver ? null : NOW + HOUR);
  });
});

describe("the audience", () => {
  it.each<{ before: Audience; now: Audience; isTold: boolean }>([
    { before: TWO_EMAILS, now: { ...TWO_EMAILS, emails: 1 }, isTold: true },
    { before: EMAIL_AND_PHONE, now: { ...EMAIL_AND_PHONE, phones: 0 }, isTold: true },
    { before: EMAIL_AND_PHONE, now: { emails: 2, phones: 0, others: 0 }, isTold: true },
    { before: TWO_EMAILS, now: TWO_EMAILS, isTold: false },
    { before: TWO_EMAILS, now: { emails: 3, phones: 1, others: 0 }, isTold: false },
    { before: { ...TWO_EMAILS, others: 2 }, now: TWO_EMAILS, isTold: false },
  ])("of $now after $before is told: $isTold", ({ before, now, isTold }) => {
    for (const reading of [credits(5000), TIMEOUT]) {
      const memory = remembered({ audience: before });
      expect(check(memory, reading, { audience: now }).alert).toBeNull();
      const { alert } = check(lost(memory, now), reading, { audience: now });
      if (!isTold) expect(alert).toBeNull();
      else
        expect(alert).toMatchObject({
          kind: "audience",
          severity: "warning",
          bySms: true,
          previousAudience: { ...before, emails: Math.max(before.emails, now.emails) },
        });
    }
  });

  it("is remembered as it rises at once, and as it falls when that was told", () => {
    const more = check(remembered(), credits(5000), { audience: { emails: 3, phones: 1, others: 5 } });
    expect(more.memory.told.audience).toEqual({ emails: 3, phones: 1, others: 5 });
    const one = { ...TWO_EMAILS, emails: 1 };
    const fewer = check(lost(remembered(), one), credits(5000), { audience: one });
    expect(fewer.memory.told.audience).toEqual(TWO_EMAILS);
    expect(fewer.memoryIfTold.told).toMatchObject({ audience: one, audienceAt: NOW });
  });

  it("that flaps from check to check is no loss, and a loss is told once in 24 hours", () => {
    const one = { ...TWO_EMAILS, emails: 1 };
    let memory = remembered();
    for (let n = 0; n < 8; n++) {
      const listed = n % 2 === 0 ? one : TWO_EMAILS;
      const decision = check(memory, credits(5000), { audience: listed, now: NOW + n * 15 * MINUTE });
      expect(decision.alert).toBeNull();
      memory = decision.memory;
    }
    const toldAgo = (ms: number) => lost(remembered({ told: { audienceAt: NOW - ms } }), one);
    const kindAfter = (ms: number) => check(toldAgo(ms), credits(5000), { audience: one }).alert?.kind;
    expect(kindAfter(DAY - 6 * MINUTE)).toBeUndefined();
    expect(kindAfter(DAY - 5 * MINUTE)).toBe("audience");
  });

  it("is remembered as it is listed by an account that does not tell it", () => {
    const decision = check(remembered(), credits(5000), { audience: NOBODY, tellsAudience: false });
    expect(decision).toMatchObject({ alert: null, memory: { told: { audience: NOBODY } } });
  });

  it("that SNS does not list is no loss", () => {
    const decision = check(remembered(), credits(5000), { audience: null });
    expect(decision).toMatchObject({
      alert: null,
      memory: { told: { audience: TWO_EMAILS }, seen: { audience: TWO_EMAILS } },
    });
  });
});

describe("the all-clear", () => {
  const quietSince = (ms: number, past: Past = {}) =>
    remembered({ ...past, told: { ...past.told, anythingAt: NOW - ms } });

  it("comes after a week of silence, and then again after a week", () => {
    expect(check(quietSince(7 * DAY - 6 * MINUTE), credits(5000)).alert).toBeNull();
    const { alert, memoryIfTold } = check(quietSince(7 * DAY - 5 * MINUTE), credits(5000));
    expect(alert).toMatchObject({ kind: "all-clear", severity: "info", bySms: false });
    expect(memoryIfTold.told.anythingAt).toBe(NOW);
  });

  it("goes by SMS if nobody but phones is confirmed", () => {
    const memory = quietSince(8 * DAY, { audience: PHONE_ALONE });
    expect(check(memory, credits(5000), { audience: PHONE_ALONE })).toMatchObject({
      alert: { kind: "all-clear", bySms: true },
      hold: null,
    });
  });

  it.each<{ kind: string; past: Past; reading: Reading }>([
    { kind: "raised", past: { seen: "ok" }, reading: credits(900) },
    { kind: "recovered", past: { seen: "warning" }, reading: credits(5000) },
    { kind: "reminder", past: { seen: "warning", told: { at: NOW - 2 * DAY } }, reading: credits(900) },
  ])("is no other than $kind, which a phone hears if nobody else is confirmed", ({ kind, past, reading }) => {
    const memory = quietSince(8 * DAY, { ...past, audience: PHONE_ALONE });
    const decision = check(memory, reading, { audience: PHONE_ALONE });
    expect(decision).toMatchObject({ alert: { kind, bySms: true }, hold: null, held: [] });
  });

  it.each<{ title: string; surgeAt: number; anythingAt: number; days?: number; kind: string | null }>([
    { title: "a day after a surge", surgeAt: NOW - DAY, anythingAt: NOW - DAY, kind: "all-clear" },
    {
      title: "a day after a surge, also if it is never wanted else",
      surgeAt: NOW - DAY,
      anythingAt: NOW - DAY,
      days: 0,
      kind: "all-clear",
    },
    {
      title: "sooner after a surge",
      surgeAt: NOW - DAY + HOUR,
      anythingAt: NOW - DAY + HOUR,
      kind: null,
    },
    {
      title: "a day after what came after a surge",
      surgeAt: NOW - 2 * DAY,
      anythingAt: NOW - DAY,
      kind: null,
    },
  ])("$title: $kind", ({ surgeAt, anythingAt, days = 7, kind }) => {
    const memory = remembered({ told: { surgeAt, anythingAt, bySms: true } });
    const decision = check(memory, credits(5000), { policy: { allClearDays: days } });
    expect(decision.alert?.kind ?? null).toBe(kind);
    if (kind === null) return;
    expect(decision.alert).toMatchObject({ bySms: true, isAfterSurge: true });
    expect(decision.memoryIfTold.told.bySms).toBe(false);
  });

  it.each<{ title: string; memory: Memory; reading: Reading; policy?: Partial<Policy> }>([
    { title: "a failed check", memory: quietSince(8 * DAY), reading: TIMEOUT },
    {
      title: "a level that is not ok",
      memory: quietSince(8 * DAY, { seen: "warning", told: { at: NOW } }),
      reading: credits(900),
    },
    {
      title: "a setting of 0",
      memory: quietSince(8 * DAY),
      reading: credits(5000),
      policy: { allClearDays: 0 },
    },
  ])("does not come with $title", ({ memory, reading, policy = {} }) => {
    expect(check(memory, reading, { policy }).alert).toBeNull();
  });
});

/** A day and more at 10 credits an hour, and then 300 in 15 minutes; at 5,140 it is a surge. */
function surging(changes: Partial<Told> = {}): Memory {
  const past = remembered();
  const use = useOf([
    ...Array.from({ length: 27 }, (_, n) => ({ ago: (28 - n) * HOUR, credits: 6000 - 10 * n })),
    { ago: 30 * MINUTE, credits: 5740 },
    { ago: 15 * MINUTE, credits: 5440 },
  ]);
  return { ...past, seen: { ...past.seen, use }, told: { ...past.told, ...changes } };
}

describe("a surge", () => {
  it.each<{ toldAgo: number | null; isTold: boolean }>([
    { toldAgo: null, isTold: true },
    { toldAgo: DAY - 6 * MINUTE, isTold: false },
    { toldAgo: DAY - 5 * MINUTE, isTold: true },
  ])("told $toldAgo ms ago is told: $isTold", ({ toldAgo, isTold }) => {
    const surgeAt = toldAgo === null ? null : NOW - toldAgo;
    const { alert, memoryIfTold } = check(surging({ surgeAt }), credits(5140));
    expect(alert?.kind ?? null).toBe(isTold ? "surge" : null);
    if (isTold) expect(alert?.surge).toMatchObject({ credits: 600, minutes: 30 });
    expect(memoryIfTold.told.surgeAt).toBe(isTold ? NOW : surgeAt);
  });

  it("is told by raised if that goes out, and only then counts as told", () => {
    const policy = { criticalCredits: 5200, warningCredits: 5300 };
    const both = check(surging(), credits(5140), { policy });
    expect(both).toMatchObject({ alert: { kind: "raised", surge: { credits: 600 } } });
    expect(both.memoryIfTold.told.surgeAt).toBe(NOW);
    const raised = check(remembered(), credits(200));
    expect(raised).toMatchObject({ alert: { kind: "raised", surge: null } });
    expect(raised.memoryIfTold.told.surgeAt).toBeNull();
  });

  it("goes before a message that waits for its next try, and not once more if that tells it", () => {
    const allClear = check(remembered({ told: { anythingAt: NOW - 8 * DAY } }), credits(5000));
    const { sending } = allClear.memoryIfTold;
    expect(check({ ...surging(), sending }, credits(5140)).alert).toMatchObject({ kind: "surge" });
    const told = check(surging(), credits(5140)).memoryIfTold;
    const next = check(told, credits(4840), { now: NOW + 15 * MINUTE }).memoryIfTold;
    expect(next.sending).toMatchObject({ kind: "surge", tries: 2 });
  });

  it.each<{ title: string; reading: Reading; policy?: Partial<Policy>; kind: string | null }>([
    { title: "while it lasts", reading: credits(4840), kind: "surge" },
    { title: "once it is over", reading: credits(5140), kind: "surge" },
    { title: "at a failure", reading: TIMEOUT, kind: null },
    { title: "at another level", reading: credits(4840), policy: { warningCredits: 5000 }, kind: "surge" },
  ])("on its way gives $kind $title", ({ reading, policy = {}, kind }) => {
    const { memoryIfTold } = check(surging(), credits(5140));
    const { alert } = check(memoryIfTold, reading, { policy, now: NOW + 15 * MINUTE });
    expect(alert?.kind ?? null).toBe(kind);
  });
});

it("a surge to the end is told by saying that nothing is left", () => {
  const past = remembered({ seen: "warning" });
  const use = useOf([
    ...Array.from({ length: 27 }, (_, n) => ({ ago: (28 - n) * HOUR, credits: 960 - 10 * n })),
    { ago: 30 * MINUTE, credits: 700 },
    { ago: 15 * MINUTE, credits: 400 },
  ]);
  const { alert, memoryIfTold } = check({ ...past, seen: { ...past.seen, use } }, credits(0));
  expect(alert).toMatchObject({ kind: "raised", level: "empty", surge: null });
  expect(memoryIfTold.told.surgeAt).toBe(NOW);
  const later = check({ ...memoryIfTold, sending: null }, credits(0), { now: NOW + 15 * MINUTE });
  expect(later.alert).toBeNull();
});

describe("a message on its way", () => {
  const sendingOf = (decision: Decision, changes: Partial<Sending> = {}): Memory => {
    return { ...decision.memoryIfTold, sending: { ...sendingIn(decision), ...changes } };
  };
  const raised = check(remembered(), credits(200));

  it("is remembered with what it says and when it was tried", () => {
    expect(raised.memoryIfTold.sending).toEqual({ ...raised.alert, at: NOW, tries: 1 });
    expect(raised.memoryIfTold.told).toMatchObject({ level: "critical", at: NOW });
    expect(raised.memory).toMatchObject({ told: { level: "ok" }, sending: null });
  });

  it("goes first, once more, if it is still true, and is no new change", () => {
    const later = { now: NOW + 15 * MINUTE };
    const second = check(sendingOf(raised), credits(200), later);
    expect(goesOut(second)).toMatchObject({ kind: "raised", previousLevel: "ok", bySms: true });
    expect(second.memoryIfTold).toMatchObject({
      told: { at: later.now, changes: [NOW] },
      sending: { tries: 2, at: later.now },
    });
  });

  const surge = check(surging(), credits(5140));
  const silent = check(remembered({ lastReadingAgo: DAY }), REFUSED);
  const recovered = check(remembered({ seen: "warning" }), credits(5000));
  const reminding = check(remembered({ seen: "critical", told: { at: NOW - 6 * HOUR } }), credits(200));
  const fewer = check(lost(remembered({ seen: "critical" }), PHONE_ALONE), credits(200), {
    audience: PHONE_ALONE,
  });

  it.each<{ kind: string; first: Decision; reading: Reading; sight?: Circumstances; waits: number[] }>([
    { kind: "raised", first: raised, reading: credits(200), waits: [0, 10, 55] },
    { kind: "surge", first: surge, reading: credits(5140), waits: [0, 10, 55] },
    { kind: "no-reading", first: silent, reading: REFUSED, waits: [0, 10, 55] },
    { kind: "recovered", first: recovered, reading: credits(5000), waits: [10] },
    { kind: "reminder", first: reminding, reading: credits(200), waits: [10] },
    {
      kind: "audience",
      first: fewer,
      reading: credits(200),
      sight: { audience: PHONE_ALONE },
      waits: [10],
    },
  ])("$kind is tried again $waits minutes after the last try, and then counts as told", (row) => {
    const { kind, first, reading, sight, waits } = row;
    expect(first.alert).toMatchObject({ kind });
    let memory = first.memoryIfTold;
    let now = NOW;
    for (const minutes of waits) {
      const early = check(memory, reading, { ...sight, now: now + (minutes - 1) * MINUTE });
      if (minutes > 0) expect(early.alert?.kind).not.toBe(kind);
      now += minutes * MINUTE;
      memory = check(memory, reading, { ...sight, now }).memoryIfTold;
      expect(memory.sending).toMatchObject({ kind, at: now });
    }
    expect(memory.sending?.tries).toBe(waits.length + 1);
    const last = check(memory, reading, { ...sight, now: now + 3 * HOUR });
    expect(last.memory.sending).toBeNull();
    const reminders = kind === "reminder" ? 0 : memory.told.reminders;
    expect(last.memory.told).toEqual({ ...memory.told, reminders, changes: last.memory.told.changes });
  });

  it.each<{
    title: string;
    first: Decision;
    reading: Reading;
    sight?: Circumstances;
    due: string;
    hold: string | null;
  }>([
    {
      title: "a lost subscriber",
      first: raised,
      reading: credits(200),
      sight: { audience: PHONE_ALONE },
      due: "audience",
      hold: "on-its-way",
    },
    {
      title: "a lost subscriber at a failure",
      first: raised,
      reading: TIMEOUT,
      sight: { audience: PHONE_ALONE },
      due: "audience",
      hold: "on-its-way",
    },
    { title: "a worse level", first: raised, reading: credits(0), due: "raised", hold: null },
    { title: "no reading", first: raised, reading: REFUSED, due: "no-reading", hold: null },
    {
      title: "a lost subscriber, if reminders are snoozed meanwhile",
      first: reminding,
      reading: credits(200),
      sight: { audience: PHONE_ALONE, snoozeHours: 24 },
      due: "audience",
      hold: null,
    },
  ])("that waits for its next try is waited for: $title, hold $hold", (row) => {
    const { first, reading, sight, due, hold } = row;
    const { kind } = first.memoryIfTold.sending ?? {};
    const waiting = sendingOf(first, { tries: kind === "raised" ? 2 : 1, at: NOW + 21 * MINUTE });
    const now = NOW + 25 * MINUTE;
    const memory = lost(waiting, sight?.audience ?? TWO_EMAILS);
    expect(check(memory, reading, { now, ...sight })).toMatchObject({ alert: { kind: due }, hold });
  });

  it.each<{ title: string; reading: Reading; kind: string | null }>([
    { title: "a worse level", reading: credits(0), kind: "raised" },
    { title: "a better level", reading: credits(900), kind: "eased" },
    { title: "ok", reading: credits(5000), kind: "recovered" },
    { title: "a failure", reading: TIMEOUT, kind: null },
  ])("gives way to what is true: $title", ({ reading, kind }) => {
    const { alert, memory } = check(sendingOf(raised), reading, { now: NOW + 15 * MINUTE });
    expect(alert?.kind ?? null).toBe(kind);
    expect(alert?.previousLevel ?? "critical").toBe("critical");
    expect(memory.sending).toMatchObject({ kind: "raised", tries: 1 });
  });

  it.each<{ title: string; first: Decision; reading: Reading; sight?: Circumstances; isRepeated: boolean }>([
    {
      title: "no-reading at a failure",
      first: check(remembered({ lastReadingAgo: DAY }), REFUSED),
      reading: TIMEOUT,
      isRepeated: true,
    },
    {
      title: "still-no-reading at a failure",
      first: check(
        remembered({
          lastReadingAgo: DAY,
          told: {
            noReading: { at: NOW - DAY, since: NOW - DAY, isPermanent: true, bySms: true, reminders: 0 },
          },
        }),
        REFUSED,
      ),
      reading: REFUSED,
      isRepeated: true,
    },
    {
      title: "all-clear at ok",
      first: check(remembered({ told: { anythingAt: NOW - 8 * DAY } }), credits(5000)),
      reading: credits(4900),
      isRepeated: true,
    },
    {
      title: "audience while somebody is missing",
      first: check(lost(remembered(), PHONE_ALONE), credits(5000), { audience: PHONE_ALONE }),
      reading: credits(5000),
      sight: { audience: PHONE_ALONE },
      isRepeated: true,
    },
    {
      title: "audience while SNS does not say",
      first: check(lost(remembered(), PHONE_ALONE), credits(5000), { audience: PHONE_ALONE }),
      reading: credits(5000),
      sight: { audience: null },
      isRepeated: false,
    },
    {
      title: "audience once all are back",
      first: check(lost(remembered(), PHONE_ALONE), credits(5000), { audience: PHONE_ALONE }),
      reading: credits(5000),
      sight: { audience: { emails: 2, phones: 1, others: 0 } },
      isRepeated: false,
    },
    {
      title: "reading-again at the same level",
      first: check(
        remembered({
          told: { noReading: { at: NOW, since: NOW, isPermanent: true, bySms: true, reminders: 0 } },
        }),
        credits(5000),
      ),
      reading: credits(5000),
      isRepeated: true,
    },
  ])("$title is repeated: $isRepeated", ({ first, reading, sight, isRepeated }) => {
    const { alert } = check(first.memoryIfTold, reading, { ...sight, now: NOW + 15 * MINUTE });
    expect(alert?.kind ?? null).toBe(isRepeated ? (first.alert?.kind ?? null) : null);
    if (isRepeated)
      expect(
        check({ ...first.memoryIfTold, sending: null }, reading, { ...sight, now: NOW + 15 * MINUTE }).alert,
      ).toBeNull();
  });

  it("that another one replaces counts as told, and the other goes by SMS if it did", () => {
    const later = { now: NOW + 15 * MINUTE };
    const eased = check(raised.memoryIfTold, credits(900), later);
    expect(eased.alert).toMatchObject({ kind: "eased", bySms: true, previousLevel: "critical" });
    const slow = check(fewer.memoryIfTold, TIMEOUT, { ...later, now: NOW + DAY, audience: PHONE_ALONE });
    expect(slow.alert).toMatchObject({ kind: "no-reading", bySms: true });
    expect(slow.memoryIfTold).toMatchObject({ told: { audience: PHONE_ALONE }, sending: { tries: 1 } });
  });

  it("that is true no more makes nothing else go by SMS, and trusts no short list", () => {
    const one = { ...TWO_EMAILS, emails: 1 };
    const missed = check(lost(remembered(), one), credits(5000), { audience: one });
    expect(missed.alert).toMatchObject({ kind: "audience", bySms: true });
    const back = check(missed.memoryIfTold, credits(5000), { audience: TWO_EMAILS, now: NOW + HOUR });
    expect(back).toMatchObject({ alert: null, memory: { sending: { kind: "audience" } } });
    const low = check(back.memory, credits(900), { audience: TWO_EMAILS, now: NOW + 2 * HOUR });
    expect(low.alert).toMatchObject({ kind: "raised", bySms: false });
    const short = check(back.memory, credits(5000), { audience: one, now: NOW + 2 * HOUR });
    expect(short.alert).toBeNull();
  });

  it("that another one replaces leaves a surge to be told again", () => {
    const silence = check(surge.memoryIfTold, REFUSED, { now: NOW + 30 * MINUTE }).memoryIfTold;
    expect(silence).toMatchObject({ told: { surgeAt: null }, sending: { kind: "no-reading" } });
  });

  it("is held like the first time, and good news on its way is not held by its own change", () => {
    expect(check(sendingOf(raised), credits(200), { audience: NOBODY, tellsAudience: false }).hold).toBe(
      "nobody-listens",
    );
    const four = Array.from({ length: 4 }, (_, n) => NOW - n * HOUR);
    const fifth = check(remembered({ seen: "warning", told: { changes: four } }), credits(5000));
    const later = { now: NOW + 15 * MINUTE };
    expect(goesOut(check(fifth.memoryIfTold, credits(5000), later))).toMatchObject({ kind: "recovered" });
  });
});

it("of the changes that a memory holds no more are kept than can be told in a day", () => {
  const many = remembered({ told: { changes: Array.from({ length: 300 }, (_, n) => NOW - n) } });
  expect(check(many, credits(5000)).memory.told.changes).toHaveLength(24);
});

it("a lost subscriber goes before the reminder that there is no reading", () => {
  const noReading = { at: NOW - DAY, since: NOW - 2 * DAY, isPermanent: true, bySms: true, reminders: 0 };
  const silent = remembered({ audience: EMAIL_AND_PHONE, lastReadingAgo: 2 * DAY, told: { noReading } });
  const { alert } = check(lost(silent, PHONE_ALONE), REFUSED, { audience: PHONE_ALONE });
  expect(alert).toMatchObject({ kind: "audience" });
});

describe("a damaged memory", () => {
  const damaged = parseMemory("{").memory;

  it.each<{ amount: number; expected: Partial<Alert> }>([
    { amount: 5000, expected: { kind: "recovered", severity: "info", bySms: true, previousLevel: null } },
    { amount: 900, expected: { kind: "raised", severity: "warning", bySms: true, previousLevel: null } },
    { amount: 0, expected: { kind: "raised", severity: "critical", bySms: true, previousLevel: null } },
  ])("has the present state told once: $expected.kind at $amount credits", ({ amount, expected }) => {
    const { alert, memoryIfTold } = check(damaged, credits(amount));
    expect(alert).toMatchObject(expected);
    expect(check({ ...memoryIfTold, sending: null }, credits(amount)).alert).toBeNull();
  });

  it("has nothing but the present state told, also if that is held", () => {
    const { held } = check(damaged, credits(900), { audience: NOBODY });
    expect(held).toEqual([{ kind: "raised", hold: "nobody-listens" }]);
  });

  it("waits for a reading to tell it", () => {
    const failing = check(damaged, TIMEOUT);
    expect(failing.alert).toBeNull();
    expect(check(failing.memory, credits(5000)).alert).toMatchObject({ kind: "recovered" });
  });
});

describe("a clock that was ahead", () => {
  const ahead = NOW + 1000 * HOUR;

  it("is taken as now, for every moment that is remembered", () => {
    const memory = remembered({
      seen: "warning",
      lastReadingAgo: NOW - ahead,
      failing: { checks: 3, ago: NOW - ahead },
      told: {
        at: ahead,
        noReading: { at: ahead, since: ahead, isPermanent: false, bySms: false, reminders: 0 },
        surgeAt: ahead,
        changes: [ahead],
        anythingAt: ahead,
        snoozedUntil: ahead,
      },
      sending: {
        ...testAlert(check(remembered(), credits(5000))),
        kind: "raised",
        level: "ok",
        at: ahead,
        tries: 2,
      },
    });
    const { told, seen, sending } = check(memory, TIMEOUT).memory;
    expect(told).toMatchObject({
      at: NOW,
      noReading: { at: NOW, since: NOW },
      surgeAt: NOW,
      changes: [NOW],
      anythingAt: NOW,
      snoozedUntil: NOW + 168 * HOUR,
    });
    expect(seen).toMatchObject({ failing: { since: NOW }, use: { last: { at: NOW } } });
    expect(sending).toMatchObject({ at: NOW });
  });
});

it("a test goes to every channel and says what is true", () => {
  expect(testAlert(check(remembered({ seen: "warning" }), credits(200)))).toMatchObject({
    kind: "test",
    severity: "info",
    bySms: true,
    level: "critical",
    previousLevel: "warning",
  });
});
