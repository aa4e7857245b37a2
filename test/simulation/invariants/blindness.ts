/**
 * Invariant 4: silence means health. Blindness that lasts longer than its bound is told, and so is its end.
 *
 * The bound: the first check that meets a permanent failure tells it; of transient ones the third check in a
 * row, as far as the memory could count (a check whose memory is not written, or is written over or lost,
 * doesn't count). So blindness is told within three intervals + LATE + 150 s, and n intervals later where
 * faults stop n checks. It is told again each 24 h, and when it turns permanent. Its end is told by the first
 * reading, unless the memory of the blindness was lost.
 *
 * AWS failing is not for the check to tell: it throws, so that Lambda tries again and the alarm rises.
 */
import { BLIND_AFTER_FAILURES, BLIND_REMINDER_HOURS } from "../../../lambda/policy/policy.ts";
import { dueAfterMs } from "../levels.ts";
import { type Execution, hasDecided, lastMeaning, type Told } from "../records.ts";
import { isOnBlindness, saysBlind } from "../witness.ts";

const REMINDER_MS = dueAfterMs(BLIND_REMINDER_HOURS);

/** Judged at each message. */
export function* wrongOnBlindness(told: Told): Generator<string> {
  if (!isOnBlindness(told) || told.kind === "test") return;
  const known = told.by.knowledge?.blind ?? null;
  if (told.endsBlindness) {
    if (!saysBlind(known)) yield `${told.kind} ends a blindness that was not told`;
    return;
  }
  const meaning = lastMeaning(told.by);
  if (meaning?.kind !== "failure") return; // Judged as a false alarm.
  const failures = (told.by.knowledge?.failures ?? 0) + 1;
  const knownPermanent = saysBlind(known) && known.severity === "critical";
  const isPermanent = meaning.permanent || knownPermanent;
  if ((told.severity === "critical") !== isPermanent) yield `${told.kind} is ${told.severity}`;
  if (told.kind === "blind") {
    if (saysBlind(known) && !(isPermanent && !knownPermanent)) yield "blind was told already";
    if (!meaning.permanent && failures < BLIND_AFTER_FAILURES)
      yield `blind was told after ${failures} failures`;
  } else if (!saysBlind(known)) yield "still-blind was told without blind";
  else if (!told.by.knowledge?.isBlindUnsure && told.stamp - known.stamp < REMINDER_MS)
    yield "still-blind was told too early";
}

/** Judged at the end of a check. */
export function* untoldBlindness(execution: Execution): Generator<string> {
  yield* swallowed(execution);
  const meaning = lastMeaning(execution);
  if (!hasDecided(execution) || meaning === null) return;
  if (execution.published.flat().some(isOnBlindness)) return;
  const known = execution.knowledge?.blind ?? null;
  if (meaning.kind === "credits") {
    // Good news waits until the memory can be written.
    if (saysBlind(known) && !execution.failedCalls.has("save")) yield "the end of a blindness was not told";
    return;
  }
  const failures = (execution.knowledge?.failures ?? 0) + 1;
  if (!saysBlind(known)) {
    if (meaning.permanent) yield `blindness by ${meaning.reason} was not told`;
    if (failures >= BLIND_AFTER_FAILURES) yield `blindness after ${failures} failures was not told`;
    return;
  }
  if (meaning.permanent && known.severity !== "critical")
    yield "blindness turned permanent, and was not told";
  const stamp = execution.report && Date.parse(execution.report.checkedAt);
  const isDue = execution.knowledge?.isBlindUnsure || (stamp !== null && stamp - known.stamp >= REMINDER_MS);
  if (isDue) yield "still-blind is due and was not sent";
}

function* swallowed({ outcome, failedCalls, error }: Execution): Generator<string> {
  if (outcome === "returned" && failedCalls.size > 0) {
    yield `AWS failed (${[...failedCalls].join(", ")}), and the check returned as if nothing were`;
  }
  if (outcome === "threw" && failedCalls.size === 0) yield `the check threw without a cause: ${error}`;
}
