/**
 * Invariant 2: no false alarm. What a check reports and tells is what Kie truly meant: no credit alert
 * without a reading that justifies it, no `recovered` while the balance is low, and a single false zero
 * tells nobody `empty`.
 *
 * A level is justified by credits (with the margin that it takes to leave the level told before), or by a
 * runway. The runway is judged by what was truly used: no span from 6 to 24 hours had a burn rate by which
 * the credits last longer than the limit.
 */
import type { Level } from "../../../lambda/policy/memory.ts";
import { levelByCredits, rank } from "../levels.ts";
import { type Execution, lastMeaning, type Told } from "../records.ts";
import { isOnCredits, saysBlind, type Witness } from "../witness.ts";

const HOUR_MS = 3_600_000;
/** From the moment of a reading until a check notes it, and clocks that stepped back in between. */
const SLACK_MS = 180_000;

/** Judged at each message. */
export function* unjustifiedMessage(told: Told, witness: Witness): Generator<string> {
  const meaning = lastMeaning(told.by);
  if (meaning === null) {
    yield `${told.kind} was told without a look at Kie`;
    return;
  }
  if (told.kind === "test") return;
  if (saysBlind(told)) {
    if (meaning.kind === "credits") yield `${told.kind} was told though ${meaning.credits} credits were read`;
    return;
  }
  if (meaning.kind === "failure") {
    yield `${told.kind} was told though nothing was read (${meaning.reason})`;
    return;
  }
  if (told.credits !== meaning.credits) yield `told ${told.credits} credits, but read ${meaning.credits}`;
  if (told.level === "empty" && !meaning.real) yield `${told.kind} tells empty by a single false zero`;
  if (isOnCredits(told)) yield* unjustifiedLevel(told.level, meaning.credits, told.by, witness);
}

/** Judged at the end of a check. */
export function* unjustifiedReport(execution: Execution, witness: Witness): Generator<string> {
  const { report, knowledge } = execution;
  const meaning = lastMeaning(execution);
  if (report === null) return;
  if (meaning?.kind === "credits") {
    if (report.credits !== meaning.credits) yield `reported ${report.credits}, but read ${meaning.credits}`;
    if (report.failure !== null) yield "a failure was reported beside credits";
    if (report.level === null) yield "a reading makes no level";
    else yield* unjustifiedLevel(report.level, meaning.credits, execution, witness);
  } else {
    if (report.credits !== null) yield `reported ${report.credits} credits, but nothing was read`;
    if (report.failure?.reason !== meaning?.reason) {
      yield `reported ${report.failure?.reason}, but it was ${meaning?.reason}`;
    }
    if ((report.level ?? "ok") !== (knowledge?.credit?.level ?? "ok")) yield "a failure changed the level";
  }
}

function* unjustifiedLevel(
  level: Level,
  credits: number,
  { knowledge }: Execution,
  witness: Witness,
): Generator<string> {
  const before = knowledge?.credit?.level ?? "ok";
  const byCredits = levelByCredits(credits, before, witness.policy);
  if (rank(level) < rank(byCredits)) {
    yield `${level} after ${before} at ${credits} credits, which make ${byCredits}`;
  }
  if (rank(level) <= rank(byCredits)) return;
  const { warningHours, criticalHours } = witness.policy;
  const limitHours = level === "warning" ? warningHours : criticalHours;
  const isHeld = rank(level) <= rank(before);
  // A runway that is unknown holds a level, so that only a new one is judged by hours.
  if (level === "empty" || limitHours === 0 || (!isHeld && leastHoursLeft(credits, witness) > limitHours)) {
    yield `${level} at ${credits} credits, which no threshold and no runway justifies`;
  }
}

/** By the highest burn rate of any span from 6 to 24.5 hours that ends now. */
function leastHoursLeft(credits: number, { account, now }: Witness): number {
  let used = 0;
  let highestRate = 0;
  for (const fall of account.falls().toReversed()) {
    const hours = (now() - fall.at - SLACK_MS) / HOUR_MS;
    if (hours > 24.5) break;
    used += fall.credits;
    highestRate = Math.max(highestRate, used / Math.max(6, hours));
  }
  return highestRate === 0 ? Number.POSITIVE_INFINITY : (credits / highestRate) * (1 - 1e-9);
}
