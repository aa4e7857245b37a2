/** Which alerts are due, and which of them are held. Pure. */
import type { Alert, AlertKind, Hold, Severity } from "./alert.ts";
import { type Audience, hasFewer, isHeard, isPhoneAlone, mostOf } from "./audience.ts";
import { isCritical, isKeptByUnknownRunway, rank } from "./levels.ts";
import type { Told } from "./memory.ts";
import type { Failure } from "./reading.ts";
import { isDue, isReminderDue } from "./reminders.ts";
import type { Due, Situation } from "./situation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";
import { isTryDue } from "./tries.ts";

/** At the default schedule, one refused check and two failed ones are tolerated. */
const PERMANENT_FAILURE_MS = 20 * MINUTE_MS;
const TRANSIENT_FAILURE_MS = 40 * MINUTE_MS;
const MIN_TRANSIENT_FAILURES = 2;
/** At rare checks, such as daily ones, the first failure is told. */
const LONG_FAILURE_MS = 12 * HOUR_MS;

const SURGE_PAUSE_MS = DAY_MS;
const AUDIENCE_PAUSE_MS = DAY_MS;

/** Good news waits while so many changes were told in the last 24 hours. */
const MANY_CHANGES = 5;
const GOOD_NEWS: readonly AlertKind[] = ["eased", "recovered", "reading-again"];
const REMINDERS: readonly AlertKind[] = ["reminder", "still-no-reading"];

/** What does not wait for a message of which nobody knows whether it was heard. */
const WORSE: readonly AlertKind[] = ["raised", "surge", "no-reading", "still-no-reading"];
/** What can be told without a reading. */
const ON_FAILURE: readonly AlertKind[] = ["no-reading", "still-no-reading", "audience"];

/**
 * The alerts that are due, in the order in which they go out: the first that is not held.
 *
 * A message of which nobody knows whether it was heard goes first, once more, as long as it is true, and the others
 * wait for it. Only what is worse goes before it, by SMS if the message did.
 */
export function dueAlerts(situation: Situation): Due[] {
  const { now, failure, sending } = situation;
  const canBeTold = ({ kind }: Alert) => failure === null || ON_FAILURE.includes(kind);
  const isWorse = ({ kind }: Alert) => WORSE.includes(kind);
  const pending = pendingAlert(situation);
  const isPending = pending !== null && holdOf(pending, situation) === null;

  const fresh = [...newAlerts(situation, pending)].filter(canBeTold).map((each): Due => {
    const alert = { ...each, bySms: each.bySms || pending?.bySms === true };
    const hold = newHoldOf(alert, situation) ?? (isPending && !isWorse(alert) ? "on-its-way" : null);
    return { alert, isRepeat: false, hold };
  });
  if (pending === null || sending === null || !canBeTold(pending) || !isTryDue(sending, now)) return fresh;
  const repeat = { alert: pending, isRepeat: true, hold: holdOf(pending, situation) };
  const worse = fresh.filter(({ alert }) => isWorse(alert));
  return [...worse, repeat, ...fresh.filter(({ alert }) => !isWorse(alert))];
}

/**
 * What people do not know yet, some of which needs a reading. The order counts: the first one goes out, the others are
 * due at the next check.
 */
function* newAlerts(situation: Situation, pending: Alert | null): Generator<Alert> {
  const { failure, level, told } = situation;
  const change = rank(level) - rank(told.level);

  if (change > 0 && isCritical(level)) yield creditAlert("raised", situation);
  if (isSurgeDue(situation) && !pending?.surge) {
    yield { ...alertOf("surge", "critical", situation), surge: situation.surge };
  }
  if (failure && isNoReadingNew(failure, situation)) yield noReadingAlert("no-reading", failure, situation);
  if (change > 0 && !isCritical(level)) yield creditAlert("raised", situation);
  if (hasLostAudience(situation)) {
    const alert = alertOf("audience", "warning", situation, { alsoBySms: true });
    yield { ...alert, previousAudience: told.audience };
  }
  if (failure && isNoReadingDueAgain(failure, situation)) {
    yield noReadingAlert("still-no-reading", failure, situation);
  }
  if (isLevelDueAgain(situation)) yield creditAlert("reminder", situation);
  if (change < 0) yield creditAlert(level === "ok" ? "recovered" : "eased", situation);
  // After a damaged memory nobody knows what people believe.
  if (told.isUnknown && level === "ok") yield creditAlert("recovered", situation);
  if (told.noReading) yield readingAlert("reading-again", "info", situation, told.bySms);
  if (isAllClearDue(situation)) {
    const isAfterSurge = isSurgeLast(told);
    yield { ...alertOf("all-clear", "info", situation, { alsoBySms: told.bySms }), isAfterSurge };
  }
}

/** Why an alert may not go out now; null if it may. */
function holdOf({ kind, bySms }: Alert, situation: Situation): Hold | null {
  if (!isHeard(bySms, audienceOf(situation))) return "nobody-listens";
  return REMINDERS.includes(kind) && situation.told.snoozedUntil !== null ? "snoozed" : null;
}

function newHoldOf(alert: Alert, situation: Situation): Hold | null {
  const isTooMany = GOOD_NEWS.includes(alert.kind) && situation.told.changes.length >= MANY_CHANGES;
  return holdOf(alert, situation) ?? (isTooMany ? "too-many" : null);
}

/** The message of which nobody knows whether it was heard, as long as it is true. */
function pendingAlert(situation: Situation): Alert | null {
  const { rules, failure, level, listed, listedBefore, sending } = situation;
  if (sending === null) return null;
  const { at, tries, ...alert } = sending;
  switch (alert.kind) {
    case "no-reading":
    case "still-no-reading":
      // In the words of this failure, which may be worse.
      return failure && isNoReadingDue(failure, situation)
        ? noReadingAlert(alert.kind, failure, situation)
        : null;
    case "audience": {
      const before = rules.tellsAudience ? alert.previousAudience : null;
      return listed && before && hasFewer(mostOf(listed, listedBefore ?? listed), before) ? alert : null;
    }
    default:
      return level === alert.level ? alert : null;
  }
}

function isSurgeDue({ now, level, surge, told, sending }: Situation): boolean {
  if (surge === null || level === "empty") return false;
  // The message that told it may not have been heard.
  const isUnheard = sending?.surge != null;
  return told.surgeAt === null || isUnheard || isDue(told.surgeAt, SURGE_PAUSE_MS, now);
}

/** Whether there has been no reading for too long. */
function isNoReadingDue(failure: Failure, { now, seen: { use, failing } }: Situation): boolean {
  if (failure.reason === "missing-key") return true;
  const lastReadingAt = use.last?.at;
  if (failure.permanent) {
    return lastReadingAt === undefined || now - lastReadingAt > PERMANENT_FAILURE_MS;
  }
  const sinceMs = now - (lastReadingAt ?? failing?.since ?? now);
  const isRepeated = (failing?.checks ?? 0) >= MIN_TRANSIENT_FAILURES;
  return sinceMs > LONG_FAILURE_MS || (isRepeated && sinceMs > TRANSIENT_FAILURE_MS);
}

function isNoReadingNew(failure: Failure, situation: Situation): boolean {
  const { noReading } = situation.told;
  const isNews = noReading === null || (failure.permanent && !noReading.isPermanent);
  return isNews && isNoReadingDue(failure, situation);
}

function isNoReadingDueAgain(failure: Failure, situation: Situation): boolean {
  const { noReading } = situation.told;
  const isOld = noReading !== null && isReminderDue(situation.told, situation.rules, situation.now);
  return isOld && isNoReadingDue(failure, situation);
}

function isLevelDueAgain(situation: Situation): boolean {
  const { now, rules, level, told } = situation;
  if (level !== told.level || told.noReading || isKeptByUnknownRunway(situation)) return false;
  return isReminderDue(told, rules, now);
}

/** One short list is not trusted, and of several accounts on one topic only the first tells it. */
function hasLostAudience({ now, rules, listed, listedBefore, told }: Situation): boolean {
  const { audience, audienceAt } = told;
  if (!rules.tellsAudience || listed === null || listedBefore === null || audience === null) return false;
  const isOften = audienceAt !== null && !isDue(audienceAt, AUDIENCE_PAUSE_MS, now);
  return !isOften && hasFewer(mostOf(listed, listedBefore), audience);
}

function isAllClearDue({ now, rules, level, told }: Situation): boolean {
  const { allClearDays } = rules;
  const { anythingAt, surgeAt } = told;
  if (level !== "ok" || told.level !== "ok" || told.noReading || anythingAt === null) return false;
  if (isSurgeLast(told)) return isDue(surgeAt ?? 0, SURGE_PAUSE_MS, now);
  return allClearDays > 0 && isDue(anythingAt, allClearDays * DAY_MS, now);
}

/** Whether a surge is the last that people heard. */
function isSurgeLast({ surgeAt, anythingAt }: Told): boolean {
  return surgeAt !== null && surgeAt === anythingAt;
}

/** Who counts: those listed now, else those listed last; null if SNS never said. */
function audienceOf({ listed, seen }: Situation): Audience | null {
  return listed ?? seen.audience;
}

/**
 * The one place that says whether an alert goes by SMS: if it is critical, if nobody else would hear it, or if the
 * settings or `alsoBySms` say so.
 */
function alertOf(
  kind: AlertKind,
  severity: Severity,
  situation: Situation,
  { alsoBySms = false }: { readonly alsoBySms?: boolean } = {},
): Alert {
  const { rules, level, told } = situation;
  const isAlone = isPhoneAlone(audienceOf(situation));
  return {
    kind,
    severity,
    bySms: severity === "critical" || isAlone || rules.sms === "all" || alsoBySms,
    level,
    previousLevel: told.level,
    noReadingSince: null,
    previousAudience: null,
    surge: null,
    isAfterSurge: false,
  };
}

/** An alert that also tells that there is a reading again. What a phone heard is also taken back by SMS. */
function readingAlert(kind: AlertKind, severity: Severity, situation: Situation, alsoBySms: boolean): Alert {
  const { noReading } = situation.told;
  return {
    ...alertOf(kind, severity, situation, { alsoBySms: alsoBySms || noReading?.bySms === true }),
    noReadingSince: noReading?.since ?? null,
  };
}

function creditAlert(kind: "raised" | "reminder" | "eased" | "recovered", situation: Situation): Alert {
  const { level, told } = situation;
  if (kind === "eased" || kind === "recovered") return readingAlert(kind, "info", situation, told.bySms);
  const alsoBySms = told.isUnknown || (kind === "raised" && told.bySms);
  const alert = readingAlert(kind, isCritical(level) ? "critical" : "warning", situation, alsoBySms);
  return kind === "raised" && isSurgeDue(situation) ? { ...alert, surge: situation.surge } : alert;
}

function noReadingAlert(
  kind: "no-reading" | "still-no-reading",
  failure: Failure,
  situation: Situation,
): Alert {
  const isUrgent = failure.permanent || isCritical(situation.level);
  return alertOf(kind, isUrgent ? "critical" : "warning", situation);
}
