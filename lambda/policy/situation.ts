/** What alerts are decided by. Pure. */
import type { Alert, Hold } from "./alert.ts";
import type { Audience } from "./audience.ts";
import type { Runway, Surge } from "./forecast.ts";
import type { Cause, Level } from "./levels.ts";
import type { Memory, Sending, Told } from "./memory.ts";
import type { Failure } from "./reading.ts";
import type { Rules } from "./rules.ts";

/** All that an alert is decided by. */
export interface Situation {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly rules: Rules;
  /** Null if credits were read. */
  readonly failure: Failure | null;
  /** The level of this reading; without one, the last known one. */
  readonly level: Level | null;
  readonly cause: Cause | null;
  readonly runway: Runway | null;
  readonly surge: Surge | null;
  /** What was seen, this check included. */
  readonly seen: Memory["seen"];
  /** Confirmed subscriptions as listed by this check; null if SNS did not say. */
  readonly listed: Audience | null;
  /** The same as listed last before this check. */
  readonly listedBefore: Audience | null;
  readonly told: Told;
  /** A message of which nobody knows whether it was heard; null if it was tried often enough. */
  readonly sending: Sending | null;
}

/** An alert that is due. */
export interface Due {
  readonly alert: Alert;
  /** Whether it is the message that is on its way, once more. */
  readonly isRepeat: boolean;
  /** Why it may not go out now; null if it may. */
  readonly hold: Hold | null;
}
