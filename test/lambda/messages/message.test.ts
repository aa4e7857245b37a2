import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../lambda/config.ts";
import { writeEmail } from "../../../lambda/messages/email.ts";
import { MAX_SUBJECT_CHARACTERS, writeMessage } from "../../../lambda/messages/message.ts";
import { knownAgain, WORDS } from "../../../lambda/messages/words.ts";
import { ALERT_KINDS, type Alert, SEVERITIES } from "../../../lambda/policy/alert.ts";
import type { Audience } from "../../../lambda/policy/audience.ts";
import { chartOf, type Runway, type Surge } from "../../../lambda/policy/forecast.ts";
import { LEVELS, type Level } from "../../../lambda/policy/levels.ts";
import type { Told } from "../../../lambda/policy/memory.ts";
import { FAILURE_REASONS, failed } from "../../../lambda/policy/reading.ts";
import { DEFAULT_POLICY } from "../../../lambda/policy/rules.ts";
import { reportSchema, type Subscribers } from "../../../lambda/report.ts";
import { byCredits, byRunway } from "../../support/causes.ts";
import { contextOf, type Happening, HOUR, hours, NOW } from "./happening.ts";

/** Two days with a top-up, and six hours without a reading. */
const CHART = [
  ...[2900, 2750, 2600, 2400, 2350, 2300, 2050, null, null, null, 1500, 1300],
  ...[1100, 4800, 4300, 3900, 3300, 2700, 2200, 1700, 1200, 800, 400, 212],
];

const KEY_REFUSED = failed("unauthorized", 'code 401: "You do not have access permissions"');
const TIMEOUT = failed("timeout", "no whole answer from api.kie.ai within 10000 ms");

/** The alert as people get it on each channel. */
function show(happening: Happening): string {
  const { subject, texts, attributes } = writeMessage(contextOf({ chart: CHART, ...happening }));
  return [
    `Subject: ${subject}`,
    `Attributes: ${JSON.stringify(attributes)}`,
    `SMS, ${texts.sms.length} characters: ${texts.sms}`,
    "",
    `Chat: ${JSON.parse(texts.document).text}`,
    "",
    texts.email,
  ].join("\n");
}

const NO_READING_TOLD = { at: NOW, since: NOW - 3 * HOUR, isPermanent: true, bySms: true, reminders: 0 };
const LOST: Audience = { emails: 2, phones: 1, others: 0 };

const CRITICAL = { severity: "critical", bySms: true } as const;

const CASES: Readonly<Record<string, Happening>> = {
  "raised to warning by credits": {
    kind: "raised",
    reading: 812.5,
    level: "warning",
    alert: { severity: "warning", previousLevel: "ok" },
    cause: byCredits(1000),
    runway: hours(9.26, 87.7, { basis: "last-7-days" }),
    config: { jobs: { "Veo 3 fast": 65, "Suno song": 12 } },
  },
  "raised to warning by the runway": {
    kind: "raised",
    reading: 4200,
    level: "warning",
    alert: { severity: "warning", previousLevel: "ok" },
    cause: byRunway(24),
    runway: hours(182.6, 23),
  },
  "raised to critical": {
    kind: "raised",
    reading: 212,
    level: "critical",
    alert: { ...CRITICAL, previousLevel: "warning" },
    cause: byCredits(300),
    runway: hours(33.1, 6.4),
  },
  "raised to critical with a surge": {
    kind: "raised",
    reading: 1920,
    level: "critical",
    alert: { ...CRITICAL, previousLevel: "ok" },
    cause: byRunway(8),
    runway: hours(256, 7.5, { isFirstEstimate: true }),
    surge: { credits: 240, minutes: 30, hoursLeft: 4 },
  },
  "raised to empty": {
    kind: "raised",
    reading: 0,
    level: "empty",
    alert: { ...CRITICAL, previousLevel: "critical" },
    cause: byCredits(0),
    runway: hours(33.1, 0),
  },
  "raised to empty with a little left": {
    kind: "raised",
    reading: 0.02,
    level: "empty",
    alert: { ...CRITICAL, previousLevel: "critical" },
    cause: byCredits(0.5),
    config: { jobs: { "Suno song": 12 } },
  },
  "raised to critical of an account with another name": {
    kind: "raised",
    reading: 703,
    level: "critical",
    alert: { ...CRITICAL, previousLevel: "warning" },
    cause: byRunway(8),
    runway: hours(91, 7.7),
    config: { account: "video" },
  },
  "raised on the first reading": {
    kind: "raised",
    reading: 1000,
    level: "warning",
    alert: { severity: "warning", previousLevel: null },
    cause: byCredits(1000),
  },
  "raised on the first reading after none": {
    kind: "raised",
    reading: 250,
    level: "critical",
    alert: { ...CRITICAL, previousLevel: "ok", noReadingSince: NOW - 3 * HOUR },
    cause: byCredits(300),
    runway: hours(5, 50),
  },
  surge: {
    kind: "surge",
    reading: 960,
    level: "warning",
    alert: CRITICAL,
    cause: byCredits(1000),
    runway: hours(38.31, 25),
    surge: { credits: 240, minutes: 30, hoursLeft: 2 },
    told: { at: NOW - 2 * HOUR },
  },
  "no reading": {
    kind: "no-reading",
    reading: KEY_REFUSED,
    alert: CRITICAL,
    failedChecks: 2,
    failingSince: NOW - HOUR / 4,
    lastReading: { at: NOW - HOUR / 2, credits: 5000 },
    told: { noReading: { ...NO_READING_TOLD, since: NOW - HOUR / 4 } },
  },
  "no reading since the address is not on the key's list": {
    kind: "no-reading",
    reading: failed("ip-refused", 'code 401: "Illegal IP, please set up a whitelist"'),
    alert: CRITICAL,
    failedChecks: 2,
    failingSince: NOW - HOUR / 4,
    lastReading: { at: NOW - HOUR / 2, credits: 5000 },
    told: { noReading: { ...NO_READING_TOLD, since: NOW - HOUR / 4 } },
  },
  "no reading since Kie is slow": {
    kind: "no-reading",
    reading: TIMEOUT,
    level: "warning",
    alert: { severity: "warning" },
    failedChecks: 3,
    failingSince: NOW - HOUR / 2,
    lastReading: { at: NOW - (3 * HOUR) / 4, credits: 905 },
    told: { noReading: { ...NO_READING_TOLD, since: NOW - HOUR / 2 } },
  },
  "no reading, and never one": {
    kind: "no-reading",
    reading: failed("missing-key", "there is no key"),
    level: null,
    alert: CRITICAL,
    failedChecks: 1,
    failingSince: NOW,
    told: { noReading: { ...NO_READING_TOLD, since: NOW } },
  },
  audience: {
    kind: "audience",
    reading: 5000,
    alert: { severity: "warning", bySms: true, previousAudience: LOST },
    audience: { emails: 1, phones: 1, others: 0, pending: 1 },
    runway: hours(5, 1000),
  },
  "audience without its phone": {
    kind: "audience",
    reading: 5000,
    alert: { severity: "warning", bySms: true, previousAudience: { emails: 1, phones: 2, others: 0 } },
    audience: { emails: 1, phones: 1, others: 0, pending: 0 },
    runway: hours(5, 1000),
  },
  "audience while there is no reading": {
    kind: "audience",
    reading: TIMEOUT,
    alert: { severity: "warning", bySms: true, previousAudience: LOST },
    audience: { emails: 1, phones: 0, others: 1, pending: 0 },
    failedChecks: 1,
    lastReading: { at: NOW - HOUR, credits: 5000 },
  },
  "still no reading": {
    kind: "still-no-reading",
    reading: KEY_REFUSED,
    alert: CRITICAL,
    failedChecks: 97,
    failingSince: NOW - 24 * HOUR,
    lastReading: { at: NOW - 24.25 * HOUR, credits: 5000 },
    told: { noReading: NO_READING_TOLD },
  },
  "reminder at warning": {
    kind: "reminder",
    reading: 612,
    level: "warning",
    alert: { severity: "warning" },
    cause: byCredits(1000),
    runway: hours(4.79, 127.8),
  },
  "reminder at critical within the margin": {
    kind: "reminder",
    reading: 320,
    level: "critical",
    alert: CRITICAL,
    cause: byCredits(300, true),
    runway: hours(1, 320),
  },
  "reminder within the runway's margin": {
    kind: "reminder",
    reading: 3000,
    level: "warning",
    alert: { severity: "warning" },
    cause: byRunway(24, true),
    runway: hours(100, 30),
  },
  "reminder at empty, within the margin": {
    kind: "reminder",
    reading: 0.6,
    level: "empty",
    alert: CRITICAL,
    cause: byCredits(0.5, true),
    runway: hours(0.1, 6),
  },
  "reminder at empty, below zero": {
    kind: "reminder",
    reading: -12.5,
    level: "empty",
    alert: CRITICAL,
    cause: byCredits(0),
    runway: hours(0, Number.POSITIVE_INFINITY),
  },
  "eased to warning": {
    kind: "eased",
    reading: 1050,
    level: "warning",
    alert: { bySms: true, previousLevel: "critical" },
    cause: byCredits(1000, true),
    runway: hours(0, Number.POSITIVE_INFINITY),
  },
  "eased to a level that an unknown runway keeps": {
    kind: "eased",
    reading: 2000,
    level: "warning",
    alert: { bySms: true, previousLevel: "critical" },
    cause: byRunway(24, true),
  },
  recovered: {
    kind: "recovered",
    reading: 5212.34,
    alert: { bySms: true, previousLevel: "critical" },
    runway: hours(23.7, 219.9),
  },
  "recovered after a damaged memory": {
    kind: "recovered",
    reading: 5212.34,
    alert: { bySms: true, previousLevel: null },
  },
  "reading again": {
    kind: "reading-again",
    reading: 5000,
    alert: { bySms: true, noReadingSince: NOW - 3 * HOUR },
    runway: hours(5, 1000),
  },
  "reading again at a level that lasts": {
    kind: "reading-again",
    reading: 905,
    level: "warning",
    alert: { noReadingSince: NOW - 30 * HOUR },
    cause: byCredits(1000),
    told: { at: NOW - 20 * HOUR },
  },
  "all-clear": {
    kind: "all-clear",
    reading: 12_400,
    runway: hours(57.4, 216, { basis: "last-7-days" }),
  },
  "all-clear after a surge": {
    kind: "all-clear",
    reading: 3883,
    alert: { bySms: true, isAfterSurge: true },
    runway: hours(40, 97),
  },
  test: { kind: "test", reading: 5000, alert: { bySms: true }, runway: hours(0.04, 125_000) },
  "test while there is no reading": {
    kind: "test",
    reading: KEY_REFUSED,
    level: null,
    alert: { bySms: true },
    failedChecks: 1,
  },
};

describe("people read", () => {
  it.each(Object.entries(CASES))("%s", async (title, happening) => {
    await expect(show(happening)).toMatchFileSnapshot(`texts/${title.replaceAll(/\W+/g, "-")}.txt`);
  });

  it("texts of every kind are among them", () => {
    expect(new Set(Object.values(CASES).map(({ kind }) => kind))).toEqual(new Set(ALERT_KINDS));
  });

  it("advice of its own for each failure", async () => {
    const advice = FAILURE_REASONS.map((reason) => {
      const email = writeEmail(contextOf({ kind: "no-reading", reading: failed(reason, "detail") }));
      const lines = email.slice(email.indexOf("Why: "), email.indexOf("Check by hand")).split("\n");
      return [reason, ...lines.filter((line) => !/^(Failure|Since|Last known): /.test(line))].join("\n");
    });
    expect(new Set(advice.map((text) => text.slice(text.indexOf("\n")))).size).toBe(FAILURE_REASONS.length);
    await expect(advice.join("\n")).toMatchFileSnapshot("texts/advice.txt");
  });

  it("on a laptop no advice speaks of AWS", () => {
    for (const reason of FAILURE_REASONS) {
      const laptop: Happening = {
        kind: "no-reading",
        reading: failed(reason, "detail"),
        config: { apiKeyParameter: null },
      };
      expect(show(laptop)).not.toMatch(/aws|lambda|function|VPC|setup|deployed/i);
    }
  });

  it("whoever has AWS's console alone is told no command of ours", () => {
    for (const happening of Object.values(CASES)) {
      const config = { ...happening.config, consoleOnly: true };
      const { texts } = writeMessage(contextOf({ ...happening, config }));
      expect([texts.email, texts.sms, JSON.parse(texts.document).text].join("\n")).not.toMatch(/npm run|npx/);
    }
  });

  it("two times of an hour that the clock repeats are told apart", () => {
    const at = (told: string) =>
      show({
        kind: "no-reading",
        reading: TIMEOUT,
        failedChecks: 2,
        failingSince: Date.parse(told),
      });
    expect(at("2026-10-25T00:30:00Z")).toContain("Sun 25 Oct 2026, 02:30 (CEST)");
    expect(at("2026-10-25T01:30:00Z")).toContain("Sun 25 Oct 2026, 02:30 (CET)");
  });
});

it.each<[hoursLeft: number, expected: string]>([
  [1.5, "at about 07:30 (CET)"],
  [23.5, "at about 05:30 (CET)"],
  [24, "at about Tue 24 Nov 2026, 06:00 (CET)"],
  [40, "at about Tue 24 Nov 2026, 22:00 (CET)"],
  [47.5, "at about Wed 25 Nov 2026, 05:30 (CET)"],
  [48, "in 2 to 3 days"],
])(
  "a surge that lasts %d h has a date if its clock alone would be read as today's",
  (hoursLeft, expected) => {
    const { texts } = writeMessage(contextOf({ ...(CASES["surge"] as Happening), reading: 480 * hoursLeft }));
    const end = `If it goes on, the ${(480 * hoursLeft).toLocaleString("en")} left are gone ${expected}`;
    expect(JSON.parse(texts.document).text.split("\n")).toContain(end);
    expect(texts.email).toContain(`${end}.`);
  },
);

describe("the document for programs", () => {
  it("is the report, with its alert and all that the email adds", async () => {
    const context = contextOf(CASES["raised to critical with a surge"] as Happening);
    const { subject, texts } = writeMessage(context);
    const document = JSON.parse(texts.document);
    expect(document).toEqual({
      ...context.report,
      subject,
      text: expect.stringMatching(/^Kie CRITICAL: .*\nIf it goes on, /),
      alert: { kind: "raised", severity: "critical", subject, messageId: null, held: null },
      advice: null,
      policy: DEFAULT_POLICY,
      chart: chartOf(context.decision.memory.seen.use, NOW),
      noReadingSince: null,
      previousAudience: null,
      surge: { credits: 240, minutes: 30, hoursLeft: 4 },
      isAfterSurge: false,
      nextReminderAt: "2026-11-23T11:00:00.000Z",
      timeZone: "Europe/Berlin",
      topUp: "https://kie.ai/billing",
    });
  });

  it("has the advice, the former audience, and since when there was no reading, if the email has them", () => {
    const documentOf = (happening: Happening) =>
      JSON.parse(writeMessage(contextOf(happening)).texts.document);
    expect(documentOf(CASES["no reading"] as Happening)).toMatchObject({
      advice: { short: "Kie refuses the key", meaning: expect.any(String), steps: expect.any(Array) },
    });
    expect(documentOf(CASES["audience"] as Happening)).toMatchObject({ previousAudience: LOST });
    expect(documentOf(CASES["reading again"] as Happening)).toMatchObject({
      noReadingSince: "2026-11-23T02:00:00.000Z",
    });
  });
});

it("what does not fit into the SMS is left out in whole sentences, the least important first", () => {
  const { texts } = writeMessage(
    contextOf({
      ...(CASES["raised to critical with a surge"] as Happening),
      alert: { ...CRITICAL, previousLevel: "ok", noReadingSince: NOW - 3 * HOUR },
      config: { account: "the-longest-name-yet" },
    }),
  );
  expect(texts.sms).toBe(
    "the-longest-name-yet CRITICAL: 1,920 credits left, gone in about 4 h. Top up: kie.ai/billing (240 credits used in 30 min.)",
  );
});

describe("of the largest accounts with the longest names", () => {
  const largest = fc
    .record({
      happening: fc.constantFrom(...Object.values(CASES)),
      credits: fc.oneof(
        fc.constantFrom(0.02, 1_000_000, 1_234_567.89, 9_999_999.99),
        fc.integer({ min: 1, max: 1e9 - 1 }).map((value) => value / 100),
      ),
      used: fc.record({
        credits: fc.constantFrom(240, 1_000_000, 9_999_999.99),
        minutes: fc.constantFrom(30, 149, 150),
        hoursLeft: fc.constant(6),
      }),
      account: fc.constantFrom("kie", "music", "the-longest-name-yet"),
      agoHours: fc.constantFrom(0.5, 399),
      hoursLeft: fc.constantFrom(1.99, 99, 9_000, null),
      state: fc.constantFrom({}, { level: "critical", cause: byRunway(8) } as const),
    })
    .map(({ happening, credits, used, account, agoHours, hoursLeft, state }): Happening => {
      const surge = happening.surge ? used : null;
      // Of a surge it takes 119 min of those 150 until what is left is gone.
      const left = surge === null ? credits : Number((used.credits * 0.793).toFixed(2));
      return {
        ...happening,
        ...state,
        reading: typeof happening.reading === "number" ? left : happening.reading,
        runway: hoursLeft === null ? null : hours(1, hoursLeft),
        surge,
        alert: {
          ...happening.alert,
          ...(happening.alert?.noReadingSince && { noReadingSince: NOW - agoHours * HOUR }),
        },
        config: { ...happening.config, account },
      };
    });

  it("the subject ends where a clause does", () => {
    fc.assert(
      fc.property(largest, (happening) => {
        const context = contextOf(happening);
        const { subject } = writeMessage(context);
        const whole = `Kie ${context.config.account} ${WORDS[context.alert.kind].headline(context)}`;
        expect(whole.replace("Kie kie ", "Kie ").slice(subject.length)).toMatch(/^$|^, [^,]+$/);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [{ emails: 1, phones: 1, others: 0 }, "1 of 1 email and 1 of 1 phone no longer get alerts"],
    [{ emails: 120, phones: 30, others: 2 }, "120 of 120 emails and 30 of 30 phones no longer get alerts"],
    [{ emails: 12_500_000, phones: 0, others: 0 }, "12,500,000 of 12,500,000 emails no longer get alerts"],
    [
      { emails: 12_500_000, phones: 12_500_000, others: 0 },
      "12,500,000 emails and 12,500,000 phones no longer get alerts",
    ],
  ])("a lost audience of %j is told whole, in the subject and in the SMS", (previousAudience, lost) => {
    const { subject, texts } = writeMessage(
      contextOf({
        kind: "audience",
        reading: 5000,
        alert: { previousAudience },
        audience: { emails: 0, phones: 0, others: 2, pending: 0 },
        config: { account: "the-longest-name-yet" },
      }),
    );
    expect(subject).toBe(`Kie the-longest-name-yet AUDIENCE: ${lost}`);
    expect(texts.sms).toBe(`the-longest-name-yet AUDIENCE: ${lost}. Not on purpose? npm run setup`);
  });

  it("the SMS says what to do, and each further sentence only after those before it", () => {
    fc.assert(
      fc.property(largest, (happening) => {
        const context = contextOf(happening);
        const { headline, sms } = WORDS[context.alert.kind];
        const { texts } = writeMessage(context);
        const sentences = [`${context.config.account} ${headline(context)}.`, ...sms(context)];
        sentences.push(...(knownAgain(context)?.sms ?? []));
        const heads = sentences.map((_, index) => sentences.slice(0, index + 1).join(" "));
        expect(texts.sms).toBe(heads.findLast((head) => head.length <= 128));
        expect(texts.sms).toContain(sms(context)[0] ?? "");
      }),
      { numRuns: 3000 },
    );
  });
});

describe("no next reminder is told", () => {
  const lines = (happening: Happening) => show(happening).match(/Next reminder.*/)?.[0] ?? null;
  it.each<[string, Happening]>([
    ["of a test", { ...(CASES["reminder at warning"] as Happening), kind: "test" }],
    [
      "while an unknown runway keeps the level",
      CASES["eased to a level that an unknown runway keeps"] as Happening,
    ],
    [
      "if it is due already",
      { ...(CASES["reminder at warning"] as Happening), told: { at: NOW - 30 * HOUR } },
    ],
    ["at ok", CASES["recovered"] as Happening],
  ])("%s", (_title, happening) => {
    expect(lines(happening)).toBeNull();
  });

  it("but it is while reminders are snoozed, for the end of the snooze", () => {
    const snoozed = {
      ...(CASES["reminder at warning"] as Happening),
      told: { snoozedUntil: NOW + 72 * HOUR },
    };
    expect(lines(snoozed)).toBe(
      "Next reminder, if nothing changes: in 3 days, Thu 26 Nov 2026, 06:00 (CET).",
    );
  });
});

describe("for every input", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const amount = number(-1e300, 1e300);
  const moment = fc.integer({ min: NOW - 400 * 24 * HOUR, max: NOW });
  const level = fc.constantFrom<Level | null>(...LEVELS, null);
  const count = fc.integer({ min: 0, max: 12_500_000 });
  const audience = fc.record<Audience>({ emails: count, phones: count, others: count });
  const config = fc.record<Config>({
    account: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
    apiKeyParameter: fc.constantFrom("/kie-credit-alert/kie/api-key", null),
    warningCredits: number(1, 999_999_999),
    criticalCredits: number(0, 1),
    warningHours: number(0, 8760),
    criticalHours: number(0, 8760),
    warningReminderHours: number(1, 8760),
    criticalReminderHours: number(1, 8760),
    allClearDays: fc.oneof(fc.constant(0), number(1, 365)),
    usdPerCredit: number(1e-6, 100),
    timeZone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
    sms: fc.constantFrom("critical", "all"),
    tellsAudience: fc.boolean(),
    jobs: fc.dictionary(fc.stringMatching(/^[!-~×é]{1,40}$/u), number(1e-6, 1e6), { maxKeys: 5 }),
    consoleOnly: fc.boolean(),
  });
  const reading = fc.oneof(
    amount,
    fc.constantFrom(...FAILURE_REASONS).map((reason) => failed(reason, "detail of one line")),
  );
  const hoursLeft = fc.oneof(number(0, 1e5), number(0, 1e300), fc.constant(Number.POSITIVE_INFINITY));
  const runway = fc.record<Runway>({
    creditsPerHour: number(0, 1e300),
    hoursLeft,
    emptyAt: fc.option(fc.integer({ min: NOW, max: Date.UTC(9999, 11, 31) })),
    basis: fc.constantFrom("last-24-hours", "last-7-days"),
    isFirstEstimate: fc.boolean(),
  });
  const anything = fc.record<Happening>({
    kind: fc.constantFrom(...ALERT_KINDS),
    reading,
    level,
    alert: fc.record<Partial<Alert>>({
      severity: fc.constantFrom(...SEVERITIES),
      bySms: fc.boolean(),
      previousLevel: level,
      noReadingSince: fc.option(moment),
      previousAudience: fc.option(audience),
    }),
    cause: fc.option(
      fc.oneof(
        fc.tuple(number(0, 1e300), fc.boolean()).map((each) => byCredits(...each)),
        fc.tuple(number(0, 1e300), fc.boolean()).map((each) => byRunway(...each)),
      ),
    ),
    runway: fc.option(runway),
    surge: fc.option(
      fc.record<Surge>({ credits: number(0, 1e300), minutes: number(1, 150), hoursLeft: number(0, 6) }),
    ),
    told: fc.record<Partial<Told>>({
      level,
      at: moment,
      reminders: fc.nat(40),
      noReading: fc.option(
        fc.record({
          at: moment,
          since: moment,
          isPermanent: fc.boolean(),
          bySms: fc.boolean(),
          reminders: fc.nat(40),
        }),
      ),
      snoozedUntil: fc.option(fc.integer({ min: NOW, max: NOW + 168 * HOUR })),
      audience: fc.option(audience),
    }),
    failedChecks: fc.integer({ min: 0 }),
    failingSince: moment,
    lastReading: fc.option(fc.record({ at: moment, credits: amount })),
    audience: fc.option(
      fc.record<Subscribers>({ emails: count, phones: count, others: count, pending: count }),
    ),
    config,
    chart: fc.oneof(fc.constant([]), fc.array(fc.option(amount), { minLength: 24, maxLength: 24 })),
  });
  const happening = anything.filter(
    ({ kind, surge, level, cause, runway }) =>
      (kind !== "surge" || surge !== null) &&
      (level !== "empty" || cause !== null) &&
      (cause?.by !== "runway" || runway?.hoursLeft !== Number.POSITIVE_INFINITY),
  );

  it("subject and SMS fit, and consist of characters that every network carries", () => {
    fc.assert(
      fc.property(happening, (happening) => {
        const context = contextOf(happening);
        const { subject, texts, attributes } = writeMessage(context);
        expect(subject).toMatch(/^[ -~]+$/);
        expect(subject.length).toBeLessThanOrEqual(MAX_SUBJECT_CHARACTERS);
        // Of ASCII, GSM-7 lacks the back quote, and takes two characters for each of []{}^\~|
        expect(texts.sms).toMatch(/^[^`[\]{}^\\~|\P{ASCII}]+$/u);
        // Of 140 characters the display name takes up to 10 and "> " two.
        expect(texts.sms.length).toBeLessThanOrEqual(128);
        // Nothing of the headline is left out.
        expect(
          texts.sms.startsWith(`${context.config.account} ${WORDS[context.alert.kind].headline(context)}.`),
        ).toBe(true);
        expect(texts.sms).not.toMatch(/undefined|NaN|null|Infinity/);
        expect(attributes["sms"]).toBe(happening.alert?.bySms ? "yes" : undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it("the email has whole words in lines that may wrap, and a chart of at most 24 blocks", () => {
    fc.assert(
      fc.property(happening, (happening) => {
        const email = writeEmail(contextOf(happening));
        expect(email).not.toMatch(/undefined|NaN|null|Invalid|Infinity/);
        // Padding and indents mean something in fixed-width fonts only.
        expect(email).not.toMatch(/ {2}|\t|^ | $/m);
        expect(email).not.toMatch(/\n\n\n/);
        const bars = email.match(/[\u2580-\u259f]{2,}/g) ?? [];
        expect(bars.length).toBeLessThanOrEqual(1);
        for (const bar of bars) {
          expect(bar).toHaveLength(24);
          expect(email).toContain(`\n${bar}\n`);
        }
        // The key reaches a command by its standard input.
        expect(email).not.toMatch(/--value (?!file:\/\/\/dev\/stdin)/);
      }),
      { numRuns: 3000 },
    );
  });

  it("a chat gets a headline and two to four lines, each of one line, and addresses that end the line", () => {
    fc.assert(
      fc.property(happening, (happening) => {
        const { subject, texts } = writeMessage(contextOf(happening));
        const [headline, ...lines] = JSON.parse(texts.document).text.split("\n");
        expect(headline).toBe(subject);
        expect(lines.length).toBeGreaterThanOrEqual(2);
        expect(lines.length).toBeLessThanOrEqual(4);
        for (const line of lines) expect(line).not.toMatch(/undefined|NaN|null|Invalid|Infinity|^\s*$|^ | $/);
        for (const [address] of texts.document.matchAll(/https:[^ "\\]+/g)) expect(address).toMatch(/[a-z]$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("the document parses as a report and is of a size that SNS takes", () => {
    fc.assert(
      fc.property(happening, (happening) => {
        const context = contextOf(happening);
        const { subject, texts } = writeMessage(context);
        const document = JSON.parse(texts.document);
        const { kind, severity } = context.alert;
        expect(reportSchema.parse(document)).toEqual({
          ...JSON.parse(JSON.stringify(context.report)),
          alert: { kind, severity, subject, messageId: null, held: null },
        });
        // SNS takes 256 KiB for all texts together, and programs have five protocols.
        expect(texts.email.length + texts.document.length * 6).toBeLessThan(100_000);
      }),
      { numRuns: 1000 },
    );
  });
});
