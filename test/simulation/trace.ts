/** The last steps of a world, to be read by people when an invariant fails. */

interface Step {
  readonly at: number;
  /** The check's number, 0 for the world itself. */
  readonly execution: number;
  readonly what: string;
}

export interface Trace {
  add(at: number, execution: number, what: string): void;
  /** One line for each step, the last ones only. */
  lines(): string[];
}

export function createTrace(length: number): Trace {
  const steps: Step[] = [];
  let next = 0;
  return {
    add(at, execution, what) {
      steps[next++ % length] = { at, execution, what };
    },
    lines() {
      const from = next % length;
      const inOrder = steps.length < length ? steps : [...steps.slice(from), ...steps.slice(0, from)];
      return inOrder.map(({ at, execution, what }) => {
        const who = execution === 0 ? "world" : `check ${execution}`;
        return `${new Date(at).toISOString()}  ${who.padEnd(12)}  ${what}`;
      });
    },
  };
}
