/**
 * What a check remembers for the next one: one JSON document in one SSM parameter. Pure.
 *
 * Two things are kept apart: what was *seen*, and what was *told*, which is what people know. An alert is due if they
 * differ. `sending` is a message of which nobody knows yet whether people heard it.
 */
import * as z from "zod";
import { ALERT_KINDS, SEVERITIES } from "./alert.ts";
import { audienceSchema } from "./audience.ts";
import { NO_USE, useSchema } from "./forecast.ts";
import { LEVELS, RUNWAY_LEVELS } from "./levels.ts";
import { moment } from "./time.ts";

const count = z.int().nonnegative();

/** What a standard SSM parameter holds. The document is ASCII, so characters are bytes. */
export const MAX_MEMORY_CHARACTERS = 4096;

const VERSION = 2;

const level = z.enum(LEVELS).nullable();

const seen = z.object({
  /** Of the last reading; null before the first one. */
  level,
  /** The level that the runway justified at the last reading; an unknown runway keeps it. */
  runwayLevel: z.enum(RUNWAY_LEVELS),
  /** The failed checks in a row up to now, and when the first of them was. */
  failing: z.object({ since: moment, checks: z.int().positive() }).nullable(),
  /** Who was listed as listening last; null if SNS never said. */
  audience: audienceSchema.nullable(),
  /** What was read and used; its `last` is the last reading. */
  use: useSchema,
});

const told = z.object({
  /** Of the last credit alert; null if nothing was told. The first reading, if it is ok, is told by silence. */
  level,
  /** Nobody knows what people believe: the memory was damaged. */
  isUnknown: z.boolean(),
  /** When people last heard the level. */
  at: moment,
  /** How often they were reminded of it: the interval doubles each time. */
  reminders: count.default(0),
  /** Whether phones heard anything of the credits since the level told was ok. */
  bySms: z.boolean(),
  /** That there is no reading: when it was told last, since when there is none, and how it was told. */
  noReading: z
    .object({
      at: moment,
      since: moment,
      isPermanent: z.boolean(),
      bySms: z.boolean(),
      reminders: count.default(0),
    })
    .nullable(),
  surgeAt: moment.nullable(),
  /** When changes were told in the last 24 hours. */
  changes: z.array(moment),
  /** The confirmed emails and phones that people know of, and when they were told that some were lost. */
  audience: audienceSchema.nullable(),
  audienceAt: moment.nullable().default(null),
  /** When anything was told; at first, when the first check was. Null before that. */
  anythingAt: moment.nullable(),
  /** Until then there are no reminders. */
  snoozedUntil: moment.nullable(),
});

const sending = z.object({
  kind: z.enum(ALERT_KINDS),
  severity: z.enum(SEVERITIES),
  bySms: z.boolean(),
  level,
  previousLevel: level,
  noReadingSince: moment.nullable(),
  previousAudience: audienceSchema.nullable(),
  surge: z.object({ credits: z.number(), minutes: z.number(), hoursLeft: z.number() }).nullable(),
  isAfterSurge: z.boolean().default(false),
  /** When it was tried last. */
  at: moment,
  tries: z.int().positive(),
});

const document = z.object({
  version: z.number().gte(VERSION),
  seen,
  told,
  sending: sending.nullable(),
});

/** All moments are epoch milliseconds. */
export type Memory = Readonly<Omit<z.output<typeof document>, "version">>;
export type Told = Memory["told"];
export type Sending = NonNullable<Memory["sending"]>;

export const FRESH_MEMORY: Memory = {
  seen: { level: null, runwayLevel: "ok", failing: null, audience: null, use: NO_USE },
  told: {
    level: null,
    isUnknown: false,
    at: 0,
    reminders: 0,
    bySms: false,
    noReading: null,
    surgeAt: null,
    changes: [],
    audience: null,
    audienceAt: null,
    anythingAt: null,
    snoozedUntil: null,
  },
  sending: null,
};

/** If nobody knows what people believe, what is true is told once, by SMS too: it may have been critical. */
export const UNKNOWN = { level: null, isUnknown: true, bySms: true } as const satisfies Partial<Told>;

const DAMAGED_MEMORY: Memory = { ...FRESH_MEMORY, told: { ...FRESH_MEMORY.told, ...UNKNOWN } };

/**
 * Reads the document. Unknown fields pass, so that a newer version is read as far as it fits.
 *
 * @param text - undefined if there is no document yet
 * @returns the memory, and in `problem` why a document that is there could not be read
 */
export function parseMemory(text: string | undefined): {
  readonly memory: Memory;
  readonly problem: string | null;
} {
  if (text === undefined) return { memory: FRESH_MEMORY, problem: null };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { memory: DAMAGED_MEMORY, problem: "the memory is not JSON" };
  }
  const parsed = document.safeParse(json);
  if (parsed.success) {
    const { version, ...memory } = parsed.data;
    return { memory, problem: null };
  }
  const places = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "document"}: ${message}`,
  );
  return {
    memory: DAMAGED_MEMORY,
    problem: `the memory is of another shape or version (${places.join("; ")})`,
  };
}

/**
 * Writes the document.
 *
 * @returns at most 4,096 characters: a memory that would be longer, as only a damaged one is, starts afresh
 */
export function serializeMemory(memory: Memory): string {
  const text = JSON.stringify({ version: VERSION, ...memory });
  return text.length <= MAX_MEMORY_CHARACTERS ? text : serializeMemory(DAMAGED_MEMORY);
}
