/** Follows what people believe, and holds what happens against the invariants, after every step. */
import { type Overdue, overdue } from "./invariants/heard.ts";
import { beyondLimits, oversized } from "./invariants/limits.ts";
import { isSame, noise, notNew, SLACK_MS, wroteOrSent } from "./invariants/noise.ts";
import type { Secrecy } from "./invariants/secrecy.ts";
import { untrueMessage, untrueReport } from "./invariants/words.ts";
import { HOUR_MS, levelOf, rank } from "./levels.ts";
import { type Person, wouldHear } from "./people.ts";
import { type Execution, gaveWay, isConfused, isWhole, listedFor, meaningOf, type Told } from "./records.ts";
import { createWitness, FAMILIES, type Family, familyOf, type Story, type Witness } from "./witness.ts";

/** The number of an invariant, as the issue, the files of the invariants and the summary have it. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  readonly execution: number;
}

export interface Judge {
  readonly violation: Violation | null;
  /** SNS got a message, or did not and the check can't know. `isOut`: those who listen hear it. */
  published(execution: Execution, told: Told, isOut: boolean, texts: readonly string[]): void;
  /** A check wants to write this document. */
  offered(execution: Execution, document: string): void;
  ended(execution: Execution): void;
  /** Something that others can see: a log line, a warning. */
  seen(execution: Execution, where: string, what: unknown): void;
  /** The memory can't be read any more: what is true is told once. */
  damaged(): void;
  /** The memory is gone: a new deployment, of which people know nothing. */
  lost(): void;
}

export function createJudge(world: Parameters<typeof createWitness>[0], secrecy: Secrecy): Judge {
  let violation: Violation | null = null;
  const witness = createWitness(world);

  const hold = (invariant: Invariant, { id }: Execution, findings: Iterable<string>) => {
    for (const what of findings) violation ??= { invariant, what, execution: id };
  };

  return {
    get violation() {
      return violation;
    },

    published(execution, told, isOut, texts) {
      for (const text of texts) hold(7, execution, secrecy.leaks("a message", text));
      hold(5, execution, untrueMessage(told, execution));
      execution.published.push(told);
      if (!isOut) {
        tried(told, witness);
        return;
      }
      hold(4, execution, noise(told, execution, witness));
      hold(1, execution, toldToNobody(told, execution));
      heard(told, witness);
    },

    offered(execution, document) {
      execution.saves++;
      hold(7, execution, secrecy.leaks("the memory", document));
      hold(7, execution, oversized(document));
    },

    ended(execution) {
      hold(7, execution, secrecy.leaks("the report", JSON.stringify(execution.report) ?? ""));
      if (execution.error) hold(7, execution, secrecy.leaks("an error", execution.error));
      hold(7, execution, beyondLimits(execution, witness.intervalMs));
      hold(5, execution, untrueReport(execution, witness));
      hold(4, execution, wroteOrSent(execution));
      if (isWhole(execution)) witness.belief.anythingAt = Math.min(witness.belief.anythingAt, witness.now());
      endRepeats(execution, witness);
      countCauses(execution, witness);
      snooze(execution, witness);
      countFailures(execution, witness);
      for (const { invariant, what } of overdue(execution, witness) as Iterable<Overdue>)
        hold(invariant, execution, [what]);
    },

    seen(execution, where, what) {
      hold(7, execution, secrecy.leaks(where, what));
    },

    damaged: () => forgetTold(witness),

    lost() {
      forgetTold(witness);
      Object.assign(witness.belief, { level: "ok", noReading: null });
      for (const person of witness.people.all) {
        Object.assign(person, { level: "ok", believesNoReading: false, wrongSince: null, missed: 0 });
      }
    },
  };
}

/** The memory knows of nothing that was told or read before. */
function forgetTold(witness: Witness): void {
  for (const family of FAMILIES) witness.stories[family].overlapped++;
  witness.changes.splice(0);
  witness.lastReadingAt = Number.NEGATIVE_INFINITY;
  witness.surelyReadAt = Number.NEGATIVE_INFINITY;
  witness.failures = 0;
  witness.surelySnoozedUntil = 0;
  witness.audience = null;
  witness.listedBefore = null;
  witness.belief.anythingAt = Number.POSITIVE_INFINITY;
  witness.waiting.clear();
}

function* toldToNobody(told: Told, execution: Execution): Generator<string> {
  const known = listedFor(execution);
  if (known && !execution.invocation.test && !wouldHear(known, told.bySms))
    yield `${told.kind} was told to nobody`;
}

/** People who leave in the moment of a message take it with them: it was sent to those who were listed. */
function heard(told: Told, witness: Witness): void {
  const family = familyOf(told);
  const { belief, now, people } = witness;
  const hearers = people.hearers(told.bySms);
  for (const person of hearers) learn(person, told);
  if (family === null) return;
  replaceOthers(family, witness);
  const story = witness.stories[family];
  const isNew = notNew(told, witness) === null;
  if (story.uncertain + story.stopped > 0) witness.repeatedAt = now();
  countReminders(told, story, isNew);
  if (isNew) Object.assign(story, { stopped: 0, overlapped: 0, repeats: 0 });
  else if (story.overlapped > 0) {
    story.overlapped--;
    story.repeats = 0;
  } else {
    story.stopped = Math.max(0, story.stopped - 1);
    story.repeats = isSame(told, story.last) ? story.repeats + 1 : 0;
  }
  Object.assign(story, { last: told, at: now(), uncertain: 0, isReplaced: false, tried: null });
  if (hearers.length === 0) story.stopped++;
  belief.anythingAt = now();
  if (family === "level") Object.assign(belief, { level: told.level, noReading: null });
  // It names the level.
  if (told.kind === "reading-again") {
    belief.level = told.level;
    witness.stories.level.at = now();
  }
  if (family === "all-clear") Object.assign(belief, { level: told.level, noReading: null });
  if (family === "audience") witness.audience = null;
  if (family !== "no reading") return;
  const isPermanent = told.isPermanent || belief.noReading?.isPermanent === true;
  belief.noReading = told.kind === "reading-again" ? null : { at: now(), isPermanent };
}

/** Each reminder doubles the time to the next one. What may have been one is counted apart. */
function countReminders(told: Told, story: Story, isNew: boolean): void {
  if (told.kind !== "reminder" && told.kind !== "still-no-reading") {
    if (told.kind === "reading-again") return;
    Object.assign(story, { reminded: 0, maybeReminded: 0 });
    return;
  }
  story.reminded = isNew ? story.reminded + 1 : 0;
  story.maybeReminded++;
}

function learn(person: Person, told: Told): void {
  const family = familyOf(told);
  Object.assign(person, { wrongSince: null, missed: 0 });
  if (family === "level" || family === "all-clear" || told.kind === "reading-again")
    person.level = told.level;
  // Whoever hears of credits, or that all is well, knows that there are readings.
  if (family === "level" || family === "all-clear" || told.kind === "reading-again")
    person.believesNoReading = false;
  else if (family === "no reading") person.believesNoReading = true;
}

function tried(told: Told, witness: Witness): void {
  const { stories, now, people } = witness;
  const family = familyOf(told);
  if (family === null) return;
  replaceOthers(family, witness);
  witness.unsureAt = now();
  const story = stories[family];
  story.maybeReminded++;
  story.uncertain++;
  story.uncertainAt = now();
  story.tried ??= { told, at: now() };
  for (const person of people.hearers(told.bySms)) {
    if (rank(told.level) < rank(person.level)) person.missed++;
  }
}

/** What nobody may have heard counts as told once another message takes its place. */
function replaceOthers(family: Family, { stories }: Witness): void {
  for (const each of FAMILIES) {
    if (each !== family && stories[each].uncertain > 0) stories[each].isReplaced = true;
  }
}

/** What was not true in between is another alert when it is told again. */
function endRepeats(execution: Execution, { stories, config }: Witness): void {
  if (execution.readAt === 0) return;
  const meaning = meaningOf(execution);
  const { level, "no reading": noReading } = stories;
  const isRead = meaning.kind === "credits";
  if (isRead === (noReading.last?.kind !== "reading-again")) noReading.last = null;
  const now = isRead ? (execution.report?.level ?? levelOf(meaning.credits, null, config)) : null;
  if (now !== null && now !== level.last?.level) level.last = null;
}

/** What a check leaves behind of which the next one can't know whether people heard it. */
function countCauses(execution: Execution, witness: Witness): void {
  const { stories, now } = witness;
  const { outcome, failedCalls, written, published, overlaps } = execution;
  // What certainly failed is taken back by a second write.
  const failed = failedCalls.filter((call) => call !== "list").join();
  const isTakenBack = outcome === "threw" && failed === "publish" && published.length === 0;
  const isEnded = outcome === "returned" || isTakenBack || gaveWay(execution);
  const isStopped = (!isEnded && written > 0) || failedCalls.includes("save");
  if (isStopped) witness.unsureAt = now();
  const all: readonly Story[] = Object.values(stories);
  for (const story of all) {
    if (isStopped) {
      story.stopped++;
      story.maybeReminded++;
      story.reminded = 0;
    }
    // Who is stopped before it has looked at the version puts nothing back.
    if (isConfused(execution, now()) || (isStopped && overlaps.size > 0)) story.overlapped++;
    if (!isStopped || published.length > 0) continue;
    story.uncertain++;
    story.uncertainAt = now();
    story.tried ??= { told: null, at: now() };
  }
}

/**
 * A snooze is sure if its check was, and ends when something worse is told, or ok. What may be told again may have been
 * known before the snooze, and not end it.
 */
function snooze(execution: Execution, witness: Witness): void {
  const { invocation, overlaps, published } = execution;
  const { snoozeHours } = invocation;
  const isSure = isWhole(execution) && overlaps.size === 0;
  const isEnded = published.some(({ kind }) => ["raised", "no-reading", "recovered"].includes(kind));
  if (!isSure || isEnded) witness.surelySnoozedUntil = 0;
  const isSurelyEnded = isSure && isEnded && witness.repeatedAt < execution.startedAt;
  if (isSurelyEnded) witness.maybeSnoozedUntil = 0;
  if (snoozeHours === null || isSurelyEnded) return;
  const until = execution.startedAt + snoozeHours * HOUR_MS;
  if (isSure && !isEnded) witness.surelySnoozedUntil = snoozeHours > 0 ? until - SLACK_MS : 0;
  witness.maybeSnoozedUntil = isSure ? until : Math.max(until, witness.maybeSnoozedUntil);
}

function countFailures(execution: Execution, witness: Witness): void {
  const { invocation, readAt, overlaps } = execution;
  if (readAt === 0 || invocation.dryRun || invocation.test) return;
  if (meaningOf(execution).kind === "credits") {
    witness.lastReadingAt = Math.max(witness.lastReadingAt, readAt);
    if (isWhole(execution) && overlaps.size === 0) witness.surelyReadAt = readAt;
    witness.failures = 0;
  } else if (isWhole(execution) && overlaps.size === 0) {
    if (witness.failures === 0) witness.firstFailureAt = readAt;
    witness.failures++;
  }
}
