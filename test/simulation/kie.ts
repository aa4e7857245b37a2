/** Simulated Kie.ai: a transport for the real client. */
import type { HttpAnswer, Transport } from "../../lambda/adapters/http.ts";
import type { Account } from "./account.ts";
import {
  type Answer,
  creditsAnswer,
  type FailureRow,
  NETWORK_ERRORS,
  PERMANENT_ROWS,
  strangersAnswer,
  TRANSIENT_ROWS,
} from "./answers.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Execution, Meaning } from "./records.ts";

/** How one attempt will go. */
type Fate =
  | { readonly kind: "answer" }
  | { readonly kind: "row"; readonly row: FailureRow }
  | { readonly kind: "network" }
  | { readonly kind: "hangs" };

const GOOD: Fate = { kind: "answer" };
const UNAUTHORIZED = PERMANENT_ROWS[0];

export interface SimulatedKie {
  /** Keys that Kie takes. */
  readonly keys: Set<string>;
  transportFor(execution: Execution): Transport;
}

/**
 * @param wait - lets simulated time pass within an execution
 * @param answered - is told of every answer, or that there was none
 */
export function createKieWorld(
  { random, faults, now }: { random: Random; faults: Faults; now: () => number },
  account: Account,
  wait: (execution: Execution, ms: number) => Promise<void>,
  answered: (execution: Execution, meaning: Meaning, how: string) => void,
): SimulatedKie {
  const keys = new Set<string>();
  let outage: { until: number; fate: () => Fate; kind: string } | null = null;

  const fateOf = (execution: Execution): Fate => {
    if (outage && now() >= outage.until) outage = null;
    if (!outage && faults.happens(null, "Kie: outage", 0.001)) outage = startOutage(random, now());
    if (outage) {
      faults.hit(execution, outage.kind);
      return outage.fate();
    }
    if (faults.happens(execution, "Kie: transient failure", 0.06)) return transientFate(random);
    if (faults.happens(execution, "strangers: an answer", 0.04)) return strangersFate(random);
    if (isStray(execution, "Kie: a single refusal")) return permanentFate(random);
    return GOOD;
  };

  /** A single wrong answer is one that no second look follows upon: two in a row are Kie's word. */
  const isStray = (execution: Execution, kind: string): boolean => {
    const isSecondLook = execution.answers.some((answer) =>
      answer.kind === "credits" ? answer.credits < 0.5 : answer.permanent,
    );
    return !isSecondLook && faults.happens(execution, kind, 0.02);
  };

  const readBalance = (execution: Execution): { answer: Answer; meaning: Meaning } => {
    const balance = account.balance();
    if (balance >= 0.5 && isStray(execution, "Kie: a single false zero")) {
      return {
        answer: creditsAnswer(random, 0).answer,
        meaning: { kind: "credits", credits: 0, real: false },
      };
    }
    const { answer, credits } = creditsAnswer(random, balance);
    return { answer, meaning: { kind: "credits", credits, real: true } };
  };

  return {
    keys,
    transportFor: (execution) => async (_url, options, timeoutMs) => {
      const key = bearerOf(options.headers);
      const fate = keys.has(key) ? fateOf(execution) : ({ kind: "row", row: UNAUTHORIZED } as const);
      const latencyMs = drawLatency(random, faults, execution, fate, timeoutMs);
      if (latencyMs > timeoutMs) {
        await wait(execution, timeoutMs);
        answered(execution, failure("timeout"), "nothing in time");
        throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
      }
      await wait(execution, latencyMs);
      if (fate.kind === "network") {
        answered(execution, failure("network"), "a network error");
        throw new Error(`${random.pick(NETWORK_ERRORS)} ${random.chance(0.1) ? key : ""}`);
      }
      if (fate.kind === "row") {
        const { reason, answer } = fate.row;
        const given = answer(quote(random, key));
        answered(execution, failure(reason, given.retryAfter), `${given.status} ${given.body?.slice(0, 60)}`);
        return toHttp(given);
      }
      const { answer, meaning } = readBalance(execution);
      answered(execution, meaning, `${answer.status} ${answer.body}`);
      return toHttp(answer);
    },
  };
}

function drawLatency(
  random: Random,
  faults: Faults,
  execution: Execution,
  fate: Fate,
  timeoutMs: number,
): number {
  if (fate.kind === "hangs") return Number.POSITIVE_INFINITY;
  if (faults.happens(execution, "Kie: slow", 0.03)) return random.between(1_000, timeoutMs * 1.2);
  return random.between(50, 900);
}

const PERMANENT = new Set<string>(PERMANENT_ROWS.map(({ reason }) => reason));

function failure(reason: FailureRow["reason"], retryAfter?: string): Meaning {
  const retryAfterMs = retryAfter === undefined ? null : Number(retryAfter) * 1_000;
  return { kind: "failure", reason, permanent: PERMANENT.has(reason), retryAfterMs };
}

function transientFate(random: Random): Fate {
  return random.pick<() => Fate>([
    () => ({ kind: "hangs" }),
    () => ({ kind: "network" }),
    () => ({ kind: "row", row: random.pick<FailureRow>(TRANSIENT_ROWS) }),
    () => ({ kind: "row", row: random.pick<FailureRow>(TRANSIENT_ROWS) }),
  ])();
}

function strangersFate(random: Random): Fate {
  return { kind: "row", row: strangersAnswer(random) };
}

function permanentFate(random: Random): Fate {
  return { kind: "row", row: random.pick<FailureRow>(PERMANENT_ROWS) };
}

type Outage = readonly [string, (random: Random) => Fate];

/** Minutes to days; always the same failure, or a different one each time. */
function startOutage(random: Random, now: number) {
  const until = now + 60_000 * random.pick([random.between(1, 60), random.between(60, 600), 3_000, 6_000]);
  const kinds: readonly [Outage, ...Outage[]] = [
    ["transient", transientFate],
    ["strangers", strangersFate],
    ["permanent", permanentFate],
  ];
  const [kind, draw] = random.pick(kinds);
  const always = draw(random);
  const isMixed = random.chance(0.5);
  return { until, kind: `Kie: outage, ${kind}`, fate: () => (isMixed ? draw(random) : always) };
}

function bearerOf(headers: unknown): string {
  const { authorization = "" } = headers as { authorization?: string };
  return authorization.replace(/^Bearer /, "");
}

/** Kie may repeat the key: whole, or in part. */
function quote(random: Random, key: string): string {
  return random.pick(["your key", key, key.slice(0, 20), key.slice(5), `${"x".repeat(100)}${key}`]);
}

function toHttp({ status, body, retryAfter }: Answer): HttpAnswer {
  return { status, body, retryAfter };
}
