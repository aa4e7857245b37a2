/** An alert: a decision to tell people, with its kind and severity. Pure. */

import type { Audience } from "./audience.ts";
import type { Surge } from "./forecast.ts";
import type { Level } from "./levels.ts";

/** Every kind of alert. `test` is only asked for by hand. */
export const ALERT_KINDS = [
  "raised",
  "surge",
  "no-reading",
  "audience",
  "still-no-reading",
  "reminder",
  "eased",
  "recovered",
  "reading-again",
  "all-clear",
  "test",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * Why an alert that is due does not go out yet:
 *
 * - `nobody-listens`: nobody confirmed would get it
 * - `too-many`: good news waits after five changes in 24 hours
 * - `on-its-way`: another message, of which nobody knows whether it was heard, goes first
 * - `snoozed`: there are no reminders until the snooze ends
 */
export const HOLDS = ["nobody-listens", "too-many", "on-its-way", "snoozed"] as const;
export type Hold = (typeof HOLDS)[number];

export interface Alert {
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** Whether phones hear it. */
  readonly bySms: boolean;
  /** The level at which it was decided; without a reading the last known one, null if there never was one. */
  readonly level: Level | null;
  /** The level told before, null if none was. */
  readonly previousLevel: Level | null;
  /** Set if people were told that there is no reading, and this alert says that there is one again: since when there was none, in epoch milliseconds. */
  readonly noReadingSince: number | null;
  /** Set if subscribers were lost: the confirmed ones that people know of. */
  readonly previousAudience: Audience | null;
  /** Set if the alert says that much more is used than usual, be it beside a level that got worse. */
  readonly surge: Surge | null;
  /** Whether the alert says that a surge that was told is over. */
  readonly isAfterSurge: boolean;
}
