/** The product's own decision, check by check, for a replay on recorded demand. */
import { FRESH_MEMORY, type Memory } from "../../lambda/policy/memory.ts";
import { decide } from "../../lambda/policy/policy.ts";
import { DEFAULT_POLICY, type Policy } from "../../lambda/policy/rules.ts";

export const policy = DEFAULT_POLICY;

/** Of a new deployment. */
export const fresh = FRESH_MEMORY;

const AUDIENCE = { emails: 1, phones: 0, others: 0 };

/** One check, whose message is heard. `hoursLeft` is infinite if nothing is used. */
export function check(state: Memory, at: number, credits: number, policy: Policy) {
  const look = {
    reading: { kind: "credits", credits },
    audience: AUDIENCE,
    snoozeHours: null,
    checkId: "",
  } as const;
  const decision = decide(state, look, { ...policy, sms: "critical", tellsAudience: true }, at);
  const { level, runway, alert, hold, memory, memoryIfTold } = decision;
  const isTold = alert !== null && hold === null;
  return {
    state: isTold ? { ...memoryIfTold, sending: null } : memory,
    level,
    kind: isTold ? alert.kind : null,
    hoursLeft: runway?.hoursLeft ?? null,
  };
}
