/**
 * Invariant 4: no spam. Judged at each message that people hear.
 *
 * *New or a repeat.* Each message is new to people: a change of what they believe, or a reminder whose interval has
 * passed. If not, there is a cause since the last message of its family, and each cause makes one repeat: a check that
 * was stopped after it wrote its memory, whose answer was lost, or which could not write; harm that came to the memory.
 * Two checks at once are no cause, but three are, and checks that take nearly a minute. A message that matters most is
 * heard at the next check, 15 minutes and an hour later, and all others once more, unless the memory was harmed.
 *
 * *Changes.* Good news waits while 5 changes were told in 24 hours. The fifth may be good news itself, after which only
 * `raised` is left, three times: 8 changes of the level in any 24 hours. Before each of the three, and after the last,
 * there may be no reading, transient and then permanent: 5 + 3 + 4 x 2 = 16 changes in all. A change counts from its
 * first attempt on; repeats are none. Who damages the memory starts the count again, and after overlapping checks one
 * change more for each is accepted, since one check may write over what the other has counted.
 */
import { DAY_MS, doubled, dueAfterMs, MINUTE_MS, rank, reminderMs } from "../levels.ts";
import { type Execution, isConfused, meaningOf, type Told } from "../records.ts";
import { familyOf, type Story, type Witness } from "../witness.ts";

const MAX_CHANGES = 16;
const MAX_LEVEL_CHANGES = 8;
const CHANGES = new Set(["raised", "eased", "recovered", "no-reading", "reading-again"]);
const IMPORTANT = new Set(["raised", "surge", "no-reading"]);
/** After so many minutes a message is repeated, with checks that come early and a clock that steps. */
const IMPORTANT_WAITS = [0, 5, 50];
const OTHER_WAITS = [5];
const REMINDERS = new Set(["reminder", "still-no-reading"]);

/** From the decision to the message, and back to the next decision, with a clock that steps. */
export const SLACK_MS = 5 * MINUTE_MS;

export function* noise(told: Told, execution: Execution, witness: Witness): Generator<string> {
  const { invocation, publishCalls, written } = execution;
  if (invocation.dryRun) yield `a dry run told ${told.kind}`;
  if (invocation.test !== (told.kind === "test"))
    yield `${told.kind} was told by ${invocation.test ? "" : "no "}test`;
  if (publishCalls > 1) yield "one check published more than once";
  const family = familyOf(told);
  if (family === null) return;
  if (written === 0) yield `${told.kind} was told, and not remembered before`;
  const isSnoozed = witness.now() < witness.surelySnoozedUntil && invocation.snoozeHours === null;
  if (REMINDERS.has(told.kind) && isSnoozed) yield `${told.kind} was told while snoozed`;
  if (told.kind === "no-reading") yield* tooEarly(told, execution, witness);
  const story = witness.stories[family];
  const why = notNew(told, witness);
  if (why === null) {
    yield* tooManyChanges(told, story, witness);
    return;
  }
  const overlapped = story.overlapped + (isConfused(execution, witness.now()) ? 1 : 0);
  if (story.stopped + overlapped === 0) yield `${why}, without a cause`;
  if (overlapped > 0 || !isSame(told, story.last)) return;
  const minutes = (witness.now() - story.at) / MINUTE_MS;
  const waits = (IMPORTANT.has(told.kind) ? IMPORTANT_WAITS : OTHER_WAITS)[story.repeats];
  if (waits === undefined || minutes < waits)
    yield `${told.kind} was repeated ${story.repeats + 1} times, the last one after ${minutes} min`;
}

/** One refusal of 20 minutes, or two checks of 40, are no news yet. */
function* tooEarly(
  { isPermanent }: Told,
  execution: Execution,
  { surelyReadAt, now }: Witness,
): Generator<string> {
  const minutes = (now() - surelyReadAt) / MINUTE_MS;
  const isKeyMissing = execution.answers.length === 0;
  // A check that overlapped may have read a little later, and what it remembered was written over.
  const overlapMinutes = 2;
  if (!isKeyMissing && minutes < (isPermanent ? 20 : 40) - overlapMinutes)
    yield `no reading was told ${minutes} min after a reading`;
}

/** Word for word, as far as it matters to people. */
export function isSame(told: Told, other: Told | null): boolean {
  return told.kind === other?.kind && told.level === other.level && told.isPermanent === other.isPermanent;
}

/** Why a message is not new to people; null if it is. */
export function notNew(told: Told, witness: Witness): string | null {
  const { belief, stories, people, config, now } = witness;
  const change = rank(told.level) - rank(belief.level);
  const isEarly = (at: number, intervalMs: number) => now() - at < dueAfterMs(intervalMs) - SLACK_MS;
  const unless = (isNew: boolean, why: string) => (isNew ? null : `${told.kind} at ${told.level}: ${why}`);
  switch (told.kind) {
    case "raised":
      return unless(change > 0, `people believe ${belief.level}`);
    case "eased":
    case "recovered":
      return unless(change < 0, `people believe ${belief.level}`);
    case "reminder":
      if (change !== 0) return unless(false, `people believe ${belief.level}`);
      return unless(
        !isEarly(stories.level.at, reminderMs(told.level, config, stories.level.reminded)),
        "too early",
      );
    case "no-reading": {
      const { noReading } = belief;
      return unless(noReading === null || (told.isPermanent && !noReading.isPermanent), "people know");
    }
    case "still-no-reading":
      return unless(
        belief.noReading !== null &&
          !isEarly(belief.noReading.at, doubled(DAY_MS, stories["no reading"].reminded)),
        "too early",
      );
    case "reading-again":
      return unless(belief.noReading !== null, "people know");
    case "surge":
      return unless(told.level !== "empty" && !isEarly(stories.surge.at, DAY_MS), "too early, or at empty");
    case "audience":
      return unless(
        config.tellsAudience &&
          people.leftAt() > stories.audience.at &&
          !isEarly(stories.audience.at, DAY_MS),
        "nobody has left, or too early",
      );
    case "all-clear":
      return unless(belief.level === "ok" && !isEarly(belief.anythingAt, quietMs(witness)), "too early");
    case "test":
      return null;
  }
}

/** After so long a silence it is said that all is well. A surge is taken back after a day. */
export function quietMs({ belief, stories, config }: Witness): number {
  return stories.surge.at === belief.anythingAt ? DAY_MS : config.allClearDays * DAY_MS;
}

function* tooManyChanges(told: Told, story: Story, { changes, now }: Witness): Generator<string> {
  if (!CHANGES.has(told.kind)) return;
  const { tried } = story;
  const at = tried && (tried.told === null || isSame(told, tried.told)) ? tried.at : now();
  changes.push({ at, isOnLevel: familyOf(told) === "level" });
  const recent = changes.filter((change) => now() - change.at < DAY_MS - SLACK_MS);
  changes.splice(0, changes.length, ...recent);
  const onLevel = recent.filter(({ isOnLevel }) => isOnLevel).length;
  if (recent.length > MAX_CHANGES) yield `${recent.length} changes were told in 24 hours`;
  if (onLevel > MAX_LEVEL_CHANGES) yield `${onLevel} changes of the level were told in 24 hours`;
}

/** Judged at the end of a check. */
export function* wroteOrSent(execution: Execution): Generator<string> {
  const { invocation, saves, publishCalls, report } = execution;
  if ((invocation.dryRun || invocation.test) && saves > 0) yield "a dry run or a test wrote the memory";
  if (report?.alert?.held && publishCalls > 0) yield `${report.alert.kind} is said to be held, and was sent`;
  if (meaningOf(execution).kind === "failure" && report?.credits != null)
    yield "credits were reported without a reading";
}
