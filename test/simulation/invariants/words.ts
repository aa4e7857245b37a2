/**
 * Invariant 5: nothing but Kie's own words makes zero or a permanent failure, and no single wrong answer does. What a
 * check reports and tells is what the last answer truly meant.
 *
 * The level that it makes of a reading is at least what credits and runway reach, and at most what they have not
 * clearly left: 10 % above the threshold, 50 % above the limit. A level doesn't get better within this margin. An
 * unknown runway keeps the level that it made. The runway itself is judged by what was truly used: a mean needs 6
 * known hours, of each of which a half may be inferred, so that it is a third of what was used at the most.
 */
import { levelOf, rank } from "../levels.ts";
import { type Execution, meaningOf, type Told } from "../records.ts";
import type { Witness } from "../witness.ts";

const MIN_KNOWN_HOURS = 3;
const MARGINS = { credits: 10, hours: 50 };
/** The report has two decimals. */
const ROUNDED_HOURS = 0.01;
const NO_READING_KINDS = new Set(["no-reading", "still-no-reading"]);
const FREE_KINDS = new Set(["test", "audience"]);

/** Judged at each message. */
export function* untrueMessage(told: Told, execution: Execution): Generator<string> {
  const meaning = meaningOf(execution);
  if (meaning.kind === "credits" && told.credits !== meaning.credits) {
    yield `told ${told.credits} credits, but Kie said ${meaning.credits}`;
  }
  if (meaning.kind === "failure" && told.credits !== null)
    yield `told ${told.credits} credits without a reading`;
  if (meaning.kind === "failure" && told.isPermanent !== meaning.permanent) {
    yield `told ${told.isPermanent ? "a permanent" : "a transient"} failure, but it was ${meaning.reason}`;
  }
  if (meaning.kind === "credits" && !meaning.real) yield `${told.kind} tells a single false zero`;
  if (told.severity === "critical" && !told.bySms) yield `${told.kind} is critical, and phones don't hear it`;
  if (FREE_KINDS.has(told.kind)) return;
  if (NO_READING_KINDS.has(told.kind) !== (meaning.kind === "failure")) {
    yield `${told.kind} was told though Kie gave ${meaning.kind}`;
  }
  if (told.kind === "recovered" && told.level !== "ok") yield `recovered to ${told.level}`;
  if ((told.kind === "eased" || told.kind === "raised") && told.level === "ok") yield `${told.kind} to ok`;
}

/** Judged at the end of a check. */
export function* untrueReport(execution: Execution, witness: Witness): Generator<string> {
  const { report, memoryBy } = execution;
  if (report === null) return;
  const meaning = meaningOf(execution);
  if (meaning.kind === "failure") {
    const { failure } = report;
    if (failure?.permanent !== meaning.permanent || report.credits !== null) {
      yield `reported ${failure?.reason}, permanent ${failure?.permanent}, but it was ${meaning.reason}`;
    }
    return;
  }
  if (report.credits !== meaning.credits)
    yield `reported ${report.credits} credits, but Kie said ${meaning.credits}`;
  if (!meaning.real) yield "a single false zero was taken for a reading";
  if (report.failure !== null) yield "a failure was reported beside credits";
  const { level, runway } = report;
  const before = memoryBy?.report?.level ?? null;
  const hoursLeft = runway && (runway.hoursLeft ?? Number.POSITIVE_INFINITY);
  const by = (roundedHours: number, leaving?: Parameters<typeof levelOf>[3]) =>
    levelOf(meaning.credits, hoursLeft && hoursLeft + roundedHours, witness.config, leaving);
  const reached = by(ROUNDED_HOURS);
  const notLeft = by(-ROUNDED_HOURS, { ...MARGINS, isEmpty: true });
  if (level === null || rank(level) < rank(reached))
    yield `level ${level} at ${meaning.credits}, which make ${reached}`;
  const isKeptByUnknown =
    runway === null && witness.config.warningHours > 0 && rank(level) <= rank(before ?? "critical");
  if (rank(level) > rank(notLeft) && !isKeptByUnknown)
    yield `level ${level} at ${meaning.credits}: nothing makes it`;
  if (
    rank(level) < rank(before) &&
    rank(level) < rank(by(ROUNDED_HOURS, { ...MARGINS, isEmpty: before === "empty" }))
  ) {
    yield `level ${level} after ${before} at ${meaning.credits}, which is within the margin`;
  }
  const leastHours = meaning.credits / (witness.account.used() / MIN_KNOWN_HOURS);
  if (hoursLeft !== null && meaning.credits >= 0.5 && hoursLeft < leastHours * 0.99 - ROUNDED_HOURS) {
    yield `a runway of ${hoursLeft} h, though ${witness.account.used()} credits were used in a week`;
  }
}
