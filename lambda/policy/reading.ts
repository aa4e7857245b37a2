/** What a look at Kie.ai gave: credits, or a failure with a reason. Pure. */

/** Every reason for a failure, and whether it is permanent: trying again does not help. */
const IS_PERMANENT = {
  unauthorized: true,
  "ip-refused": true,
  "not-found": true,
  "invalid-request": true,
  "key-limit": true,
  "feature-disabled": true,
  "missing-key": true,
  throttled: false,
  maintenance: false,
  "server-error": false,
  "unexpected-response": false,
  timeout: false,
  network: false,
} as const;

export type FailureReason = keyof typeof IS_PERMANENT;

export const FAILURE_REASONS = Object.keys(IS_PERMANENT) as readonly FailureReason[];

/** Why there is no reading. `detail` is one line for people; it never holds the key. */
export interface Failure {
  readonly reason: FailureReason;
  readonly detail: string;
  readonly permanent: boolean;
}

export type Reading =
  | { readonly kind: "credits"; readonly credits: number }
  | { readonly kind: "failure"; readonly failure: Failure };

export function failed(reason: FailureReason, detail: string): Reading {
  return { kind: "failure", failure: { reason, detail, permanent: IS_PERMANENT[reason] } };
}
