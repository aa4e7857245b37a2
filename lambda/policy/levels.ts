/** The level of a balance, by its credits and by how long they last. Pure. */
import type { Policy } from "./rules.ts";

/** From best to worst. */
export const LEVELS = ["ok", "warning", "critical", "empty"] as const;
export type Level = (typeof LEVELS)[number];

/** The levels that a runway can make: only credits make an account empty. */
export const RUNWAY_LEVELS = ["ok", "warning", "critical"] as const satisfies readonly Level[];
export type RunwayLevel = (typeof RUNWAY_LEVELS)[number];

/**
 * Below this nothing can be bought, and an account that is used up may show 0.02: the cheapest job of Kie costs 0.8
 * credits, and at that the level is left.
 */
export const EMPTY_BELOW = 0.5;
export const EMPTY_UNTIL = 0.8;

/** A level is left only when credits exceed its threshold by 10 %, and the runway its limit by 50 %. */
export const CREDITS_MARGIN_PERCENT = 10;
export const RUNWAY_MARGIN_PERCENT = 50;

/**
 * What makes the level: credits at or below a threshold, or a runway at or below a limit. `withinMargin` says that
 * credits or runway are above it again, but not by the margin that it takes to leave the level, or that the runway is
 * unknown.
 */
export type Cause =
  | { readonly by: "credits"; readonly threshold: number; readonly withinMargin: boolean }
  | { readonly by: "runway"; readonly limitHours: number; readonly withinMargin: boolean };

/** Such a level rests on an old forecast: the balance may be fine by now. */
export function isKeptByUnknownRunway({
  cause,
  runway,
}: {
  readonly cause: Cause | null;
  readonly runway: object | null;
}): boolean {
  return cause?.by === "runway" && runway === null;
}

/** An unknown level ranks as ok. */
export function rank(level: Level | null): number {
  return level === null ? 0 : LEVELS.indexOf(level);
}

/** Critical and empty: people should act now. */
export function isCritical(level: Level | null): boolean {
  return rank(level) >= rank("critical");
}

/** What a level depends on. */
export interface Balance {
  readonly credits: number;
  /** Null if unknown, infinite if nothing is used. */
  readonly hoursLeft: number | null;
  /** Whether there are more credits than at the last reading. */
  readonly hasRisen: boolean;
}

export interface Assessment {
  readonly level: Level;
  /** Null at ok. */
  readonly cause: Cause | null;
  /** The level that the runway justifies; an unknown one keeps it. */
  readonly runwayLevel: RunwayLevel;
}

/**
 * The worst level that is reached, or that the account is at and has not clearly left.
 *
 * @param previous - the level of the last reading, and the one that the runway justified then
 */
export function assess(
  previous: { readonly level: Level | null; readonly runwayLevel: RunwayLevel },
  balance: Balance,
  policy: Policy,
): Assessment {
  const { credits } = balance;
  if (credits < (previous.level === "empty" ? EMPTY_UNTIL : EMPTY_BELOW)) {
    return {
      level: "empty",
      cause: { by: "credits", threshold: EMPTY_BELOW, withinMargin: credits >= EMPTY_BELOW },
      runwayLevel: "ok",
    };
  }
  const kept = keptByRunway(previous.runwayLevel, balance, policy);
  const { level, cause } = levelOf(previous.level, balance, kept, policy);
  return { level, cause, runwayLevel: rank(kept) < rank(level) ? kept : level };
}

/** The levels that have a threshold and a limit, from worst to best. */
function limitsOf(policy: Policy) {
  return [
    { level: "critical", threshold: policy.criticalCredits, limitHours: policy.criticalHours },
    { level: "warning", threshold: policy.warningCredits, limitHours: policy.warningHours },
  ] as const;
}

/** The level that the runway still justifies. An unknown one keeps the level that it made until the balance rises. */
function keptByRunway(before: RunwayLevel, { hoursLeft, hasRisen }: Balance, policy: Policy): RunwayLevel {
  if (hoursLeft === null) return hasRisen ? "ok" : before;
  return (
    limitsOf(policy).find(({ limitHours }) => hoursLeft * 100 <= limitHours * (100 + RUNWAY_MARGIN_PERCENT))
      ?.level ?? "ok"
  );
}

function levelOf(
  previous: Level | null,
  { credits, hoursLeft }: Balance,
  keptByRunway: RunwayLevel,
  policy: Policy,
): { level: Exclude<Level, "empty">; cause: Cause | null } {
  for (const { level, threshold, limitHours } of limitsOf(policy)) {
    const byCredits = { by: "credits", threshold } as const;
    const byRunway = { by: "runway", limitHours } as const;
    if (credits <= threshold) return { level, cause: { ...byCredits, withinMargin: false } };
    // A limit of 0 is off: it is never reached while credits are left.
    const isShort = hoursLeft !== null && hoursLeft <= limitHours;
    if (isShort) return { level, cause: { ...byRunway, withinMargin: false } };
    if (rank(previous) < rank(level)) continue;
    const isKept = limitHours > 0 && rank(keptByRunway) >= rank(level);
    if (isKept) return { level, cause: { ...byRunway, withinMargin: true } };
    const isNear = credits * 100 <= threshold * (100 + CREDITS_MARGIN_PERCENT);
    if (isNear) return { level, cause: { ...byCredits, withinMargin: true } };
  }
  return { level: "ok", cause: null };
}
