/** When the world does harm, and how often it did. */
import type { Random } from "./random.ts";
import type { Execution } from "./records.ts";

export interface Faults {
  /**
   * Draws whether a fault happens, and writes it down.
   *
   * @param execution - the check that it hits; null where it hits none, or many
   * @param probability - in a world of average stress
   */
  happens(execution: Execution | null, kind: string, probability: number): boolean;
  /** Draws alone. */
  draw(probability: number): boolean;
  /** Writes down a fault that was drawn before, such as an outage that goes on. */
  hit(execution: Execution | null, kind: string): void;
  /** How often each kind happened. */
  readonly counts: Map<string, number>;
}

/** @param stress - multiplies all probabilities */
export function createFaults(random: Random, stress: number, counts: Map<string, number>): Faults {
  const hit = (execution: Execution | null, kind: string) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    execution?.faults.add(kind);
  };
  const draw = (probability: number) => random.chance(probability * stress);
  return {
    counts,
    draw,
    hit,
    happens(execution, kind, probability) {
      if (!draw(probability)) return false;
      hit(execution, kind);
      return true;
    },
  };
}
