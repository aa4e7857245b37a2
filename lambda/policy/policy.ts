/** The decisions: memory + reading + policy + now → level, alert, memory. Pure. */
import { LEVELS, type Level, type Memory, type RunwayLevel } from "./memory.ts";
import type { Failure, Reading } from "./reading.ts";
import { burnRate, type Runway, runwayOf, type Sample, withSample } from "./runway.ts";

const HOUR_MS = 3_600_000;

/** Thresholds in credits, runway limits and reminder intervals in hours. A runway limit of 0 turns it off. */
export interface Policy {
  readonly warningCredits: number;
  readonly criticalCredits: number;
  readonly warningHours: number;
  readonly criticalHours: number;
  readonly warningReminderHours: number;
  /** At critical and empty. */
  readonly criticalReminderHours: number;
  /** After so many days of silence people are told that all is well; 0 is never. */
  readonly allClearDays: number;
}

export const DEFAULT_POLICY: Policy = {
  warningCredits: 1000,
  criticalCredits: 300,
  warningHours: 24,
  criticalHours: 8,
  warningReminderHours: 24,
  criticalReminderHours: 6,
  allClearDays: 7,
};

/** This many transient failures in a row make the watchman blind; one permanent failure does so at once. */
export const BLIND_AFTER_FAILURES = 3;
export const BLIND_REMINDER_HOURS = 24;

/** Clocks may differ from one check to the next by less than this. */
const CLOCK_TOLERANCE_MS = HOUR_MS;

/**
 * A check may get its answer sooner after its time than the one that told. Where the interval between checks divides
 * that of the reminders, the reminder would else wait for one check more.
 */
const SCHEDULE_TOLERANCE_MS = 60_000;

type CreditAlertKind = "raised" | "reminder" | "eased" | "recovered";
export type BlindAlertKind = "blind" | "still-blind";
export type AlertKind = CreditAlertKind | BlindAlertKind | "sighted" | "test";
export type Severity = "info" | "warning" | "critical";

/** A decision to tell people. */
export interface Alert {
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** Whether SMS subscribers should hear it, even where SMS is for critical news only. */
  readonly urgent: boolean;
  /** The level that was told before, ok where none was. */
  readonly before: Level;
  /** When the next reminder is due if nothing changes, in epoch milliseconds; null where none is. */
  readonly nextReminderAt: number | null;
  /** The blindness that this alert ends: when it began, in epoch milliseconds. */
  readonly blindSince: number | null;
}

/**
 * What makes the level: credits at or below a threshold, or hours left at or below a limit. `held` says
 * that this is over, but not by the margin that it takes to leave a level, or not known to be.
 */
export type Cause =
  | { readonly by: "credits"; readonly threshold: number; readonly held: boolean }
  | { readonly by: "runway"; readonly limitHours: number; readonly held: boolean };

/** What a decision found. */
export interface Decision {
  /** The present level; on a failure the last known one, null where none is. */
  readonly level: Level | null;
  /** Null at ok, and on a failure. */
  readonly cause: Cause | null;
  readonly runway: Runway | null;
  readonly alert: Alert | null;
  /** To be remembered once the alert is out. */
  readonly memory: Memory;
}

/**
 * Decides what one reading means.
 *
 * @param now - epoch milliseconds
 */
export function decide(memory: Memory, reading: Reading, policy: Policy, now: number): Decision {
  return reading.kind === "failure"
    ? decideOnFailure(memory, reading.failure, now)
    : decideOnCredits(memory, { at: now, credits: reading.credits }, policy);
}

/**
 * What to remember before good news goes out: that a reminder of the bad is due. Should the check be stopped
 * after telling and before remembering, people believe that all is well; where it is bad again by then, the
 * next check says so at once. Null for other alerts, which nothing may delay.
 */
export function beforeGoodNews(memory: Memory, { kind }: Alert): Memory | null {
  if (kind !== "eased" && kind !== "recovered" && kind !== "sighted") return null;
  const told = memory.told && (kind === "sighted" ? memory.told : { ...memory.told, at: 0 });
  return { ...memory, told, blind: memory.blind && { ...memory.blind, at: 0 } };
}

/** The alert that is asked for by hand. It goes to every channel. */
export function testAlert(memory: Memory): Alert {
  return {
    kind: "test",
    severity: "info",
    urgent: true,
    before: memory.level ?? "ok",
    nextReminderAt: null,
    blindSince: null,
  };
}

/** A failure changes nothing but what is known of failures: level, samples and reminders stay as they were. */
function decideOnFailure(memory: Memory, failure: Failure, now: number): Decision {
  // A moment of the future is of a clock that was wrong.
  const since = Math.min(memory.failing?.since ?? now, now);
  const failing = { count: (memory.failing?.count ?? 0) + 1, since };
  const told = memory.blind;
  const permanent = failure.permanent || told?.permanent === true;

  let kind: BlindAlertKind | null = null;
  if (told === null) {
    if (permanent || failing.count >= BLIND_AFTER_FAILURES) kind = "blind";
  } else if (permanent && !told.permanent) kind = "blind";
  else if (isDue(told.at, BLIND_REMINDER_HOURS * HOUR_MS, now)) kind = "still-blind";

  const alert: Alert | null = kind && {
    kind,
    severity: permanent ? "critical" : "warning",
    urgent: permanent,
    before: memory.level ?? "ok",
    nextReminderAt: now + BLIND_REMINDER_HOURS * HOUR_MS,
    blindSince: null,
  };
  const blind = alert ? { at: now, permanent } : told;
  return { level: memory.level, cause: null, runway: null, alert, memory: { ...memory, failing, blind } };
}

function decideOnCredits(memory: Memory, current: Sample, policy: Policy): Decision {
  const now = current.at;
  const creditsPerHour = burnRate(memory.samples, current);
  const runway = runwayOf(current, creditsPerHour);
  const hoursLeft = creditsPerHour === null ? null : (runway?.hoursLeft ?? Number.POSITIVE_INFINITY);

  const before = memory.level ?? "ok";
  const runwayLevel = runwayLevelOf(memory, hoursLeft, policy);
  const { level, cause } = levelOf(before, current.credits, hoursLeft, runwayLevel, policy);

  const reminderMs = reminderHours(level, policy) * HOUR_MS;
  let kind: CreditAlertKind | "sighted" | null = null;
  if (rank(level) > rank(before)) kind = "raised";
  else if (rank(level) < rank(before)) kind = level === "ok" ? "recovered" : "eased";
  else if (memory.told !== null && isDue(memory.told.at, reminderMs, now)) kind = "reminder";
  else if (memory.blind !== null) kind = "sighted";

  const severity = kind === "raised" || kind === "reminder" ? severityOf(level) : "info";
  const criticalTold = memory.told?.critical === true;
  const toldAt = kind === null || kind === "sighted" ? (memory.told?.at ?? now) : now;
  const alert: Alert | null = kind && {
    kind,
    severity,
    urgent:
      severity === "critical" ||
      ((kind === "eased" || kind === "recovered") && criticalTold) ||
      memory.blind?.permanent === true,
    before,
    nextReminderAt: level === "ok" ? null : toldAt + reminderMs,
    blindSince: memory.blind && memory.failing && Math.min(memory.failing.since, now),
  };
  const told =
    level === "ok"
      ? null
      : { at: toldAt, critical: criticalTold || severity === "critical", runway: runwayLevel };
  const samples = withSample(memory.samples, current);
  return { level, cause, runway, alert, memory: { level, told, failing: null, blind: null, samples } };
}

/** The levels that have a threshold and a limit, from worst to best. */
function limitsOf(policy: Policy) {
  return [
    { level: "critical", threshold: policy.criticalCredits, limitHours: policy.criticalHours },
    { level: "warning", threshold: policy.warningCredits, limitHours: policy.warningHours },
  ] as const;
}

/**
 * The level that the runway does not let go of, since it does not exceed the limit by 50 %. Unknown is no
 * recovery: the runway then keeps the level that it had when it was last known.
 *
 * @param hoursLeft - null where unknown, infinite where nothing is used
 */
function runwayLevelOf(memory: Memory, hoursLeft: number | null, policy: Policy): RunwayLevel {
  if (hoursLeft === null) return memory.told?.runway ?? "ok";
  return limitsOf(policy).find(({ limitHours }) => hoursLeft <= limitHours * 1.5)?.level ?? "ok";
}

/**
 * The level gets worse at once. It gets better only when credits exceed the threshold by 10 % and the
 * runway exceeds its limit by 50 %. So, from worst to best, the first level counts that is reached or that
 * would be left by less.
 */
function levelOf(
  before: Level,
  credits: number,
  hoursLeft: number | null,
  runwayLevel: RunwayLevel,
  policy: Policy,
): { level: Level; cause: Cause | null } {
  if (credits <= 0) return { level: "empty", cause: { by: "credits", threshold: 0, held: false } };
  for (const { level, threshold, limitHours } of limitsOf(policy)) {
    const byCredits = (held: boolean) => ({ level, cause: { by: "credits", threshold, held } }) as const;
    const byRunway = (held: boolean) => ({ level, cause: { by: "runway", limitHours, held } }) as const;
    if (credits <= threshold) return byCredits(false);
    // A limit of 0 is off: it is never reached while credits are left.
    if (hoursLeft !== null && hoursLeft <= limitHours) return byRunway(false);
    if (rank(before) < rank(level)) continue;
    if (limitHours > 0 && rank(runwayLevel) >= rank(level)) return byRunway(true);
    if (credits * 10 <= threshold * 11) return byCredits(true);
  }
  return { level: "ok", cause: null };
}

/** Whether an interval has passed. A moment of the future is of a clock that was wrong, and nothing to wait for. */
function isDue(since: number, intervalMs: number, now: number): boolean {
  const toleranceMs = Math.min(SCHEDULE_TOLERANCE_MS, intervalMs / 10);
  return now - since >= intervalMs - toleranceMs || since - now > CLOCK_TOLERANCE_MS;
}

function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

function reminderHours(level: Level, policy: Policy): number {
  return level === "warning" ? policy.warningReminderHours : policy.criticalReminderHours;
}

function severityOf(level: Level): Severity {
  return level === "warning" ? "warning" : "critical";
}
