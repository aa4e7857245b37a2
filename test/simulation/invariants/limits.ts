/** Invariant 6: a check ends within its time, and the memory stays within its size and is mended when damaged. */
import { MAX_MEMORY_CHARACTERS } from "../../../lambda/policy/memory.ts";
import type { Execution } from "../records.ts";

/** The time limit of the deployed function. */
export const FUNCTION_TIMEOUT_MS = 150_000;

/** Judged at the end of a check. */
export function* overTime({ outcome, knowledge, warnings, report }: Execution): Generator<string> {
  if (outcome === "timed out") yield `the check was not done after ${FUNCTION_TIMEOUT_MS / 1_000} s`;
  if (report && knowledge?.damaged && warnings === 0)
    yield "a damaged memory was passed over without a warning";
}

/** Judged at each write. */
export function* oversized(document: string, { invocation, saves }: Execution): Generator<string> {
  if (document.length > MAX_MEMORY_CHARACTERS) yield `the memory has ${document.length} characters`;
  if (saves > 2) yield "one check wrote the memory more than once ahead of its news and once after";
  if (invocation.dryRun || invocation.test) yield "a dry run or a test wrote the memory";
}
