/** Generated demand that drains a balance, which is topped up when it is empty. Seeded: the same in every run. */
import { createRandom } from "../simulation/random.ts";

export const CHECKS_PER_HOUR = 4;
export const CHECKS_PER_DAY = 24 * CHECKS_PER_HOUR;
export const DAYS = 42;
export const MEAN_PER_HOUR = 100;

/** What jobs cost, each as often as the others. */
const JOB_CREDITS = [4, 12, 60, 124];
const MEAN_JOB = JOB_CREDITS.reduce((sum, credits) => sum + credits, 0) / JOB_CREDITS.length;

/** How much is asked for at each check, in any unit. */
export const DEMANDS: Record<string, (random: () => number) => (check: number) => number> = {
  steady: () => () => 1,
  daily: () => daily,
  weekly: () => (check) => daily(check) * (Math.floor(check / CHECKS_PER_DAY) % 7 < 5 ? 1.3 : 0.25),
  bursty: (random) => {
    let isBusy = false;
    return () => {
      if (random() < (isBusy ? 1 / 8 : 1 / 40)) isBusy = !isBusy;
      return isBusy ? 5 : 0.2;
    };
  },
  campaign: (random) => {
    const firstDay = 7 + Math.floor(random() * 4);
    return (check) => daily(check) * ((check / CHECKS_PER_DAY + firstDay) % 10 < 2 ? 4 : 0.7);
  },
};

/** Busy at noon, and quiet at night. */
function daily(check: number): number {
  return Math.max(0.05, 1 - 1.2 * Math.cos((2 * Math.PI * check) / CHECKS_PER_DAY));
}

export interface World {
  /** The balance at each check. */
  readonly credits: readonly number[];
  /** From a top-up to the check that finds nothing left. */
  readonly episodes: readonly { readonly from: number; readonly empty: number }[];
}

export function worldOf(demand: string, seed: number): World {
  const random = createRandom(seed).next;
  const demandAt = DEMANDS[demand]?.(random) ?? (() => 1);
  const asked = Array.from({ length: DAYS * CHECKS_PER_DAY }, (_, check) => demandAt(check));
  const perUnit =
    (MEAN_PER_HOUR / CHECKS_PER_HOUR / asked.reduce((sum, value) => sum + value, 0)) * asked.length;
  const credits: number[] = [];
  const episodes: { from: number; empty: number }[] = [];
  let balance = 0;
  let from = 0;
  let topUpAt = 0;
  for (const [check, value] of asked.entries()) {
    const before = balance;
    balance = Math.max(0, balance - jobs(value * perUnit, random));
    if (before > 0 && balance === 0) {
      episodes.push({ from, empty: check });
      topUpAt = check + Math.round((1 + 11 * random()) * CHECKS_PER_HOUR);
    }
    if (check === topUpAt) {
      balance += Math.round((3 + 5 * random()) * 24 * MEAN_PER_HOUR);
      from = check;
    }
    credits.push(balance);
  }
  return { credits, episodes };
}

/** Credits of whole jobs, of this mean: a Poisson number of them. */
function jobs(mean: number, random: () => number): number {
  let credits = 0;
  for (let left = random(); left > Math.exp(-mean / MEAN_JOB); left *= random())
    credits += JOB_CREDITS[Math.floor(random() * JOB_CREDITS.length)] ?? 0;
  return credits;
}
