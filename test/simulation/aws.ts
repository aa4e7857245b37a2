/** What simulated SSM and SNS share: a call as the SDK makes it, with its attempts and errors. */
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { AwsCall, Execution } from "./records.ts";

/** What the AWS services need of the world. */
export interface AwsWorld {
  readonly random: Random;
  readonly faults: Faults;
  now(): number;
  /** Lets simulated time pass within an execution. */
  wait(execution: Execution, ms: number): Promise<void>;
  /** A text that an error carries along, as the SDK's errors carry the raw response. */
  secret(): string;
  trace(execution: Execution, what: string): void;
}

type Fate = "done" | "throttled" | "denied" | "unreachable" | "timeout" | "answer lost";

/** `lambda/adapters/aws.ts`: 4 s for the headers, connecting included, and a second more than that; three attempts. */
const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;

/**
 * Makes one call. The SDK tries again what may pass, also where the service did its work and only the answer
 * was lost: that is how one call can publish two messages.
 *
 * @param work - what the service does
 */
export async function callAws<T>(
  world: AwsWorld,
  execution: Execution,
  call: AwsCall,
  fates: (execution: Execution) => readonly Fate[],
  work: () => T,
): Promise<T> {
  const plan = fates(execution);
  for (let attempt = 0; ; attempt++) {
    const fate = plan[attempt] ?? "done";
    await world.wait(execution, fate === "timeout" ? TIMEOUT_MS : world.random.between(5, 60));
    if (fate === "done" || fate === "answer lost") {
      const result = work();
      if (fate === "answer lost" && call === "publish") execution.lostPublishes++;
      await world.wait(execution, fate === "done" ? world.random.between(1, 20) : TIMEOUT_MS);
      if (fate === "done") return result;
    }
    world.trace(execution, `${call}: ${fate}`);
    if (fate === "denied" || attempt + 1 === ATTEMPTS) {
      execution.failedCalls.add(call);
      throw awsError(fate, world.secret());
    }
    await world.wait(execution, world.random.between(0, 200 * 2 ** attempt));
  }
}

/** Draws how the attempts of one call go. Trouble passes, or lasts for the call, or for hours. */
export function fatePlanner(
  world: AwsWorld,
  name: string,
  kinds: readonly [Fate, ...Fate[]],
  probability: number,
): (execution: Execution) => readonly Fate[] {
  const { random, faults } = world;
  let outage: { until: number; fate: Fate } | null = null;
  return (execution) => {
    if (outage && world.now() >= outage.until) outage = null;
    if (!outage && faults.happens(null, `${name}: outage`, 0.0005)) {
      outage = { until: world.now() + 60_000 * random.between(5, 600), fate: random.pick(kinds) };
    }
    const fate = outage?.fate ?? random.pick(kinds);
    if (outage) faults.hit(execution, `${name}: ${fate}`);
    else if (!faults.happens(execution, `${name}: ${fate}`, probability)) return [];
    return Array.from({ length: outage || random.chance(0.5) ? ATTEMPTS : random.integer(1, 2) }, () => fate);
  };
}

const ERROR_NAMES = {
  throttled: "ThrottlingException",
  denied: "AccessDeniedException",
  unreachable: "Error",
  timeout: "TimeoutError",
  "answer lost": "TimeoutError",
  done: "Error",
} as const;

/** An error as the SDK throws it, the raw response hidden inside. */
export function awsError(fate: Fate, secret: string, name: string = ERROR_NAMES[fate]): Error {
  const error = new Error(`simulated: ${fate}`);
  error.name = name;
  return Object.assign(error, { $metadata: { attempts: ATTEMPTS }, $response: { body: secret } });
}
