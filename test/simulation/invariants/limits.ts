/**
 * Invariant 7: a check ends within its time; the memory stays within its size, and a damaged one is replaced with a
 * warning; AWS failing to read, to remember or to publish is thrown, so that Lambda tries again and the alarm rises.
 * SNS not listing who listens is no such failure, and neither is the write after a message.
 */
import { MAX_MEMORY_CHARACTERS } from "../../../lambda/policy/memory.ts";
import { FUNCTION_TIMEOUT_MS } from "../functions.ts";
import { type Execution, gaveWay } from "../records.ts";

/** Judged at the end of a check. */
export function* beyondLimits(execution: Execution, intervalMs: number): Generator<string> {
  const { outcome, isMemoryDamaged, warnings, report, failedCalls, publishCalls, overlaps, error } =
    execution;
  if (outcome === "timed out") yield `the check was not done after ${FUNCTION_TIMEOUT_MS / 1_000} s`;
  if (report && isMemoryDamaged && warnings === 0) yield "a damaged memory was passed over without a warning";
  // What the check writes once the message is out may fail: the next one repeats the message.
  const fatal = failedCalls.filter(
    (call) => call === "read" || call === "publish" || (call !== "list" && publishCalls === 0),
  );
  if (outcome === "returned" && fatal.length > 0) yield `AWS failed (${fatal}), and the check returned`;
  // It gives way to a message that may be leaving at this moment, be it by a check that has ended.
  const isAside = gaveWay(execution) && (overlaps.size > 0 || execution.foundSending);
  if (outcome === "threw" && fatal.length === 0 && !isAside) yield `threw without a cause: ${error}`;
  // Where checks are frequent the next ones come in between.
  const isLast = execution.call.asides === 2 && intervalMs >= 5 * 60_000;
  if (isAside && overlaps.size === 0 && isLast) yield "gave way at every attempt";
}

/** Judged at each write. */
export function* oversized(document: string): Generator<string> {
  if (document.length > MAX_MEMORY_CHARACTERS) yield `the memory has ${document.length} characters`;
}
