/** Writes down what happened and holds it against the invariants, after every step. */
import type { Config } from "../../lambda/config.ts";
import type { Account } from "./account.ts";
import { untoldBlindness, wrongOnBlindness } from "./invariants/blindness.ts";
import { forgotten, overBudget } from "./invariants/budget.ts";
import { unjustifiedMessage, unjustifiedReport } from "./invariants/justified.ts";
import { oversized, overTime } from "./invariants/limits.ts";
import type { Secrecy } from "./invariants/secrecy.ts";
import { unaware, untold } from "./invariants/told.ts";
import { type Execution, type Knowledge, lastMeaning, type Told } from "./records.ts";
import type { MachineDocument } from "./sns.ts";
import { isOnBlindness, isOnCredits, type Witness } from "./witness.ts";

/** The number of an invariant, as issue and summary have it. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6;

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  readonly execution: number;
}

export interface Judge {
  readonly violation: Violation | null;
  /** A message reached the topic. */
  told(execution: Execution, document: MachineDocument, texts: readonly string[]): void;
  /** A check wants to write this document. */
  offered(execution: Execution, document: string): void;
  /** A document was written; says what it knows, its writer's messages to come included. */
  saved(execution: Execution, document: string): () => Knowledge;
  ended(execution: Execution): void;
  /** Something that others can see: a log line, a metric. */
  seen(execution: Execution, where: string, what: unknown): void;
  /** The memory is lost: what it knows from now on. */
  forget(): () => Knowledge;
}

export const KNOWS_NOTHING: Knowledge = {
  credit: null,
  blind: null,
  isCreditUnsure: false,
  isBlindUnsure: false,
  failures: 0,
  damaged: false,
  lostAfter: 0,
};

/** More than one check can leave unknown. */
const KEPT_MESSAGES = 100;

export function createJudge(
  { policy }: Config,
  account: Account,
  secrecy: Secrecy,
  now: () => number,
): Judge {
  let violation: Violation | null = null;
  let told: Told[] = [];
  let lastCredit: Told | null = null;
  let lastBlind: Told | null = null;
  let messages = 0;
  const witness: Witness = {
    policy,
    account,
    now,
    get told() {
      return told;
    },
    get lastCredit() {
      return lastCredit;
    },
    get lastBlind() {
      return lastBlind;
    },
  };

  const hold = (invariant: Invariant, execution: Execution, findings: Iterable<string>) => {
    for (const what of findings) violation ??= { invariant, what, execution: execution.id };
  };

  return {
    get violation() {
      return violation;
    },

    told(execution, document, texts) {
      const message: Told = {
        ...document,
        number: ++messages,
        by: execution,
        level: document.level ?? "ok",
        stamp: Date.parse(document.checkedAt),
        endsBlindness: document.kind === "sighted" || document.blindSince !== null,
      };
      execution.published.at(-1)?.push(message);
      hold(2, execution, unjustifiedMessage(message, witness));
      hold(3, execution, overBudget(message, witness));
      hold(3, execution, forgotten(message, witness));
      hold(4, execution, wrongOnBlindness(message));
      for (const text of texts) hold(5, execution, secrecy.leaks("a message", text));
      if (message.kind === "test") return;
      told.push(message);
      if (told.length > 2 * KEPT_MESSAGES) told = told.slice(-KEPT_MESSAGES);
      if (isOnCredits(message)) lastCredit = message;
      if (isOnBlindness(message)) lastBlind = message;
    },

    offered(execution, document) {
      execution.saves++;
      hold(5, execution, secrecy.leaks("the memory", document));
      hold(6, execution, oversized(document, execution));
    },

    saved(execution, document) {
      const before = execution.knowledge ?? KNOWS_NOTHING;
      const unsure = {
        isCreditUnsure: document.includes('"told":{"at":0,'),
        isBlindUnsure: document.includes('"blind":{"at":0,'),
      };
      // Written ahead of good news, it knows what it knew, and that it may not know all.
      const isAhead = execution.published.length === 0 && (unsure.isCreditUnsure || unsure.isBlindUnsure);
      if (isAhead && lastMeaning(execution)?.kind === "credits")
        return () => ({ ...before, ...unsure, damaged: false });
      return () => {
        const sent = execution.published.flat();
        return {
          ...unsure,
          credit: sent.findLast(isOnCredits) ?? before.credit,
          blind: sent.findLast(isOnBlindness) ?? before.blind,
          failures: lastMeaning(execution)?.kind === "failure" ? before.failures + 1 : 0,
          damaged: false,
          lostAfter: before.lostAfter,
        };
      };
    },

    ended(execution) {
      hold(1, execution, untold(execution, witness));
      hold(1, execution, unaware(execution, witness));
      hold(2, execution, unjustifiedReport(execution, witness));
      hold(4, execution, untoldBlindness(execution));
      hold(5, execution, secrecy.leaks("the report", JSON.stringify(execution.report) ?? ""));
      if (execution.error) hold(5, execution, secrecy.leaks("an error", execution.error));
      hold(6, execution, overTime(execution));
    },

    seen(execution, where, what) {
      hold(5, execution, secrecy.leaks(where, what));
    },

    forget() {
      const knowledge = { ...KNOWS_NOTHING, damaged: true, lostAfter: messages };
      return () => knowledge;
    },
  };
}
