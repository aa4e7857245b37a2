import { describe, expect, it } from "vitest";
import { describeFinding, simulate } from "./simulate.ts";
import { live } from "./world.ts";

describe("the promises hold", () => {
  it.each([1, 1_001, 2_001, 3_001])("in worlds with faults, from seed %i on", async (seed) => {
    const { findings, checks, faulty } = await simulate({ seed, checks: 10_000 });
    expect(findings.map(describeFinding)).toEqual([]);
    expect(checks).toBe(10_000);
    expect(faulty / checks).toBeGreaterThan(0.2);
  });
});

describe("the simulator", () => {
  it("makes the same world of the same seed", async () => {
    const lives = [];
    for (let i = 0; i < 2; i++) {
      const counts = { faults: new Map(), alerts: new Map() };
      lives.push({ ...(await live(7, 500, counts)), counts });
    }
    expect(lives[0]).toEqual(lives[1]);
  });

  it("lives the beginning of a life as it lives the whole", async () => {
    const counts = () => ({ faults: new Map(), alerts: new Map() });
    const short = await live(8, 300, counts());
    const long = await live(8, 310, counts());
    expect(long.trace.join("\n")).toContain(short.trace.slice(-10).join("\n"));
  });

  it("brings every kind of fault and of alert into the fixed seeds", async () => {
    const { faults, alerts } = await simulate({ seed: 1, checks: 30_000 });
    expect([...faults.keys()].sort()).toMatchInlineSnapshot(`
      [
        "Kie: a single false zero",
        "Kie: outage",
        "Kie: outage, permanent",
        "Kie: outage, transient",
        "Kie: permanent failure",
        "Kie: slow",
        "Kie: transient failure",
        "SNS audience: denied",
        "SNS audience: outage",
        "SNS audience: throttled",
        "SNS audience: timeout",
        "SNS audience: unreachable",
        "SNS publish: answer lost",
        "SNS publish: denied",
        "SNS publish: outage",
        "SNS publish: throttled",
        "SNS publish: timeout",
        "SNS publish: unreachable",
        "SSM read: denied",
        "SSM read: outage",
        "SSM read: throttled",
        "SSM read: timeout",
        "SSM read: unreachable",
        "SSM write: answer lost",
        "SSM write: denied",
        "SSM write: outage",
        "SSM write: throttled",
        "SSM write: timeout",
        "SSM write: unreachable",
        "clock: stepped back",
        "crash",
        "key: missing or spoiled",
        "key: missing, spoiled or revoked",
        "key: rotated",
        "memory: lost or damaged",
        "schedule: doubled",
        "schedule: late",
        "schedule: missed",
        "schedule: overlapping",
      ]
    `);
    expect([...alerts.keys()].sort()).toMatchInlineSnapshot(`
      [
        "blind",
        "eased",
        "raised",
        "recovered",
        "reminder",
        "sighted",
        "still-blind",
        "test",
      ]
    `);
  });
});
