/** The memory beside other checks. SSM has no conditional write, but each write gives a version. */
import { type Memory, parseMemory, serializeMemory } from "./policy/memory.ts";
import type { Ports } from "./ports.ts";

/** While a message is on its way for less than this, the check that sends it may still be running. */
export const IN_FLIGHT_MS = 60_000;

/** So many former versions are looked at: more are hardly ever written while one check runs. */
const MAX_LOOKS = 3;

/** Another check is telling something at the same time. Lambda tries again, by what that one remembers. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
}

/**
 * Writes the memory that follows `known`. Only a write with nothing told in between may be followed by a message, so of
 * checks that overlap one tells. Who finds that another one told something puts its document back, unless that one is
 * still sending: then it writes the last word itself.
 *
 * @throws OverlapError if another check told, sent or snoozed something in between
 */
export async function save(
  memory: Memory,
  known: { readonly memory: Memory; readonly version: number },
  now: number,
  ports: Pick<Ports, "saveMemory" | "readMemory">,
): Promise<void> {
  const document = serializeMemory(memory);
  const { version, isRetried } = await ports.saveMemory(document);
  let later: Memory | null = null;
  const oldest = Math.max(known.version + 1, version - MAX_LOOKS);
  for (let earlier = version - 1; earlier >= oldest; earlier--) {
    const before = await ports.readMemory(earlier);
    // One's own is there twice if an answer was lost.
    if (before === undefined || (before === document && isRetried)) continue;
    const other = parseMemory(before).memory;
    if (newsOf(other) !== newsOf(known.memory) && !isTakenBack(other, later)) {
      if (!isInFlight(other, now)) await ports.saveMemory(before);
      throw new OverlapError("another check told something at the same time");
    }
    later = other;
  }
}

/** Whether the check that wrote this has written once more since, without news: its message certainly did not go out. */
function isTakenBack({ seen }: Memory, later: Memory | null): boolean {
  return later !== null && JSON.stringify(later.seen) === JSON.stringify(seen);
}

/** Whether a message may be leaving at this moment. One that lies far ahead is not: a clock was wrong. */
export function isInFlight({ sending }: Memory, now: number): boolean {
  return sending !== null && Math.abs(now - sending.at) < IN_FLIGHT_MS;
}

/** Differs if something was told, sent or snoozed in between. */
function newsOf({ told, sending }: Memory): string {
  return [told.anythingAt, told.isUnknown, told.snoozedUntil, sending?.at, sending?.tries].join();
}
