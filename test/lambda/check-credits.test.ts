import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCredits } from "../../lambda/check-credits.ts";
import type { Config } from "../../lambda/config.ts";
import type { Invocation } from "../../lambda/invocation.ts";
import { MAX_MEMORY_CHARACTERS, parseMemory } from "../../lambda/policy/memory.ts";
import { type AlertKind, BLIND_REMINDER_HOURS } from "../../lambda/policy/policy.ts";
import { FAILURE_REASONS, failed, type Reading } from "../../lambda/policy/reading.ts";
import { createWorld, portsTo, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const HOUR = 3_600_000;
const ROUTINE: Invocation = { dryRun: false, test: false, need: null };

const credits = (amount: number): Reading => ({ kind: "credits", credits: amount });
const TIMEOUT = failed("timeout", "no answer");

const check = (world: World, invocation: Partial<Invocation> = {}, config = CONFIG) =>
  checkCredits(config, { ...ROUTINE, ...invocation }, portsTo(world));

describe("a check", () => {
  it("that is quiet reads, asks and counts, and saves what is new", async () => {
    const world = createWorld();
    const report = await check(world);
    expect(world.steps).toEqual(["read parameters", "count audience", "ask Kie with key", "save memory"]);
    expect(report).toEqual({
      account: "kie",
      checkedAt: "2026-11-23T05:00:00.000Z",
      credits: 5000,
      level: "ok",
      runway: null,
      failure: null,
      alert: null,
      audience: { emails: 1, phones: 1, others: 0, pending: 0 },
      need: null,
    });
    expect(world.reports).toEqual([report]);
    expect(world.warnings).toEqual([]);
  });

  it("that learns nothing new saves nothing", async () => {
    const world = createWorld();
    await check(world);
    world.steps.length = 0;
    world.now += 15 * 60_000;
    await check(world);
    expect(world.steps).toEqual(["read parameters", "count audience", "ask Kie with key"]);
  });

  it("asks Kie and counts the audience at the same time", async () => {
    const world = createWorld();
    const ports = portsTo(world);
    const asked = Promise.withResolvers<void>();
    const counted = Promise.withResolvers<void>();
    // Each waits until the other has begun; one after the other they would wait for ever.
    const report = await checkCredits(CONFIG, ROUTINE, {
      ...ports,
      async countSubscribers() {
        counted.resolve();
        await asked.promise;
        return ports.countSubscribers();
      },
      async readCredits(apiKey) {
        asked.resolve();
        await counted.promise;
        return ports.readCredits(apiKey);
      },
    });
    expect(report).toMatchObject({ credits: 5000, audience: { emails: 1, phones: 1 } });
  });

  it("publishes first and remembers after", async () => {
    const world = createWorld({ readings: [credits(212)] });
    const report = await check(world);
    expect(world.steps.slice(-2)).toEqual(["publish", "save memory"]);
    expect(report.alert).toEqual({
      kind: "raised",
      severity: "critical",
      subject: "[Kie credits: kie] CRITICAL: 212 credits left",
      messageId: "message-1",
    });
    expect(world.published[0]?.subject).toBe(report.alert?.subject);
  });

  it("tells once", async () => {
    const world = createWorld({ readings: [credits(212)] });
    await check(world);
    expect((await check(world)).alert).toBeNull();
    expect(world.published).toHaveLength(1);
  });

  it("reports the runway in short numbers", async () => {
    const at = Date.parse("2026-11-22T20:00:00Z");
    const world = createWorld({
      memory: JSON.stringify({ version: 1, level: "ok", samples: [[at, 600]] }),
      readings: [credits(300.1)],
    });
    expect((await check(world)).runway).toEqual({
      creditsPerHour: 33.32,
      hoursLeft: 9.01,
      emptyAt: "2026-11-23T14:00:21.607Z",
    });
  });

  it("happened when Kie had answered, not when it began", async () => {
    const world = createWorld();
    const report = await checkCredits(CONFIG, ROUTINE, {
      ...portsTo(world),
      async readCredits() {
        world.now += 30_000;
        return credits(5000);
      },
    });
    expect(report.checkedAt).toBe("2026-11-23T05:00:30.000Z");
    expect(parseMemory(world.memory).memory.samples).toEqual([{ at: world.now, credits: 5000 }]);
  });

  it("reports a failure as data", async () => {
    const world = createWorld({ readings: [failed("unauthorized", "code 401")] });
    expect(await check(world)).toMatchObject({
      credits: null,
      level: null,
      runway: null,
      failure: { reason: "unauthorized", detail: "code 401", permanent: true, consecutive: 1 },
      alert: { kind: "blind", severity: "critical", messageId: "message-1" },
    });
    expect(await check(world)).toMatchObject({ failure: { consecutive: 2 }, alert: null });
  });

  it("reports the last known level when there is no reading", async () => {
    const world = createWorld({ readings: [credits(900), TIMEOUT] });
    await check(world);
    expect(await check(world)).toMatchObject({ credits: null, level: "warning" });
  });

  it.each([
    [undefined, "missing"],
    ["{", "not JSON"],
    ['{"version":99}', "version"],
  ])("starts afresh with a warning when the memory is %j", async (memory, warning) => {
    const world = createWorld({ memory });
    expect((await check(world)).level).toBe("ok");
    expect(world.warnings).toEqual([expect.stringContaining(warning)]);
    expect(parseMemory(world.memory).problem).toBeNull();
  });

  it("warns when nobody listens", async () => {
    const world = createWorld({ audience: { emails: 0, phones: 0, others: 0, pending: 1 } });
    await check(world);
    expect(world.warnings).toEqual([expect.stringContaining("Nobody is told")]);
  });

  it("goes without an audience where there is no topic", async () => {
    expect(await check(createWorld({ audience: null }))).toMatchObject({ audience: null });
  });
});

describe("when AWS fails", () => {
  const broken = (step: "readParameters" | "publish" | "saveMemory" | "countSubscribers") => {
    const world = createWorld({ readings: [credits(212)] });
    const ports = { ...portsTo(world), [step]: () => Promise.reject(new Error(`${step} is broken`)) };
    return { world, checking: checkCredits(CONFIG, ROUTINE, ports) };
  };

  it.each(["readParameters", "publish", "saveMemory", "countSubscribers"] as const)(
    "the check throws what %s threw, and counts as no heartbeat",
    async (step) => {
      const { world, checking } = broken(step);
      await expect(checking).rejects.toThrow(`${step} is broken`);
      expect(world.reports).toEqual([]);
    },
  );

  it("an alert that was not published is not remembered, so the next check repeats it", async () => {
    const { world, checking } = broken("publish");
    await expect(checking).rejects.toThrow();
    expect(world.memory).toBe('{"version":1}');
    expect(await check(world)).toMatchObject({ alert: { kind: "raised" } });
  });

  it.each([
    ["recovered", [credits(212), credits(5000), credits(212)], "reminder"],
    ["eased", [credits(212), credits(500), credits(212)], "reminder"],
    [
      "sighted",
      [failed("unauthorized", "code 401"), credits(5000), failed("unauthorized", "code 401")],
      "still-blind",
    ],
  ] as const)(
    "%s that was told but not remembered, and is over by the next check, is taken back at once",
    async (good, readings, bad) => {
      const world = createWorld({ readings: [...readings] });
      await check(world);
      const ports = portsTo(world);
      const dying: typeof ports = {
        ...ports,
        async saveMemory(document) {
          if (world.published.length === 2) throw new Error("stopped");
          await ports.saveMemory(document);
        },
      };
      await expect(checkCredits(CONFIG, ROUTINE, dying)).rejects.toThrow("stopped");
      expect(world.published[1]?.attributes).toMatchObject({ kind: good });
      expect(await check(world)).toMatchObject({ alert: { kind: bad } });
      expect(await check(world)).toMatchObject({ alert: null });
    },
  );

  it("good news that was told but not remembered is repeated where it lasts", async () => {
    const world = createWorld({ readings: [credits(212), credits(5000)] });
    await check(world);
    const ports = portsTo(world);
    const saveMemory = async (document: string) => {
      if (world.published.length === 2) throw new Error("stopped");
      await ports.saveMemory(document);
    };
    await expect(checkCredits(CONFIG, ROUTINE, { ...ports, saveMemory })).rejects.toThrow("stopped");
    expect(await check(world)).toMatchObject({ alert: { kind: "recovered" } });
    expect(await check(world)).toMatchObject({ alert: null });
  });

  it("a refused audience, known before Kie answers, ends the check only after the alert", async () => {
    const world = createWorld({ readings: [credits(212)] });
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const checking = checkCredits(CONFIG, ROUTINE, {
      ...portsTo(world),
      countSubscribers: () => Promise.reject(new Error("audience is broken")),
      async readCredits() {
        // Node tells of unhandled rejections between two tasks.
        await new Promise((resolve) => setTimeout(resolve, 10));
        return credits(212);
      },
    });
    await expect(checking).rejects.toThrow("audience is broken");
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect(world.published).toHaveLength(1);
  });

  it("a refused audience keeps no alert from going out and being remembered", async () => {
    const { world, checking } = broken("countSubscribers");
    await expect(checking).rejects.toThrow();
    expect(world.published).toHaveLength(1);
    expect(await check(world)).toMatchObject({ alert: null });
  });
});

describe("by hand", () => {
  it("a dry run publishes and saves nothing, and shows what would be", async () => {
    const world = createWorld({ readings: [credits(212)] });
    const report = await check(world, { dryRun: true });
    expect(report.alert).toMatchObject({ kind: "raised", messageId: null });
    expect(world.steps).toEqual(["read parameters", "count audience", "ask Kie with key"]);
  });

  it("a dry run of good news saves nothing ahead of it", async () => {
    const world = createWorld({ readings: [credits(212), credits(5000)] });
    await check(world);
    world.steps.length = 0;
    expect(await check(world, { dryRun: true })).toMatchObject({
      alert: { kind: "recovered", messageId: null },
    });
    expect(world.steps).toEqual(["read parameters", "count audience", "ask Kie with key"]);
  });

  it("a test goes to every channel, and what is due is left to the next check", async () => {
    const world = createWorld({ readings: [credits(212)] });
    expect(await check(world, { test: true })).toMatchObject({
      level: "critical",
      alert: { kind: "test", severity: "info", messageId: "message-1" },
    });
    expect(world.published[0]?.attributes).toMatchObject({ kind: "test", sms: "yes" });
    expect(world.steps).not.toContain("save memory");
    expect(await check(world)).toMatchObject({ alert: { kind: "raised" } });
  });

  it("a test is sent while blind, and a dry one is not sent", async () => {
    const world = createWorld({ readings: [TIMEOUT] });
    expect(await check(world, { test: true })).toMatchObject({
      alert: { kind: "test", messageId: "message-1" },
    });
    expect(await check(world, { test: true, dryRun: true })).toMatchObject({
      alert: { kind: "test", messageId: null },
    });
    expect(world.published).toHaveLength(1);
  });

  it.each([
    [1530, credits(1529.99), { credits: 1530, enough: false }],
    [1530, credits(1530), { credits: 1530, enough: true }],
    [0, credits(0), { credits: 0, enough: true }],
    [1530, TIMEOUT, null],
  ])("need %d of %o is %o", async (need, reading, expected) => {
    expect((await check(createWorld({ readings: [reading] }), { need })).need).toEqual(expected);
  });
});

describe("SMS", () => {
  it("is for critical news only, or for all of it", async () => {
    const told = async (amount: number, sms: Config["sms"]) => {
      const world = createWorld({ readings: [credits(amount)] });
      await check(world, {}, { ...CONFIG, sms });
      return world.published[0]?.attributes["sms"];
    };
    expect(await told(900, "critical")).toBeUndefined();
    expect(await told(200, "critical")).toBe("yes");
    expect(await told(900, "all")).toBe("yes");
    expect(await told(200, "all")).toBe("yes");
  });
});

describe("over any series of checks", () => {
  const reading = fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: -10, max: 2500, noNaN: true }).map(credits) },
    { weight: 2, arbitrary: fc.constantFrom(0, 300, 330, 1000, 1100).map(credits) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(credits) },
    { weight: 3, arbitrary: fc.constantFrom(...FAILURE_REASONS).map((reason) => failed(reason, "detail")) },
  );
  const series = fc.array(
    fc.record({
      reading,
      hours: fc.oneof(fc.constantFrom(0.25, 0.5, 1, 6, 24), fc.double({ min: 0.001, max: 60, noNaN: true })),
    }),
    { minLength: 1, maxLength: 60 },
  );
  const CREDIT_ALERTS: readonly AlertKind[] = ["raised", "reminder", "eased", "recovered"];

  it("the rules of telling hold", async () => {
    await fc.assert(
      fc.asyncProperty(series, async (checks) => {
        const world = createWorld();
        let told: string | null = null;
        let toldAt = 0;
        let blindAt: number | null = null;
        for (const { reading, hours } of checks) {
          world.now += Math.ceil(hours * HOUR);
          world.readings = [reading];
          const before = world.published.length;
          const { alert, level } = await check(world);
          const kind = alert?.kind ?? null;

          // At most one alert per check.
          expect(world.published.length - before).toBe(alert === null ? 0 : 1);
          // Never a credit alert from a failure, never a blind one from a reading.
          if (reading.kind === "failure") expect([null, "blind", "still-blind"]).toContain(kind);
          else expect(["blind", "still-blind"]).not.toContain(kind);
          // Never recovered or eased without an earlier raised, never raised what was told.
          if (kind === "recovered" || kind === "eased" || kind === "reminder") expect(told).not.toBeNull();
          if (kind === "raised") expect(told).not.toBe(level);
          // Every level but ok has been told.
          if (kind !== null && CREDIT_ALERTS.includes(kind))
            [told, toldAt] = [level === "ok" ? null : level, world.now];
          if (reading.kind === "credits") expect(told ?? "ok").toBe(level);
          // A level that lasts is reminded of within its interval.
          const interval = (level === "warning" ? 24 : 6) * HOUR;
          if (reading.kind === "credits" && told !== null) expect(world.now - toldAt).toBeLessThan(interval);
          // So is blindness; and sighted, or a credit alert in its place, ends each one that was told.
          if (kind === "blind" || kind === "still-blind") blindAt = world.now;
          if (blindAt !== null && reading.kind === "failure") {
            expect(world.now - blindAt).toBeLessThan(BLIND_REMINDER_HOURS * HOUR);
          }
          if (kind === "sighted") expect(blindAt).not.toBeNull();
          if (blindAt !== null && reading.kind === "credits") {
            expect(alert).not.toBeNull();
            blindAt = null;
          }
          // The same reading at the same time tells nothing new.
          if (reading.kind === "credits") expect((await check(world)).alert).toBeNull();
          expect(world.memory?.length).toBeLessThanOrEqual(MAX_MEMORY_CHARACTERS);
          expect(parseMemory(world.memory).problem).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  it("the memory fits, whatever the schedule from 1 to 1,440 minutes and whatever the numbers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1440 }),
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 10 }),
        async (everyMinutes, amounts) => {
          const world = createWorld();
          for (let index = 0; index < 300; index++) {
            world.now += everyMinutes * 60_000;
            world.readings = [credits(amounts[index % amounts.length] ?? 0)];
            await check(world, { need: null });
            expect(world.memory?.length).toBeLessThanOrEqual(MAX_MEMORY_CHARACTERS);
          }
          expect(parseMemory(world.memory).problem).toBeNull();
        },
      ),
      { numRuns: 20 },
    );
  });
});
