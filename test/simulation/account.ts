/** The true balance of a Kie account: jobs, top-ups, refunds, and trial credits that expire. */
import type { Policy } from "../../lambda/policy/rules.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

const HOUR_MS = 3_600_000;
/** Falls are kept this long: the forecast looks back for a week, and spreads a fall over a week without readings. */
const HISTORY_MS = 336 * HOUR_MS;

export interface Account {
  balance(): number;
  /** Since when the balance has been at or below this threshold without a break; null if it isn't. */
  lowSince(threshold: number): number | null;
  /** What was used in the last two weeks. */
  used(): number;
  /** To a balance that makes another level, perhaps. */
  jump(): void;
}

/** Lets an account live: its events come a few for each check, so that levels change every few dozen checks. */
export function openAccount(
  timeline: Timeline,
  random: Random,
  { policy, intervalMs, isFlapping }: { policy: Policy; intervalMs: number; isFlapping: boolean },
  changed: (what: string, balance: number) => void,
): Account {
  const { warningCredits, criticalCredits } = policy;
  /** What an account shows that is used up. */
  const usedUp = random.pick([0, 0, 0.02, 0.49]);
  const marks = [
    usedUp,
    0.5,
    0.8,
    criticalCredits,
    warningCredits,
    criticalCredits * 1.1,
    warningCredits * 1.1,
  ] as const;
  const thresholds = [...new Set([0.49, criticalCredits, warningCredits])];
  const low = new Map<number, number>();
  const history = createHistory(timeline);
  let balance = warningCredits * random.between(0, 4);
  const jobSize = warningCredits * random.pick([0.002, 0.01, 0.05, 0.2]);
  const jobsEveryMs = intervalMs * random.pick([0.5, 1, 3]);
  const isWhole = random.chance(0.5);

  const set = (what: string, value: number) => {
    const next = isWhole && value >= 1 ? Math.round(value) : Math.round(value * 100) / 100;
    const now = timeline.now();
    if (next < balance) history.add(balance - next);
    balance = next;
    for (const threshold of thresholds) {
      if (balance > threshold) low.delete(threshold);
      else if (!low.has(threshold)) low.set(threshold, now);
    }
    changed(what, balance);
  };

  /** To one of the marks exactly, or a credit beside it: boundaries are where mistakes are. */
  const nearMark = () => random.pick(marks) + random.pick([0, 0, 1, -1]);

  /** A payment may be charged back before anybody has looked twice. */
  const topUp = () => {
    const debt = Math.min(0, balance);
    const credits = warningCredits * random.pick([0.1, 0.35, 1.2, 5]);
    set("a top-up", balance - debt + credits);
    if (!random.chance(0.25)) return;
    timeline.at(timeline.now() + intervalMs * random.between(0.05, 1.5), () => {
      set("a charge-back", Math.max(0, balance - credits));
    });
  };

  const live = () => {
    let pauseMs = jobsEveryMs * random.between(0.2, 1.8);
    if (balance > usedUp && random.chance(0.93)) {
      set("a job", Math.max(balance - jobSize * random.between(0.1, 2), random.chance(0.9) ? usedUp : -50));
    } else if (random.chance(0.15)) set("a refund", balance + jobSize * random.between(0.1, 3));
    else if (random.chance(0.1)) set("trial credits expire", balance * random.pick([0, 0.3, 0.9]));
    if (random.chance(0.04)) set("on the mark", nearMark());
    if (random.chance(balance <= warningCredits ? 0.05 : 0.005)) topUp();
    if (random.chance(0.01)) pauseMs += intervalMs * random.between(10, 200);
    timeline.at(timeline.now() + pauseMs, live);
  };

  const heights = [usedUp, criticalCredits / 2, criticalCredits, warningCredits, warningCredits * 5] as const;
  const jump = () => set("a jump", random.pick(heights));

  /** For hours at a time it jumps at nearly every check; then it stays for days. */
  const flap = () => {
    jump();
    const stays = random.chance(0.03) ? random.between(50, 300) : random.pick([0.5, 1, 1, 3]);
    timeline.at(timeline.now() + intervalMs * stays, flap);
  };

  set("at first", balance);
  timeline.at(timeline.now() + jobsEveryMs, isFlapping ? flap : live);
  return {
    balance: () => balance,
    lowSince: (threshold) => low.get(threshold) ?? null,
    used: history.used,
    jump,
  };
}

function createHistory(timeline: Timeline) {
  const falls: { at: number; credits: number }[] = [];
  let sum = 0;
  return {
    add(credits: number): void {
      falls.push({ at: timeline.now(), credits });
      sum += credits;
    },
    used(): number {
      const kept = falls.findIndex(({ at }) => at >= timeline.now() - HISTORY_MS);
      for (const { credits } of falls.splice(0, kept === -1 ? falls.length : kept)) sum -= credits;
      return falls.length === 0 ? 0 : sum;
    },
  };
}
