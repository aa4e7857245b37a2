/** Histories that once gave a wrong message, or none. */
import { expect, it } from "vitest";
import { checkCredits } from "../../lambda/check-credits.ts";
import { failed, type Reading } from "../../lambda/policy/reading.ts";
import type { Subscribers } from "../../lambda/report.ts";
import { createWorld, portsTo, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ROUTINE = { dryRun: false, test: false, need: null, snoozeHours: null } as const;
const REFUSED = failed("unauthorized", "code 401");
const TIMEOUT = failed("timeout", "no answer");
const BOTH: Subscribers = { emails: 1, phones: 1, others: 0, pending: 0 };

const credits = (amount: number): Reading => ({ kind: "credits", credits: Math.round(amount * 100) / 100 });
const newWorld = (audience = BOTH) => createWorld({ audience });

interface Told {
  readonly kind: string;
  readonly bySms: boolean;
  /** Minutes since the history began. */
  readonly at: number;
}

/** Checks at each of these minutes, and tries again a minute and three after a check that throws, as Lambda does. */
async function live(
  world: World,
  minutes: readonly number[],
  readingAt: (minute: number) => Reading,
): Promise<Told[]> {
  const begun = world.now;
  const told: Told[] = [];
  const seen = () => (world.now - begun) / MINUTE;
  for (const minute of minutes) {
    for (const pause of [0, 1, 3]) {
      world.now = begun + (minute + pause) * MINUTE;
      world.readings = [readingAt(minute)];
      const before = world.published.length;
      const isDone = await checkCredits(CONFIG, ROUTINE, portsTo(world)).then(
        () => true,
        () => false,
      );
      for (const { attributes } of world.published.slice(before)) {
        told.push({ kind: attributes["kind"] ?? "", bySms: attributes["sms"] === "yes", at: seen() });
      }
      if (isDone) break;
    }
  }
  return told;
}

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, n) => from + n * step);

const kinds = (told: readonly Told[]) => told.map(({ kind }) => kind);

it.each([15, 30, 60])(
  "a drain to the end, checked every %i minutes, is a surge within two checks",
  async (step) => {
    const start = 48 * 60;
    const told = await live(newWorld(), every(step, 0, start + 6 * 60), (minute) =>
      credits(20_000 - (50 / 60) * Math.min(minute, start) - (4_000 / 60) * Math.max(0, minute - start)),
    );
    const urgent = told.find(({ kind }) => kind === "surge" || kind === "raised");
    expect(urgent?.at).toBeLessThanOrEqual(start + Math.max(30, 2 * step));
  },
);

it("the same pace for ever is no surge, however rarely it is checked", async () => {
  for (const step of [15, 30, 60]) {
    const told = await live(newWorld(), every(step, 0, 96 * 60), (minute) =>
      credits(10_500 - (100 / 60) * minute),
    );
    expect(kinds(told)).not.toContain("surge");
  }
});

it("critical, every answer of SNS lost, and the key refused half of each hour: no flood", async () => {
  const world = newWorld();
  world.after = (step) => {
    if (step === "publish") throw new Error("reset");
  };
  const told = await live(world, every(15, 0, 24 * 60), (minute) =>
    minute % 60 < 30 ? REFUSED : credits(200),
  );
  expect(told.filter(({ bySms }) => bySms).length).toBeLessThanOrEqual(18);
});

it("a critical that was not heard comes before a lost subscriber, also if the next check fails", async () => {
  const world = newWorld({ ...BOTH, emails: 2 });
  let lost = 0;
  world.before = (step) => {
    if (step === "publish" && lost++ < 2) throw new Error("timeout");
    if (step === "count subscribers" && world.documents.length > 1) world.audience = BOTH;
  };
  const told = await live(world, every(15, 0, 120), (minute) => {
    if (minute === 30) return TIMEOUT;
    return minute < 15 ? credits(5000) : credits(200);
  });
  expect(kinds(told).slice(0, 2)).toEqual(["raised", "audience"]);
  expect(told[0]?.at).toBeLessThanOrEqual(45);
});

it("a surge by SMS, a warning, and then ok: the phone hears that it is over", async () => {
  const day = 26 * 60;
  const told = await live(newWorld(), every(15, 0, day + 8 * 60), (minute) => {
    if (minute <= day) return credits(5_000 - minute / 6);
    if (minute <= day + 45) return credits(4_700 - (minute - day) * 20);
    return minute <= day + 120 ? credits(950) : credits(20_000);
  });
  expect(kinds(told)).toContain("surge");
  expect(told.at(-1)).toMatchObject({ kind: "recovered", bySms: true });
});

it("a surge that ends, at ok, is taken back by SMS a day later", async () => {
  const day = 26 * 60;
  const told = await live(newWorld(), every(15, 0, day + 30 * 60), (minute) =>
    credits(minute <= day ? 5_000 - minute / 6 : Math.max(3_800, 4_740 - (minute - day) * 20)),
  );
  expect(kinds(told)).toEqual(["surge", "all-clear"]);
  expect(told[1]).toMatchObject({ bySms: true });
});

it.each([2, 30 * 24])(
  "a clock %i hours ahead at a crash delays the alert to the next invocation",
  async (hours) => {
    const world = newWorld();
    await live(world, [0], () => credits(5000));
    world.now += hours * HOUR;
    world.before = (step) => {
      if (step === "publish") throw new Error("crash");
    };
    world.readings = [credits(200)];
    await expect(checkCredits(CONFIG, ROUTINE, portsTo(world))).rejects.toThrow("crash");
    world.before = () => {};
    world.now -= hours * HOUR - MINUTE;
    expect(kinds(await live(world, [0], () => credits(200)))).toEqual(["raised"]);
  },
);

it("days at 0.02, then a top-up: that it was empty is no sign of little use", async () => {
  const world = newWorld();
  const day = 24 * 60;
  await live(world, every(15, 0, 7 * day), (minute) =>
    credits(minute < 2 * day ? Math.max(0.02, 4_800 - (100 / 60) * minute) : 0.02),
  );
  world.readings = [credits(2_500)];
  world.now += 15 * MINUTE;
  const { runway } = await checkCredits(CONFIG, ROUTINE, portsTo(world));
  expect(runway?.hoursLeft).toBeCloseTo(25, 0);
});

it("a recovery whose message is lost twice is told 15 minutes later, not after a week", async () => {
  const world = newWorld();
  await live(world, [0, 15], (minute) => credits(minute === 0 ? 5000 : 200));
  let lost = 0;
  world.before = (step) => {
    if (step === "publish" && lost++ < 1) throw new Error("timeout");
  };
  const told = await live(world, every(15, 15, 60), () => credits(5000));
  expect(told).toMatchObject([{ kind: "recovered", at: 30 }]);
});

it("0.40 and 0.60 by turns is empty all the time", async () => {
  const told = await live(newWorld(), every(15, 0, 10 * 24 * 60), (minute) =>
    credits(minute % 30 === 0 ? 0.4 : 0.6),
  );
  expect(new Set(kinds(told))).toEqual(new Set(["raised", "reminder"]));
  expect(told.length).toBeLessThanOrEqual(8);
});

it("an account that is left at empty costs nine SMS in its first month", async () => {
  const told = await live(newWorld(), every(60, 0, 30 * 24 * 60), () => credits(0));
  expect(told.map(({ at }) => Math.round(at / 60))).toEqual([0, 6, 18, 42, 90, 186, 354, 522, 690]);
});

it("a list that says 1 and 2 by turns tells nobody of a lost subscriber", async () => {
  const world = newWorld({ ...BOTH, emails: 2 });
  world.before = (step, times) => {
    if (step === "count subscribers") world.audience = { ...BOTH, emails: 1 + (times % 2) };
  };
  expect(await live(world, every(15, 0, 24 * 60), () => credits(5000))).toEqual([]);
});

it("150 credits charged and refunded by turns for ten days are no use", async () => {
  const told = await live(newWorld(), every(15, 0, 10 * 24 * 60), (minute) =>
    credits(minute % 30 === 0 ? 3_000 : 2_850),
  );
  expect(kinds(told)).toEqual(["all-clear"]);
});
