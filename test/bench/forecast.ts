/**
 * Whether critical is told early enough: generated demand drains a balance, and the forecast is judged beside a plain
 * mean of the last 24 hours. Every run prints the same.
 */
import { findSurge, forecast, NO_USE, observe, type Use } from "../../lambda/policy/forecast.ts";
import { createRandom } from "../simulation/random.ts";
import { CHECKS_PER_DAY, CHECKS_PER_HOUR, DAYS, DEMANDS, MEAN_PER_HOUR, worldOf } from "./forecast-worlds.ts";

const CHECK_MS = 3_600_000 / CHECKS_PER_HOUR;
const START = Date.parse("2026-01-05T00:00:00Z"); // a Monday

const WORLDS = 8;
export const DRAIN_FACTOR = 100;

/** What a watch finds at one check. Hours are null where unknown. */
interface Finding {
  readonly hoursLeft: number | null;
  readonly surge: boolean;
  readonly isCritical: boolean;
}

type Watch = (at: number, credits: number) => Finding;

function product(): Watch {
  let use: Use = NO_USE;
  return (at, credits) => {
    use = observe(use, { at, credits });
    const hoursLeft = forecast(use)?.hoursLeft ?? null;
    const surge = findSurge(use) !== null;
    return {
      hoursLeft,
      surge,
      isCritical: surge || credits <= 300 || (hoursLeft !== null && hoursLeft <= 8),
    };
  };
}

/** Falls of the last 24 hours by the time that is known of them; critical at 6 hours. */
function dayMean(): Watch {
  const balances: number[] = [];
  return (_at, credits) => {
    balances.push(credits);
    const day = balances.slice(-CHECKS_PER_DAY - 1);
    const used = day.reduce((sum, value, index) => sum + Math.max(0, (day[index - 1] ?? value) - value), 0);
    const hours = (day.length - 1) / CHECKS_PER_HOUR;
    const hoursLeft = hours < 6 ? null : credits === 0 ? 0 : (credits * hours) / used;
    return { hoursLeft, surge: false, isCritical: credits <= 300 || (hoursLeft !== null && hoursLeft <= 6) };
  };
}

/** What a watch finds of these balances, the first of them at the start. */
function replay(watch: Watch, credits: readonly number[]): readonly Finding[] {
  return credits.map((balance, check) => watch(START + check * CHECK_MS, balance));
}

export interface ForecastRow {
  /** Shares of all episodes in which critical was told under 3 hours, and over 18 hours before the end. */
  readonly tooLate: number;
  readonly tooEarly: number;
  /** The median of abs(ln(forecast / truth)) in the last 72 hours. */
  readonly error: number;
  /** Over 18 hours before the end, in 30 days. */
  readonly falseSurges: number;
  /** Until a drain is told, and which share of the balance is left then: medians. */
  readonly drainMinutes: number;
  readonly drainLeft: number;
}

function judge(watch: () => Watch, demand: string): ForecastRow {
  const leads: number[] = [];
  const errors: number[] = [];
  const drains: { minutes: number; left: number }[] = [];
  let falseSurges = 0;
  for (let seed = 1; seed <= WORLDS; seed++) {
    const { credits, episodes } = worldOf(demand, seed);
    const found = replay(watch(), credits);
    const random = createRandom(1000 + seed).next;
    let surgedAt = Number.NEGATIVE_INFINITY;
    for (const { from, empty } of episodes) {
      const told = found.findIndex(({ isCritical }, check) => check >= from && isCritical);
      leads.push((empty - told) / CHECKS_PER_HOUR);
      for (let check = from; check < empty; check++) {
        const truth = (empty - check) / CHECKS_PER_HOUR;
        const { hoursLeft, surge } = found[check] ?? { hoursLeft: null, surge: false };
        if (truth <= 72 && hoursLeft !== null)
          errors.push(Math.abs(Math.log(Math.min(Math.max(hoursLeft, 0.1), 720) / truth)));
        if (!surge || check - surgedAt < CHECKS_PER_DAY) continue;
        surgedAt = check;
        if (truth > 18) falseSurges++;
      }
      const onset = from + Math.floor(random() * (empty - from) * 0.6);
      if (onset >= 2 * CHECKS_PER_DAY && found[onset]?.isCritical === false)
        drains.push(drainFrom(watch(), credits.slice(0, empty), onset, random()));
    }
  }
  return {
    tooLate: share(leads, (hours) => hours < 3),
    tooEarly: share(leads, (hours) => hours > 18),
    error: median(errors),
    falseSurges: (falseSurges / WORLDS / DAYS) * 30,
    drainMinutes: median(drains.map(({ minutes }) => minutes)),
    drainLeft: median(drains.map(({ left }) => left)),
  };
}

/** Drains from some moment before the check after the onset, until that is told or nothing is left. */
function drainFrom(
  watch: Watch,
  credits: readonly number[],
  onset: number,
  part: number,
): { minutes: number; left: number } {
  const perCheck = (DRAIN_FACTOR * MEAN_PER_HOUR) / CHECKS_PER_HOUR;
  const drained = credits.map((balance, check) =>
    Math.max(0, balance - Math.round(Math.max(0, check - onset - 1 + part) * perCheck)),
  );
  const told = replay(watch, drained).findIndex(({ isCritical }, check) => check > onset && isCritical);
  const left = (drained[told] ?? 0) / (credits[onset] ?? 1);
  return { minutes: (told - onset - 1 + part) * (60 / CHECKS_PER_HOUR), left };
}

const share = (values: readonly number[], holds: (value: number) => boolean) =>
  values.filter(holds).length / values.length;
export const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** How the product's forecast does on each demand, beside a mean of the last 24 hours. */
export function measureForecast() {
  return Object.keys(DEMANDS).map((demand) => ({
    demand,
    product: judge(product, demand),
    dayMean: judge(dayMean, demand),
  }));
}
