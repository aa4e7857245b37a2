/** The machine's clock, which is a few seconds behind at times. */
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

const MAX_BEHIND_MS = 30_000;

export interface SimulatedClock {
  /** Whole epoch milliseconds, as Date.now has them. */
  now(): number;
  stepBack(): void;
}

export function createClock(timeline: Timeline, random: Random): SimulatedClock {
  let behindMs = 0;
  return {
    now: () => Math.floor(timeline.now() - behindMs),
    stepBack() {
      behindMs += random.between(500, 8_000);
      if (behindMs > MAX_BEHIND_MS) behindMs = 0;
    },
  };
}
