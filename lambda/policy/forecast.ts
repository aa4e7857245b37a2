/** How long the credits last, and whether much more is used than usual: from readings alone. Pure. */
import * as z from "zod";
import { EMPTY_BELOW } from "./levels.ts";
import { HOUR_MS, MINUTE_MS, moment } from "./time.ts";

/** What is remembered: each clock hour of a week. */
const WEEK_HOURS = 168;
const DAY_HOURS = 24;

/** A mean of less than this says too little. */
const MIN_KNOWN_HOURS = 6;

/** Longer than 100 years counts as endless: its end may be no valid date. */
const FOREVER_HOURS = 876_000;

/**
 * A step of the surge lasts this long at least: short enough for a check every 15 minutes that comes some minutes
 * early, and for two steps and a bit in half an hour where checks are frequent.
 */
const MIN_STEP_MS = 10 * MINUTE_MS;
/** Two steps of a check each hour, and some delay. */
const MAX_SURGE_MS = 150 * MINUTE_MS;
/** Each of the two steps must have this share of their use: one large batch is no surge. */
const MIN_STEP_SHARE = 1 / 4;
const SURGE_HOURS_LEFT = 6;

/** What one step used and is given back within so long, to 1 % of the balance, was not used. */
const GIVEN_BACK_MS = 2 * HOUR_MS;
const GIVEN_BACK_SHARE = 1 / 100;

const CHART_COLUMNS = 24;
const CHART_COLUMN_MS = 2 * HOUR_MS;

/** More credits in an hour, or in a balance of the chart, count as so many: 50 million dollars. */
const MAX_CREDITS = 1e10;

const used = z.number().nonnegative().max(MAX_CREDITS);

/** At most 2,800 characters as JSON, for every number and schedule: {@link rounded} sees to it. */
export const useSchema = z.object({
  /** Credits used in each clock hour (UTC) before that of the last reading, latest first; null where unknown. */
  hours: z.array(used.nullable()).max(WEEK_HOURS),
  /** The clock hour of the last reading: credits used, and for how many milliseconds of it that is known. */
  hour: z.object({ used, known: z.int().nonnegative() }),
  /** The last reading, exactly as it was. */
  last: z.object({ at: moment, credits: z.number() }).nullable(),
  /** The last readings that are a step apart, in the order of time, with the credits used since each. */
  marks: z
    .array(z.object({ at: moment, used }))
    .max(3)
    .refine(
      (marks) => marks.every(({ at }, index) => at > (marks[index - 1]?.at ?? -1)),
      "expected the order of time",
    ),
  /** The last balance in each two hours up to the last reading, latest first; null where unknown. */
  balances: z.array(z.number().nullable()).max(CHART_COLUMNS),
});

/** What is remembered of the use of credits. */
export type Use = Readonly<z.output<typeof useSchema>>;

/** Of a new deployment. */
export const NO_USE: Use = { hours: [], hour: { used: 0, known: 0 }, last: null, marks: [], balances: [] };

/** How long the credits last. */
export interface Runway {
  readonly creditsPerHour: number;
  /** 0 if nothing is left. Infinity if nothing is used, or if it is longer than a hundred years. */
  readonly hoursLeft: number;
  /** Epoch milliseconds; null if `hoursLeft` is infinite. */
  readonly emptyAt: number | null;
  /** The mean that `creditsPerHour` is: the larger of two. */
  readonly basis: "last-24-hours" | "last-7-days";
  /** Whether it rests on less than 24 known hours. */
  readonly isFirstEstimate: boolean;
}

/** Much more is used than usual. */
export interface Surge {
  /** Credits used over the last two steps. */
  readonly credits: number;
  /** How long these took. */
  readonly minutes: number;
  /** At their pace. */
  readonly hoursLeft: number;
}

/**
 * Takes one reading in. A reading no later than the last one only replaces it: clocks step back, and what is
 * remembered then counts as just before the new moment.
 *
 * @param reading - `at` in epoch milliseconds, of which fractions are dropped
 */
export function observe(use: Use, reading: { readonly at: number; readonly credits: number }): Use {
  const last = { at: Math.floor(reading.at), credits: reading.credits };
  const isFresh = use.last === null || last.at - use.last.at > WEEK_HOURS * HOUR_MS;
  const past = isFresh ? NO_USE : withoutGivenBack(use, last);
  const before = past.last ?? last;
  const fall = fallBetween(before.credits, last.credits);
  return {
    ...spread(past, fall, before.at, last.at),
    last,
    marks: withMark(past.marks, last.at, before.at < last.at ? (fall ?? 0) : 0),
    balances: [rounded(last.credits), ...balancesBefore(past, last.at)].slice(0, CHART_COLUMNS),
  };
}

/**
 * How long the credits of the last reading last, from its moment on: at the larger of two means, of the last 24 hours
 * and of the last 7 days. Credits run out in busy times, so the larger one is nearer the truth.
 *
 * @returns null where neither mean has 6 known hours of its own
 */
export function forecast({ hours, hour, last }: Use): Runway | null {
  if (last === null) return null;
  const day = meanOf(hours.slice(0, DAY_HOURS), hour);
  const week = meanOf(hours, hour);
  if (week.knownHours < MIN_KNOWN_HOURS) return null;
  const byDay = day.knownHours >= MIN_KNOWN_HOURS && day.creditsPerHour >= week.creditsPerHour;
  const { creditsPerHour } = byDay ? day : week;
  const exactly = last.credits < EMPTY_BELOW ? 0 : last.credits / creditsPerHour;
  const hoursLeft = exactly > FOREVER_HOURS ? Number.POSITIVE_INFINITY : exactly;
  return {
    creditsPerHour,
    hoursLeft,
    emptyAt: Number.isFinite(hoursLeft) ? Math.floor(last.at + hoursLeft * HOUR_MS) : null,
    basis: byDay ? "last-24-hours" : "last-7-days",
    isFirstEstimate: week.knownHours < DAY_HOURS,
  };
}

/**
 * Finds that much more is used than usual: over the last two steps more per hour than in the busiest hour of the week
 * that ended before them, in both of them, and at their pace the credits last no more than 6 hours. Not before a day is
 * known. Two steps of less than an hour count as an hour.
 */
export function findSurge({ hours, last, marks }: Use): Surge | null {
  const [first, second, third] = marks;
  if (last === null || first === undefined || second === undefined || third === undefined) return null;
  const hoursAgo = Math.floor(last.at / HOUR_MS) - Math.floor(first.at / HOUR_MS);
  const known = hours.slice(hoursAgo).filter((credits) => credits !== null);
  const credits = first.used + second.used;
  const spanMs = third.at - first.at;
  // Infinite or no number if nothing was used, and so no surge.
  const hoursLeft = Math.max(0, last.credits) / (credits / (spanMs / HOUR_MS));
  const found =
    known.length >= DAY_HOURS &&
    spanMs <= MAX_SURGE_MS &&
    rounded((credits * HOUR_MS) / Math.max(spanMs, HOUR_MS)) > Math.max(...known) &&
    Math.min(first.used, second.used) >= credits * MIN_STEP_SHARE &&
    hoursLeft <= SURGE_HOURS_LEFT;
  return found ? { credits, minutes: spanMs / MINUTE_MS, hoursLeft } : null;
}

/**
 * For a chart: 24 balances, one for each two hours of the last 48, oldest first; null where unknown.
 *
 * @param now - epoch milliseconds
 */
export function chartOf(use: Use, now: number): readonly (number | null)[] {
  const later = use.last === null ? 0 : columnOf(now) - columnOf(use.last.at);
  const columns = [
    ...unknown(Math.min(Math.max(0, later), CHART_COLUMNS)),
    ...use.balances,
    ...unknown(CHART_COLUMNS),
  ];
  return columns.slice(0, CHART_COLUMNS).reverse();
}

/** If the balance is back where it was before the last step that used any, that was charged and given back. */
function withoutGivenBack(use: Use, { at, credits }: NonNullable<Use["last"]>): Use {
  const index = use.marks.findLastIndex(({ used }) => used > 0);
  const mark = use.marks[index];
  if (use.last === null || mark === undefined || credits <= use.last.credits) return use;
  const before = use.last.credits + mark.used;
  if (at - mark.at > GIVEN_BACK_MS || Math.abs(credits - before) > before * GIVEN_BACK_SHARE) return use;
  return { ...use, ...withLess(use, mark.used), marks: use.marks.with(index, { at: mark.at, used: 0 }) };
}

/** Takes use away, the latest first. */
function withLess(use: Use, credits: number): Pick<Use, "hours" | "hour"> {
  let left = credits;
  const take = (from: number) => {
    const taken = Math.min(from, left);
    left -= taken;
    return rounded(from - taken);
  };
  const hour = { ...use.hour, used: take(use.hour.used) };
  return { hour, hours: use.hours.map((used) => (used === null || left <= 0 ? used : take(used))) };
}

/** Credits used between two readings. Null is unknown: a top-up hides it, and at empty nothing can be used. */
function fallBetween(before: number, after: number): number | null {
  return before < EMPTY_BELOW || after > before ? null : Math.min(before - after, MAX_CREDITS);
}

/** Spreads a fall evenly over the time between two readings, and closes the hours that end in it. */
function spread(use: Use, fall: number | null, from: number, to: number): Pick<Use, "hours" | "hour"> {
  const hours = [...use.hours];
  let { used, known } = use.hour;
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    if (fall !== null) {
      used = Math.min(used + (fall * (end - at)) / (to - from), MAX_CREDITS);
      known += end - at;
    }
    if (end % HOUR_MS === 0) {
      // An hour known in part counts as if the rest had been like it.
      hours.unshift(known < HOUR_MS / 2 ? null : rounded((used * HOUR_MS) / known));
      used = 0;
      known = 0;
    }
    at = end;
  }
  return { hours: hours.slice(0, WEEK_HOURS), hour: { used, known } };
}

/** Adds what was used to the last mark, and a new mark if that is a step ago. Marks that lie ahead go. */
function withMark(marks: Use["marks"], at: number, used: number): Use["marks"] {
  const kept = marks.filter((mark) => mark.at <= at);
  const last = kept.pop();
  if (last === undefined) return [{ at, used: 0 }];
  kept.push({ at: last.at, used: Math.min(last.used + used, MAX_CREDITS) });
  return at - last.at < MIN_STEP_MS ? kept : [...kept, { at, used: 0 }].slice(-3);
}

/** The balances without that of the column of this moment, which a new reading replaces. */
function balancesBefore({ last, balances }: Use, at: number): Use["balances"] {
  const later = last === null ? 0 : columnOf(at) - columnOf(last.at);
  return later <= 0 ? balances.slice(1) : [...unknown(later - 1), ...balances];
}

function columnOf(at: number): number {
  return Math.floor(at / CHART_COLUMN_MS);
}

function unknown(columns: number): null[] {
  return Array.from({ length: columns }, () => null);
}

/** Credits used by hours known. The hour under way counts for what is known of it. */
function meanOf(hours: Use["hours"], hour: Use["hour"]): { creditsPerHour: number; knownHours: number } {
  const known = hours.filter((credits) => credits !== null);
  const knownHours = known.length + hour.known / HOUR_MS;
  return {
    creditsPerHour: known.reduce((sum, credits) => sum + credits, hour.used) / knownHours,
    knownHours,
  };
}

/** Three significant figures, of at most 12 characters: so the memory stays small whatever the numbers are. */
function rounded(credits: number): number {
  return Number(Math.min(Math.max(credits, -MAX_CREDITS), MAX_CREDITS).toPrecision(3));
}
