/**
 * Invariant 1: an alert that is due is delivered.
 *
 * The bound. Let the balance lie at or below a threshold from the moment T on.
 *
 * - *To see*: the schedule starts a check every interval, at most LATE after its time. A check that starts
 *   after T reads the balance at or below the threshold, or a failure.
 * - *To retry*: a look is a failure only where three attempts failed, or 30 s are over, or Kie asked for a
 *   pause that doesn't fit into them, or the failure is permanent.
 * - *Second look*: a fall to empty takes 2 s and one more look, so at most 62 s in all.
 * - *To publish*: four AWS calls in a row take at most 60 s, two looks 62 s, so that a check ends in 150 s.
 *
 * So the first check after T that no fault keeps from reading or publishing tells: without faults within one
 * interval + LATE + 150 s, with n checks in a row that faults stop within (n + 1) intervals + LATE + 150 s.
 * A check that throws is repeated by Lambda before that. No fault before it makes the bound longer: bad news
 * that was told but not remembered is told again, and before good news the memory notes that a reminder is due.
 *
 * One exception: where a check wrote its memory over that of another one that ran beside it and told `eased`
 * or `recovered`, the memory holds a worse level than people know of, and a fall back to that level is told
 * by its reminder at the latest. Hence `untold` judges by what the memory could know.
 */
import { LIMITS } from "../../../lambda/adapters/kie.ts";
import { levelByCredits, rank, reminderMs, thresholdOf } from "../levels.ts";
import { type Execution, hasDecided, type Look, lastMeaning } from "../records.ts";
import { isOnCredits, type Witness } from "../witness.ts";

/** Judged at the end of a check. */
export function* untold(execution: Execution, witness: Witness): Generator<string> {
  for (const look of execution.looks) {
    if (look.endedAt > 0) yield* givenUpTooEarly(look, execution.apiKey);
  }
  const meaning = lastMeaning(execution);
  if (!hasDecided(execution) || meaning?.kind !== "credits") return;
  const known = execution.knowledge?.credit ?? null;
  const knownLevel = known?.level ?? "ok";
  const told = execution.published.flat().find(isOnCredits);
  const level = levelByCredits(meaning.credits, knownLevel, witness.policy);
  const isUntold = rank(told?.level ?? knownLevel) < rank(level);
  if (isUntold && rank(witness.lastCredit?.level ?? "ok") < rank(level)) {
    yield `nobody was told of ${level} at ${meaning.credits} credits`;
  }
  const stamp = execution.report && Date.parse(execution.report.checkedAt);
  if (told || known === null || knownLevel === "ok" || stamp === null) return;
  const isUnsure = execution.knowledge?.isCreditUnsure === true;
  const lastStamp = isUnsure ? 0 : Math.max(known.stamp, witness.lastCredit?.stamp ?? 0);
  if (stamp - lastStamp >= reminderMs(knownLevel, witness.policy)) {
    yield `the reminder of ${knownLevel} is due and was not sent`;
  }
}

/** The promise itself, judged at the end of a check that could read and tell: people know, whatever was before. */
export function* unaware(execution: Execution, witness: Witness): Generator<string> {
  const hasRead = lastMeaning(execution)?.kind === "credits";
  if (!hasRead || !hasDecided(execution) || execution.overlaps.size > 0) return;
  const isMisled = witness.lastCredit !== (execution.knowledge?.credit ?? null);
  if (isMisled && witness.lastCredit?.by.overlaps.size) return; // The exception above.
  for (const level of ["warning", "critical", "empty"] as const) {
    const since = witness.account.lowSince(thresholdOf(level, witness.policy));
    const isLow = since !== null && since <= execution.startedAt;
    if (isLow && rank(witness.lastCredit?.level ?? "ok") < rank(level)) {
      yield `the balance is ${level} since before this check, and people don't know`;
    }
  }
}

function* givenUpTooEarly(
  { startedAt, endedAt, attempts }: Look,
  apiKey: string | undefined,
): Generator<string> {
  const last = attempts.at(-1);
  if (last === undefined && /^[~\w]+$/.test(apiKey?.trim() ?? ""))
    yield "Kie was not asked, though there is a key";
  if (last?.kind !== "failure" || last.permanent || attempts.length >= LIMITS.attempts) return;
  const pauseMs = last.retryAfterMs ?? LIMITS.backoffMs * 2 ** (attempts.length - 1);
  if (endedAt - startedAt + pauseMs >= LIMITS.totalMs) return;
  yield `Kie was given up after ${attempts.length} attempts and ${endedAt - startedAt} ms`;
}
