import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { describeFinding, type Summary, simulate } from "./simulate.ts";
import { live } from "./world.ts";

const SEEDS = [
  3, 7, 8, 21, 77, 104, 162, 233, 377, 512, 610, 729, 1_001, 1_984, 2_026, 3_141, 4_096, 5_040, 6_174, 7_919,
  8_128, 9_973,
];

/** Three more on every run of the pipeline; the title of a test tells its seed. */
const DRAWN = process.env["CI"] ? [1, 2, 3].map(() => randomInt(10_000, 2 ** 31)) : [];

const worlds = new Map<number, Promise<Summary>>();

/** Each world lives once, however many tests look at it. */
function worldOf(seed: number): Promise<Summary> {
  const world = worlds.get(seed) ?? simulate({ seed, checks: 1_000 });
  worlds.set(seed, world);
  return world;
}

const newCounts = () => ({ faults: new Map(), alerts: new Map() });

describe("the promises hold", () => {
  it.each([...SEEDS, ...DRAWN])("in the world of seed %i", async (seed) => {
    const { findings, checks } = await worldOf(seed);
    expect(findings.map(describeFinding)).toEqual([]);
    expect(checks).toBe(1_000);
  });
});

describe("the simulator", () => {
  it("makes the same world of the same seed", async () => {
    const lives = [];
    for (let i = 0; i < 2; i++) {
      const counts = newCounts();
      lives.push({ ...(await live(7, 500, counts)), counts });
    }
    expect(lives[0]).toEqual(lives[1]);
  });

  it("lives the beginning of a life as it lives the whole", async () => {
    const short = await live(8, 300, newCounts());
    const long = await live(8, 310, newCounts());
    expect(long.trace.join("\n")).toContain(short.trace.slice(-10).join("\n"));
  });

  it("hits 40 % of all checks, by every kind of fault, and makes every kind of alert", async () => {
    const summaries = await Promise.all(SEEDS.map(worldOf));
    const sum = (count: (summary: Summary) => number) => summaries.reduce((all, one) => all + count(one), 0);
    const kinds = (counts: (summary: Summary) => Map<string, number>) =>
      [...new Set(summaries.flatMap((summary) => [...counts(summary).keys()]))].sort();
    expect(sum(({ faulty }) => faulty) / sum(({ checks }) => checks)).toBeGreaterThan(0.4);
    expect(kinds(({ faults }) => faults)).toMatchInlineSnapshot(`
      [
        "Kie: a single false zero",
        "Kie: a single refusal",
        "Kie: outage",
        "Kie: outage, permanent",
        "Kie: outage, strangers",
        "Kie: outage, transient",
        "Kie: slow",
        "Kie: transient failure",
        "SNS list: denied",
        "SNS list: outage",
        "SNS list: throttled",
        "SNS list: timeout",
        "SNS list: unreachable",
        "SNS publish: answer lost",
        "SNS publish: denied",
        "SNS publish: throttled",
        "SNS publish: timeout",
        "SNS publish: unreachable",
        "SSM read: denied",
        "SSM read: not visible yet",
        "SSM read: outage",
        "SSM read: throttled",
        "SSM read: timeout",
        "SSM read: unreachable",
        "SSM write: answer lost",
        "SSM write: denied",
        "SSM write: outage",
        "SSM write: throttled",
        "SSM write: timeout",
        "SSM write: too many updates",
        "SSM write: unreachable",
        "by hand: beside the schedule",
        "clock: stepped back",
        "crash",
        "key: missing or spoiled",
        "key: rotated",
        "memory: damaged",
        "memory: lost",
        "people: left",
        "schedule: doubled",
        "schedule: late",
        "schedule: missed",
        "schedule: overlapping",
        "strangers: an answer",
      ]
    `);
    expect(kinds(({ alerts }) => alerts)).toMatchInlineSnapshot(`
      [
        "all-clear",
        "audience",
        "eased",
        "no-reading",
        "raised",
        "reading-again",
        "recovered",
        "reminder",
        "still-no-reading",
        "surge",
        "test",
      ]
    `);
  });
});
