import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCredits } from "../../lambda/check-credits.ts";
import { IN_FLIGHT_MS, OverlapError } from "../../lambda/outbox.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import { FRESH_MEMORY, type Memory, parseMemory, serializeMemory } from "../../lambda/policy/memory.ts";
import { NotPublishedError, type Ports } from "../../lambda/ports.ts";
import { createWorld, portsTo, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const ROUTINE = { dryRun: false, test: false, need: null, snoozeHours: null } as const;
const MINUTE = 60_000;

/** Balances of the present, by what the account is at. */
const BALANCE = { ok: 5000, warning: 900, critical: 200, empty: 0 } as const satisfies Record<Level, number>;
const LEVELS = Object.keys(BALANCE) as Level[];
const RANK: Readonly<Record<Level, number>> = { ok: 0, warning: 1, critical: 2, empty: 3 };

const credits = (level: Level) => ({ kind: "credits", credits: BALANCE[level] }) as const;

/** A world in which this level is told, 15 minutes later. */
async function worldAt(told: Level): Promise<World> {
  const world = createWorld({ readings: [credits(told)] });
  await checkCredits(CONFIG, ROUTINE, portsTo(world));
  world.published.length = 0;
  world.now += 15 * MINUTE;
  return world;
}

/** Ports of which each call that others can see takes as long as `pause` lets it, before and after it does its work. */
function slowly(ports: Ports, pause: () => Promise<void>): Ports {
  const slow =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      await pause();
      const result = await call(...args);
      await pause();
      return result;
    };
  return {
    ...ports,
    readParameters: slow(ports.readParameters),
    readMemory: slow(ports.readMemory),
    readCredits: slow(ports.readCredits),
    saveMemory: slow(ports.saveMemory),
    publish: slow(ports.publish),
  };
}

/** Runs checks at once; `next` picks whose step is made, of the checks that wait. What throws is tried again later. */
async function interleave(
  world: World,
  count: number,
  next: (waiting: readonly number[]) => number,
): Promise<void> {
  const gates = Array.from({ length: count }, () => {
    const gate: { letGo: () => void; isDone: boolean } = { letGo: () => {}, isDone: false };
    const pause = () => new Promise<void>((resolve) => Object.assign(gate, { letGo: resolve }));
    const end = () => Object.assign(gate, { isDone: true });
    checkCredits(CONFIG, ROUTINE, slowly(portsTo(world), pause)).then(end, end);
    return gate;
  });
  for (;;) {
    await new Promise(setImmediate);
    const waiting = gates.flatMap(({ isDone }, index) => (isDone ? [] : [index]));
    if (waiting.length === 0) return;
    world.now++;
    gates[next(waiting)]?.letGo();
  }
}

/** Lambda's first retry, and the checks after it. */
async function calmDown(world: World): Promise<void> {
  for (const minutes of [1, 14, 15]) {
    world.now += minutes * MINUTE;
    await checkCredits(CONFIG, ROUTINE, portsTo(world));
  }
}

/** What people believe: the level of the last message, else what they believed before. */
function beliefOf(world: World, before: Level): Level {
  const levels = world.published.map(({ texts }) => JSON.parse(texts.document).level as Level);
  return levels.at(-1) ?? before;
}

/** Random numbers from a seed: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Checks at once in random orders, each of which reads a balance of its own. */
async function races(orders: number, count: number) {
  const random = createRandom(count);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const found = { toldTwice: 0, better: 0, worse: 0 };
  for (let order = 0; order < orders; order++) {
    const told = pick(LEVELS);
    const world = await worldAt(told);
    const readings = Array.from({ length: count }, () => pick(LEVELS));
    world.readings = readings.map(credits);
    await interleave(world, count, pick);
    const atOnce = world.published.map(({ attributes }) => `${attributes["kind"]} ${attributes["level"]}`);
    if (new Set(atOnce).size < atOnce.length) found.toldTwice++;
    await calmDown(world);
    const truth = RANK[readings.at(-1) ?? "ok"];
    const belief = RANK[beliefOf(world, told)];
    if (belief < truth) found.better++;
    if (belief > truth) found.worse++;
  }
  return found;
}

describe("checks at once", () => {
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
    const order = fc.array(fc.constantFrom(0, 1), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(order, async (choices) => {
        const world = await worldAt(row.told);
        world.readings = [credits(row.first), credits(row.second)];
        const left = [...choices];
        await interleave(world, 2, (waiting) =>
          waiting.length === 2 ? (left.shift() ?? 0) : (waiting[0] ?? 0),
        );
        await calmDown(world);
        expect(beliefOf(world, row.told)).toBe(row.second);
        expect(world.published.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 200 },
    );
  });

  it("two, in thousands of random orders: no false belief, and nothing is told twice", async () => {
    expect(await races(4_000, 2)).toEqual({ toldTwice: 0, better: 0, worse: 0 });
  });

  it("three, in thousands of random orders: hardly ever a false belief", async () => {
    const { better, worse } = await races(4_000, 3);
    expect(better + worse).toBeLessThanOrEqual(2);
  });

  it.each([{ upToMs: 60 }, { upToMs: 1_000 }, { upToMs: 5_000 }])(
    "one event delivered twice, up to $upToMs ms apart, is told once",
    async ({ upToMs }) => {
      const random = createRandom(upToMs);
      const between = (least: number, most: number) => Math.round(least + random() * (most - least));
      for (let run = 0; run < 500; run++) {
        const world = await worldAt("ok");
        world.readings = [credits("critical")];
        const timeline = createTimeline(world);
        const latency = () => timeline.wait(random() < 0.1 ? between(300, 4_000) : between(3, 60));
        const copy = async (attempt: number): Promise<void> => {
          try {
            await checkCredits(CONFIG, ROUTINE, slowly(portsTo(world), latency));
          } catch (error) {
            expect(error).toBeInstanceOf(OverlapError);
            await timeline.wait(attempt * MINUTE);
            await copy(attempt + 1);
          }
        };
        const copies = [copy(1), timeline.wait(between(0, upToMs)).then(() => copy(1))];
        await timeline.run(Promise.all(copies));
        expect(world.published, `run ${run}`).toHaveLength(1);
      }
    },
  );
});

/** Simulated time: whoever waits goes on in turn. */
function createTimeline(world: World) {
  const events: { at: number; goOn: () => void }[] = [];
  return {
    wait: (ms: number) =>
      new Promise<void>((goOn) => {
        events.push({ at: world.now + ms, goOn });
      }),
    async run(done: Promise<unknown>): Promise<void> {
      let isDone = false;
      const end = () => {
        isDone = true;
      };
      done.then(end, end);
      for (;;) {
        await new Promise(setImmediate);
        if (isDone) break;
        events.sort((one, other) => one.at - other.at);
        const event = events.shift();
        if (event === undefined) throw new Error("nobody waits, and nobody is done");
        world.now = event.at;
        event.goOn();
      }
      await done;
    },
  };
}

describe("a check that finds that another one wrote", () => {
  /** Another check writes this at the last moment before ours does. */
  const between = (world: World, document: string) => {
    world.before = (step, times) => {
      if (step === "save memory" && times === 0) world.documents.push(document);
    };
  };
  const telling = async (level: Level): Promise<readonly string[]> => {
    const other = createWorld({ readings: [credits(level)] });
    await checkCredits(CONFIG, ROUTINE, portsTo(other));
    return other.documents;
  };
  const low = () => createWorld({ readings: [credits("critical")] });

  it("tells nothing, and puts back what that one told", async () => {
    const [, told = ""] = await telling("critical");
    const world = low();
    between(world, told);
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(world))).rejects.toThrow(OverlapError);
    expect(world.published).toEqual([]);
    expect(world.documents.at(-1)).toBe(told);
  });

  it("leaves the last word to one that is still sending", async () => {
    const [ahead = ""] = await telling("critical");
    const world = low();
    world.now += IN_FLIGHT_MS - 1;
    between(world, ahead);
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(world))).rejects.toThrow(OverlapError);
    expect(world.documents).toHaveLength(2);
  });

  it("puts back what one was sending that must have ended", async () => {
    const [ahead = ""] = await telling("critical");
    const world = low();
    world.now += IN_FLIGHT_MS;
    between(world, ahead);
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(world))).rejects.toThrow(OverlapError);
    expect(world.documents.at(-1)).toBe(ahead);
  });

  it("gives way to a snooze, and to one of its own in the same way", async () => {
    const snoozed = (hours: number) =>
      serializeMemory({
        ...FRESH_MEMORY,
        told: { ...FRESH_MEMORY.told, snoozedUntil: low().now + hours * 60 * MINUTE },
      });
    for (const snoozeHours of [null, 24]) {
      const world = low();
      between(world, snoozed(5));
      const check = checkCredits(CONFIG, { ...ROUTINE, snoozeHours }, portsTo(world));
      await expect(check).rejects.toThrow("another check told something at the same time");
      expect(world.documents.at(-1)).toBe(snoozed(5));
    }
  });

  it("tells all the same if that one's message certainly did not go out", async () => {
    const [world, other] = [await worldAt("ok"), await worldAt("ok")];
    for (const each of [world, other]) each.readings = [credits("critical")];
    other.before = (step) => {
      if (step === "publish") throw new NotPublishedError("refused");
    };
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(other))).rejects.toThrow("refused");
    world.now++;
    world.before = (step, times) => {
      if (step === "save memory" && times === 1) world.documents.push(...other.documents.slice(1));
    };
    expect((await checkCredits(CONFIG, ROUTINE, portsTo(world))).alert).toMatchObject({ kind: "raised" });
    expect(world.published).toHaveLength(1);
  });

  it.each<{ title: string; document: (mine: Memory) => string }>([
    { title: "told nothing new", document: (mine) => serializeMemory(mine) },
    { title: "can't be read any more", document: () => "" },
  ])("tells all the same if that one $title", async ({ document }) => {
    const world = await worldAt("ok");
    world.readings = [credits("critical")];
    const { memory } = parseMemory(world.documents.at(-1));
    world.before = (step, times) => {
      if (step === "save memory" && times === 1) world.documents.push(document(memory));
    };
    const ports = portsTo(world);
    const readMemory: Ports["readMemory"] = async (version) => (await ports.readMemory(version)) || undefined;
    const report = await checkCredits(CONFIG, ROUTINE, { ...ports, readMemory });
    expect(report.alert).toMatchObject({ kind: "raised", messageId: "message-1" });
  });
});

describe("a check that reads that a message is leaving at this moment", () => {
  const left = async () => {
    const world = await worldAt("ok");
    world.readings = [credits("critical")];
    world.before = (step) => {
      if (step === "publish") throw new Error("crash");
    };
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(world))).rejects.toThrow("crash");
    world.before = () => {};
    world.steps.length = 0;
    return world;
  };

  it.each([
    { title: "at once", ms: 0, isRefused: true },
    { title: "after nearly a minute", ms: IN_FLIGHT_MS - 1, isRefused: true },
    { title: "by a clock that is nearly a minute behind", ms: 1 - IN_FLIGHT_MS, isRefused: true },
    { title: "after a minute, as Lambda's first retry does", ms: IN_FLIGHT_MS, isRefused: false },
    { title: "by a clock that is a minute behind", ms: -IN_FLIGHT_MS, isRefused: false },
    { title: "by a clock that is 30 days behind", ms: -30 * 24 * 60 * MINUTE, isRefused: false },
  ])("$title: refused $isRefused", async ({ ms, isRefused }) => {
    const world = await left();
    world.now += ms;
    const check = checkCredits(CONFIG, ROUTINE, portsTo(world));
    if (isRefused) {
      await expect(check).rejects.toThrow("another check is sending a message at this moment");
      expect(world.steps).toEqual(["read parameters"]);
    } else expect((await check).alert).toMatchObject({ kind: "raised", messageId: "message-1" });
  });

  it("is refused if it snoozes, but not if it remembers nothing", async () => {
    const world = await left();
    await expect(checkCredits(CONFIG, { ...ROUTINE, snoozeHours: 1 }, portsTo(world))).rejects.toThrow(
      OverlapError,
    );
    for (const rehearsal of [{ dryRun: true }, { test: true }]) {
      await checkCredits(CONFIG, { ...ROUTINE, ...rehearsal }, portsTo(world));
    }
    expect(world.steps).not.toContain("save memory");
  });
});
