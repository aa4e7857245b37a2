import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeBundles, measureChecks } from "./cold-checks.ts";
import { linesIfOver } from "./limits.ts";

let folder: string;
let made: ReturnType<typeof makeBundles>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
  made = makeBundles(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const QUIET = ["GetParameters", "ListSubscriptionsByTopic", "PutParameter"];

it.each([
  { scenario: "quiet", level: "ok", calls: QUIET },
  { scenario: "alerting", level: "critical", calls: [...QUIET, "Publish", "PutParameter"] },
] as const)("all bundles do the same $scenario job in a cold check", async ({ scenario, level, calls }) => {
  const checks = await measureChecks(made.loader, made.bundles, scenario, 1);
  const check = {
    report: expect.objectContaining({ account: "kie", level }),
    ms: expect.any(Number),
    processorMs: expect.any(Number),
    peakMB: expect.any(Number),
    calls,
  };
  expect(checks).toEqual({ deployed: [check], defaults: [check], floor: [check] });
});

it("a bundle that makes no report is an error with what it said", async () => {
  await expect(measureChecks(made.loader, { own: "/nowhere.mjs" }, "quiet", 1)).rejects.toThrow(
    /Cannot find module/,
  );
});

it.each([
  { value: 0.65, lines: [] },
  { value: 0.6501, lines: ["quiet: 0.650 of the time by the defaults, expected at most 0.65"] },
  { value: 0.8, lines: ["quiet: 0.800 of the time by the defaults, expected at most 0.65"] },
  { value: Number.NaN, lines: ["quiet: NaN of the time by the defaults, expected at most 0.65"] },
])("a ratio of $value to a limit of 0.65", ({ value, lines }) => {
  expect(linesIfOver("quiet", "toDefaults", value)).toEqual(lines);
});
