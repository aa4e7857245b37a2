/** The schedule, and the misfortunes that come with time. */
import type { Account } from "./account.ts";
import type { SimulatedClock } from "./clock.ts";
import { damage } from "./damage.ts";
import type { Faults } from "./faults.ts";
import type { Lambda } from "./functions.ts";
import type { Judge } from "./judge.ts";
import type { People } from "./people.ts";
import type { Random } from "./random.ts";
import type { SimulatedSsm } from "./ssm.ts";
import type { Timeline } from "./timeline.ts";

/** The longest that a check comes late. */
const LATE_MS = 300_000;

interface World {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  readonly account: Account;
  readonly clock: SimulatedClock;
  readonly ssm: SimulatedSsm;
  readonly judge: Judge;
  readonly people: People;
  readonly lambda: Lambda;
  note(execution: number, what: string): void;
  tamperWithKey(): void;
}

/** Calls the function every interval: at times not at all, late, twice, or beside a call by hand. */
export function startSchedule(world: World, intervalMs: number): void {
  const { timeline, random, faults, lambda } = world;
  let missed = 0;

  const tick = () => {
    const dueAt = timeline.now();
    timeline.at(dueAt + intervalMs, tick);
    const misfortunes = tamper(world);
    if (missed > 0) {
      missed--;
      return;
    }
    if (faults.happens(null, "schedule: missed", 0.005)) {
      missed = random.integer(0, 5);
      world.note(0, "the schedule misses a check");
      return;
    }
    let lateMs = random.between(0, 2_000);
    if (faults.happens(null, "schedule: late", 0.02)) {
      misfortunes.push("schedule: late");
      lateMs = random.between(10_000, LATE_MS);
    }
    const call = { event: {}, dueAt, isScheduled: true, attempt: 1, asides: 0, faults: misfortunes };
    timeline.at(dueAt + lateMs, () => lambda.invoke(call));
    if (faults.happens(null, "schedule: doubled", 0.03)) {
      const doubled = { ...call, faults: ["schedule: doubled"] };
      const apartMs = random.pick([random.between(0, 60), random.between(0, 5_000)]);
      timeline.at(dueAt + lateMs + apartMs, () => lambda.invoke(doubled));
      // Where mistakes are: each of the two reads another balance.
      const between = dueAt + lateMs + random.between(0, apartMs + 1_000);
      if (random.chance(0.5)) timeline.at(between, world.account.jump);
    }
    if (faults.happens(null, "by hand: beside the schedule", 0.02)) {
      callByHand(world, dueAt + lateMs + random.between(-2_000, 4_000));
    }
  };
  tick();
}

function callByHand({ timeline, random, lambda }: World, at: number): void {
  const event = random.pick<object>([
    {},
    { dryRun: true },
    { test: true },
    { need: random.integer(0, 2_000) },
    { snoozeHours: random.pick([0, 1, 24, 72]) },
    { snoozeHours: random.pick([0, 1, 24, 72]) },
  ]);
  timeline.at(at, () =>
    lambda.invoke({ event, dueAt: at, isScheduled: false, attempt: 1, asides: 0, faults: [] }),
  );
}

/** @returns what the next check must be counted as hit by */
function tamper({ random, faults, clock, ssm, people, judge, note, tamperWithKey }: World): string[] {
  const hits: string[] = [];
  const happens = (kind: string, probability: number) => {
    if (!faults.happens(null, kind, probability)) return false;
    hits.push(kind);
    return true;
  };
  tamperWithKey();
  people.live();
  if (happens("clock: stepped back", 0.02)) {
    clock.stepBack();
    note(0, "the clock steps back");
  }
  const latest = ssm.versions.at(-1);
  if (latest && happens("memory: damaged", 0.003)) {
    ssm.overwrite(damage(latest.document, random));
    judge.damaged();
    note(0, `the memory is now ${ssm.versions.at(-1)?.document.slice(0, 80)}`);
  } else if (latest && happens("memory: lost", 0.001)) {
    ssm.lose();
    judge.lost();
    note(0, "the memory is gone");
  }
  return hits;
}
