/** How often, and when, a message goes out again of which nobody knows whether it was heard. Pure. */
import type { AlertKind } from "./alert.ts";
import type { Sending } from "./memory.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

/** What matters most is tried three times more: at the next invocation, then so long after the last try. */
const IMPORTANT: readonly AlertKind[] = ["raised", "surge", "no-reading"];
const IMPORTANT_WAITS_MS = [0, 15 * MINUTE_MS, HOUR_MS];
const OTHER_WAITS_MS = [15 * MINUTE_MS];

/** A try may come so early, since checks do. So one that waits for nothing is due at once. */
const EARLY_MS = 5 * MINUTE_MS;

/** Whether the message goes out again at all. If not, it counts as told. */
export function isToBeTried(sending: Sending): boolean {
  return waitMs(sending) !== undefined;
}

/** Whether the message goes out again now. */
export function isTryDue(sending: Sending, now: number): boolean {
  const wait = waitMs(sending);
  return wait !== undefined && now - sending.at >= wait - EARLY_MS;
}

function waitMs({ kind, tries }: Sending): number | undefined {
  return (IMPORTANT.includes(kind) ? IMPORTANT_WAITS_MS : OTHER_WAITS_MS)[tries - 1];
}
