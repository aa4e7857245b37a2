/** What the invariants are judged by: the truth, and what people were told. */
import type { BlindAlertKind, Policy } from "../../lambda/policy/policy.ts";
import type { Account } from "./account.ts";
import type { Told } from "./records.ts";

export interface Witness {
  readonly policy: Policy;
  readonly account: Account;
  /** All messages that reached people, the tests left out. */
  readonly told: readonly Told[];
  /** The last message on the level, and the last on blindness or its end. */
  readonly lastCredit: Told | null;
  readonly lastBlind: Told | null;
  /** True time. */
  now(): number;
}

const CREDIT_KINDS = new Set(["raised", "reminder", "eased", "recovered"]);
const BLIND_KINDS = new Set(["blind", "still-blind"]);

export function isOnCredits({ kind }: Told): boolean {
  return CREDIT_KINDS.has(kind);
}

export function isOnBlindness(told: Told): boolean {
  return BLIND_KINDS.has(told.kind) || told.endsBlindness;
}

/** Whether this message, the last one on blindness, leaves people with the watchman blind. */
export function saysBlind(told: Told | null): told is Told & { readonly kind: BlindAlertKind } {
  return told !== null && BLIND_KINDS.has(told.kind);
}
