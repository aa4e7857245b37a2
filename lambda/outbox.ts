/** The memory as an outbox: what is about to be told is written first, and checks that overlap find each other. */

import { type Memory, parseMemory, serializeMemory, type Told, UNKNOWN } from "./policy/memory.ts";
import type { Decision } from "./policy/policy.ts";
import type { Ports } from "./ports.ts";

/** One write, and three more if other checks come in between. */
const MAX_WRITES = 4;

type MemoryPorts = Pick<Ports, "saveMemory" | "readMemory" | "warn">;

/** What a check began with. */
export interface Began {
  readonly checkId: string;
  readonly memory: Memory;
  /** Of the memory that was read. */
  readonly version: number;
  /** The moment of the reading, in epoch milliseconds. */
  readonly now: number;
}

/** The decision that is remembered, and the version of its document. */
export interface Remembered {
  readonly checkId: string;
  readonly decision: Decision;
  readonly version: number;
}

/** Another check wrote the memory at every attempt. Lambda tries again. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
}

/**
 * Remembers what is decided: an alert that goes out as on its way, so that a crash repeats it once and loses nothing.
 *
 * If another check wrote meanwhile, what that one told counts, and this one decides again by the same reading. But it
 * leaves its alert to the next check if the other one read the balance later, or is sending a message at this moment:
 * people could hear the two in any order.
 *
 * @returns the decision that is remembered; its alert goes out unless it is held
 * @throws OverlapError if other checks wrote in between at every attempt
 */
export async function remember(
  began: Began,
  decideOn: (memory: Memory) => Decision,
  ports: MemoryPorts,
): Promise<Remembered> {
  const { checkId } = began;
  let { memory, version } = began;
  let mayTell = true;
  for (let writes = 0; writes < MAX_WRITES; writes++) {
    const decision = decideOn(memory);
    const isTelling: boolean = mayTell && decision.alert !== null && decision.hold === null;
    try {
      const written = await ports.saveMemory(
        serializeMemory(isTelling ? decision.memoryIfTold : decision.memory, checkId),
      );
      const other = await readOther(checkId, version, written, ports);
      version = written;
      const isStale: boolean = isTelling && other !== null && isLater(other, began.now);
      if (other === null || (newsOf(other) === newsOf(memory) && !isStale)) {
        return { checkId, decision: isTelling ? decision : withoutAlert(decision, ports), version };
      }
      mayTell = isTelling && !isStale && !isSending(other, began.memory);
      memory = { seen: began.memory.seen, told: other.told, sending: other.sending };
    } catch (error) {
      // Nothing goes out, so nothing is on its way.
      if (isTelling) await tryToSave(decision.memory, checkId, ports);
      throw error;
    }
  }
  await tryToSave(memory, checkId, ports);
  throw new OverlapError("other checks wrote the memory at the same time, again and again");
}

/** An alert that is held stays in the report; one that is due is left to the next check. */
function withoutAlert(decision: Decision, ports: MemoryPorts): Decision {
  if (decision.alert === null || decision.hold !== null) return decision;
  ports.warn(`${decision.alert.kind} is left to the next check, since another check ran beside this one`);
  return { ...decision, alert: null };
}

/**
 * Remembers how sending ended, unless another check told something meanwhile: then what that one remembers stays. If
 * people could hear two different messages in any order, nobody knows what they believe, and the next check tells what
 * is true.
 *
 * @param settled - what is to be remembered now
 * @param publishedAt - the moment in epoch milliseconds at which the message was out; null if it certainly is not
 */
export async function settle(
  { checkId, decision, version }: Remembered,
  settled: Memory,
  publishedAt: number | null,
  ports: MemoryPorts,
): Promise<void> {
  const written = await ports.saveMemory(serializeMemory(settled, checkId));
  const other = await readOther(checkId, version, written, ports);
  const known = [checkId, decision.memory.told.by];
  if (other === null || known.includes(other.told.by)) return;
  const isInOrder = publishedAt === null || (other.told.anythingAt ?? 0) > publishedAt;
  const isKnown = isInOrder || saysTheSame(other.told, settled.told);
  const by = `${other.told.by}+${checkId}`;
  const kept = isKnown ? other : { ...other, told: { ...other.told, ...UNKNOWN, by } };
  await ports.saveMemory(serializeMemory(kept, checkId));
}

async function tryToSave(memory: Memory, checkId: string, ports: MemoryPorts): Promise<void> {
  try {
    await ports.saveMemory(serializeMemory(memory, checkId));
  } catch (error) {
    ports.warn(`The next check may repeat a message: ${error}`);
  }
}

/** What another check wrote in between, the last of it; null if none did. */
async function readOther(
  checkId: string,
  read: number,
  written: number,
  ports: MemoryPorts,
): Promise<Memory | null> {
  for (let version = written - 1; version > read; version--) {
    const { memory, writer } = parseMemory(await ports.readMemory(version));
    // One's own is there twice if an answer was lost and the SDK tried again.
    if (writer !== null && writer !== checkId) return memory;
  }
  return null;
}

/** Tells two memories apart if something was told, sent or snoozed in between. */
function newsOf({ told, sending }: Memory): string {
  return [told.by, told.snoozedUntil, sending?.tries].join();
}

/** Whether the other check has begun to send a message that this one did not find. */
function isSending({ told, sending }: Memory, began: Memory): boolean {
  return sending !== null && told.by !== began.told.by;
}

function isLater({ seen }: Memory, now: number): boolean {
  return seen.use.last !== null && seen.use.last.at > now;
}

function saysTheSame(one: Told, other: Told): boolean {
  return one.level === other.level && (one.noReading === null) === (other.noReading === null);
}
