/** What the invariants are judged by: what people believe, and what may have kept the memory from knowing it. */
import type { Config } from "../../lambda/config.ts";
import type { AlertKind } from "../../lambda/policy/alert.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import type { Account } from "./account.ts";
import type { People } from "./people.ts";
import type { Listed, Told } from "./records.ts";

/** Kinds that tell of the same thing. */
export const FAMILIES = ["level", "no reading", "surge", "audience", "all-clear"] as const;
export type Family = (typeof FAMILIES)[number];

const FAMILY_OF: Readonly<Record<AlertKind, Family | null>> = {
  raised: "level",
  reminder: "level",
  eased: "level",
  recovered: "level",
  "no-reading": "no reading",
  "still-no-reading": "no reading",
  "reading-again": "no reading",
  surge: "surge",
  audience: "audience",
  "all-clear": "all-clear",
  test: null,
};

export function familyOf({ kind }: { readonly kind: AlertKind }): Family | null {
  return FAMILY_OF[kind];
}

/** What is known of one family. All moments are true time. */
export interface Story {
  /** The last message that people heard, null if it was not true since; and when, -Infinity if there was none. */
  last: Told | null;
  at: number;
  /** Attempts since then of which nobody can know whether they were heard, though nobody did; and the last of them. */
  uncertain: number;
  uncertainAt: number;
  /** Whether another message took its place since then: it counts as told. */
  isReplaced: boolean;
  /** The first of them; `told` is null if the check was stopped before SNS got it. */
  tried: { readonly told: Told | null; readonly at: number } | null;
  /** Checks since then that were stopped or unsure, and so may repeat one message each. */
  stopped: number;
  /** The same by checks that overlapped, and by harm that came to the memory. */
  overlapped: number;
  /** How often the last message was repeated in a row, word for word. */
  repeats: number;
  /** Reminders since the last change: those that were heard for sure, and all that may count. */
  reminded: number;
  maybeReminded: number;
}

export interface Witness {
  readonly config: Config;
  readonly intervalMs: number;
  readonly account: Account;
  readonly people: People;
  readonly stories: Readonly<Record<Family, Story>>;
  /** True time. */
  now(): number;
  /** What people believe together: each message counts if one of them heard it. */
  readonly belief: {
    level: Level;
    noReading: { readonly at: number; readonly isPermanent: boolean } | null;
    /** When anything was heard; at first, when a check remembered anything. Infinity before that. */
    anythingAt: number;
  };
  /** When changes were heard, or first tried. */
  changes: { readonly at: number; readonly isOnLevel: boolean }[];
  /** When Kie was read last, whether that was remembered or not; or when the memory was harmed. */
  lastReadingAt: number;
  /** The last reading that was remembered for sure. */
  surelyReadAt: number;
  /** Whole checks without a reading since then. */
  failures: number;
  firstFailureAt: number;
  /** When a check last left something behind of which the next one can't know whether it was heard. */
  unsureAt: number;
  /** When people last heard what a check may take for told before. */
  repeatedAt: number;
  /** Until when reminders are off for sure, and may be off. */
  surelySnoozedUntil: number;
  maybeSnoozedUntil: number;
  /** Subscribers that people take for listening; null if that is unknown. And those listed by the check before. */
  audience: Listed | null;
  listedBefore: Listed | null;
  /** For how many checks in a row something has been due: checks that overlapped none, and all. */
  readonly waiting: Map<string, { calm: number; all: number }>;
}

export function createWitness(
  world: Pick<Witness, "config" | "intervalMs" | "account" | "people" | "now">,
): Witness {
  const story = (): Story => ({
    last: null,
    at: Number.NEGATIVE_INFINITY,
    uncertain: 0,
    uncertainAt: Number.NEGATIVE_INFINITY,
    isReplaced: false,
    tried: null,
    stopped: 0,
    overlapped: 0,
    repeats: 0,
    reminded: 0,
    maybeReminded: 0,
  });
  return {
    ...world,
    stories: {
      level: story(),
      "no reading": story(),
      surge: story(),
      audience: story(),
      "all-clear": story(),
    },
    belief: { level: "ok", noReading: null, anythingAt: Number.POSITIVE_INFINITY },
    changes: [],
    lastReadingAt: Number.NEGATIVE_INFINITY,
    surelyReadAt: Number.NEGATIVE_INFINITY,
    failures: 0,
    firstFailureAt: 0,
    unsureAt: Number.NEGATIVE_INFINITY,
    repeatedAt: Number.NEGATIVE_INFINITY,
    surelySnoozedUntil: 0,
    maybeSnoozedUntil: 0,
    audience: null,
    listedBefore: null,
    waiting: new Map(),
  };
}
