/** What people know once a message is heard, and what is remembered while nobody knows whether it was. Pure. */
import type { Alert, AlertKind } from "./alert.ts";
import { countsOf } from "./audience.ts";
import { type Sending, type Told, UNKNOWN } from "./memory.ts";
import type { Due, Situation } from "./situation.ts";
import { DAY_MS } from "./time.ts";

/** Kinds that tell of a change, and count towards the limit on their number. */
const CHANGES: readonly AlertKind[] = ["raised", "eased", "recovered", "no-reading", "reading-again"];

const CHANGES_WINDOW_MS = DAY_MS;

/** A message of which nobody knows whether it was heard goes out twice at once; then it waits. */
export const QUICK_TRIES = 2;

/** What people know by an alert of each kind. */
const NEWS: Readonly<Record<AlertKind, (alert: Alert, situation: Situation) => Partial<Told>>> = {
  raised: levelNews,
  reminder: levelNews,
  eased: levelNews,
  recovered: levelNews,
  "no-reading": noReadingNews,
  "still-no-reading": noReadingNews,
  "reading-again": () => ({ noReading: null }),
  audience: (_, { listed }) => ({ audience: listed && countsOf(listed) }),
  surge: () => ({}),
  "all-clear": () => ({}),
  test: () => ({}),
};

function levelNews({ bySms }: Alert, { now, level, told }: Situation): Partial<Told> {
  return {
    level,
    at: now,
    bySms: level !== "ok" && (told.bySms || bySms),
    isUnknown: false,
    noReading: null,
  };
}

function noReadingNews({ bySms }: Alert, { now, failure, seen, told }: Situation): Partial<Told> {
  return {
    noReading: {
      at: now,
      since: seen.failing?.since ?? now,
      isPermanent: failure?.permanent === true || told.noReading?.isPermanent === true,
      bySms: bySms || told.noReading?.bySms === true,
    },
  };
}

/** What people know once an alert is heard. */
export function whenTold({ alert, isRepeat }: Due, situation: Situation): Told {
  const { now, told, sending, checkId } = situation;
  const { kind } = alert;
  const news = {
    ...told,
    ...(isRepeat ? {} : takenBack(sending)),
    ...NEWS[kind](alert, situation),
    anythingAt: now,
    by: checkId,
  };
  const isWorse = !isRepeat && (kind === "raised" || kind === "no-reading");
  return {
    ...news,
    surgeAt: alert.surge ? now : news.surgeAt,
    changes: CHANGES.includes(kind) && !isRepeat ? [...told.changes, now] : told.changes,
    snoozedUntil: isWorse || news.level === "ok" ? null : told.snoozedUntil,
  };
}

/** What is no longer told if another message replaces the one on its way, which may not have been heard. */
function takenBack(sending: Sending | null): Partial<Told> {
  if (sending === null || sending.tries >= QUICK_TRIES) return {};
  const surge = sending.surge ? { surgeAt: null } : {};
  switch (sending.kind) {
    case "raised":
    case "eased":
    case "recovered":
      return { ...UNKNOWN, ...surge };
    case "audience":
      return { audience: sending.previousAudience };
    default:
      return surge;
  }
}

/** The message as it is remembered while nobody knows whether it is heard. */
export function whenSent({ alert, isRepeat }: Due, { now, sending }: Situation): Sending {
  return { ...alert, at: now, tries: isRepeat ? (sending?.tries ?? 0) + 1 : 1 };
}

/** The changes that still count. */
export function recentChanges(changes: readonly number[], now: number): number[] {
  return changes.filter((at) => now - at < CHANGES_WINDOW_MS);
}
