/** What Kie can answer: every row of the answer table in DESIGN.md, with what each answer means. */
import type { FailureReason } from "../../lambda/policy/reading.ts";
import type { Random } from "./random.ts";

/** How an answer comes. `body` is null where it is over 64 KiB. */
export interface Answer {
  readonly status: number;
  readonly body: string | null;
  readonly retryAfter?: string;
}

/** One way to fail. `quoted` is the key, or a part of it, for answers that repeat it. */
export interface FailureRow {
  readonly reason: FailureReason;
  readonly answer: (quoted: string) => Answer;
}

const envelope = (code: unknown, msg: string, data: unknown = null): Answer => ({
  status: 200,
  body: JSON.stringify({ code, msg, data }),
});
const row = (reason: FailureReason, answer: FailureRow["answer"]): FailureRow => ({ reason, answer });

/** The ways in which Kie tells a balance; by a code it can't say how far below nothing it is. */
export function creditsAnswer(random: Random, credits: number): { answer: Answer; credits: number } {
  if (credits <= 0 && random.chance(0.2)) return { answer: noCreditsAnswer(random), credits: 0 };
  const answer = random.pick<Answer>([
    envelope(200, "success", credits),
    envelope(200, "success", credits),
    envelope(200, "success", String(credits)),
    { status: 500, body: JSON.stringify({ code: 200, msg: "success", data: credits }) },
  ]);
  return { answer, credits };
}

/** The ways in which Kie says by itself that nothing is left. */
function noCreditsAnswer(random: Random): Answer {
  return random.pick<Answer>([
    envelope(402, "Insufficient Credits"),
    envelope(500, "Credits insufficient : Your current balance isn't enough to run this request"),
    envelope(500, "The current credits are insufficient"),
  ]);
}

export const TRANSIENT_ROWS = [
  row("throttled", () => envelope(429, "Too many requests")),
  row("throttled", () => ({ ...envelope(429, "Slow down"), retryAfter: "3" })),
  row("throttled", () => ({ status: 429, body: "<html>slow down", retryAfter: "25" })),
  row("throttled", () => ({ status: 429, body: "", retryAfter: "3600" })),
  row("throttled", () => envelope(408, "Upstream timeout")),
  row("maintenance", () => envelope(455, "Service unavailable")),
  row("server-error", (quoted) => envelope(500, `Server error for ${quoted}`)),
  row("server-error", () => envelope(501, "Generation failed")),
  row("server-error", () => envelope(524, "Timeout")),
  row("server-error", () => ({ status: 502, body: "<html>Bad gateway" })),
  row("unexpected-response", (quoted) => ({ status: 200, body: `<html>Sign in, ${quoted}` })),
  row("unexpected-response", () => ({ status: 302, body: "" })),
  row("unexpected-response", () => ({ status: 401, body: "no" })),
  row("unexpected-response", () => ({ status: 402, body: "" })),
  row("unexpected-response", () => ({ status: 403, body: "<html>blocked" })),
  row("unexpected-response", () => ({ status: 405, body: "<html>" })),
  row("unexpected-response", () => ({ status: 301, body: '{"code":200,"data":5}' })),
  row("unexpected-response", () => ({ status: 200, body: null })),
  row("unexpected-response", () => ({ status: 200, body: "" })),
  row("unexpected-response", () => ({ status: 200, body: "[]" })),
  row("unexpected-response", () => ({ status: 200, body: '{"code":200,"msg":"success","da' })),
  row("unexpected-response", () => ({ status: 200, body: '{"code":200,"data":1e999}' })),
  row("unexpected-response", () => envelope("200", "success", 0)),
  row("unexpected-response", () => envelope(200, "success")),
  row("unexpected-response", () => envelope(200, "success", "")),
  row("unexpected-response", () => envelope(200, "success", false)),
  row("unexpected-response", () => envelope(200, "success", { credits: 0 })),
  row("unexpected-response", () => envelope(0, "", 0)),
  row("unexpected-response", () => envelope(777, "?", 0)),
] as const satisfies readonly FailureRow[];

export const PERMANENT_ROWS = [
  row("unauthorized", (quoted) => envelope(401, `The key ${quoted} is invalid`)),
  row("unauthorized", (quoted) => envelope(403, `IP not in the whitelist of ${quoted}`)),
  row("not-found", () => ({
    status: 404,
    body: '{"status":404,"error":"Not Found","path":"/api/v1/chat/credit"}',
  })),
  row("invalid-request", (quoted) => envelope(422, `Validation failed: ${quoted}`, 0)),
  row("key-limit", () => envelope(433, "Request limit exceeded")),
  row("feature-disabled", () => envelope(505, "Feature disabled")),
] as const satisfies readonly FailureRow[];

/** What the network says when a connection fails or is cut in the middle of an answer. */
export const NETWORK_ERRORS = [
  "connect ECONNREFUSED 192.0.2.1:443",
  "getaddrinfo ENOTFOUND api.kie.ai",
  "read ECONNRESET",
  "aborted",
  "certificate has expired",
] as const;
