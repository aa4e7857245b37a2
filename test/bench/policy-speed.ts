/** How often a second the pure policy decides, in this process and warmed up. */
import type { Memory } from "../../lambda/policy/memory.ts";
import { DEFAULT_POLICY, decide } from "../../lambda/policy/policy.ts";

const HOUR_MS = 3_600_000;
const MEASURED_MS = 500;
const BATCH = 1_000;

/** @returns decisions per second, each with two days of samples behind it */
export function measurePolicy(): number {
  const now = Date.parse("2026-11-23T05:00:00Z");
  const samples = Array.from({ length: 96 }, (_, index) => ({
    at: now - (96 - index) * (HOUR_MS / 2),
    credits: 5_000 - 10 * index,
  }));
  const memory: Memory = { level: "ok", told: null, failing: null, blind: null, samples };
  const decideBatch = () => {
    for (let index = 0; index < BATCH; index++) {
      decide(memory, { kind: "credits", credits: 4_000 - index * 4 }, DEFAULT_POLICY, now);
    }
  };
  decideBatch();
  const startedAt = performance.now();
  let decisions = 0;
  while (performance.now() - startedAt < MEASURED_MS) {
    decideBatch();
    decisions += BATCH;
  }
  return (decisions / (performance.now() - startedAt)) * 1_000;
}
