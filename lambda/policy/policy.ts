/** The decision of one check: memory + what is seen + rules + now → level, alert, memory. Pure. */
import type { Alert, AlertKind, Hold } from "./alert.ts";
import type { Audience } from "./audience.ts";
import { countsOf, mostOf } from "./audience.ts";
import { dueAlerts } from "./due.ts";
import { findSurge, forecast, observe, type Runway } from "./forecast.ts";
import { assess, type Cause, type Level } from "./levels.ts";
import type { Memory, Told } from "./memory.ts";
import type { Reading } from "./reading.ts";
import type { Rules } from "./rules.ts";
import type { Situation } from "./situation.ts";
import { HOUR_MS } from "./time.ts";
import { recentChanges, whenGivenUp, whenSent, whenTold } from "./told.ts";
import { isToBeTried } from "./tries.ts";

/** The longest snooze that can be asked for: a week. */
export const MAX_SNOOZE_HOURS = 168;

/** What a check sees, and what it is asked for. */
export interface Look {
  readonly reading: Reading;
  /** Null if SNS did not say, or there is no topic. */
  readonly audience: Audience | null;
  /** No reminders for so long from now on; 0 ends a snooze, null changes nothing. */
  readonly snoozeHours: number | null;
}

/** What a decision found. */
export interface Decision {
  /** Without a reading the last known one; null if there never was one. */
  readonly level: Level | null;
  /** The level told before; null if none was. */
  readonly previousLevel: Level | null;
  /** Null at ok, and without a reading. */
  readonly cause: Cause | null;
  /** Null if unknown, and without a reading. */
  readonly runway: Runway | null;
  /** The alert that goes out; if all that are due are held, the first of them. */
  readonly alert: Alert | null;
  /** Why the alert does not go out; null if it does. */
  readonly hold: Hold | null;
  /** Every alert that is due and held. */
  readonly held: readonly { readonly kind: AlertKind; readonly hold: Hold }[];
  /** To be remembered as long as the alert has not gone out. */
  readonly memory: Memory;
  /** To be remembered before the alert goes out: what will have been told, and that it is being sent. */
  readonly memoryIfTold: Memory;
}

/**
 * Decides what one look means.
 *
 * @param memory - of earlier checks; moments that lie ahead are taken as now, since a clock was wrong
 * @param now - epoch milliseconds
 */
export function decide(memory: Memory, look: Look, rules: Rules, now: number): Decision {
  const past = withoutFuture(memory, now);
  const assessed = see(past.seen, look, rules, now);
  const sending = past.sending && isToBeTried(past.sending) ? past.sending : null;
  const isGivenUp = past.sending !== null && sending === null;
  const known = isGivenUp ? whenGivenUp(past.told, past.sending) : past.told;
  const told = toldSilently(known, assessed, look, rules, now);
  const { audience: listed } = look;
  const listedBefore = past.seen.audience;
  const situation: Situation = { ...assessed, now, rules, listed, listedBefore, told, sending };

  const due = dueAlerts(situation);
  const first = due.find((each) => each.hold === null) ?? due[0] ?? null;
  const quiet: Memory = { seen: assessed.seen, told, sending };
  const { level, cause, runway } = assessed;
  return {
    level,
    previousLevel: past.told.level,
    cause,
    runway,
    alert: first?.alert ?? null,
    hold: first?.hold ?? null,
    held: due.flatMap(({ alert: { kind }, hold }) => (hold ? [{ kind, hold }] : [])),
    memory: quiet,
    memoryIfTold: first
      ? { ...quiet, told: whenTold(first, situation), sending: whenSent(first, situation) }
      : quiet,
  };
}

/** The alert that is asked for by hand. It goes to every channel, and is not remembered. */
export function testAlert({ level, previousLevel }: Decision): Alert {
  return {
    kind: "test",
    severity: "info",
    bySms: true,
    level,
    previousLevel,
    noReadingSince: null,
    previousAudience: null,
    surge: null,
    isAfterSurge: false,
  };
}

type Assessed = Pick<Situation, "failure" | "level" | "cause" | "runway" | "surge" | "seen">;

/** What is seen now. A failure changes nothing but what is known of failures. */
function see(past: Memory["seen"], { reading, audience }: Look, rules: Rules, now: number): Assessed {
  const known = { ...past, audience: audience ? countsOf(audience) : past.audience };
  if (reading.kind === "failure") {
    const failing = { since: past.failing?.since ?? now, checks: (past.failing?.checks ?? 0) + 1 };
    return {
      failure: reading.failure,
      level: past.level,
      cause: null,
      runway: null,
      surge: null,
      seen: { ...known, failing },
    };
  }
  const { credits } = reading;
  const use = observe(past.use, { at: now, credits });
  const runway = forecast(use);
  const hasRisen = past.use.last !== null && credits > past.use.last.credits;
  const { level, cause, runwayLevel } = assess(
    past,
    { credits, hoursLeft: runway?.hoursLeft ?? null, hasRisen },
    rules,
  );
  const seen = { ...known, level, runwayLevel, failing: null, use };
  return { failure: null, level, cause, runway, surge: findSurge(use), seen };
}

/** Counts as told without a message: a first reading that is ok, a new subscriber, a snooze. */
function toldSilently(
  told: Told,
  { failure, level }: Assessed,
  { audience, snoozeHours }: Look,
  rules: Rules,
  now: number,
): Told {
  const isFirstOk = failure === null && level === "ok" && told.level === null && !told.isUnknown;
  return {
    ...told,
    level: isFirstOk ? "ok" : told.level,
    changes: recentChanges(told.changes, now),
    audience: knownAudience(told.audience, audience, rules),
    anythingAt: told.anythingAt ?? now,
    snoozedUntil: snoozeEnd(told.snoozedUntil, snoozeHours, now),
  };
}

/** The numbers rise at once, and fall only when that was told. An account that doesn't tell it takes what is listed. */
function knownAudience(
  known: Audience | null,
  listed: Audience | null,
  { tellsAudience }: Rules,
): Audience | null {
  if (listed === null) return known;
  if (known === null || !tellsAudience) return countsOf(listed);
  return mostOf(listed, known);
}

function snoozeEnd(until: number | null, hours: number | null, now: number): number | null {
  const end = hours === null ? until : now + hours * HOUR_MS;
  return end === null || end <= now ? null : end;
}

/** A remembered moment that lies ahead means that a clock was wrong: it is taken as now. */
function withoutFuture({ seen, told, sending }: Memory, now: number): Memory {
  const past = (at: number) => Math.min(at, now);
  const orNull = (at: number | null) => (at === null ? null : past(at));
  return {
    seen: {
      ...seen,
      failing: seen.failing && { ...seen.failing, since: past(seen.failing.since) },
      use: { ...seen.use, last: seen.use.last && { ...seen.use.last, at: past(seen.use.last.at) } },
    },
    told: {
      ...told,
      at: past(told.at),
      noReading: told.noReading && {
        ...told.noReading,
        at: past(told.noReading.at),
        since: past(told.noReading.since),
      },
      surgeAt: orNull(told.surgeAt),
      audienceAt: orNull(told.audienceAt),
      changes: told.changes.map(past),
      anythingAt: orNull(told.anythingAt),
      snoozedUntil:
        told.snoozedUntil === null ? null : Math.min(told.snoozedUntil, now + MAX_SNOOZE_HOURS * HOUR_MS),
    },
    sending: sending && {
      ...sending,
      at: past(sending.at),
      noReadingSince: orNull(sending.noReadingSince),
    },
  };
}
