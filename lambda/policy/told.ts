/** What people know once a message is heard, and what is remembered while nobody knows whether it was. Pure. */
import type { AlertKind } from "./alert.ts";
import { countsOf } from "./audience.ts";
import type { Sending, Told } from "./memory.ts";
import type { Due, Situation } from "./situation.ts";
import { DAY_MS } from "./time.ts";

/** Kinds that tell of a change, and count towards the limit on their number. */
const CHANGES: readonly AlertKind[] = ["raised", "eased", "recovered", "no-reading", "reading-again"];

const CHANGES_WINDOW_MS = DAY_MS;
/** More are never told in that time; a damaged memory may hold more. */
const MAX_CHANGES = 24;

/** What people know by an alert of each kind. */
const NEWS: Readonly<Record<AlertKind, (due: Due, situation: Situation) => Partial<Told>>> = {
  raised: levelNews,
  reminder: levelNews,
  eased: levelNews,
  recovered: levelNews,
  "no-reading": noReadingNews,
  "still-no-reading": noReadingNews,
  // It names the level, so that the time to the next reminder of that begins anew.
  "reading-again": (due, situation) => ({ ...smsNews(due, situation), noReading: null, at: situation.now }),
  audience: (_, { listed, now }) => ({ audience: listed && countsOf(listed), audienceAt: now }),
  surge: smsNews,
  "all-clear": smsNews,
  test: () => ({}),
};

/** At ok nothing is left to be taken back by SMS, but for a surge. */
function smsNews({ alert: { kind, bySms } }: Due, { level, told }: Situation): Partial<Told> {
  return { bySms: (level !== "ok" || kind === "surge") && (told.bySms || bySms) };
}

function levelNews(due: Due, situation: Situation): Partial<Told> {
  const { now, level, told } = situation;
  return {
    ...smsNews(due, situation),
    level,
    at: now,
    reminders: remindersAfter(due, told.reminders),
    isUnknown: false,
    noReading: null,
  };
}

function noReadingNews(due: Due, { now, failure, seen, told: { noReading } }: Situation): Partial<Told> {
  return {
    noReading: {
      at: now,
      since: seen.failing?.since ?? now,
      isPermanent: failure?.permanent === true || noReading?.isPermanent === true,
      bySms: due.alert.bySms || noReading?.bySms === true,
      reminders: remindersAfter(due, noReading?.reminders ?? 0),
    },
  };
}

function remindersAfter({ alert: { kind }, isRepeat }: Due, before: number): number {
  const isReminder = kind === "reminder" || kind === "still-no-reading";
  if (isRepeat) return before;
  return isReminder ? before + 1 : 0;
}

/** What people know once an alert is heard. Another message that it goes before counts as told too, but not a surge. */
export function whenTold(due: Due, situation: Situation): Told {
  const { now, told, sending } = situation;
  const { alert, isRepeat } = due;
  const { kind } = alert;
  const news = { ...told, ...NEWS[kind](due, situation), anythingAt: now };
  const isWorse = !isRepeat && (kind === "raised" || kind === "no-reading");
  const isUnheardSurge = !isRepeat && sending?.surge != null;
  // That nothing is left says it all, a surge too.
  const isSurge = alert.surge !== null || (kind === "raised" && situation.surge !== null);
  return {
    ...news,
    surgeAt: isSurge ? now : isUnheardSurge ? null : told.surgeAt,
    changes: CHANGES.includes(kind) && !isRepeat ? [...told.changes, now] : told.changes,
    snoozedUntil: isWorse || news.level === "ok" ? null : told.snoozedUntil,
  };
}

/** What is told once a message is tried no more. A reminder that nobody may have heard makes the next one no rarer. */
export function whenGivenUp(told: Told, { kind }: Sending): Told {
  const fewer = (reminders: number) => Math.max(0, reminders - 1);
  if (kind === "reminder") return { ...told, reminders: fewer(told.reminders) };
  if (kind !== "still-no-reading" || told.noReading === null) return told;
  return { ...told, noReading: { ...told.noReading, reminders: fewer(told.noReading.reminders) } };
}

/** The message as it is remembered while nobody knows whether it is heard. */
export function whenSent({ alert, isRepeat }: Due, { now, sending }: Situation): Sending {
  return { ...alert, at: now, tries: isRepeat ? (sending?.tries ?? 0) + 1 : 1 };
}

/** The changes that still count. */
export function recentChanges(changes: readonly number[], now: number): number[] {
  return changes.filter((at) => now - at < CHANGES_WINDOW_MS).slice(-MAX_CHANGES);
}
