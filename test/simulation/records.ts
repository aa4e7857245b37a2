/** What the world writes down of each check, for the invariants to judge. */
import type { Invocation, Report } from "../../lambda/invocation.ts";
import type { Level } from "../../lambda/policy/memory.ts";
import type { AlertKind, Severity } from "../../lambda/policy/policy.ts";
import type { FailureReason } from "../../lambda/policy/reading.ts";

/** What Kie truly meant by one answer. */
export type Meaning =
  /** `real` is false for a false zero. */
  | { readonly kind: "credits"; readonly credits: number; readonly real: boolean }
  | {
      readonly kind: "failure";
      readonly reason: FailureReason;
      readonly permanent: boolean;
      readonly retryAfterMs: number | null;
    };

/** One look at Kie, on the check's own clock. There is no attempt where the key can't be used. */
export interface Look {
  readonly startedAt: number;
  endedAt: number;
  readonly attempts: Meaning[];
}

/** A message that reached the topic, and so people. */
export interface Told {
  /** In the order of telling, from 1. */
  readonly number: number;
  readonly by: Execution;
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly level: Level;
  readonly credits: number | null;
  /** The check's own clock, in epoch milliseconds. */
  readonly stamp: number;
  /** Whether it ends a blindness that was told. */
  readonly endsBlindness: boolean;
}

/**
 * Which messages a remembered document knows of. The world follows this by who wrote what, without looking
 * into the document: it is what the watchman *can* know.
 */
export interface Knowledge {
  /** The last message on the level that is known, null where none is. */
  readonly credit: Told | null;
  /** The last message on blindness or its end that is known. */
  readonly blind: Told | null;
  /** Good news may have gone out since, so that a reminder of the level, or of blindness, is due at once. */
  readonly isCreditUnsure: boolean;
  readonly isBlindUnsure: boolean;
  /** Failures in a row up to now. */
  readonly failures: number;
  /** The document can't be read: a check must say so in its log. */
  readonly damaged: boolean;
  /** How many messages had gone out when the memory was last lost: the cause of not knowing of them. */
  readonly lostAfter: number;
}

/** One call of the function. */
export interface Call {
  readonly event: unknown;
  /** The moment that the schedule meant. */
  readonly dueAt: number;
  /** Called by the schedule, so that Lambda tries again what fails. */
  readonly isScheduled: boolean;
  /** 1, or more where Lambda tries again. */
  readonly attempt: number;
  /** What the world did to it before it began. */
  readonly faults: readonly string[];
}

/** One run of the function. */
export interface Execution {
  readonly id: number;
  readonly startedAt: number;
  readonly call: Call;
  readonly invocation: Invocation;
  /** What the world did to it, by kind. */
  readonly faults: Set<string>;
  /** The AWS calls that failed in the end; each must end the check with an exception. */
  readonly failedCalls: Set<AwsCall>;
  readonly overlaps: Set<Execution>;
  readonly looks: Look[];
  /** What went through the publish port, one list for each call: a lost answer makes the SDK repeat one. */
  readonly published: Told[][];
  /** Messages that SNS took, and whose answer was lost. */
  lostPublishes: number;
  /** What the key parameter held when it was read. */
  apiKey: string | undefined;
  /** What the remembered document knew when it was read; null before that. */
  knowledge: Knowledge | null;
  saves: number;
  warnings: number;
  steps: number;
  /** The function dies at this step; 0 is never. */
  crashAtStep: number;
  outcome: "returned" | "threw" | "crashed" | "timed out" | null;
  report: Report | null;
  error: unknown;
}

/** What the last look of a check truly meant; null where there was none. */
export function lastMeaning({ looks }: Execution): Meaning | null {
  const look = looks.at(-1);
  if (look === undefined) return null;
  return (
    look.attempts.at(-1) ?? { kind: "failure", reason: "missing-key", permanent: true, retryAfterMs: null }
  );
}

/** Whether a check came as far as to decide and to tell, with the world's consent and no special wish. */
export function hasDecided({ outcome, failedCalls, invocation }: Execution): boolean {
  if (invocation.dryRun || invocation.test || failedCalls.has("read") || failedCalls.has("publish"))
    return false;
  return outcome === "returned" || (outcome === "threw" && failedCalls.size > 0);
}

export type AwsCall = "read" | "save" | "publish" | "audience";
