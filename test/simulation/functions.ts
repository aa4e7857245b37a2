/** Simulated Lambda: runs checks, kills them, and tries again what failed. */
import type { checkCredits } from "../../lambda/check-credits.ts";
import type { FunctionConfig } from "../../lambda/config.ts";
import { parseInvocation } from "../../lambda/invocation.ts";
import type { Ports } from "../../lambda/ports.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import { type Call, type Execution, gaveWay } from "./records.ts";
import type { Timeline } from "./timeline.ts";

export type Check = typeof checkCredits;

/** The time limit of the deployed function. */
export const FUNCTION_TIMEOUT_MS = 240_000;

/** Lambda repeats an asynchronous call that failed after one minute and after two more. */
const RETRY_AFTER_MS = [60_000, 120_000] as const;

export interface Lambda {
  /** Runs the function now. */
  invoke(call: Call): void;
  /** Lets time pass within an execution; one that died never goes on. */
  wait(execution: Execution, ms: number): Promise<void>;
  readonly running: ReadonlySet<Execution>;
}

/** What a function needs of the world. */
interface Environment {
  readonly random: Random;
  readonly timeline: Timeline;
  readonly faults: Faults;
  readonly config: FunctionConfig;
  /** No older than this a failed call is tried again. */
  readonly maxEventAgeMs: number;
  readonly check: Check;
  portsFor(execution: Execution): Ports;
  started(execution: Execution): void;
  ended(execution: Execution): void;
}

export function createLambda(environment: Environment): Lambda {
  const { random, timeline, faults, config, check } = environment;
  const running = new Set<Execution>();
  let executions = 0;

  const invoke = (call: Call) => {
    const crashAtStep = faults.draw("crash", 0.02) ? random.integer(1, 14) : 0;
    const execution = newExecution(++executions, call, timeline.now(), crashAtStep);
    for (const other of running) {
      faults.hit(execution, "schedule: overlapping");
      other.overlaps.add(execution);
      execution.overlaps.add(other);
    }
    running.add(execution);
    environment.started(execution);
    timeline.at(timeline.now() + FUNCTION_TIMEOUT_MS, () => end(execution, "timed out"));
    timeline.woke();
    check(config, execution.invocation, environment.portsFor(execution)).then(
      (report) => {
        if (execution.outcome === null) execution.report = report;
        end(execution, "returned");
      },
      (error: unknown) => {
        if (execution.outcome === null) execution.error = error;
        end(execution, "threw");
      },
    );
  };

  const end = (execution: Execution, outcome: NonNullable<Execution["outcome"]>) => {
    if (execution.outcome !== null) return;
    const { call } = execution;
    execution.outcome = outcome;
    running.delete(execution);
    environment.ended(execution);
    const pauseMs = RETRY_AFTER_MS[call.attempt - 1];
    if (outcome === "returned" || !call.isScheduled || pauseMs === undefined) return;
    const at = timeline.now() + pauseMs;
    if (at - call.dueAt > environment.maxEventAgeMs) return;
    timeline.at(at, () =>
      invoke({
        ...call,
        attempt: call.attempt + 1,
        asides: call.asides + (gaveWay(execution) ? 1 : 0),
        faults: ["schedule: retried"],
      }),
    );
  };

  return {
    invoke,
    running,
    wait(execution, ms) {
      if (++execution.steps === execution.crashAtStep) {
        faults.hit(execution, "crash");
        end(execution, "crashed");
      }
      return new Promise((resolve) => {
        timeline.at(timeline.now() + ms, () => {
          if (execution.outcome !== null) return;
          timeline.woke();
          resolve();
        });
      });
    },
  };
}

function newExecution(id: number, call: Call, startedAt: number, crashAtStep: number): Execution {
  return {
    id,
    call,
    startedAt,
    invocation: parseInvocation(call.event),
    faults: new Set(call.faults),
    failedCalls: [],
    overlaps: new Set(),
    answers: [],
    readAt: 0,
    apiKey: undefined,
    memoryBy: null,
    isMemoryDamaged: false,
    foundSending: false,
    listed: null,
    saves: 0,
    written: 0,
    published: [],
    publishCalls: 0,
    warnings: 0,
    steps: 0,
    crashAtStep,
    outcome: null,
    report: null,
    error: null,
  };
}
