/** The people who subscribed: who confirmed, and when; who left and came back; and what each of them believes. */
import type { Level } from "../../lambda/policy/levels.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Listed } from "./records.ts";
import type { Timeline } from "./timeline.ts";

const PROTOCOLS = ["email", "sms", "https"] as const;

export interface Person {
  readonly protocol: (typeof PROTOCOLS)[number];
  state: "pending" | "confirmed" | "gone";
  /** By the last message heard since this person confirmed. */
  level: Level;
  believesNoReading: boolean;
  /** Since when this person has believed worse than what is read; null if that is not so. */
  wrongSince: number | null;
  /** How many messages of a better level may have been lost on the way since the last one heard. */
  missed: number;
}

export interface People {
  readonly all: readonly Person[];
  listed(): Listed;
  /** Who hears a message now: phones only if it goes by SMS. */
  hearers(bySms: boolean): Person[];
  /** Since when somebody has been there who would hear, without a break; null if nobody is. */
  heardSince(bySms: boolean): number | null;
  /** When an email or a phone left last; 0 is never. */
  leftAt(): number;
  /** The world's own time: somebody may leave. Called with each round. */
  live(): void;
}

/** Whether anybody of a list would hear a message. */
export function wouldHear({ emails, phones, others }: Listed, bySms: boolean): boolean {
  return emails + others > 0 || (bySms && phones > 0);
}

export function createPeople(
  { timeline, random, faults }: { timeline: Timeline; random: Random; faults: Faults },
  intervalMs: number,
  note: (what: string) => void,
): People {
  const casts = [
    ["email"],
    ["email"],
    ["sms"],
    ["email", "sms"],
    ["email", "email", "sms", "https"],
    ["https", "sms"],
  ] as const satisfies readonly Person["protocol"][][];
  const all = random.pick<readonly Person["protocol"][]>(casts).map(newPerson);
  const since = new Map<boolean, number>();
  let leftAt = 0;

  const hearers = (bySms: boolean) =>
    all.filter(({ state, protocol }) => state === "confirmed" && (bySms || protocol !== "sms"));

  const set = (person: Person, state: Person["state"]) => {
    Object.assign(person, { state, level: "ok", believesNoReading: false, wrongSince: null, missed: 0 });
    if (state === "gone" && person.protocol !== "https") leftAt = timeline.now();
    for (const bySms of [false, true]) {
      if (hearers(bySms).length === 0) since.delete(bySms);
      else if (!since.has(bySms)) since.set(bySms, timeline.now());
    }
    note(`${person.protocol} ${state}`);
  };

  const later = (intervals: number, happen: () => void) =>
    timeline.at(timeline.now() + intervalMs * intervals, happen);
  const confirmLater = (person: Person) => {
    set(person, "pending");
    later(random.pick([0.1, 0.5, 1, 10, 100]) * random.between(0.5, 2), () => set(person, "confirmed"));
  };

  for (const person of all) {
    if (random.chance(0.3)) confirmLater(person);
    else set(person, "confirmed");
  }
  return {
    all,
    hearers,
    listed() {
      const count = (protocol: Person["protocol"]) =>
        hearers(true).filter((person) => person.protocol === protocol).length;
      return { emails: count("email"), phones: count("sms"), others: count("https") };
    },
    heardSince: (bySms) => since.get(bySms) ?? null,
    leftAt: () => leftAt,
    live() {
      const person = random.pick(all as [Person, ...Person[]]);
      if (person.state !== "confirmed" || !faults.happens(null, "people: left", 0.01)) return;
      set(person, "gone");
      later(random.pick([0.5, 3, 30, 200]) * random.between(0.5, 2), () => confirmLater(person));
    },
  };
}

function newPerson(protocol: Person["protocol"]): Person {
  return { protocol, state: "pending", level: "ok", believesNoReading: false, wrongSince: null, missed: 0 };
}
