/** When the world does harm, and how often it did. */
import type { Random } from "./random.ts";
import type { Execution } from "./records.ts";

export interface Faults {
  /**
   * Draws whether a fault happens, and writes it down.
   *
   * @param execution - the check that it hits; null if it hits none, or many
   * @param kind - "SSM write: denied"; the part before the colon is what a world may have more or none of
   * @param probability - in a world of average trouble
   */
  happens(execution: Execution | null, kind: string, probability: number): boolean;
  /** Draws alone. */
  draw(area: string, probability: number): boolean;
  /** Writes down a fault that was drawn before, such as an outage that goes on. */
  hit(execution: Execution | null, kind: string): void;
}

/** How often each kind of fault happened. */
export type Counts = Map<string, number>;

/** Worlds differ: each draws for every area how much trouble it has there, often none, so that faults meet alone too. */
export function createFaults(random: Random, stress: number, counts: Counts): Faults {
  const areas = new Map<string, number>();
  const troubleIn = (area: string) => {
    const known = areas.get(area);
    if (known !== undefined) return known;
    const drawn = stress * random.pick([0, 0.5, 1, 1, 3]);
    areas.set(area, drawn);
    return drawn;
  };
  const hit = (execution: Execution | null, kind: string) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    execution?.faults.add(kind);
  };
  const draw = (area: string, probability: number) => random.chance(probability * troubleIn(area));
  return {
    draw,
    hit,
    happens(execution, kind, probability) {
      if (!draw(kind.split(":", 1)[0] ?? kind, probability)) return false;
      hit(execution, kind);
      return true;
    },
  };
}
