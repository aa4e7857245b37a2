/** What people know once a message is heard, and what is remembered while nobody knows whether it was. Pure. */
import type { Alert, AlertKind } from "./alert.ts";
import { countsOf } from "./audience.ts";
import type { Sending, Told } from "./memory.ts";
import type { Due, Situation } from "./situation.ts";
import { DAY_MS } from "./time.ts";

/** Kinds that tell of a change, and count towards the limit on their number. */
const CHANGES: readonly AlertKind[] = ["raised", "eased", "recovered", "no-reading", "reading-again"];

const CHANGES_WINDOW_MS = DAY_MS;

/** What people know by an alert of each kind. */
const NEWS: Readonly<Record<AlertKind, (alert: Alert, situation: Situation) => Partial<Told>>> = {
  raised: levelNews,
  reminder: levelNews,
  eased: levelNews,
  recovered: levelNews,
  "no-reading": noReadingNews,
  "still-no-reading": noReadingNews,
  "reading-again": (alert, situation) => ({ ...smsNews(alert, situation), noReading: null }),
  audience: (_, { listed }) => ({ audience: listed && countsOf(listed) }),
  surge: smsNews,
  "all-clear": () => ({}),
  test: () => ({}),
};

/** At ok nothing is left to be taken back by SMS, but for a surge. */
function smsNews({ kind, bySms }: Alert, { level, told }: Situation): Partial<Told> {
  return { bySms: (level !== "ok" || kind === "surge") && (told.bySms || bySms) };
}

function levelNews(alert: Alert, situation: Situation): Partial<Told> {
  const { now, level } = situation;
  return {
    ...smsNews(alert, situation),
    level,
    at: now,
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

/** What people know once an alert is heard. Another message that it goes before counts as told too, but not a surge. */
export function whenTold({ alert, isRepeat }: Due, situation: Situation): Told {
  const { now, told, sending } = situation;
  const { kind } = alert;
  const isUnheardSurge = !isRepeat && sending?.surge != null;
  const news = { ...told, ...NEWS[kind](alert, situation), anythingAt: now };
  const isWorse = !isRepeat && (kind === "raised" || kind === "no-reading");
  return {
    ...news,
    surgeAt: alert.surge ? now : isUnheardSurge ? null : told.surgeAt,
    changes: CHANGES.includes(kind) && !isRepeat ? [...told.changes, now] : told.changes,
    snoozedUntil: isWorse || news.level === "ok" ? null : told.snoozedUntil,
  };
}

/** The message as it is remembered while nobody knows whether it is heard. */
export function whenSent({ alert, isRepeat }: Due, { now, sending }: Situation): Sending {
  return { ...alert, at: now, tries: isRepeat ? (sending?.tries ?? 0) + 1 : 1 };
}

/** The changes that still count. */
export function recentChanges(changes: readonly number[], now: number): number[] {
  return changes.filter((at) => now - at < CHANGES_WINDOW_MS);
}
