/**
 * Invariant 3: no spam. The budget of messages follows from the policy:
 *
 * - on the level, one for each change of the level told last, else one each reminder interval;
 * - on blindness, one when it begins, one more when it turns permanent, one each 24 h, one when it ends;
 * - one for each check at the most, and one for each test asked for.
 *
 * What was told last is judged by what the memory could know. People may know more, and then hear a thing
 * twice, only where a cause keeps the memory from knowing of a message: the check that sent it was stopped
 * before its memory was written (crash, lost answer, failed write), or ran beside another check, or the
 * memory was lost since. After good news that was stopped so, what it ended is reminded of at once. Each cause makes one repeat: what is told again is remembered again, unless there
 * is a new cause. An answer that is lost on its way from SNS also makes the SDK publish once more.
 */
import { rank, reminderMs } from "../levels.ts";
import type { Execution, Told } from "../records.ts";
import { isOnBlindness, isOnCredits, type Witness } from "../witness.ts";

/** Judged at each message. */
export function* overBudget(told: Told, witness: Witness): Generator<string> {
  const { by, kind, level, stamp } = told;
  const calls = by.published;
  if (calls.length > 1) yield "one check published more than once";
  if ((calls[0]?.length ?? 0) > 1 + by.lostPublishes)
    yield "a message went out again, though no answer was lost";
  if (by.invocation.dryRun) yield `a dry run told ${kind}`;
  if (by.invocation.test !== (kind === "test"))
    yield `${kind} was told by ${by.invocation.test ? "" : "no "}test`;
  if (!isOnCredits(told)) return;
  const known = by.knowledge?.credit ?? null;
  const change = rank(level) - rank(known?.level ?? "ok");
  if (kind === "raised" && change <= 0) yield `raised to ${level}, which was told`;
  if (kind === "eased" && (change >= 0 || level === "ok")) yield `eased to ${level} from ${known?.level}`;
  if (kind === "recovered" && (change >= 0 || level !== "ok")) yield `recovered from ${known?.level}`;
  if (kind !== "reminder") return;
  if (known === null || change !== 0) yield `reminded of ${level}, which was not told`;
  else if (!by.knowledge?.isCreditUnsure && stamp - known.stamp < reminderMs(level, witness.policy)) {
    yield `reminded of ${level} after ${(stamp - known.stamp) / 60_000} min`;
  }
}

/** Judged at each message: not to know of an earlier one takes a cause. */
export function* forgotten({ by }: Told, witness: Witness): Generator<string> {
  const { knowledge } = by;
  if (knowledge === null) return;
  const isUnknown = (other: Told) =>
    other.by !== by &&
    other.number > knowledge.lostAfter &&
    ((isOnCredits(other) && other.number > (knowledge.credit?.number ?? 0)) ||
      (isOnBlindness(other) && other.number > (knowledge.blind?.number ?? 0)));
  const unknown = witness.told.findLast(isUnknown);
  if (unknown && !hasCause(unknown.by)) yield `${unknown.kind} was forgotten without a cause`;
}

function hasCause({ outcome, overlaps }: Execution): boolean {
  return outcome !== "returned" || overlaps.size > 0;
}
