/** What a caller may ask of a check, and the report it gets. Pure. */
import * as z from "zod/mini";
import type { Level } from "./policy/memory.ts";
import type { AlertKind, Severity } from "./policy/policy.ts";
import type { FailureReason } from "./policy/reading.ts";
import { parseInput } from "./problems.ts";

const credits = z
  .number("expected a number of credits, 0 or more")
  .check(z.nonnegative("expected a number of credits, 0 or more"));

const flag = z._default(z.boolean("expected true or false"), false);

const invocation = z.strictObject(
  {
    /** Publish and save nothing; the report shows what would be. */
    dryRun: flag,
    /** Send a test message through every channel, whatever the level; nothing is remembered. */
    test: flag,
    /** Credits that the next job takes: is the balance enough for it? */
    need: z._default(z.nullable(credits), null),
  },
  "expected an object with nothing but dryRun, test and need",
);

export type Invocation = Readonly<z.output<typeof invocation>>;

/**
 * Reads the function's event: `{}` from the rule, options from a caller.
 *
 * @throws InvalidInputError that names every unknown or wrong field
 */
export function parseInvocation(event: unknown): Invocation {
  return parseInput("event", invocation, event);
}

/** Who would hear a message: confirmed subscriptions by protocol, and those that are not confirmed yet. */
export interface Audience {
  readonly emails: number;
  readonly phones: number;
  /** Queues, functions, webhooks. */
  readonly others: number;
  readonly pending: number;
}

export function confirmedIn({ emails, phones, others }: Audience): number {
  return emails + phones + others;
}

/** What a check returns. Times are ISO 8601 in UTC. */
export interface Report {
  readonly account: string;
  readonly checkedAt: string;
  /** Null where there is no reading; `failure` then says why. */
  readonly credits: number | null;
  /** The last known level where there is no reading, null where none is known. */
  readonly level: Level | null;
  /** Null where the burn rate is unknown or nothing was used. */
  readonly runway: {
    readonly creditsPerHour: number;
    readonly hoursLeft: number;
    readonly emptyAt: string;
  } | null;
  readonly failure: {
    readonly reason: FailureReason;
    readonly detail: string;
    readonly permanent: boolean;
    /** Failures in a row, this one included. */
    readonly consecutive: number;
  } | null;
  /** The alert of this check. `messageId` is null on a dry run. */
  readonly alert: {
    readonly kind: AlertKind;
    readonly severity: Severity;
    readonly subject: string;
    readonly messageId: string | null;
  } | null;
  /** Null on a laptop, where there is no topic. */
  readonly audience: Audience | null;
  /** Null where `need` was not asked for, or there is no reading. */
  readonly need: { readonly credits: number; readonly enough: boolean } | null;
}
