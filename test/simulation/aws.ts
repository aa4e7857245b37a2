/** What simulated SSM and SNS share: a call as the SDK makes it, with its attempts and errors. */
import { TooManyUpdates } from "@aws-sdk/client-ssm";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { AwsCall, Execution } from "./records.ts";

/** What the AWS services need of the world. */
export interface AwsWorld {
  readonly random: Random;
  readonly faults: Faults;
  /** How long a call takes, in milliseconds; a publish may take longer. */
  readonly callMs: readonly [number, number];
  readonly publishMs: readonly [number, number];
  now(): number;
  /** Lets simulated time pass within an execution. */
  wait(execution: Execution, ms: number): Promise<void>;
  /** A text that an error carries along, as the SDK's errors carry the raw response. */
  secret(): string;
  trace(execution: Execution, what: string): void;
}

/** How one attempt goes. The last two give no answer: one did not arrive, and one did its work. */
type Fate = "done" | "throttled" | "denied" | "unreachable" | "timeout" | "answer lost" | "too many";

/** A kind of call, as `lambda/adapters/aws.ts` has the SDK make it. */
export interface CallKind {
  readonly call: AwsCall;
  /** The area of its faults: "SSM write". */
  readonly area: string;
  readonly attempts: number;
  readonly fates: readonly [Fate, ...Fate[]];
  readonly probability: number;
}

/** 4 s for the headers, connecting included, and a second more than that. */
const TIMEOUT_MS = 5_000;

/** `lambda/adapters/aws.ts`: no attempt begins after this long, so that a call ends in 15 s. */
const NO_MORE_AFTER_MS = 10_000;

type Caller = <Answer extends object>(
  execution: Execution,
  work: () => Answer,
  lost?: () => void,
) => Promise<Answer>;

/**
 * Makes calls of one kind. Trouble passes with the attempt, lasts for the call, or for minutes to days.
 *
 * @returns a function that takes what the service does, and what is done if a request is lost on its way
 */
export function createCaller(world: AwsWorld, kind: CallKind): Caller {
  const { random } = world;
  const plan = createPlan(world, kind);
  return async (execution, work, lost = () => {}) => {
    const fates = plan(execution);
    const startedAt = world.now();
    for (let attempt = 1; ; attempt++) {
      const fate = fates[attempt - 1] ?? "done";
      await world.wait(
        execution,
        fate === "timeout"
          ? TIMEOUT_MS
          : random.between(...(kind.call === "publish" ? world.publishMs : world.callMs)),
      );
      if (fate === "done" || fate === "answer lost") {
        const answer = work();
        await world.wait(execution, fate === "done" ? random.between(1, 20) : TIMEOUT_MS);
        if (fate === "done") return { ...answer, $metadata: { attempts: attempt } };
      }
      if (fate === "timeout") lost();
      world.trace(execution, `${kind.call}: ${fate}`);
      const isLast = attempt === kind.attempts || world.now() - startedAt > NO_MORE_AFTER_MS;
      if (fate === "denied" || isLast) {
        execution.failedCalls.push(kind.call);
        throw awsError(fate, world.secret());
      }
      await world.wait(execution, random.between(0, 200 * 2 ** (attempt - 1)));
    }
  };
}

function createPlan(world: AwsWorld, { area, attempts, fates, probability }: CallKind) {
  const { random, faults } = world;
  let outage: { until: number; fate: Fate } | null = null;
  return (execution: Execution): Fate[] => {
    if (outage && world.now() >= outage.until) outage = null;
    if (!outage && faults.happens(null, `${area}: outage`, 0.001)) {
      const hours = random.pick([random.between(0.1, 10), random.between(24, 100)]);
      outage = { until: world.now() + 3_600_000 * hours, fate: random.pick(fates) };
    }
    const fate = outage?.fate ?? random.pick(fates);
    if (outage) faults.hit(execution, `${area}: ${fate}`);
    else if (!faults.happens(execution, `${area}: ${fate}`, probability)) return [];
    const lasting = outage !== null || random.chance(0.5);
    return Array.from({ length: lasting ? attempts : random.integer(1, 2) }, () => fate);
  };
}

const ERRORS: Readonly<Record<Exclude<Fate, "too many">, object>> = {
  throttled: { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } },
  denied: { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } },
  unreachable: { name: "Error", syscall: "connect", code: "ECONNREFUSED" },
  timeout: { name: "TimeoutError" },
  "answer lost": { name: "TimeoutError" },
  done: { name: "Error" },
};

/** An error as the SDK throws it, the raw response hidden inside. */
export function awsError(fate: Fate, secret: string): Error {
  if (fate === "too many") return new TooManyUpdates({ message: "simulated", $metadata: { attempts: 1 } });
  return Object.assign(new Error(`simulated: ${fate}`), ERRORS[fate], { $response: { body: secret } });
}
