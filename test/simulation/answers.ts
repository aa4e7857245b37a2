/** What can come for an answer, from Kie or from somebody else, with what each of them means. */
import type { FailureReason } from "../../lambda/policy/reading.ts";
import type { Random } from "./random.ts";

/** How an answer comes. `body` is null if it is over 64 KiB. */
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
    envelope(500, "You don't have enough credits"),
    { ...envelope(402, "Insufficient Credits"), status: 402 },
  ]);
}

export const TRANSIENT_ROWS = [
  row("throttled", () => envelope(429, "Too many requests")),
  row("throttled", () => ({ ...envelope(429, "Slow down"), retryAfter: "3" })),
  row("throttled", () => envelope(429, "Insufficient credits for this many requests")),
  row("throttled", () => envelope(408, "Upstream timeout")),
  row("throttled", () => envelope(405, "Rate limit exceeded")),
  row("throttled", () => envelope(430, "Your call frequency is too high")),
  row("server-error", () => envelope(500, "CPU credit balance too low")),
  row("server-error", () => envelope(500, "load balance not enough nodes")),
  row("server-error", () => envelope(500, "The instance has insufficient credits")),
  row("server-error", () => envelope(500, "Insufficient credits", 5_000)),
  row("maintenance", () => envelope(455, "Service unavailable")),
  row("server-error", (quoted) => envelope(500, `Server error for ${quoted}`)),
  row("server-error", () => envelope(501, "Generation failed")),
  row("server-error", () => envelope(524, "Timeout")),
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

/** Proxies, bot filters, portals and gateways answer as they like. It is never zero, and never permanent. */
export function strangersAnswer(random: Random): FailureRow {
  const status = random.pick([
    200, 204, 301, 302, 400, 401, 402, 403, 404, 405, 407, 408, 429, 451, 500, 502, 503,
  ]);
  const answer = (quoted: string): Answer => ({
    status,
    body: random.pick([
      "",
      null,
      `<html><h1>${status}</h1>Insufficient credits, ${quoted}</html>`,
      "[]",
      "null",
      '{"message":"Forbidden"}',
      '{"success":false,"errors":[{"code":1010,"message":"Access denied"}]}',
      '{"code":402,"message":"Payment Required"}',
      '{"code":402,"msg":"Payment Required"}',
      '{"code":402,"msg":"Payment Required","data":{"due":5}}',
      '{"code":"401","msg":"Unauthorized"}',
      '{"status":402,"error":"Payment Required"}',
      '{"status":403,"error":"Forbidden"}',
      '{"error":{"code":401,"msg":"login"}}',
    ]),
    ...(status === 429 ? { retryAfter: random.pick(["25", "3600", "soon"]) } : {}),
  });
  return row("unexpected-response", answer);
}

export const PERMANENT_ROWS = [
  row("unauthorized", (quoted) => envelope(401, `The key ${quoted} is invalid`)),
  row("ip-refused", (quoted) => envelope(403, `IP not in the whitelist of ${quoted}`)),
  row("ip-refused", () => envelope(401, "IP_NOT_ALLOWED")),
  row("unauthorized", () => envelope(403, "Credits insufficient")),
  row("unauthorized", (quoted) => ({ ...envelope(401, `No ${quoted}`), status: 401 })),
  row("not-found", () => ({
    status: 404,
    body: '{"status":404,"error":"Not Found","path":"/api/v1/chat/credit"}',
  })),
  row("invalid-request", (quoted) => envelope(422, `Validation failed: ${quoted}`, 0)),
  row("invalid-request", () => envelope(418, "I'm a teapot")),
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
