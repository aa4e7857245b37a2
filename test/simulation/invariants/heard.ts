/**
 * Invariants 1, 2, 3 and 6: people know what is due to be known. Judged at the end of each check that the world let do
 * its work ("whole": it read, wrote and published, and SNS listed who listens), though faults hit the ones before.
 * A check that threw is told by its alarm.
 *
 * The bound, in whole checks that overlap none. One alert goes out per check, and the order says what may go first:
 *
 * - critical and empty: a message whose fate is unknown may be repeated first, so the second check tells.
 * - warning: such a repeat and a surge may go first, so the third one tells.
 * - a reminder, a lost subscriber, an all-clear, no reading: a repeat, a surge, a lost subscriber (and no reading: a
 *   repeat) may go first: the fourth tells.
 * - checks that overlap may leave a message to each other, so they count apart: 8 more.
 *
 * A message of which nobody knows whether it was heard is tried again within an hour, and what matters less waits for
 * it. After the last try, or if another message takes its place, it counts as told until it is reminded of.
 *
 * Worse than the truth: `eased`, `recovered` and `reading-again` wait for the oldest of 5 changes in 24 hours, so for
 * 24 hours at most, plus the bound above. It is judged for every subscriber: what a phone heard is also taken back.
 *
 * Kie is silent beyond its bound 20 minutes after the last reading if the failure is permanent; if it is transient,
 * 40 minutes after and at the second failed check, or after 12 hours.
 */
import type { Level } from "../../../lambda/policy/levels.ts";
import {
  DAY_MS,
  doubled,
  dueAfterMs,
  HOUR_MS,
  isCritical,
  levelOf,
  MINUTE_MS,
  rank,
  reminderMs,
  thresholdOf,
} from "../levels.ts";
import { type Person, wouldHear } from "../people.ts";
import type { Listed } from "../records.ts";
import { type Execution, isWhole, listedFor, meaningOf } from "../records.ts";
import type { Story, Witness } from "../witness.ts";
import { quietMs, SLACK_MS } from "./noise.ts";

const OVERLAPS_MORE = 8;
/** A check that looks twice, tries for long and is tried again. */
const CHECK_MS = 10 * MINUTE_MS;
/** The longest wait between two tries. */
const TRIES_MS = HOUR_MS;

export interface Overdue {
  readonly invariant: 1 | 2 | 3 | 6;
  readonly what: string;
}

export function* overdue(execution: Execution, witness: Witness): Generator<Overdue> {
  if (execution.outcome === "threw") forgive(witness);
  if (!isWhole(execution) || listedFor(execution) === null) return;
  const meaning = meaningOf(execution);
  if (meaning.kind === "failure") {
    yield* silence(execution, witness, meaning);
    forgive(witness);
    return;
  }
  yield* levels(execution, witness);
  yield* reminders(execution, witness);
  yield* worseThanTrue(execution, witness);
  yield* allClear(execution, witness);
  yield* lostSubscribers(execution, witness);
}

/** Good news can't be told without a reading, and a check that throws is told by its alarm. */
function forgive({ people }: Witness): void {
  for (const person of people.all) person.wrongSince = null;
}

function* levels(execution: Execution, witness: Witness): Generator<Overdue> {
  const { account, belief, config, stories } = witness;
  const { report, startedAt } = execution;
  const isBelow = (level: Level) => {
    const since = account.lowSince(thresholdOf(level, config));
    return since !== null && since <= startedAt;
  };
  const below = (["empty", "critical", "warning"] as const).find(isBelow) ?? "ok";
  const goals = [
    { invariant: 1, level: below, what: "the balance is" },
    { invariant: 2, level: report?.level ?? "ok", what: "the level is" },
  ] as const;
  for (const { invariant, level, what } of goals) {
    const isDue = rank(belief.level) < rank(level) && isHeard(isCritical(level), execution, witness);
    const isUnsure = waits(stories.level, level, witness);
    const patience = isCritical(level) ? 1 : 2;
    if (isLate(`${invariant}`, isDue && !isUnsure, patience, execution, witness)) {
      yield { invariant, what: `${what} ${level}, and people believe ${belief.level}` };
    }
  }
}

function* reminders(execution: Execution, witness: Witness): Generator<Overdue> {
  const { belief, config, stories, now } = witness;
  const { report } = execution;
  const { level, credits } = report ?? {};
  if (level == null || credits == null) return;
  // If not, the memory may take something else for told, of which it reminds.
  const isCertain = stories.level.uncertain + stories["no reading"].uncertain === 0 && !isOnItsWay(witness);
  const isDue =
    rank(level) > 0 &&
    level === belief.level &&
    level === levelOf(credits, null, config) &&
    belief.noReading === null &&
    // It names the level, and a reminder waits for the check after it.
    report?.alert?.kind !== "reading-again" &&
    isCertain &&
    now() >= witness.maybeSnoozedUntil + SLACK_MS &&
    now() - stories.level.at >= reminderMs(level, config, stories.level.maybeReminded) &&
    isHeard(isCritical(level), execution, witness);
  if (isLate("reminder", isDue, 3, execution, witness)) {
    yield { invariant: 1, what: `the reminder of ${level} is due, and is not sent` };
  }
}

/** For each subscriber, phones too. */
function* worseThanTrue({ report }: Execution, witness: Witness): Generator<Overdue> {
  const { people, now, intervalMs, stories } = witness;
  const level = report?.level ?? null;
  const isWrong = (person: Person) =>
    person.state === "confirmed" && (rank(person.level) > rank(level) || person.believesNoReading);
  for (const person of people.all) {
    if (!isWrong(person)) person.wrongSince = null;
    else {
      person.wrongSince ??= now();
      const story = stories[rank(person.level) > rank(level) ? "level" : "no reading"];
      // Emails and chats may have heard more since, and with them the story.
      if (countsAsTold(story, 2) || person.missed >= 2) continue;
      if (now() - person.wrongSince > DAY_MS + TRIES_MS + 4 * (intervalMs + CHECK_MS)) {
        const believed = person.believesNoReading ? "that Kie is silent" : person.level;
        yield { invariant: 2, what: `at ${level} the ${person.protocol} has believed ${believed} for a day` };
      }
    }
  }
}

function* silence(
  execution: Execution,
  witness: Witness,
  { permanent, reason }: { readonly permanent: boolean; readonly reason: string },
): Generator<Overdue> {
  const { belief, stories, lastReadingAt, surelyReadAt, failures, firstFailureAt } = witness;
  // A memory without a reading, of which none was saved since it was damaged, knows of the failures alone.
  const since = Number.isFinite(surelyReadAt) ? lastReadingAt : Math.max(lastReadingAt, firstFailureAt);
  const silentMs = execution.readAt - since - SLACK_MS;
  const isBeyond = permanent
    ? silentMs > 20 * MINUTE_MS || reason === "missing-key"
    : (failures >= 2 && silentMs > 40 * MINUTE_MS) || silentMs > 12 * HOUR_MS;
  const isKnown = belief.noReading !== null && (belief.noReading.isPermanent || !permanent);
  const isDue = isBeyond && !isKnown && isHeard(true, execution, witness);
  const isUnsure = waits(stories["no reading"], "ok", witness);
  if (isLate("no reading", isDue && !isUnsure, 1, execution, witness)) {
    yield {
      invariant: 3,
      what: `Kie has been silent for ${silentMs / MINUTE_MS} min (${reason}), and nobody knows`,
    };
  }
  const isAgain =
    isBeyond &&
    belief.noReading !== null &&
    !isOnItsWay(witness) &&
    witness.now() >= witness.maybeSnoozedUntil + SLACK_MS &&
    witness.now() - Math.max(belief.noReading.at, stories["no reading"].uncertainAt) >=
      doubled(DAY_MS, stories["no reading"].maybeReminded) &&
    isHeard(true, execution, witness);
  if (isLate("still no reading", isAgain, 2, execution, witness)) {
    yield { invariant: 3, what: "Kie is still silent, and nobody is reminded" };
  }
}

function* allClear(execution: Execution, witness: Witness): Generator<Overdue> {
  const { belief, stories, now } = witness;
  const intervalMs = quietMs(witness);
  const isDue =
    intervalMs > 0 &&
    !isOnItsWay(witness) &&
    execution.report?.level === "ok" &&
    belief.level === "ok" &&
    belief.noReading === null &&
    now() - Math.max(belief.anythingAt, ...Object.values(stories).map(({ uncertainAt }) => uncertainAt)) >
      intervalMs &&
    isHeard(true, execution, witness);
  if (isLate("all-clear", isDue, 3, execution, witness)) {
    yield {
      invariant: 6,
      what: `all is well, and nobody has heard anything for ${intervalMs / DAY_MS} days`,
    };
  }
}

/** The numbers rise at once, and fall only when that was told. */
function* lostSubscribers(execution: Execution, witness: Witness): Generator<Overdue> {
  const { audience, config } = witness;
  const { listed, overlaps, failedCalls } = execution;
  if (listed === null || failedCalls.includes("list")) return;
  const before = witness.listedBefore ?? listed;
  const isFewer =
    audience !== null &&
    (Math.max(listed.emails, before.emails) < audience.emails ||
      Math.max(listed.phones, before.phones) < audience.phones) &&
    witness.now() - witness.stories.audience.at >= DAY_MS;
  const isCertain = !isOnItsWay(witness) && !countsAsTold(witness.stories.audience, 2);
  const isDue = config.tellsAudience && isFewer && isCertain && isHeard(true, execution, witness);
  if (isLate("audience", isDue, 3, execution, witness)) {
    yield { invariant: 1, what: "a subscriber was lost, and nobody is told" };
  }
  const pick = overlaps.size > 0 ? Math.min : Math.max;
  witness.audience = audience ? merge(audience, listed, pick) : listed;
  witness.listedBefore = listed;
}

function merge(one: Listed, other: Listed, pick: (...numbers: number[]) => number): Listed {
  return {
    emails: pick(one.emails, other.emails),
    phones: pick(one.phones, other.phones),
    others: pick(one.others, other.others),
  };
}

/** Whether somebody has been there since before the check who hears what goes by SMS, or what doesn't. */
function isHeard(bySms: boolean, execution: Execution, { people, config }: Witness): boolean {
  const listed = listedFor(execution);
  // Phones that are alone hear all.
  const isAlone = listed !== null && listed.emails + listed.others === 0;
  const goesBySms = bySms || config.sms === "all" || isAlone;
  const since = people.heardSince(goesBySms);
  return since !== null && since <= execution.startedAt && listed !== null && wouldHear(listed, goesBySms);
}

/** Whether a message that may not have been heard waits for its next try, or for the reminder. */
function waits(story: Story, level: Level, witness: Witness): boolean {
  const ms = countsAsTold(story, 4) ? longestWaitMs(level, witness) : TRIES_MS;
  return story.uncertain > 0 && witness.now() - story.uncertainAt < ms + 2 * CHECK_MS;
}

/** Whether a message is not tried again, after so many tries or since another one took its place. */
function countsAsTold({ uncertain, isReplaced }: Story, tries: number): boolean {
  return uncertain >= tries || isReplaced;
}

/** Whether any message may wait for its next try: what matters less waits for it. */
function isOnItsWay({ unsureAt, now, intervalMs }: Witness): boolean {
  return now() - unsureAt < TRIES_MS + 2 * (intervalMs + CHECK_MS);
}

function longestWaitMs(level: Level, { config }: Witness): number {
  return dueAfterMs(Math.max(DAY_MS, level === "ok" ? 0 : reminderMs(level, config)));
}

/** Counts the checks for which something has been due in a row, this one included. */
function isLate(
  rule: string,
  isDue: boolean,
  patience: number,
  { overlaps }: Execution,
  { waiting }: Witness,
): boolean {
  if (!isDue) {
    waiting.delete(rule);
    return false;
  }
  const { calm, all } = waiting.get(rule) ?? { calm: 0, all: 0 };
  const next = { calm: calm + (overlaps.size === 0 ? 1 : 0), all: all + 1 };
  waiting.set(rule, next);
  return next.calm > patience || next.all > patience + OVERLAPS_MORE;
}
