/** Many worlds, one after the other, and what came of them. */
import type { Counts } from "./faults.ts";
import type { Violation } from "./judge.ts";
import { live, type Variant } from "./world.ts";

/** A world's life: long enough for months of one account, short enough for many kinds of worlds. */
const LIFE_CHECKS = 2_000;

/** An invariant that failed, and how to see it again. */
export interface Finding extends Violation {
  readonly seed: number;
  readonly command: string;
  /** The settings that it drew, and what happened before, the last step last. */
  readonly trace: readonly string[];
}

export interface Summary {
  readonly checks: number;
  /** Checks that at least one fault hit. */
  readonly faulty: number;
  readonly faults: Counts;
  readonly alerts: Counts;
  readonly findings: readonly Finding[];
}

export interface Options {
  /** The first world's seed; the next worlds have the next seeds. */
  readonly seed: number;
  readonly checks: number;
  readonly variant?: Variant;
  /** Whether a finding ends the simulation; else it goes on with the next world. */
  readonly isEnough?: (finding: Finding) => boolean;
  /** Called after each world. */
  readonly progressed?: (checks: number) => void;
}

export async function simulate(options: Options): Promise<Summary> {
  const { checks, variant, isEnough = () => true, progressed } = options;
  const counts = { faults: new Map<string, number>(), alerts: new Map<string, number>() };
  const findings: Finding[] = [];
  let done = 0;
  let faulty = 0;
  for (let seed = options.seed; done < checks && !findings.some(isEnough); seed++) {
    const outcome = await live(seed, Math.min(LIFE_CHECKS, checks - done), counts, variant);
    done += outcome.checks;
    faulty += outcome.faulty;
    if (outcome.violation) {
      const command = `npm run simulate -- --seed ${seed} --checks ${outcome.checks}`;
      findings.push({ ...outcome.violation, seed, command, trace: outcome.trace });
    }
    progressed?.(done);
  }
  return { checks: done, faulty, ...counts, findings };
}

/** A finding as people read it. */
export function describeFinding({ invariant, what, execution, command, trace }: Finding): string {
  return [
    ...trace,
    "",
    `Invariant ${invariant} is broken by check ${execution}: ${what}.`,
    `Replay: ${command}`,
  ].join("\n");
}
