/** What a check remembers for the next one: one JSON document in one SSM parameter. Pure. */
import * as z from "zod/mini";
import type { Sample } from "./runway.ts";

/** From well to worst. */
export const LEVELS = ["ok", "warning", "critical", "empty"] as const;
export type Level = (typeof LEVELS)[number];

/** A runway alone makes no account empty. */
const RUNWAY_LEVELS = ["ok", "warning", "critical"] as const satisfies readonly Level[];
export type RunwayLevel = (typeof RUNWAY_LEVELS)[number];

/** What a standard SSM parameter holds. The document is ASCII, so characters are bytes. */
export const MAX_MEMORY_CHARACTERS = 4096;

const VERSION = 1;

/** Later moments, of a damaged document, could not be written as dates. */
const LAST_MOMENT = Date.UTC(9999, 11, 31);

/** Epoch milliseconds; a clock may have fractions of them. */
const moment = z.number().check(z.nonnegative(), z.maximum(LAST_MOMENT));

const told = z.strictObject({
  /** When the last credit alert went out, reminders included. */
  at: moment,
  /** Whether a critical alert went out since the level was last ok. */
  critical: z.boolean(),
  /** The level that the runway would not let go of, when it was last known. */
  runway: z.enum(RUNWAY_LEVELS),
});

const document = z
  .strictObject({
    version: z.literal(VERSION),
    /** The level of the last reading; every level but ok has been told. Null before the first reading. */
    level: z._default(z.nullable(z.enum(LEVELS)), null),
    /** The credit alert that is out, exactly while the level is not ok. */
    told: z._default(z.nullable(told), null),
    /** The failures in a row up to now, and when the first of them was. */
    failing: z._default(
      z.nullable(z.strictObject({ count: z.int().check(z.positive()), since: moment })),
      null,
    ),
    /** The blind alert that is out: when it was last told, and whether as permanent. */
    blind: z._default(z.nullable(z.strictObject({ at: moment, permanent: z.boolean() })), null),
    /** Moments and credits, in the order of time. */
    samples: z._default(z.array(z.tuple([moment, z.number()])), []),
  })
  .check(
    z.refine(({ level, told }) => (told !== null) === (level !== null && level !== "ok"), {
      path: ["told"],
      error: "told and level disagree",
    }),
    z.refine(({ failing, blind }) => blind === null || failing !== null, {
      path: ["blind"],
      error: "blind without failures",
    }),
  );

/** All moments are epoch milliseconds. */
export type Memory = Readonly<
  Omit<z.output<typeof document>, "version" | "samples"> & { samples: readonly Sample[] }
>;

export const FRESH_MEMORY: Memory = { level: null, told: null, failing: null, blind: null, samples: [] };

/** What the stack writes into a new parameter: the smallest document that reads as fresh memory. */
export const INITIAL_DOCUMENT = JSON.stringify({ version: VERSION });

/**
 * Reads the document.
 *
 * @returns the memory, and in `problem` why it had to start afresh: the document is missing, corrupt or
 * of another version
 */
export function parseMemory(text: string | undefined): { memory: Memory; problem: string | null } {
  if (text === undefined) return { memory: FRESH_MEMORY, problem: "the memory parameter is missing" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { memory: FRESH_MEMORY, problem: "the memory is not JSON" };
  }
  const parsed = document.safeParse(json);
  if (!parsed.success) {
    const places = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "document"}: ${message}`,
    );
    return {
      memory: FRESH_MEMORY,
      problem: `the memory is of another shape or version (${places.join("; ")})`,
    };
  }
  const { version, samples, ...rest } = parsed.data;
  return { memory: { ...rest, samples: samples.map(([at, credits]) => ({ at, credits })) }, problem: null };
}

/** Writes the document, without its oldest samples where it would be too long. */
export function serializeMemory(memory: Memory): string {
  for (let dropped = 0; ; dropped++) {
    const samples = memory.samples.slice(dropped).map(({ at, credits }) => [at, credits]);
    const text = JSON.stringify({ version: VERSION, ...memory, samples });
    if (text.length <= MAX_MEMORY_CHARACTERS) return text;
  }
}
