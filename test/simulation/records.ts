/** What the world writes down of each check, for the invariants to judge. */

import type { Invocation } from "../../lambda/invocation.ts";
import { OverlapError } from "../../lambda/outbox.ts";
import type { AlertKind, Severity } from "../../lambda/policy/alert.ts";
import type { Level } from "../../lambda/policy/levels.ts";
import type { FailureReason } from "../../lambda/policy/reading.ts";
import type { Report } from "../../lambda/report.ts";

/** Confirmed subscriptions, as SNS lists them. */
export interface Listed {
  readonly emails: number;
  readonly phones: number;
  readonly others: number;
}

/** A check that takes longer may be taken for one that has ended. */
const LONG_MS = 50_000;

/** What Kie truly meant by one answer. An answer of somebody else is a transient failure. */
export type Meaning =
  /** `real` is false for a false zero. */
  | { readonly kind: "credits"; readonly credits: number; readonly real: boolean }
  | {
      readonly kind: "failure";
      readonly reason: FailureReason;
      readonly permanent: boolean;
      readonly retryAfterMs: number | null;
    };

/** What one message says, as the document for programs has it. */
export interface Told {
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly level: Level;
  readonly credits: number | null;
  readonly isPermanent: boolean;
  readonly bySms: boolean;
}

/** One call of the function. */
export interface Call {
  readonly event: unknown;
  /** The moment that the schedule meant. */
  readonly dueAt: number;
  /** Called by the schedule, so that Lambda tries again what fails. */
  readonly isScheduled: boolean;
  /** 1, or more if Lambda tries again. */
  readonly attempt: number;
  /** Attempts before this one that gave way to another check. */
  readonly asides: number;
  /** What the world did to it before it began. */
  readonly faults: readonly string[];
}

export type AwsCall = "read" | "read version" | "save" | "publish" | "list";

/** One run of the function. */
export interface Execution {
  readonly id: number;
  readonly startedAt: number;
  readonly call: Call;
  readonly invocation: Invocation;
  /** What the world did to it, by kind. */
  readonly faults: Set<string>;
  /** The AWS calls that failed in the end, in their order. */
  readonly failedCalls: AwsCall[];
  readonly overlaps: Set<Execution>;
  /** Every answer to every attempt, in their order, and when the last of them came. */
  readonly answers: Meaning[];
  readAt: number;
  /** What the key parameter held when it was read. */
  apiKey: string | undefined;
  /** Who wrote the memory that was read; null if nobody, or somebody else. */
  memoryBy: Execution | null;
  isMemoryDamaged: boolean;
  /** Whether the memory that was read had a message on its way. */
  foundSending: boolean;
  /** Who was listed as confirmed; null if SNS did not say. */
  listed: Listed | null;
  /** Calls of PutParameter, and how many of them did their work, be it that the answer was lost. */
  saves: number;
  written: number;
  /** Messages on their way or out: all but those that certainly failed. */
  readonly published: Told[];
  publishCalls: number;
  warnings: number;
  steps: number;
  /** The function dies at this step; 0 is never. */
  crashAtStep: number;
  outcome: "returned" | "threw" | "crashed" | "timed out" | null;
  report: Report | null;
  error: unknown;
}

/** What the last answer to a check truly meant; without one the key could not be used. */
export function meaningOf({ answers }: Execution): Meaning {
  return answers.at(-1) ?? { kind: "failure", reason: "missing-key", permanent: true, retryAfterMs: null };
}

/** Who listens as far as a check knows: by its own list, or, if SNS did not say, by that of the check before it. */
export function listedFor({ listed, failedCalls, memoryBy }: Execution): Listed | null {
  if (!failedCalls.includes("list")) return listed;
  return memoryBy?.failedCalls.includes("list") ? null : (memoryBy?.listed ?? null);
}

/** Whether a check gave way to another one, and left what that one remembers. */
export function gaveWay({ outcome, error }: Execution): boolean {
  return outcome === "threw" && error instanceof OverlapError;
}

/**
 * Whether a check may have been confused by others at the same time: more than one, or one that took so long that its
 * message on its way was no longer taken for one in flight.
 */
export function isConfused({ overlaps, startedAt }: Execution, now: number): boolean {
  const began = [startedAt, ...Array.from(overlaps, (other) => other.startedAt)];
  return overlaps.size > 1 || (overlaps.size > 0 && now - Math.min(...began) > LONG_MS);
}

/** Whether a check read, decided, remembered and told with the world's consent, and as the schedule would have it. */
export function isWhole({ outcome, failedCalls, invocation }: Execution): boolean {
  const isRehearsal = invocation.dryRun || invocation.test;
  return outcome === "returned" && !isRehearsal && failedCalls.every((call) => call === "list");
}
