import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleHelper } from "./bundles.ts";
import { measureChecks } from "./cold-checks.ts";
import { countRoundTrips, longestChain } from "./round-trips.ts";
import { ratios, spreadOf } from "./statistics.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("the floor does the bare job, quietly and alerting, in whole cold checks", async () => {
  const loader = await bundleHelper(folder, "loader", "esm");
  const floor = await bundleHelper(folder, "floor", "cjs");
  const { own } = await measureChecks(loader, { own: floor }, "quiet", 1);
  expect(own).toEqual([
    {
      report: { account: "kie", credits: 5000, level: "ok", alert: null },
      ms: expect.any(Number),
      processorMs: expect.any(Number),
      peakMB: expect.any(Number),
    },
  ]);
  expect(await countRoundTrips(loader, floor, "alerting")).toEqual({ all: 4, inSequence: 4 });
});

it("a bundle that makes no report is an error with what it said", async () => {
  const loader = await bundleHelper(folder, "loader", "esm");
  await expect(measureChecks(loader, { own: "/nowhere.mjs" }, "quiet", 1)).rejects.toThrow(
    /no report:.*Cannot find module/s,
  );
});

it("ratios are taken round by round", () => {
  expect(ratios([10, 40], [5, 10])).toEqual([2, 4]);
});

it.each([
  { values: [3], spread: { median: 3, low: 3, high: 3 } },
  { values: [4, 1, 3, 2, 5], spread: { median: 3, low: 2, high: 4 } },
  { values: [2, 1], spread: { median: 1.5, low: 1.25, high: 1.75 } },
])("the spread of $values", ({ values, spread }) => {
  expect(spreadOf(values)).toEqual(spread);
});

it.each([
  { trips: [], chain: 0 },
  { trips: [[0, 1]], chain: 1 },
  {
    trips: [
      [0, 10],
      [11, 21],
      [12, 22],
    ],
    chain: 2,
  },
  {
    trips: [
      [0, 10],
      [11, 40],
      [12, 22],
      [23, 33],
      [34, 44],
    ],
    chain: 4,
  },
])("round trips in sequence: $trips", ({ trips, chain }) => {
  expect(longestChain(trips.map(([from = 0, to = 0]) => ({ from, to })))).toBe(chain);
});
