import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../lambda/config.ts";
import { MAX_SUBJECT_CHARACTERS, writeMessage } from "../../../lambda/messages/message.ts";
import { FRESH_MEMORY, LEVELS, type Level, type Memory } from "../../../lambda/policy/memory.ts";
import { DEFAULT_POLICY, decide, type Policy, testAlert } from "../../../lambda/policy/policy.ts";
import { FAILURE_REASONS, failed, type Reading } from "../../../lambda/policy/reading.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-23T05:00:00Z");

const CONFIG: Config = {
  account: "kie",
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  policy: DEFAULT_POLICY,
  usdPerCredit: 0.005,
  timeZone: "Europe/Berlin",
  sms: "critical",
  tellsAudience: true,
};

const credits = (amount: number): Reading => ({ kind: "credits", credits: amount });
const KEY_REFUSED = failed("unauthorized", 'code 401: "You do not have access permissions"');
const TIMEOUT = failed("timeout", "no whole answer from api.kie.ai within 10000 ms");

/** A memory in which this level was told, and from which `rate` credits an hour led to `upTo` in two days. */
function remembered(level: Level | null, rate: number, upTo: number, changes: Partial<Memory> = {}): Memory {
  const critical = level === "critical" || level === "empty";
  return {
    level,
    told: level === null || level === "ok" ? null : { at: NOW - 6 * HOUR, critical, runway: "ok" },
    failing: null,
    blind: null,
    samples: Array.from({ length: 48 }, (_, index) => ({
      at: NOW - (48 - index) * HOUR,
      credits: upTo + (48 - index) * rate,
    })),
    ...changes,
  };
}

const BLIND = (permanent: boolean): Partial<Memory> => ({
  failing: { count: 12, since: NOW - 3 * HOUR },
  blind: { at: NOW - 24 * HOUR, permanent },
});

/** The alert that follows, as a recipient sees it on each channel. */
function show(memory: Memory, reading: Reading, config = CONFIG, test = false): string {
  const decision = decide(memory, reading, config.policy, NOW);
  const alert = test ? testAlert(memory) : decision.alert;
  if (alert === null) throw new Error("nothing is told");
  const { subject, texts, attributes } = writeMessage({ config, alert, reading, decision, now: NOW });
  return [
    `Subject: ${subject}`,
    `Attributes: ${JSON.stringify(attributes)}`,
    `SMS, ${texts.sms.length} characters: ${texts.sms}`,
    "",
    texts.email,
    JSON.stringify({ ...JSON.parse(texts.machine), samples: "..." }, null, 2),
    "",
  ].join("\n");
}

describe("a recipient reads", () => {
  const warnedByRunway = remembered("warning", 100, 2000);
  it.each<[string, Memory, Reading]>([
    ["raised to warning by credits", remembered("ok", 0, 812.5), credits(812.5)],
    ["raised to warning by runway", remembered("ok", 210, 4200), credits(4200)],
    ["raised to critical", remembered("warning", 33.1, 212), credits(212)],
    ["raised to empty", remembered("critical", 33.1, 0), credits(0)],
    ["raised on the first reading", FRESH_MEMORY, credits(1000)],
    [
      "reminder at warning",
      remembered("warning", 5, 812, { told: { at: NOW - 24 * HOUR, critical: false, runway: "ok" } }),
      credits(812),
    ],
    ["reminder at critical", remembered("critical", 5, 212), credits(212)],
    ["reminder at empty", remembered("empty", 5, -0.5), credits(-0.5)],
    ["reminder held by the credits' margin", remembered("critical", 1, 320), credits(320)],
    ["reminder held by the runway's margin", remembered("critical", 200, 1500), credits(1500)],
    [
      "reminder held by a runway no longer known",
      { ...warnedByRunway, samples: [], told: { at: NOW - 24 * HOUR, critical: false, runway: "warning" } },
      credits(2000),
    ],
    ["eased to critical", remembered("empty", 5, 250), credits(250)],
    ["eased to warning", remembered("critical", 5, 900), credits(900)],
    ["recovered", remembered("critical", 5, 212), credits(5212.34)],
    ["blind at once", remembered("ok", 5, 5000), KEY_REFUSED],
    ["blind before any reading", FRESH_MEMORY, failed("missing-key", "there is no key")],
    [
      "blind after three failures",
      remembered("warning", 5, 900, { failing: { count: 2, since: NOW - HOUR / 2 } }),
      TIMEOUT,
    ],
    ["still blind", remembered("warning", 5, 900, BLIND(true)), KEY_REFUSED],
    ["sighted", remembered("ok", 5, 5000, BLIND(true)), credits(5000)],
    [
      "sighted at a level that lasts",
      remembered("critical", 5, 250, {
        ...BLIND(false),
        told: { at: NOW - HOUR, critical: true, runway: "ok" },
      }),
      credits(250),
    ],
    ["raised on the first reading after blindness", remembered("ok", 5, 250, BLIND(true)), credits(250)],
  ])("%s", async (title, memory, reading) => {
    await expect(show(memory, reading)).toMatchFileSnapshot(`texts/${title.replaceAll(/\W+/g, "-")}.txt`);
  });

  it("a test", async () => {
    await expect(show(remembered("ok", 5, 5000), credits(5000), CONFIG, true)).toMatchFileSnapshot(
      "texts/test.txt",
    );
    await expect(show(FRESH_MEMORY, KEY_REFUSED, CONFIG, true)).toMatchFileSnapshot(
      "texts/test-while-blind.txt",
    );
  });

  it("advice of its own for each failure", async () => {
    const advice = FAILURE_REASONS.map((reason) => {
      const text = show(
        remembered("ok", 5, 5000, { failing: { count: 9, since: NOW - HOUR } }),
        failed(reason, "detail"),
      );
      return `${reason}\n${text.slice(text.indexOf("What it means"), text.indexOf("  Check by hand"))}`;
    });
    expect(new Set(advice.map((text) => text.slice(text.indexOf("\n")))).size).toBe(FAILURE_REASONS.length);
    await expect(advice.join("\n")).toMatchFileSnapshot("texts/advice.txt");
  });
});

it("the machine document has the samples of the chart, and the level before a test", () => {
  const memory = remembered("critical", 5, 200);
  const decision = decide(memory, credits(200), DEFAULT_POLICY, NOW);
  const story = { config: CONFIG, alert: testAlert(memory), reading: credits(200), decision, now: NOW };
  const machine = JSON.parse(writeMessage(story).texts.machine);
  expect(machine).toMatchObject({ kind: "test", level: "critical", levelBefore: "critical" });
  expect(machine.samples).toHaveLength(49);
  expect(machine.samples.at(-1)).toEqual(["2026-11-23T05:00:00.000Z", 200]);
});

it("on a laptop no advice speaks of AWS", () => {
  const laptop = { ...CONFIG, apiKeyParameter: null };
  for (const reason of FAILURE_REASONS) {
    const memory = remembered("ok", 5, 5000, { failing: { count: 9, since: NOW - HOUR } });
    expect(show(memory, failed(reason, "detail"), laptop)).not.toMatch(/aws|lambda|function|VPC/i);
  }
  expect(show(FRESH_MEMORY, failed("missing-key", "there is no key"), laptop)).toContain("KIE_API_KEY");
});

describe("for every input", () => {
  const amount = fc.double({ noNaN: true, noDefaultInfinity: true });
  const config = fc.record<Config>({
    account: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
    apiKeyParameter: fc.constantFrom("/kie-credit-alert/kie/api-key", null),
    policy: fc.record<Policy>({
      warningCredits: fc.double({ min: 1, max: Number.MAX_VALUE, noNaN: true }),
      criticalCredits: fc.double({ min: 0, max: 1, noNaN: true }),
      warningHours: fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
      criticalHours: fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
      warningReminderHours: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      criticalReminderHours: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      allClearDays: fc.nat({ max: 365 }),
    }),
    usdPerCredit: fc.double({ min: 1e-6, max: Number.MAX_VALUE, noNaN: true }),
    timeZone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
    sms: fc.constantFrom("critical", "all"),
    tellsAudience: fc.boolean(),
  });
  const reading = fc.oneof(
    amount.map(credits),
    fc
      .tuple(fc.constantFrom(...FAILURE_REASONS), fc.string())
      .map(([reason, detail]) => failed(reason, detail)),
  );
  const memory = fc
    .record({
      level: fc.constantFrom<Level | null>(...LEVELS, null),
      at: fc.integer({ min: 0, max: NOW }),
      failing: fc.option(
        fc.record({ count: fc.integer({ min: 1 }), since: fc.integer({ min: 0, max: NOW }) }),
      ),
      permanent: fc.option(fc.boolean()),
      samples: fc.array(fc.record({ at: fc.integer({ min: NOW - 48 * HOUR, max: NOW }), credits: amount })),
    })
    .map(
      ({ level, at, failing, permanent, samples }): Memory => ({
        level,
        told: level === null || level === "ok" ? null : { at, critical: level !== "warning", runway: "ok" },
        failing,
        blind: failing === null || permanent === null ? null : { at, permanent },
        samples: samples.sort((a, b) => a.at - b.at),
      }),
    );

  it("the subject and the SMS fit, and are of the characters that every network carries", () => {
    fc.assert(
      fc.property(config, memory, reading, fc.boolean(), (config, memory, reading, test) => {
        const decision = decide(memory, reading, config.policy, NOW);
        const alert = test ? testAlert(memory) : decision.alert;
        fc.pre(alert !== null);
        const { subject, texts } = writeMessage({ config, alert, reading, decision, now: NOW });
        expect(subject).toMatch(/^[ -~]+$/);
        expect(subject.length).toBeLessThanOrEqual(MAX_SUBJECT_CHARACTERS);
        // Of ASCII, GSM-7 lacks the back quote, and takes two characters for each of []{}^\~|
        expect(texts.sms).toMatch(/^[^`[\]{}^\\~|\P{ASCII}]+$/u);
        // Of 140 characters the display name takes up to 10 and "> " two.
        expect(texts.sms.length).toBeLessThanOrEqual(128);
        expect(texts.sms.startsWith(config.account)).toBe(true);
        expect(JSON.parse(texts.machine)).toMatchObject({
          version: 1,
          account: config.account,
          kind: alert.kind,
        });
        expect(texts.email).not.toMatch(/undefined|NaN|null|Invalid/);
        // Nothing is so large that SNS, with its 256 KiB for all texts, refuses it.
        expect(texts.email.length + texts.machine.length * 5).toBeLessThan(100_000);
      }),
      { numRuns: 2000 },
    );
  });
});
