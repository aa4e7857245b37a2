import { describe, expect, it } from "vitest";
import { burnRate, runwayOf, type Sample, withSample } from "../../../lambda/policy/runway.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-11-23T05:00:00Z");

/** Samples as [hours before now, credits]. */
const samples = (...pairs: [hoursAgo: number, credits: number][]): Sample[] =>
  pairs.map(([hoursAgo, credits]) => ({ at: NOW - hoursAgo * HOUR, credits }));
const current = (credits: number): Sample => ({ at: NOW, credits });

describe("the burn rate", () => {
  it.each([
    ["no samples", samples(), 500, null],
    ["5 h 59 min of samples", samples([6 - 1 / 60, 1000]), 500, null],
    ["exactly 6 h of samples", samples([6, 1100]), 500, 100],
    ["exactly 24 h of samples", samples([24, 2900]), 500, 100],
    ["the sample of yesterday's check, though today's is half an hour late", samples([24.5, 2950]), 500, 100],
    [
      "a sample of over 24.5 h ago, which does not count",
      samples([24.5 + 1 / 60, 9999], [6, 1100]),
      500,
      100,
    ],
    ["nothing but samples of over 24.5 h ago", samples([30, 9999], [25, 999]), 500, null],
    ["nothing used", samples([10, 500], [5, 500]), 500, 0],
    ["rises only", samples([10, 100], [5, 300]), 500, 0],
    ["a top-up between falls", samples([10, 1000], [5, 500], [4, 5000]), 4500, 100],
    ["falls and rises that end where they began", samples([10, 1000], [5, 500]), 1000, 50],
    ["fractions", samples([10, 100.5]), 100, 0.05],
    ["a fall below zero", samples([10, 50]), -50, 10],
    ["a sample of this very moment, which the reading replaces", samples([10, 1000], [0, 1]), 500, 50],
    ["a sample of the future, since the clock was set back", samples([10, 1000], [-1, 1]), 500, 50],
    ["falls too large to add", samples([10, Number.MAX_VALUE], [9, -Number.MAX_VALUE]), 0, null],
  ])("%s", (_title, before, credits, expected) => {
    expect(burnRate(before, current(credits))).toBe(expected);
  });
});

describe("the runway", () => {
  it.each([
    ["unknown burn rate", 500, null, null],
    ["nothing used", 500, 0, null],
    ["50 an hour", 500, 50, { creditsPerHour: 50, hoursLeft: 10, emptyAt: NOW + 10 * HOUR }],
    ["nothing left", 0, 50, { creditsPerHour: 50, hoursLeft: 0, emptyAt: NOW }],
    ["less than nothing left", -5, 50, { creditsPerHour: 50, hoursLeft: 0, emptyAt: NOW }],
    ["a hundred years", 876_000, 1, { creditsPerHour: 1, hoursLeft: 876_000, emptyAt: NOW + 876_000 * HOUR }],
    ["more than a hundred years", 876_001, 1, null],
    ["a date that no calendar has", Number.MAX_VALUE, Number.MIN_VALUE, null],
  ])("%s", (_title, credits, creditsPerHour, expected) => {
    expect(runwayOf(current(credits), creditsPerHour)).toEqual(expected);
  });
});

describe("samples", () => {
  it.each([
    ["the first is kept", samples(), samples([0, 500])],
    ["one after 29 min 59 s is not", samples([0.5 - 1 / 3600, 1]), samples([0.5 - 1 / 3600, 1])],
    ["one after exactly 30 min is", samples([0.5, 1]), samples([0.5, 1], [0, 500])],
    ["one of exactly 48 h ago stays", samples([48, 1]), samples([48, 1], [0, 500])],
    ["one of over 48 h ago goes", samples([48 + 1 / 3600, 1], [1, 2]), samples([1, 2], [0, 500])],
    ["one of the future goes", samples([1, 1], [-0.01, 2]), samples([1, 1], [0, 500])],
    ["one of this very moment stays as it was", samples([0, 1]), samples([0, 1])],
  ])("%s", (_title, before, expected) => {
    expect(withSample(before, current(500))).toEqual(expected);
  });
});
