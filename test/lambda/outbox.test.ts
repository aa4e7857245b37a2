import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCredits } from "../../lambda/check-credits.ts";
import { OverlapError, settle } from "../../lambda/outbox.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import {
  FRESH_MEMORY,
  type Memory,
  parseMemory,
  serializeMemory,
  UNKNOWN,
} from "../../lambda/policy/memory.ts";
import { decide } from "../../lambda/policy/policy.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createWorld, portsTo, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const ROUTINE = { dryRun: false, test: false, need: null, snoozeHours: null } as const;
const MINUTE = 60_000;

/** Balances of the present, by what the account is at. */
const BALANCE = { ok: 5000, warning: 900, critical: 200, empty: 0 } as const satisfies Record<Level, number>;

/** Ports whose steps wait to be let go, one at a time. */
function gated(ports: Ports) {
  const gate: { letGo: (() => void) | null; isDone: boolean } = { letGo: null, isDone: false };
  const wait = () =>
    new Promise<void>((resolve) => {
      gate.letGo = resolve;
    });
  const slow: Ports = {
    ...ports,
    readParameters: () => wait().then(ports.readParameters),
    readMemory: (version) => wait().then(() => ports.readMemory(version)),
    readCredits: (apiKey) => wait().then(() => ports.readCredits(apiKey)),
    saveMemory: (document) => wait().then(() => ports.saveMemory(document)),
    publish: (message) => wait().then(() => ports.publish(message)),
  };
  return { gate, ports: slow };
}

/** Runs two checks at once, their steps in the order that the choices say: 0 for the first check, 1 for the second. */
async function interleave(world: World, choices: readonly number[]): Promise<void> {
  const left = [...choices];
  const checks = [0, 1].map(() => {
    const { gate, ports } = gated(portsTo(world));
    const isDone = () => {
      gate.isDone = true;
    };
    // A check that throws is tried again by Lambda.
    checkCredits(CONFIG, ROUTINE, ports).then(isDone, isDone);
    return gate;
  });
  for (;;) {
    await new Promise(setImmediate);
    const waiting = [0, 1].filter((index) => checks[index]?.isDone === false);
    if (waiting.length === 0) return;
    const next = waiting.length === 2 ? left.shift() : waiting[0];
    world.now++;
    checks[next ?? 0]?.letGo?.();
  }
}

/** What people believe: the level of the last message on it, else what they believed before. */
function beliefOf(world: World, before: Level): Level {
  const levels = world.published.map(({ texts }) => JSON.parse(texts.document).level as Level);
  return levels.at(-1) ?? before;
}

describe("two checks at once, and the balance changes between their looks", () => {
  it.each<{ told: Level; first: Level; second: Level }>([
    { told: "ok", first: "critical", second: "ok" },
    { told: "warning", first: "critical", second: "ok" },
    { told: "critical", first: "critical", second: "ok" },
    { told: "critical", first: "empty", second: "ok" },
    { told: "critical", first: "critical", second: "warning" },
    { told: "ok", first: "ok", second: "critical" },
    { told: "warning", first: "ok", second: "critical" },
    { told: "warning", first: "warning", second: "empty" },
    { told: "ok", first: "warning", second: "critical" },
  ])("$told was told, $first is read and then $second: people end up knowing it", async (row) => {
    const order = fc.array(fc.constantFrom(0, 1), { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(order, async (choices) => {
        const world = createWorld({ readings: [{ kind: "credits", credits: BALANCE[row.told] }] });
        await checkCredits(CONFIG, ROUTINE, portsTo(world));
        world.published.length = 0;
        world.now += 15 * MINUTE;
        world.readings = [row.first, row.second].map((level) => ({
          kind: "credits",
          credits: BALANCE[level],
        }));
        await interleave(world, choices);
        const atOnce = world.published.length;
        for (let later = 0; later < 2; later++) {
          world.now += 15 * MINUTE;
          await checkCredits(CONFIG, ROUTINE, portsTo(world));
        }
        expect(beliefOf(world, row.told)).toBe(row.second);
        // If both sent a message at once, nobody knows which one was heard last: what is true is told once more.
        expect(world.published.length).toBeLessThanOrEqual(atOnce === 2 ? 3 : 2);
      }),
      { numRuns: 400 },
    );
  });
});

describe("a check that finds that another one wrote", () => {
  const between = (world: World, document: () => string) => {
    let isFirst = true;
    world.before = (step) => {
      if (step !== "save memory" || !isFirst) return;
      isFirst = false;
      world.documents.push(document());
    };
  };
  const low = () => createWorld({ readings: [{ kind: "credits", credits: 200 }] });

  it("takes over what that one told, and does not tell it again", async () => {
    const other = low();
    await checkCredits(CONFIG, ROUTINE, portsTo(other));
    const world = low();
    between(world, () => other.documents.at(-1) ?? "");
    world.now++;
    const report = await checkCredits(CONFIG, ROUTINE, portsTo(world));
    expect(report).toMatchObject({ alert: null });
    expect(parseMemory(world.documents.at(-1)).memory).toMatchObject({
      told: { level: "critical" },
      sending: null,
    });
  });

  it("keeps a snooze that was asked for meanwhile, and tells all the same", async () => {
    const world = low();
    const told = { ...FRESH_MEMORY.told, snoozedUntil: world.now + MINUTE };
    between(world, () => serializeMemory({ ...FRESH_MEMORY, told }, "other"));
    const report = await checkCredits(CONFIG, ROUTINE, portsTo(world));
    expect(report.alert).toMatchObject({ kind: "raised", messageId: "message-1" });
    expect(world.steps.filter((step) => step === "save memory")).toHaveLength(3);
  });

  const LEFT = "is left to the next check, since another check ran beside this one";

  it("leaves good news to the next check if it had nothing to tell before", async () => {
    const other = low();
    await checkCredits(CONFIG, ROUTINE, portsTo(other));
    const world = createWorld();
    between(world, () => other.documents.at(-1) ?? "");
    world.now++;
    await checkCredits(CONFIG, ROUTINE, portsTo(world));
    expect(world.published).toEqual([]);
    expect(world.warnings).toEqual([`recovered ${LEFT}`]);
  });

  it("leaves an alert to the next check if that one read the balance later", async () => {
    const other = createWorld();
    other.now++;
    await checkCredits(CONFIG, ROUTINE, portsTo(other));
    const world = low();
    between(world, () => other.documents.at(-1) ?? "");
    await checkCredits(CONFIG, ROUTINE, portsTo(world));
    expect(world.published).toEqual([]);
    expect(world.warnings).toEqual([`raised ${LEFT}`]);
  });

  it("writes no more than it would alone if that one told nothing new", async () => {
    const world = createWorld();
    await checkCredits(CONFIG, ROUTINE, portsTo(world));
    between(world, () => world.documents[0]?.replace(/"writer":"[^"]*"/, '"writer":"other"') ?? "");
    world.readings = [{ kind: "credits", credits: 200 }];
    world.now += 15 * MINUTE;
    await checkCredits(CONFIG, ROUTINE, portsTo(world));
    expect(world.published).toHaveLength(1);
    expect(world.steps.slice(5)).toEqual([
      "ask Kie",
      "count subscribers",
      "save memory",
      "read memory",
      "publish",
      "save memory",
    ]);
  });

  it.each([
    { title: "has confirmed a message that was left behind", isConfirmed: true },
    { title: "keeps a message that was left behind", isConfirmed: false },
  ])("tells all the same if that one $title", async ({ isConfirmed }) => {
    const world = low();
    world.before = (step) => {
      if (step === "publish") throw new Error("crash");
    };
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(world))).rejects.toThrow("crash");
    const { seen, told, sending } = parseMemory(world.documents.at(-1)).memory;
    const other: Memory = {
      seen,
      told: { ...told, snoozedUntil: world.now + 60 * MINUTE },
      sending: isConfirmed ? null : sending,
    };
    between(world, () => serializeMemory(other, "other"));
    world.readings = [{ kind: "credits", credits: 0 }];
    world.now += 15 * MINUTE;
    expect((await checkCredits(CONFIG, ROUTINE, portsTo(world))).alert).toMatchObject({
      kind: "raised",
      messageId: "message-1",
    });
    expect(world.warnings).toEqual([]);
  });

  it("tells all the same if that one told nothing", async () => {
    const quiet = createWorld();
    await checkCredits(CONFIG, ROUTINE, portsTo(quiet));
    const world = low();
    between(world, () => quiet.documents.at(-1) ?? "");
    expect((await checkCredits(CONFIG, ROUTINE, portsTo(world))).alert).toMatchObject({
      kind: "raised",
      messageId: "message-1",
    });
  });

  it("leaves a message that is being sent at this moment to that one", async () => {
    const other = low();
    await checkCredits(CONFIG, ROUTINE, portsTo(other));
    const world = createWorld({ readings: [{ kind: "credits", credits: 0 }] });
    between(world, () => other.documents.at(0) ?? "");
    expect(await checkCredits(CONFIG, ROUTINE, portsTo(world))).toMatchObject({ alert: null });
    expect(world.warnings).toEqual([
      "raised is left to the next check, since another check ran beside this one",
    ]);
    expect(parseMemory(world.documents.at(-1)).memory.sending).toMatchObject({ kind: "raised", tries: 1 });
    world.now += 15 * MINUTE;
    expect((await checkCredits(CONFIG, ROUTINE, portsTo(world))).alert).toMatchObject({ kind: "raised" });
  });

  it("at every attempt throws, so that Lambda tries again", async () => {
    const world = low();
    let until = world.now;
    world.before = (step) => {
      if (step !== "save memory") return;
      const told = { ...FRESH_MEMORY.told, snoozedUntil: until++ };
      world.documents.push(serializeMemory({ ...FRESH_MEMORY, told }, "other"));
    };
    const error = await checkCredits(CONFIG, ROUTINE, portsTo(world)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OverlapError);
    expect(`${error}`).toMatch(/^OverlapError: other checks wrote the memory/);
    expect(world.steps.filter((step) => step === "save memory")).toHaveLength(5);
    expect(parseMemory(world.documents.at(-1)).memory.sending).toBeNull();
    expect(world.published).toEqual([]);
  });

  it("that can't be read any more goes on as if none were", async () => {
    const world = createWorld();
    await checkCredits(CONFIG, ROUTINE, portsTo(world));
    between(world, () => "");
    world.readings = [{ kind: "credits", credits: 200 }];
    world.now += 15 * MINUTE;
    const ports: Ports = { ...portsTo(world), readMemory: async () => undefined };
    expect((await checkCredits(CONFIG, ROUTINE, ports)).alert).toMatchObject({
      kind: "raised",
      messageId: "message-1",
    });
    expect(world.documents).toHaveLength(4);
  });
});

describe("after a message, if another check wrote meanwhile", () => {
  const START = createWorld().now;
  const readAt = (memory: Memory, credits: number, now: number, checkId = "other") =>
    decide(
      memory,
      { reading: { kind: "credits", credits }, audience: null, snoozeHours: null, checkId },
      CONFIG,
      now,
    );
  /** Critical is written ahead as version 1, and it is out a second later. */
  const decision = readAt(FRESH_MEMORY, 200, START, "own");
  const settled: Memory = { ...decision.memoryIfTold, sending: null };
  const settleAfter = async (other: Memory, publishedAt: number | null, memory = settled) => {
    const world = createWorld({
      documents: [serializeMemory(decision.memoryIfTold, "own"), serializeMemory(other, "other")],
    });
    await settle({ checkId: "own", decision, version: 1 }, memory, publishedAt, portsTo(world));
    return parseMemory(world.documents.at(-1)).memory;
  };
  const PUBLISHED_AT = START + 1000;

  it.each<{ title: string; other: Memory }>([
    { title: "nothing new", other: decision.memoryIfTold },
    { title: "what was told before", other: decision.memory },
  ])("and remembers $title, the message is remembered as told", async ({ other }) => {
    expect(await settleAfter(other, PUBLISHED_AT)).toEqual(settled);
  });

  it("and told something after it was out, what that one remembers stays", async () => {
    const other = readAt(settled, 0, PUBLISHED_AT + 1).memoryIfTold;
    expect(await settleAfter(other, PUBLISHED_AT)).toEqual(other);
  });

  it.each([{ later: 0 }, { later: -1 }])(
    "and told something $later ms after it was out, nobody knows what people believe",
    async ({ later }) => {
      const other = readAt(settled, 0, PUBLISHED_AT + later).memoryIfTold;
      expect(await settleAfter(other, PUBLISHED_AT)).toEqual({
        ...other,
        told: { ...other.told, ...UNKNOWN, by: "other+own" },
      });
    },
  );

  it("and told the same at the same time, that one's memory stays", async () => {
    const { memoryIfTold } = decision;
    const other = {
      ...memoryIfTold,
      told: { ...memoryIfTold.told, by: "other", at: START + 1 },
      sending: null,
    };
    expect(await settleAfter(other, PUBLISHED_AT)).toEqual(other);
  });

  it("and told something, that stays if the message certainly did not go out", async () => {
    const other = readAt(settled, 0, START + 1).memoryIfTold;
    expect(await settleAfter(other, null, decision.memory)).toEqual(other);
  });
});
