import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chartOf,
  findSurge,
  forecast,
  NO_USE,
  observe,
  type Use,
  useSchema,
} from "../../../lambda/policy/forecast.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The beginning of a clock hour, of an even one too. */
const START = Date.parse("2026-11-23T04:00:00Z");

interface Reading {
  readonly at: number;
  readonly credits: number;
}

/** Readings as [hours after the start, credits]. */
const observeAll = (...pairs: readonly (readonly [hours: number, credits: number])[]): Use =>
  pairs.reduce((use, [hours, credits]) => observe(use, { at: START + hours * HOUR, credits }), NO_USE);

const sum = (values: readonly (number | null)[]) => values.reduce<number>((a, b) => a + (b ?? 0), 0);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** Readings each so many minutes, from hours on, of a use per hour. */
function steady(use: Use, from: Reading, everyMinutes: number, hours: number, creditsPerHour: number): Use {
  let after = use;
  for (let minutes = everyMinutes; minutes <= hours * 60; minutes += everyMinutes) {
    const credits = from.credits - (creditsPerHour * minutes) / 60;
    after = observe(after, { at: from.at + minutes * MINUTE, credits });
  }
  return after;
}

/** Gaps between readings and credits, as they may come in: clocks go back and ahead, and numbers are as odd as numbers get. */
const anyReadings = fc.array(
  fc.record({
    gapMs: fc.oneof(
      fc.constantFrom(0, 1, 15 * MINUTE, HOUR, 24 * HOUR, 168 * HOUR, 9e11, -1, -HOUR, -72 * HOUR, -9e11),
      fc.integer({ min: -2 * HOUR, max: 48 * HOUR }),
      fc.double({ min: 0, max: 3 * HOUR, noNaN: true }),
    ),
    credits: fc.oneof(
      fc.constantFrom(0, -1, 1e15, 123_456.789, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -0),
      fc.integer({ min: -10, max: 20_000 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  }),
  { minLength: 1, maxLength: 300, size: "max" },
);

function at(readings: readonly { gapMs: number; credits: number }[]): Reading[] {
  let now = START;
  return readings.map(({ gapMs, credits }) => {
    now = Math.max(0, now + gapMs);
    return { at: now, credits };
  });
}

describe("what was used", () => {
  it.each([
    { title: "nothing is known of one reading", readings: [[0, 100]], hours: [], hour: [0, 0] },
    {
      title: "a fall counts in the hour under way",
      readings: [
        [0, 100],
        [0.25, 90],
      ],
      hours: [],
      hour: [10, 0.25],
    },
    {
      title: "an hour that ends with a reading is closed by it",
      readings: [
        [0, 100],
        [1, 90],
      ],
      hours: [10],
      hour: [0, 0],
    },
    {
      title: "a fall is spread evenly over the hours that it took",
      readings: [
        [0.75, 100],
        [2.25, 40],
      ],
      hours: [40, null],
      hour: [10, 0.25],
    },
    {
      title: "an hour that is known by half counts as if the rest had been like it",
      readings: [
        [0.5, 100],
        [1, 90],
      ],
      hours: [20],
      hour: [0, 0],
    },
    {
      title: "an hour of which less than half is known is unknown",
      readings: [
        [0.5 + 1 / HOUR, 100],
        [1, 90],
      ],
      hours: [null],
      hour: [0, 0],
    },
    {
      title: "a top-up hides what was used",
      readings: [
        [0, 100],
        [1, 101],
      ],
      hours: [null],
      hour: [0, 0],
    },
    {
      title: "the same balance is no use",
      readings: [
        [0, 100],
        [1, 100],
      ],
      hours: [0],
      hour: [0, 0],
    },
    {
      title: "time that began at 0 is unknown",
      readings: [
        [0, 0],
        [1, 0],
      ],
      hours: [null],
      hour: [0, 0],
    },
    {
      title: "time that began below 0 is unknown",
      readings: [
        [0, -1],
        [1, -5],
      ],
      hours: [null],
      hour: [0, 0],
    },
    {
      title: "a fall to 0 and below is use",
      readings: [
        [0, 5],
        [1, -5],
      ],
      hours: [10],
      hour: [0, 0],
    },
    {
      title: "falls before and after a top-up count, and the time of the top-up does not",
      readings: [
        [0, 50],
        [0.25, 40],
        [0.5, 1040],
        [1, 1020],
      ],
      hours: [40],
      hour: [0, 0],
    },
    {
      title: "an hour has three figures",
      readings: [
        [0, 9999],
        [1, 8764.4],
      ],
      hours: [1230],
      hour: [0, 0],
    },
    {
      title: "little use is no nothing",
      readings: [
        [0, 1],
        [1, 0.98766],
      ],
      hours: [0.0123],
      hour: [0, 0],
    },
    {
      title: "a gap of a week is spread",
      readings: [
        [0, 1680],
        [168, 0],
      ],
      hours: times(168, 10),
      hour: [0, 0],
    },
    {
      title: "after a gap of over a week it begins afresh",
      readings: [
        [0, 9999],
        [1, 9000],
        [169 + 1 / HOUR, 5],
      ],
      hours: [],
      hour: [0, 0],
    },
    {
      title: "a reading of the same moment only replaces the last one",
      readings: [
        [0, 100],
        [0.5, 90],
        [0.5, 50],
        [0.75, 40],
      ],
      hours: [],
      hour: [20, 0.75],
    },
    {
      title: "a reading before the last one only replaces it, and what is known stays",
      readings: [
        [0, 100],
        [2.5, 75],
        [1.25, 50],
        [1.5, 45],
      ],
      hours: [10, 10],
      hour: [10, 0.75],
    },
  ] as const)("$title", ({ readings, hours, hour: [used, knownHours] }) => {
    const use = observeAll(...readings);
    expect(use.hours).toEqual(hours);
    expect(use.hour.used).toBeCloseTo(used, 9);
    expect(use.hour.known).toBe(knownHours * HOUR);
  });

  it("the last reading is kept as it is, at a whole millisecond", () => {
    expect(observe(NO_USE, { at: START + 0.9, credits: 2485.98 }).last).toEqual({
      at: START,
      credits: 2485.98,
    });
    expect(observeAll([1, 5], [0, 7]).last).toEqual({ at: START, credits: 7 });
  });

  it("the hours of a week are kept", () => {
    const use = steady(observeAll([0, 9e6]), { at: START, credits: 9e6 }, 60, 200, 10);
    expect(use.hours).toEqual(times(168, 10));
  });

  it("no fall is counted twice or lost, whatever the times of the readings", () => {
    const readings = fc.array(
      fc.record({
        gapMs: fc.oneof(fc.integer({ min: 1, max: 3 * HOUR }), fc.integer({ min: 1, max: 24 * HOUR })),
        fall: fc.oneof(
          fc.constant(0),
          fc.integer({ min: 1, max: 9999 }),
          fc.double({ min: 0.01, max: 99, noNaN: true }),
        ),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(readings, (gaps) => {
        let now = START;
        let credits = 1e6;
        let use = observe(NO_USE, { at: now, credits });
        for (const { gapMs, fall } of gaps) {
          if (now + gapMs - START > 168 * HOUR) break;
          now += gapMs;
          credits -= fall;
          use = observe(use, { at: now, credits });
        }
        const used = 1e6 - credits;
        // Three figures are right by half a percent.
        expect(Math.abs(sum(use.hours) + use.hour.used - used)).toBeLessThanOrEqual(used * 0.005 + 1e-6);
        expect(use.hours.every((hour) => hour !== null)).toBe(true);
        expect(use.hours.length * HOUR + use.hour.known).toBe(now - START);
      }),
    );
  });

  it("each hour has its share of the falls that reach into it, among top-ups and empty time", () => {
    const readings = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 1, max: 4 * HOUR }),
        credits: fc.integer({ min: -5, max: 5_000 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(readings, fc.integer({ min: 0, max: HOUR - 1 }), (gaps, startMs) => {
        const all = at(gaps).map((reading) => ({ ...reading, at: reading.at + startMs }));
        const rises = all.map(({ credits }, index) => credits - (all[index - 1]?.credits ?? credits));
        const fallen = (from: number, to: number) =>
          rises.slice(from, to).reduce((sum, rise) => sum + Math.max(0, -rise), 0);
        // What is charged and given back is another matter: a rise by what some steps before it used.
        fc.pre(
          !rises.some(
            (rise, index) =>
              rise > 0 &&
              rises.some((_, from) =>
                rises.some((__, to) => {
                  const before = (all[index - 1]?.credits ?? 0) + fallen(from, Math.min(to, index));
                  return Math.abs((all[index]?.credits ?? 0) - before) <= 0.02 * Math.abs(before);
                }),
              ),
          ),
        );
        const use = all.reduce(observe, NO_USE);
        const last = all.at(-1) ?? { at: START };
        use.hours.forEach((hour, index) => {
          const begin = (Math.floor(last.at / HOUR) - index - 1) * HOUR;
          let used = 0;
          let known = 0;
          for (const [later, { at: to, credits: after }] of all.slice(1).entries()) {
            const { at: from, credits: before } = all[later] ?? { at: 0, credits: 0 };
            const part = Math.max(0, Math.min(to, begin + HOUR) - Math.max(from, begin));
            if (before < 0.5 || after > before) continue;
            known += part;
            used += ((before - after) * part) / (to - from);
          }
          if (known < HOUR / 2) expect(hour).toBeNull();
          else
            expect(Math.abs((hour ?? -1) - (used * HOUR) / known)).toBeLessThanOrEqual(
              0.005 * (hour ?? 0) + 1e-6,
            );
        });
      }),
    );
  });
});

describe("what is charged and given back", () => {
  /** Readings every 15 minutes, of which each is so much more or less than the last. */
  const walk = (steps: readonly number[], from = 2000) => {
    let credits = from;
    const readings: [number, number][] = [[0, credits]];
    for (const [index, step] of steps.entries()) {
      credits += step;
      readings.push([(index + 1) / 4, credits]);
    }
    return observeAll(...readings);
  };
  const repeated = (count: number, ...steps: number[]) => Array.from({ length: count }, () => steps).flat();
  const usedIn = ({ hours, hour }: Use) => hours.reduce((sum: number, used) => sum + (used ?? 0), hour.used);

  it.each([
    { title: "at once", steps: [-150, 150] },
    { title: "by turns", steps: repeated(20, -150, 150) },
    { title: "to within a hundredth of the balance", steps: [-150, 135] },
    { title: "half an hour later", steps: [-150, 0, 150] },
  ])("$title is no use", ({ steps }) => {
    expect(usedIn(walk(steps))).toBeCloseTo(0, 6);
    expect(findSurge(walk(steps))).toBeNull();
  });

  it.each([
    { title: "given back in part", steps: [-150, 100], used: 150 },
    { title: "topped up by more", steps: [-150, 400], used: 150 },
    { title: "given back an hour later", steps: [-150, ...repeated(3, 0), 150], used: 150 },
    {
      title: "used in several steps, and topped up by as much",
      steps: repeated(5, -50, -50, -50, 150),
      used: 750,
    },
  ])("but it is if it was $title", ({ steps, used }) => {
    expect(usedIn(walk(steps))).toBeGreaterThanOrEqual(used * 0.99);
  });
});

describe("the runway", () => {
  const last = { at: START, credits: 1200 };

  it.each([
    { title: "unknown without a reading", use: { ...NO_USE, hours: times(9, 1) }, expected: null },
    { title: "unknown below 6 known hours", use: { ...NO_USE, last, hours: times(5, 1) }, expected: null },
    {
      title: "unknown below 6 known hours, if by a millisecond",
      use: { ...NO_USE, last, hours: [1, null, 1, 1, 1, 1], hour: { used: 1, known: HOUR - 1 } },
      expected: null,
    },
    {
      title: "a first estimate with 6 known hours",
      use: { ...NO_USE, last, hours: [0, null, 5, 5, 5, 5], hour: { used: 40, known: HOUR } },
      expected: { creditsPerHour: 10, hoursLeft: 120, basis: "last-24-hours", isFirstEstimate: true },
    },
    {
      title: "a first estimate below 24 known hours",
      use: { ...NO_USE, last, hours: times(23, 10), hour: { used: 10, known: HOUR - 1 } },
      expected: { creditsPerHour: expect.closeTo(10, 5), basis: "last-24-hours", isFirstEstimate: true },
    },
    {
      title: "no first estimate with 24 known hours",
      use: { ...NO_USE, last, hours: times(23, 10), hour: { used: 10, known: HOUR } },
      expected: { creditsPerHour: 10, isFirstEstimate: false },
    },
    {
      title: "at the pace of the last 24 h if that is the larger",
      use: { ...NO_USE, last, hours: [...times(24, 20), ...times(24, 10)] },
      expected: { creditsPerHour: 20, hoursLeft: 60, basis: "last-24-hours", isFirstEstimate: false },
    },
    {
      title: "at the pace of the last 7 days if that is the larger",
      use: { ...NO_USE, last, hours: [...times(24, 10), ...times(24, 20)] },
      expected: { creditsPerHour: 15, hoursLeft: 80, basis: "last-7-days" },
    },
    {
      title: "at the pace of the last 7 days if less than 6 of the last 24 h are known",
      use: { ...NO_USE, last, hours: [...times(5, 1000), ...times(19, null), ...times(95, 0)] },
      expected: { creditsPerHour: 50, hoursLeft: 24, basis: "last-7-days" },
    },
    {
      title: "infinite if nothing is used",
      use: { ...NO_USE, last, hours: times(24, 0) },
      expected: { creditsPerHour: 0, hoursLeft: Number.POSITIVE_INFINITY, emptyAt: null },
    },
    {
      title: "a hundred years",
      use: { ...NO_USE, last: { at: START, credits: 876_000 }, hours: times(6, 1) },
      expected: { hoursLeft: 876_000, emptyAt: START + 876_000 * HOUR },
    },
    {
      title: "infinite beyond a hundred years",
      use: { ...NO_USE, last: { at: START, credits: 876_001 }, hours: times(6, 1) },
      expected: { creditsPerHour: 1, hoursLeft: Number.POSITIVE_INFINITY, emptyAt: null },
    },
    {
      title: "0 if nothing is left, even if nothing was used",
      use: { ...NO_USE, last: { at: START, credits: 0 }, hours: times(6, 0) },
      expected: { creditsPerHour: 0, hoursLeft: 0, emptyAt: START },
    },
    {
      title: "0 if less than nothing is left",
      use: { ...NO_USE, last: { at: START, credits: -5 }, hours: times(6, 1) },
      expected: { hoursLeft: 0, emptyAt: START },
    },
    {
      title: "to a whole millisecond",
      use: { ...NO_USE, last: { at: START, credits: 1 }, hours: times(6, 7) },
      expected: { emptyAt: START + Math.floor(HOUR / 7) },
    },
  ] as const)("$title", ({ use, expected }) => {
    const runway = forecast(structuredClone(use) as Use);
    if (expected === null) expect(runway).toBeNull();
    else expect(runway).toMatchObject(expected);
  });

  it("constant use is found within 5 % at every schedule of 1 to 1,440 minutes", () => {
    for (let everyMinutes = 1; everyMinutes <= 1440; everyMinutes++) {
      const creditsPerHour = 1 + ((everyMinutes * 7919) % 4000) / 7;
      const first = { at: START + ((everyMinutes * 104_729) % HOUR), credits: 1e7 };
      let use = observe(NO_USE, first);
      for (let minutes = everyMinutes; minutes <= 49 * 60; minutes += everyMinutes) {
        const credits = first.credits - (creditsPerHour * minutes) / 60;
        use = observe(use, { at: first.at + minutes * MINUTE, credits });
        const runway = forecast(use);
        if (runway === null) expect(minutes).toBeLessThan(7 * 60);
        else {
          const error = Math.abs(runway.creditsPerHour / creditsPerHour - 1);
          if (error > 0.05) expect({ everyMinutes, minutes, runway }).toBe("within 5 %");
        }
      }
    }
  });

  it("a top-up at each daily check leaves the pace of the week", () => {
    let use = steady(observeAll([0, 10_000]), { at: START, credits: 10_000 }, 1440, 72, 50);
    use = observe(use, { at: START + 96 * HOUR, credits: 50_000 });
    expect(forecast(use)).toMatchObject({ creditsPerHour: 50, basis: "last-7-days" });
  });

  it("empty for 30 h, topped up, 400 credits used in a quarter of an hour: a quarter makes no mean", () => {
    const used = steady(observeAll([0, 4800]), { at: START, credits: 4800 }, 15, 120, 40);
    const empty = steady(used, { at: START + 120 * HOUR, credits: 0 }, 15, 30, 0);
    const toppedUp = observe(empty, { at: START + 150.25 * HOUR, credits: 3000 });
    const after = observe(toppedUp, { at: START + 150.5 * HOUR, credits: 2600 });
    const runway = forecast(after);
    expect(runway?.basis).toBe("last-7-days");
    expect(runway?.creditsPerHour).toBeCloseTo((4800 + 400) / 120.25, 5);
    expect(runway?.hoursLeft).toBeGreaterThan(24);
    expect(forecast(observeAll([0, 0], [30, 0], [30.25, 3000], [30.5, 2600]))).toBeNull();
  });

  it("a first day with one batch of 6,000 of 20,000 credits, then idle, is a first estimate", () => {
    let use = observeAll([0, 20_000], [1, 14_000]);
    for (let hours = 1.25; hours < 24; hours += 0.25) {
      use = observe(use, { at: START + hours * HOUR, credits: 14_000 });
      if (hours >= 6) expect(forecast(use)).toMatchObject({ isFirstEstimate: true });
      else expect(forecast(use)).toBeNull();
    }
    use = observe(use, { at: START + 24 * HOUR, credits: 14_000 });
    expect(forecast(use)).toMatchObject({ creditsPerHour: 250, hoursLeft: 56, isFirstEstimate: false });
  });
});

describe("a surge", () => {
  const usual = times(24, 300);
  const steps = (first: number, second: number, minutes = 30, credits = 3600): Use => ({
    ...NO_USE,
    hours: usual,
    last: { at: START + minutes * MINUTE, credits },
    marks: [
      { at: START, used: first },
      { at: START + 15 * MINUTE, used: second },
      { at: START + minutes * MINUTE, used: 0 },
    ],
  });

  /** With the hours of the steps, which count for nothing. */
  const longer = (use: Use): Use => ({ ...use, hours: [...times(2, 9_000), ...usual] });

  it.each([
    {
      title: "more than in the busiest hour",
      use: steps(200, 200),
      found: { credits: 400, minutes: 30, hoursLeft: 4.5 },
    },
    { title: "as much as in the busiest hour", use: steps(150, 150), found: null },
    { title: "6 h left", use: steps(160, 160, 30, 3840), found: { hoursLeft: 6 } },
    { title: "more than 6 h left", use: steps(160, 160, 30, 3841), found: null },
    { title: "nothing left", use: steps(160, 160, 30, -5), found: { hoursLeft: 0 } },
    { title: "a quarter in the first step", use: steps(100, 300), found: { credits: 400 } },
    { title: "less than a quarter in the first step", use: steps(99, 301), found: null },
    { title: "a quarter in the second step", use: steps(300, 100), found: { credits: 400 } },
    { title: "less than a quarter in the second step", use: steps(301, 99), found: null },
    {
      title: "two and a half hours",
      use: longer(steps(900, 900, 150)),
      found: { minutes: 150, hoursLeft: 5 },
    },
    {
      title: "over two hours no more an hour than usual",
      use: longer(steps(300, 300, 120, 1800)),
      found: null,
    },
    {
      title: "over two hours more an hour than usual",
      use: longer(steps(310, 310, 120, 1800)),
      found: { credits: 620 },
    },
    { title: "more than two and a half hours", use: steps(900, 900, 151), found: null },
    {
      title: "a day known",
      use: { ...steps(200, 200), hours: [...usual, ...times(9, null)] },
      found: { credits: 400 },
    },
    {
      title: "less than a day known",
      use: { ...steps(200, 200), hours: [...times(23, 300), null] },
      found: null,
    },
    {
      title: "one busy hour, a week ago",
      use: { ...steps(200, 200), hours: [...times(167, 1), 401] },
      found: null,
    },
    {
      title: "one step alone",
      use: { ...steps(200, 200), marks: steps(200, 200).marks.slice(1) },
      found: null,
    },
    { title: "nothing used, ever", use: { ...steps(0, 0), hours: times(24, 0) }, found: null },
    { title: "no reading", use: { ...steps(200, 200), last: null }, found: null },
  ])("$title", ({ use, found }) => {
    if (found === null) expect(findSurge(use)).toBeNull();
    else expect(findSurge(use)).toMatchObject(found);
  });

  it.each([1, 5, 15, 60])(
    "at a check every %i min, a drain of 100 times the mean is told within half an hour, or two checks after the first that sees it",
    (everyMinutes) => {
      for (let phase = 0; phase < everyMinutes; phase++) {
        const idle = { at: START, credits: 20_000 + 72 * 40 };
        let use = steady(observe(NO_USE, idle), idle, everyMinutes, 72, 40);
        expect(findSurge(use)).toBeNull();
        let minutes = 0;
        while (findSurge(use) === null && minutes < 240) {
          minutes += everyMinutes;
          const credits = 20_000 - Math.max(0, minutes - phase) * (4000 / 60);
          use = observe(use, { at: START + 72 * HOUR + minutes * MINUTE, credits });
        }
        expect(minutes - phase).toBeLessThanOrEqual(Math.max(30, 3 * everyMinutes));
        if (phase === 0) expect(minutes).toBeLessThanOrEqual(Math.max(30, 2 * everyMinutes));
      }
    },
  );

  it("a step is at least 10 minutes, and what is used in between belongs to it", () => {
    const use = observeAll(
      [0, 100],
      [0.1, 90],
      [1 / 6 - 1 / HOUR, 80],
      [1 / 6, 70],
      [0.25, 60],
      [2 / 6, 50],
      [0.5, 45],
    );
    expect(use.marks).toEqual([
      { at: START + 10 * MINUTE, used: 20 },
      { at: START + 20 * MINUTE, used: 5 },
      { at: START + 30 * MINUTE, used: 0 },
    ]);
  });

  it("a top-up is no use of its step, and marks that lie ahead of a clock that stepped back go", () => {
    expect(observeAll([0, 100], [0.1, 200], [0.2, 190]).marks).toEqual([
      { at: START, used: 10 },
      { at: START + 0.2 * HOUR, used: 0 },
    ]);
    expect(observeAll([0, 100], [0.5, 90], [0.5, 70], [0.25, 60]).marks).toEqual([
      { at: START, used: 10 },
      { at: START + 0.25 * HOUR, used: 0 },
    ]);
    expect(observeAll([0, 100], [0.5, 90], [0.5, 70]).marks).toEqual([
      { at: START, used: 10 },
      { at: START + 0.5 * HOUR, used: 0 },
    ]);
    expect(observeAll([1, 100], [0.5, 90]).marks).toEqual([{ at: START + 0.5 * HOUR, used: 0 }]);
  });
});

describe("the chart", () => {
  it("has the last balance of each two hours, oldest first", () => {
    const use = observeAll([0, 100], [1.9, 90], [2, 80], [7, 1234.5]);
    expect(chartOf(use, START + 7.99 * HOUR)).toEqual([...times(20, null), 90, 80, null, 1230]);
    expect(chartOf(use, START + 8 * HOUR)).toEqual([...times(19, null), 90, 80, null, 1230, null]);
    expect(chartOf(use, START + 500 * HOUR)).toEqual(times(24, null));
    expect(chartOf(use, START)).toEqual([...times(20, null), 90, 80, null, 1230]);
    expect(chartOf(NO_USE, START)).toEqual(times(24, null));
  });

  it("reaches back 48 h", () => {
    const use = steady(observeAll([0, 1000]), { at: START, credits: 1000 }, 120, 120, 1);
    expect(use.balances).toHaveLength(24);
    expect(chartOf(use, START + 120 * HOUR)).toEqual(Array.from({ length: 24 }, (_, i) => 1000 - 74 - 2 * i));
    expect(chartOf(observeAll([0, 7], [100, 5]), START + 100 * HOUR)).toEqual([...times(23, null), 5]);
  });

  it("goes on when a clock stepped back", () => {
    const use = observeAll([0, 100], [4, 80], [0, 70], [2, 60]);
    expect(chartOf(use, START + 2 * HOUR).slice(-4)).toEqual([100, null, 70, 60]);
  });
});

describe("whatever comes in", () => {
  it("what is remembered stays small, reads back as it was, and is never negative or no number", () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        let use = NO_USE;
        for (const reading of at(readings)) {
          use = observe(use, reading);
          const surge = findSurge(use);
          const runway = forecast(use);
          for (const value of [
            surge?.credits,
            surge?.minutes,
            surge?.hoursLeft,
            runway?.creditsPerHour,
            runway?.hoursLeft,
          ])
            if (value !== undefined) expect(value).toBeGreaterThanOrEqual(0);
          expect(use.last?.credits).toBe(reading.credits);
          expect(chartOf(use, reading.at)).toHaveLength(24);
        }
        const text = JSON.stringify(use);
        expect(text.length).toBeLessThanOrEqual(2800);
        expect(JSON.stringify(useSchema.parse(JSON.parse(text)))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    { title: "the largest falls", credits: (index: number) => (index % 2 ? -1.2345678901234567e300 : 1e300) },
    {
      title: "small negative fractions",
      credits: (index: number) => (index % 2 ? -0.0000012345678901234 : 0.0000012345),
    },
    { title: "fractions", credits: (index: number) => 1e9 - index * 123_456.789_012_345 },
  ])("a memory of $title is small at every schedule", ({ credits }) => {
    for (const minutes of [1, 7, 15, 20, 30, 60, 120, 1440]) {
      let use = NO_USE;
      for (let index = 0; index < (400 * 60) / minutes; index++)
        use = observe(use, { at: Date.UTC(9990) + index * minutes * MINUTE, credits: credits(index) });
      expect(JSON.stringify(use).length).toBeLessThanOrEqual(2800);
    }
  });

  it.each([
    { title: "ahead by two days and back", stepHours: 48 },
    { title: "ahead by ten years and back", stepHours: 87_600 },
    { title: "back by two days and ahead", stepHours: -48 },
    { title: "back by ten years and ahead", stepHours: -87_600 },
  ])(
    "a clock that steps $title is forgotten after a day, and the runway known after seven hours",
    ({ stepHours }) => {
      const first = { at: START, credits: 90_000 };
      const again = { at: START + 72.25 * HOUR, credits: 90_000 - 72.25 * 40 };
      let use = steady(observe(NO_USE, first), first, 15, 72, 40);
      use = observe(use, { at: again.at + stepHours * HOUR, credits: again.credits });
      expect(forecast(steady(use, again, 15, 7, 40))).not.toBeNull();
      use = steady(use, again, 15, 25, 40);
      expect(use.last?.at).toBe(again.at + 25 * HOUR);
      expect(Math.abs((forecast(use)?.creditsPerHour ?? 0) - 40)).toBeLessThan(2);
    },
  );

  it.each([
    { title: "a negative use", damage: { hours: [-1] } },
    { title: "a use beyond all bounds", damage: { hours: [1e11] } },
    { title: "more hours than a week has", damage: { hours: times(169, 1) } },
    { title: "a negative use in the hour under way", damage: { hour: { used: -1, known: 0 } } },
    { title: "a negative time known", damage: { hour: { used: 0, known: -1 } } },
    { title: "a fraction of a millisecond known", damage: { hour: { used: 0, known: 0.5 } } },
    { title: "a last reading without credits", damage: { last: { at: START, credits: null } } },
    { title: "a moment before 1970", damage: { last: { at: -1, credits: 5 } } },
    { title: "a moment that is no date", damage: { last: { at: 8e15, credits: 5 } } },
    { title: "four marks", damage: { marks: [1, 2, 3, 4].map((at) => ({ at, used: 0 })) } },
    { title: "two marks of one moment", damage: { marks: [1, 1].map((at) => ({ at, used: 0 })) } },
    { title: "marks out of order", damage: { marks: [2, 1].map((at) => ({ at, used: 0 })) } },
    { title: "25 balances", damage: { balances: times(25, 1) } },
    { title: "a balance that is no number", damage: { balances: ["1"] } },
    { title: "no hours", damage: { hours: undefined } },
  ])("$title is refused", ({ damage }) => {
    expect(useSchema.safeParse({ ...NO_USE, ...damage }).success).toBe(false);
  });

  it("what is wrong with marks out of order is said", () => {
    const marks = [2, 1].map((at) => ({ at, used: 0 }));
    expect(() => useSchema.parse({ ...NO_USE, marks })).toThrow("expected the order of time");
  });

  it("what is new is read, and fields of a later version are let through", () => {
    expect(useSchema.parse({ ...NO_USE, later: 1 })).toEqual(NO_USE);
    const marks = [0, 1, 2].map((at) => ({ at, used: 0 }));
    const full = {
      ...NO_USE,
      marks,
      hours: times(168, 1e10),
      last: { at: 0, credits: -5 },
      balances: times(24, null),
    };
    expect(useSchema.parse(full)).toEqual(full);
  });
});
