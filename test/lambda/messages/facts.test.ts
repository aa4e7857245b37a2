import * as fc from "fast-check";
import { expect, it } from "vitest";
import { lastsLine, whyOf } from "../../../lambda/messages/facts.ts";
import { byRunway } from "../../support/causes.ts";
import { hoursIn } from "../../support/lengths.ts";
import { contextOf, type Happening, hours } from "./happening.ts";

function whyAt(hoursLeft: number, limitHours: number, withinMargin = false): string {
  const happening: Happening = {
    kind: "raised",
    reading: 4200,
    level: "warning",
    cause: byRunway(limitHours, withinMargin),
    runway: hours(100, hoursLeft),
  };
  return whyOf(contextOf(happening)) ?? "";
}

it.each([
  { left: 20, limit: 168, why: "lasts about 20 h; your limit is 168 h" },
  { left: 3, limit: 48, why: "lasts about 3 h; your limit is 48 h" },
  { left: 1, limit: 48, why: "lasts about 60 min; your limit is 48 h" },
  { left: 0.001, limit: 8, why: "lasts about 1 min; your limit is 8 h" },
  { left: 23.97, limit: 24, why: "lasts about 23.9 h; your limit is 24 h" },
  { left: 24, limit: 24, why: "lasts about 24 h; your limit is 24 h" },
  { left: 47.9, limit: 48, why: "lasts about 47.9 h; your limit is 48 h" },
  { left: 1.999, limit: 2, why: "lasts about 119 min; your limit is 2 h" },
])("$left h left of a limit of $limit h: $why", ({ left, limit, why }) => {
  expect(whyAt(left, limit)).toBe(why);
});

it("why the level is so shows two figures in their true order, in minutes below two hours", () => {
  const UNITS = ["min", "h", "days", "year"];
  const unitOf = (length: string) => UNITS.indexOf(length.replace(/.* /, "").replace(/^day$/, "days"));
  const limit = fc.oneof(
    fc.constantFrom(1 / 120, 1, 2, 8, 24, 47.5, 48, 72, 100, 168, 720),
    ...[3, 100, 1e4].map((max) => fc.double({ min: 1 / 600, max, noNaN: true })),
  );
  const share = fc.oneof(
    fc.constant(1),
    ...[0.01, 1].map((max) => fc.double({ min: 1e-9, max, noNaN: true })),
  );
  fc.assert(
    fc.property(limit, share, fc.boolean(), (limitHours, share, withinMargin) => {
      // What people compare with: within the margin the level ends above more than the limit.
      const end = limitHours * (withinMargin ? 1.5 : 1);
      const hoursLeft = end * share;
      const why = whyAt(hoursLeft, limitHours, withinMargin);
      const [, left = "", limit = ""] =
        /^lasts about (\S+ \S+); (?:your limit is|the warning ends above) (\S+ \S+)$/.exec(why) ?? [];
      const [, lasts = ""] = /^Lasts: (.+?) at/.exec(lastsLine(hours(1, hoursLeft), "UTC") ?? "") ?? [];

      expect(hoursIn(left), why).toBeGreaterThan(0);
      expect(unitOf(left), `${why}; lasts ${lasts}`).toBeLessThanOrEqual(unitOf(lasts));
      expect(hoursIn(left), why).toBeLessThanOrEqual(hoursIn(limit) + 1e-9);
      // Rounded down by less than the last digit that is shown; under a minute is told as one. So the figures look equal
      // only if they are, to that digit.
      const truth = Math.max(hoursLeft, 1 / 60);
      const digit = { min: 1 / 60, h: 0.1, days: 2.4 }[UNITS[unitOf(left)] ?? ""] ?? Number.NaN;
      expect(hoursIn(left), why).toBeLessThanOrEqual(truth + 1e-9);
      expect(truth - hoursIn(left), why).toBeLessThan(digit + 1e-9);
      if (left === limit) expect(end - truth, why).toBeLessThan(digit);
    }),
    { numRuns: 3000 },
  );
});
