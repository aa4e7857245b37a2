import { describe, expect, it } from "vitest";
import { checkCredits } from "../../lambda/check-credits.ts";
import type { Config } from "../../lambda/config.ts";
import type { Invocation } from "../../lambda/invocation.ts";
import { FRESH_MEMORY, parseMemory, serializeMemory } from "../../lambda/policy/memory.ts";
import { failed, type Reading } from "../../lambda/policy/reading.ts";
import { NotPublishedError } from "../../lambda/ports.ts";
import type { Subscribers } from "../../lambda/report.ts";
import { createWorld, ONE_EMAIL, portsTo, type Step, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const MINUTE = 60_000;
const ROUTINE: Invocation = { dryRun: false, test: false, need: null, snoozeHours: null };

const credits = (amount: number): Reading => ({ kind: "credits", credits: amount });
const TIMEOUT = failed("timeout", "no answer");
const REFUSED = failed("unauthorized", "code 401");

const PHONE_ALONE: Subscribers = { emails: 0, phones: 1, others: 0, pending: 1 };
const EMAIL_AND_PHONE: Subscribers = { emails: 1, phones: 1, others: 0, pending: 0 };
const NOBODY: Subscribers = { emails: 0, phones: 0, others: 0, pending: 1 };

const check = (world: World, invocation: Partial<Invocation> = {}, config = CONFIG) =>
  checkCredits(config, { ...ROUTINE, ...invocation }, portsTo(world));

/** The kinds that went out, in order. */
const told = (world: World) =>
  world.published.map(({ texts }) => JSON.parse(texts.document).alert.kind as string);

const stepsOf = (world: World): readonly Step[] => world.steps.splice(0);

describe("a check", () => {
  it("that is quiet reads, asks and counts, and remembers: three round trips", async () => {
    const world = createWorld();
    const report = await check(world);
    expect(world.steps).toEqual(["read parameters", "ask Kie", "count subscribers", "save memory"]);
    expect(report).toEqual({
      version: 2,
      account: "kie",
      checkedAt: "2026-11-23T05:00:00.000Z",
      credits: 5000,
      usd: 25,
      level: "ok",
      previousLevel: null,
      cause: null,
      runway: null,
      failure: null,
      alert: null,
      audience: { emails: 1, phones: 1, others: 0, pending: 0 },
      snoozedUntil: null,
      need: null,
      jobs: [],
      chart: [...Array(23).fill(null), 5000],
    });
    expect(world.reports).toEqual([report]);
    expect(world.warnings).toEqual([]);
  });

  it("says how many whole jobs the balance is enough for, and nothing of it without a reading", async () => {
    const jobs = { "Veo 3 fast": 65, tiny: 0.1, huge: 5_000 };
    const counts = async (reading: Reading) =>
      (await check(createWorld({ readings: [reading] }), {}, { ...CONFIG, jobs })).jobs;
    expect(await counts(credits(850.3))).toEqual([
      { name: "Veo 3 fast", credits: 65, count: 13 },
      { name: "tiny", credits: 0.1, count: 8503 },
      { name: "huge", credits: 5_000, count: 0 },
    ]);
    expect((await counts(credits(-5)))?.map(({ count }) => count)).toEqual([0, 0, 0]);
    expect(await counts(REFUSED)).toBeNull();
  });

  it.each([
    { title: "held back by the snooze", balance: 900, isSnoozed: true },
    { title: "worse, which ends it", balance: 200, isSnoozed: false },
    { title: "well again, which ends it", balance: 5_000, isSnoozed: false },
  ])("reports the snooze that is then remembered: $title", async ({ balance, isSnoozed }) => {
    const world = createWorld({ readings: [credits(900), credits(900), credits(balance)] });
    await check(world);
    await check(world, { snoozeHours: 24 });
    const { snoozedUntil } = await check(world);
    const { memory } = parseMemory(world.documents.at(-1));
    expect(snoozedUntil === null ? null : Date.parse(snoozedUntil)).toBe(memory.told.snoozedUntil);
    expect(snoozedUntil !== null).toBe(isSnoozed);
  });

  it("that tells remembers before and after it publishes: five round trips", async () => {
    const world = createWorld({ readings: [credits(212)] });
    const report = await check(world);
    expect(world.steps.slice(3)).toEqual(["save memory", "publish", "save memory"]);
    expect(report.alert).toEqual({
      kind: "raised",
      severity: "critical",
      subject: world.published[0]?.subject,
      messageId: "message-1",
      held: null,
    });
    const [ahead, after] = world.documents.map((document) => parseMemory(document).memory);
    expect(ahead).toMatchObject({ told: { level: "critical" }, sending: { kind: "raised", tries: 1 } });
    expect(after).toEqual({ ...ahead, sending: null });
  });

  it("asks Kie and counts the subscribers at the same time", async () => {
    const asked = Promise.withResolvers<void>();
    const counted = Promise.withResolvers<void>();
    const world = createWorld({
      // Each waits until the other has begun; one after the other they would wait for ever.
      async before(step) {
        if (step === "ask Kie") {
          asked.resolve();
          await counted.promise;
        }
        if (step === "count subscribers") {
          counted.resolve();
          await asked.promise;
        }
      },
    });
    expect(await check(world)).toMatchObject({ credits: 5000, audience: { emails: 1 } });
  });

  it("happened when Kie had answered, not when it began", async () => {
    const world = createWorld({
      before(step) {
        if (step === "ask Kie") world.now += 30_000;
      },
    });
    expect((await check(world)).checkedAt).toBe("2026-11-23T05:00:30.000Z");
    expect(parseMemory(world.documents[0]).memory.seen.use.last).toEqual({ at: world.now, credits: 5000 });
  });

  it("reports a failure as data, since when there is one, and the last known level", async () => {
    const world = createWorld({ readings: [credits(900), REFUSED] });
    await check(world);
    world.now += 15 * MINUTE;
    await check(world);
    world.now += 15 * MINUTE;
    expect(await check(world)).toMatchObject({
      credits: null,
      usd: null,
      level: "warning",
      previousLevel: "warning",
      failure: {
        reason: "unauthorized",
        detail: "code 401",
        permanent: true,
        since: "2026-11-23T05:15:00.000Z",
      },
      alert: { kind: "no-reading", severity: "critical" },
    });
  });

  it("reports an alert that is held, and says so in the log", async () => {
    const world = createWorld({ readings: [credits(212)], audience: NOBODY });
    expect((await check(world)).alert).toMatchObject({
      kind: "raised",
      messageId: null,
      held: "nobody-listens",
    });
    expect(world.warnings).toEqual(["raised is due, but not sent: nobody-listens"]);
    expect(world.published).toEqual([]);
  });

  it("goes without an audience if there is no topic", async () => {
    const world = createWorld({ readings: [credits(212)], audience: null });
    expect(await check(world)).toMatchObject({ audience: null, alert: { messageId: "message-1" } });
  });

  it("takes it that nobody is lost if the topic itself is gone", async () => {
    const world = createWorld();
    await check(world);
    world.audience = null;
    stepsOf(world);
    expect(await check(world)).toMatchObject({ alert: null, audience: null });
    expect(stepsOf(world)).not.toContain("sleep");
    expect(world.warnings).toEqual([]);
  });
});

describe("by hand", () => {
  it("a dry run publishes and saves nothing, and shows what would be", async () => {
    const world = createWorld({ readings: [credits(212)] });
    const report = await check(world, { dryRun: true });
    expect(report.alert).toMatchObject({ kind: "raised", messageId: null, held: null });
    expect(world.documents).toEqual([]);
    expect(world.published).toEqual([]);
  });

  it("a test goes to every channel, and what is due is left to the next check", async () => {
    const world = createWorld({ readings: [credits(212)] });
    expect((await check(world, { test: true })).alert).toMatchObject({
      kind: "test",
      messageId: "message-1",
    });
    expect(world.published[0]?.attributes).toMatchObject({ sms: "yes" });
    expect(world.documents).toEqual([]);
    await check(world);
    expect(told(world)).toEqual(["test", "raised"]);
  });

  it("a test that is a dry run is not sent, and one without a reading is", async () => {
    const world = createWorld({ readings: [TIMEOUT] });
    expect((await check(world, { test: true, dryRun: true })).alert).toMatchObject({ messageId: null });
    await check(world, { test: true });
    expect(told(world)).toEqual(["test"]);
  });

  it.each([
    { need: 5000, reading: credits(5000), expected: { credits: 5000, enough: true } },
    { need: 5001, reading: credits(5000), expected: { credits: 5001, enough: false } },
    { need: 0, reading: credits(-5), expected: { credits: 0, enough: false } },
    { need: 1, reading: TIMEOUT, expected: null },
  ])("need of $need is answered", async ({ need, reading, expected }) => {
    expect((await check(createWorld({ readings: [reading] }), { need })).need).toEqual(expected);
  });
});

describe("if AWS fails", () => {
  const failing = (
    world: World,
    failingStep: Step,
    error: Error,
    only: (time: number) => boolean = () => true,
  ) => {
    let times = 0;
    world.before = (step) => {
      if (step === failingStep && only(times++)) throw error;
    };
  };

  it.each<Step>(["read parameters", "save memory", "publish"])("to %s, the check throws", async (step) => {
    const world = createWorld({ readings: [credits(212)] });
    failing(world, step, new Error("denied"));
    await expect(check(world)).rejects.toThrow("denied");
    expect(world.reports).toEqual([]);
  });

  it("to count subscribers, that is a warning, and the check does its work and is a heartbeat", async () => {
    const world = createWorld({ readings: [credits(212)] });
    failing(world, "count subscribers", new Error("denied"));
    expect(await check(world)).toMatchObject({ audience: null, alert: { messageId: "message-1" } });
    expect(world.warnings).toEqual(["Who would hear a message is unknown: denied"]);
    expect(world.reports).toHaveLength(1);
  });

  it("to remember for a day, nothing is told, and one alert when it works again", async () => {
    const world = createWorld({ readings: [credits(200)] });
    failing(world, "save memory", new Error("denied"));
    for (let minute = 0; minute < 24 * 60; minute += 15) {
      world.now += 15 * MINUTE;
      for (let attempt = 0; attempt < 3; attempt++) await expect(check(world)).rejects.toThrow("denied");
    }
    expect(told(world)).toEqual([]);
    world.before = () => {};
    await check(world);
    world.now += 15 * MINUTE;
    await check(world);
    expect(told(world)).toEqual(["raised"]);
  });

  it("to remember after a message, that is a warning, and the next check repeats it once", async () => {
    const world = createWorld({ readings: [credits(200)] });
    failing(world, "save memory", new Error("denied"), (time) => time === 1);
    expect((await check(world)).alert).toMatchObject({ messageId: "message-1" });
    expect(world.warnings).toEqual(["The next check may repeat this message: denied"]);
    for (let count = 0; count < 5; count++) {
      world.now += 15 * MINUTE;
      await check(world);
    }
    expect(told(world)).toEqual(["raised", "raised"]);
  });

  it("to publish for certain, the alert stays due however often that is, and is told at the first check after", async () => {
    const world = createWorld({ readings: [credits(200)] });
    failing(world, "publish", new NotPublishedError("refused"));
    for (let count = 0; count < 8; count++) {
      await expect(check(world)).rejects.toMatchObject({ name: "NotPublishedError", message: "refused" });
      world.now += 15 * MINUTE;
    }
    world.before = () => {};
    await check(world);
    await check(world);
    expect(told(world)).toEqual(["raised"]);
    expect(JSON.parse(world.published[0]?.texts.document ?? "")).toMatchObject({ previousLevel: null });
  });

  it("to publish, and to take it back: the reason is what SNS said, and the alert is told at the next check", async () => {
    const world = createWorld({ readings: [credits(200)] });
    world.before = (step, times) => {
      if (step === "publish") throw new NotPublishedError("refused");
      if (step === "save memory" && times === 1) throw new Error("throttled");
    };
    await expect(check(world)).rejects.toThrow("refused");
    expect(world.warnings).toEqual(["The next check may repeat this message: throttled"]);
    world.before = () => {};
    world.now += MINUTE;
    await check(world);
    expect(told(world)).toEqual(["raised"]);
  });

  it("to say what another check wrote, nothing goes out, and the next check tells", async () => {
    const world = createWorld({ readings: [credits(200)] });
    world.documents.push(serializeMemory(FRESH_MEMORY));
    world.before = (step) => {
      if (step === "read memory") throw new Error("throttled");
      if (step === "save memory") world.documents.push(serializeMemory(FRESH_MEMORY));
    };
    await expect(check(world)).rejects.toThrow("throttled");
    expect(told(world)).toEqual([]);
    world.before = () => {};
    world.now += 15 * MINUTE;
    await check(world);
    expect(told(world)).toEqual(["raised"]);
  });

  it("to answer a publish all day, it is said in the log that a message counts as told", async () => {
    const world = createWorld({ readings: [credits(200)] });
    world.after = (step) => {
      if (step === "publish") throw new Error("reset");
    };
    for (let minutes = 0; minutes < 150; minutes += 15) {
      await check(world).catch(() => {});
      world.now += 15 * MINUTE;
    }
    expect(told(world)).toEqual(["raised", "raised", "raised", "raised"]);
    expect(world.warnings).toEqual(["raised counts as told, though nobody knows whether it was heard"]);
  });

  it("to answer a publish, people may have heard it: it is repeated once", async () => {
    const world = createWorld({ readings: [credits(200)] });
    world.after = (step, time) => {
      if (step === "publish" && time === 0) throw new Error("reset");
    };
    await expect(check(world)).rejects.toThrow("reset");
    for (let count = 0; count < 5; count++) {
      world.now += 15 * MINUTE;
      await check(world);
    }
    expect(told(world)).toEqual(["raised", "raised"]);
  });
});

/** One check after the other; each is `minutes` after the one before. */
async function live(
  world: World,
  checks: readonly (Partial<Invocation> & { minutes?: number; reading: Reading; audience?: Subscribers })[],
  config = CONFIG,
): Promise<string[]> {
  for (const { minutes = 15, reading, audience, ...invocation } of checks) {
    world.now += minutes * MINUTE;
    world.readings = [reading];
    if (audience) world.audience = audience;
    await check(world, invocation, config);
  }
  return told(world);
}

/** A check whose steps fail as given, and which may throw. */
async function broken(
  world: World,
  reading: Reading,
  crash: (step: Step, times: number) => boolean,
  minutes = 15,
) {
  const { before } = world;
  const counted = new Map<Step, number>();
  world.before = (step) => {
    const times = counted.get(step) ?? 0;
    counted.set(step, times + 1);
    if (crash(step, times)) throw new Error("crash");
  };
  await live(world, [{ reading, minutes }]).catch(() => {});
  world.before = before;
}

const isStep3 = (step: Step, times: number) => step === "save memory" && times === 1;

describe("told means heard", () => {
  it("an alert waits for the confirmation, and is no reminder then", async () => {
    const world = createWorld({ audience: NOBODY });
    expect(await live(world, [{ reading: credits(900) }, { reading: credits(900) }])).toEqual([]);
    expect(await live(world, [{ reading: credits(900), audience: ONE_EMAIL }])).toEqual(["raised"]);
  });

  it("a phone alone hears a warning, its reminder, and that all is well again", async () => {
    const world = createWorld({ audience: PHONE_ALONE });
    const kinds = await live(world, [
      { reading: credits(900) },
      { reading: credits(900), minutes: 24 * 60 },
      { reading: credits(5000) },
    ]);
    expect(kinds).toEqual(["raised", "reminder", "recovered"]);
    for (const { attributes } of world.published) expect(attributes).toMatchObject({ sms: "yes" });
  });

  it("critical is told to whoever comes back, though SNS did not list when everybody was gone", async () => {
    const world = createWorld({ audience: ONE_EMAIL });
    await live(world, [{ reading: credits(5000) }, { reading: credits(5000), audience: NOBODY }]);
    world.before = (step) => {
      if (step === "count subscribers") throw new Error("denied");
    };
    expect(await live(world, [{ reading: credits(200) }])).toEqual([]);
    world.before = () => {};
    expect(await live(world, [{ reading: credits(200), audience: ONE_EMAIL }])).toEqual(["raised"]);
  });

  it("the phone hears a warning and that the only email is gone", async () => {
    const world = createWorld({ audience: EMAIL_AND_PHONE });
    await live(world, [{ reading: credits(5000) }]);
    const gone = { emails: 0, phones: 1, others: 0, pending: 0 };
    const kinds = await live(world, [{ reading: credits(900), audience: gone }, { reading: credits(900) }]);
    expect(kinds).toEqual(["raised", "audience"]);
    for (const { attributes } of world.published) expect(attributes).toMatchObject({ sms: "yes" });
  });

  it("of two accounts on one topic only the first tells that an email is gone", async () => {
    const first = createWorld({ audience: { ...ONE_EMAIL, emails: 2 } });
    const second = createWorld({ audience: { ...ONE_EMAIL, emails: 2 } });
    const others = { ...CONFIG, account: "other", tellsAudience: false };
    await check(first);
    await check(second, {}, others);
    first.audience = ONE_EMAIL;
    second.audience = ONE_EMAIL;
    for (let checks = 0; checks < 2; checks++) {
      await check(first);
      await check(second, {}, others);
    }
    expect([...told(first), ...told(second)]).toEqual(["audience"]);
  });
});

describe("no false alarm", () => {
  it("a refusal for a single check between good readings is no message", async () => {
    const checks = [credits(5000), REFUSED, credits(5000)].map((reading) => ({ reading }));
    expect(await live(createWorld(), checks)).toEqual([]);
  });

  it.each([
    { everyMinutes: 15, failures: 2 },
    { everyMinutes: 60, failures: 1 },
    { everyMinutes: 1440, failures: 1 },
  ])(
    "a refusal that lasts is told at check $failures at every $everyMinutes minutes",
    async ({ everyMinutes, failures }) => {
      const world = createWorld();
      await live(world, [{ reading: credits(5000) }]);
      for (let count = 1; count <= failures; count++) {
        const kinds = await live(world, [{ reading: REFUSED, minutes: everyMinutes }]);
        expect(kinds).toEqual(count === failures ? ["no-reading"] : []);
      }
    },
  );

  it("a first reading that is low does not say what it was before", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(900) }]);
    expect(JSON.parse(world.published[0]?.texts.document ?? "")).toMatchObject({
      level: "warning",
      previousLevel: null,
    });
  });

  it("a week at 0, then plenty of credits, is a recovery", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(0) }]);
    const week = Array.from({ length: 7 * 24 }, () => ({ reading: credits(0), minutes: 60 }));
    await live(world, week);
    world.published.length = 0;
    expect(await live(world, [{ reading: credits(50_000) }, { reading: credits(50_000) }])).toEqual([
      "recovered",
    ]);
  });
});

describe("what is true is told after a message of which nobody knows", () => {
  const afterRaised = (reading: Reading) =>
    [{ reading }, { reading }, { reading }].map((each) => ({ ...each, minutes: 15 }));

  it("a message left behind, then no reading for a day, then ok", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }]);
    await broken(world, credits(200), (step) => step === "publish");
    const silent = Array.from({ length: 24 }, () => ({ reading: TIMEOUT, minutes: 60 }));
    expect(await live(world, silent)).toEqual(["no-reading"]);
    expect(await live(world, afterRaised(credits(5000)))).toEqual(["no-reading", "recovered"]);
  });

  it("snoozed at critical, a recovery that was heard but not remembered, critical again", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(200) }, { reading: credits(200), snoozeHours: 24 }]);
    await broken(world, credits(5000), isStep3);
    expect(await live(world, [{ reading: credits(200) }])).toEqual(["raised", "recovered", "raised"]);
  });

  it("no reading that was heard but not remembered, then readings", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }]);
    await broken(world, REFUSED, isStep3, 30);
    expect(await live(world, afterRaised(credits(5000)))).toEqual(["no-reading", "reading-again"]);
  });

  it("reading-again that was heard but not remembered, then no reading again", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }, { reading: REFUSED, minutes: 30 }]);
    await broken(world, credits(5000), isStep3);
    const kinds = await live(world, [{ reading: REFUSED }, { reading: REFUSED }, { reading: REFUSED }]);
    expect(kinds).toEqual(["no-reading", "reading-again", "no-reading"]);
  });

  it.each<{
    kind: string;
    start: readonly Parameters<typeof live>[1][number][];
    reading: Reading;
    audience?: Subscribers;
    minutes?: number;
  }>([
    { kind: "audience", start: [{ reading: credits(5000) }], reading: credits(5000), audience: PHONE_ALONE },
    { kind: "all-clear", start: [{ reading: credits(5000) }], reading: credits(5000), minutes: 8 * 24 * 60 },
    {
      kind: "reading-again",
      start: [{ reading: credits(5000) }, { reading: REFUSED, minutes: 30 }],
      reading: credits(5000),
    },
  ])(
    "a crash between the steps of $kind repeats it once, and nothing else",
    async ({ kind, start, reading, audience, minutes }) => {
      for (const crash of ["publish", "step 3"]) {
        const world = createWorld();
        await live(world, start);
        world.published.length = 0;
        if (audience) {
          world.audience = audience;
          await live(world, [{ reading }]);
        }
        await broken(world, reading, crash === "publish" ? (step) => step === "publish" : isStep3, minutes);
        const kinds = await live(world, [{ reading }, { reading }, { reading }]);
        expect(kinds).toEqual(crash === "publish" ? [kind] : [kind, kind]);
      }
    },
  );
});

describe("what is used", () => {
  /** A day and more at 10 credits an hour, and then a job that uses 1,200 an hour. */
  const steady = Array.from({ length: 26 * 4 }, (_, n) => ({ reading: credits(6000 - 2.5 * n) }));
  const drain = (from: number) =>
    Array.from({ length: 4 }, (_, n) => ({ reading: credits(from - 300 * (n + 1)) }));

  it("much faster than usual is told within two checks, once", async () => {
    const world = createWorld();
    expect(await live(world, steady)).toEqual([]);
    expect(await live(world, drain(5740).slice(0, 2))).toEqual(["surge"]);
    expect(await live(world, drain(5140).slice(0, 2))).toEqual(["surge"]);
    expect(world.published[0]?.attributes).toMatchObject({ sms: "yes", severity: "critical" });
  });

  it("much faster than usual, and critical at once, is one message", async () => {
    const world = createWorld();
    await live(world, steady);
    expect(
      await live(world, [{ reading: credits(3000) }, { reading: credits(250) }, { reading: credits(240) }]),
    ).toEqual(["raised"]);
    expect(JSON.parse(world.published[0]?.texts.document ?? "")).toMatchObject({
      surge: { credits: 5492.5 },
    });
  });

  it("a crash between the steps of surge repeats it once, and nothing else", async () => {
    for (const crash of ["publish", "step 3"]) {
      const world = createWorld();
      await live(world, [...steady, { reading: credits(5440) }]);
      await broken(world, credits(5140), crash === "publish" ? (step) => step === "publish" : isStep3);
      const kinds = await live(world, drain(5140));
      expect(kinds).toEqual(crash === "publish" ? ["surge"] : ["surge", "surge"]);
    }
  });

  it("critical by runway, no reading for 30 h, and then a top-up is a recovery", async () => {
    const world = createWorld();
    const fast = Array.from({ length: 12 * 4 }, (_, n) => ({ reading: credits(10_000 - 130 * n) }));
    expect(await live(world, fast)).toContain("raised");
    const last = JSON.parse(world.published.at(-1)?.texts.document ?? "");
    expect(last).toMatchObject({ level: "critical", cause: { by: "runway" } });
    await live(
      world,
      Array.from({ length: 30 }, () => ({ reading: TIMEOUT, minutes: 60 })),
    );
    world.published.length = 0;
    expect(await live(world, [{ reading: credits(50_000) }])).toEqual(["recovered"]);
  });
});

describe("a message that goes once more", () => {
  it("says that it is worse by now: a failure that turned permanent goes by SMS", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }, { reading: TIMEOUT, minutes: 30 }]);
    await broken(world, TIMEOUT, (step) => step === "publish");
    expect(await live(world, [{ reading: REFUSED }, { reading: REFUSED }])).toEqual(["no-reading"]);
    expect(world.published[0]?.attributes).toMatchObject({ severity: "critical", sms: "yes" });
  });

  it("is not a single failure long after, if it said that there is no reading", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }]);
    await broken(world, REFUSED, isStep3, 30);
    const memory = parseMemory(world.documents.at(-1)).memory;
    const told = { ...memory.told, changes: Array.from({ length: 5 }, () => world.now) };
    world.documents.push(serializeMemory({ ...memory, told }));
    // Good news waits, so that the message stays on its way.
    await live(world, [{ reading: credits(5000) }, { reading: credits(5000) }]);
    expect(await live(world, [{ reading: TIMEOUT }])).toEqual(["no-reading"]);
  });

  it("says of a surge what it said before", async () => {
    const steady = Array.from({ length: 26 * 4 }, (_, n) => ({ reading: credits(6000 - 2.5 * n) }));
    const world = createWorld();
    await live(world, [...steady, { reading: credits(3000) }]);
    await broken(world, credits(250), (step) => step === "publish");
    expect(await live(world, [{ reading: credits(240) }])).toEqual(["raised"]);
    expect(JSON.parse(world.published[0]?.texts.document ?? "")).toMatchObject({
      previousLevel: "ok",
      surge: { credits: 5492.5 },
    });
  });

  it("ends no snooze that was asked for meanwhile", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }]);
    await broken(world, credits(200), isStep3);
    await live(world, [{ reading: credits(200), snoozeHours: 48 }]);
    const kinds = await live(world, [{ reading: credits(200), minutes: 12 * 60 }]);
    expect(kinds).toEqual(["raised", "raised"]);
    expect(world.reports.at(-1)).toMatchObject({
      alert: { held: "snoozed" },
      snoozedUntil: expect.any(String),
    });
  });
});

describe("no spam", () => {
  /** No use that a runway could be known by. */
  const byCreditsAlone: Config = { ...CONFIG, warningHours: 0, criticalHours: 0 };
  const jumps = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ reading: credits(n % 2 === 0 ? 250 : 5000) }));

  it("a balance that jumps makes eight messages a day at most, and people end up knowing that it is low", async () => {
    const world = createWorld();
    const low = Array.from({ length: 96 }, () => ({ reading: credits(250) }));
    const kinds = await live(world, [...jumps(9), ...low], byCreditsAlone);
    expect(kinds.filter((kind) => kind !== "reminder").length).toBeLessThanOrEqual(8);
    expect(kinds).toContain("reminder");
    expect(world.published.at(-1)?.subject).toMatch(/still CRITICAL/);
  });

  it("a balance that jumps and then stays high is known to be well within a day", async () => {
    const world = createWorld();
    const high = Array.from({ length: 97 }, () => ({ reading: credits(5000) }));
    expect((await live(world, [...jumps(9), ...high], byCreditsAlone)).at(-1)).toBe("recovered");
  });

  it("a key that is revoked after eight jumps is told when it is due", async () => {
    const kinds = await live(createWorld(), [...jumps(8), { reading: REFUSED }, { reading: REFUSED }]);
    expect(kinds.at(-1)).toBe("no-reading");
  });

  it.each<{
    title: string;
    readingAt: (n: number) => Reading;
    audienceAt?: (n: number) => Subscribers;
    most: number;
  }>([
    // Four tries, then two of each of three reminders.
    { title: "a balance that stays low", readingAt: () => credits(200), most: 10 },
    {
      title: "a second alert",
      readingAt: () => credits(200),
      audienceAt: (n) => (n > 3 ? PHONE_ALONE : EMAIL_AND_PHONE),
      most: 12,
    },
    { title: "a balance that jumps", readingAt: (n) => credits(n % 2 === 0 ? 250 : 5000), most: 16 },
  ])(
    "the write after each message fails all day, with $title: no flood",
    async ({ readingAt, audienceAt, most }) => {
      const world = createWorld();
      await live(world, [{ reading: credits(5000) }]);
      for (let n = 0; n < 96; n++) {
        if (audienceAt) world.audience = audienceAt(n);
        await broken(world, readingAt(n), isStep3);
      }
      expect(world.published.length).toBeGreaterThan(1);
      expect(world.published.length).toBeLessThanOrEqual(most);
    },
  );

  it("a lost answer of a quiet save is no message", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(5000) }]);
    const ports = portsTo(world);
    // The SDK tries again what it got no answer for.
    const twice = {
      ...ports,
      saveMemory: async (document: string) => {
        await ports.saveMemory(document);
        return { ...(await ports.saveMemory(document)), isRetried: true };
      },
    };
    await checkCredits(CONFIG, ROUTINE, twice);
    expect(told(world)).toEqual([]);
    expect(world.documents).toHaveLength(3);
  });

  it("a lost answer of the save before a message is one message", async () => {
    const world = createWorld({ readings: [credits(200)] });
    const ports = portsTo(world);
    const twice = {
      ...ports,
      saveMemory: async (document: string) => {
        await ports.saveMemory(document);
        return { ...(await ports.saveMemory(document)), isRetried: true };
      },
    };
    await checkCredits(CONFIG, ROUTINE, twice);
    expect(told(world)).toEqual(["raised"]);
    await check(world);
    expect(told(world)).toEqual(["raised"]);
  });

  it("snoozed for days at warning, critical and empty are told, and the snooze is over", async () => {
    const world = createWorld();
    const kinds = await live(world, [
      { reading: credits(900) },
      { reading: credits(900), snoozeHours: 72 },
      { reading: credits(900), minutes: 24 * 60 },
      { reading: credits(200) },
      { reading: credits(0) },
      { reading: credits(0), minutes: 6 * 60 },
    ]);
    expect(kinds).toEqual(["raised", "raised", "raised", "reminder"]);
  });
});

describe("silence means health", () => {
  it("a phone alone hears an all-clear each week", async () => {
    const world = createWorld({ audience: { ...PHONE_ALONE, pending: 0 } });
    const twoWeeks = Array.from({ length: 14 * 24 + 1 }, () => ({ reading: credits(5000), minutes: 60 }));
    expect(await live(world, twoWeeks)).toEqual(["all-clear", "all-clear"]);
    expect(world.published.every(({ attributes }) => attributes["sms"] === "yes")).toBe(true);
  });

  it("a damaged memory after critical was told, and a top-up meanwhile: people hear that it is well", async () => {
    const world = createWorld();
    await live(world, [{ reading: credits(200) }]);
    world.documents.push("{");
    expect(await live(world, [{ reading: credits(5000) }, { reading: credits(5000) }])).toEqual([
      "raised",
      "recovered",
    ]);
    expect(world.published[1]?.attributes).toMatchObject({ sms: "yes" });
    expect(world.warnings).toEqual(["Starting with a fresh memory: the memory is not JSON"]);
  });
});
