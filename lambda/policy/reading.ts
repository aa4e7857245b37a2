/**
 * What one look at Kie.ai gave: credits, or a failure with a reason. Pure.
 *
 * The answer table follows https://docs.kie.ai/common-api/get-account-credits and what is seen in
 * practice: errors come as HTTP 200 with the code in the body, so the body's `code` decides and the
 * HTTP status only stands in where the body is no envelope.
 */
import * as z from "zod/mini";

/** Every reason for a failure, and whether it is permanent: trying again won't mend it. */
const IS_PERMANENT = {
  unauthorized: true,
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

const envelope = z.object({
  code: z.int(),
  msg: z.optional(z.unknown()),
  data: z.optional(z.unknown()),
});

/** What Kie's gateway says of a path that it doesn't know. */
const gatewayError = z.object({ status: z.int().check(z.gte(400)), error: z.string() });

const MAX_QUOTED_CHARACTERS = 120;

/**
 * Reads one HTTP answer of `GET /api/v1/chat/credit`.
 *
 * @param status - the HTTP status
 * @param body - the whole body as text
 */
export function readAnswer(status: number, body: string): Reading {
  if (status >= 300 && status < 400) {
    return failed("unexpected-response", `HTTP ${status}: a redirect, which is never followed`);
  }
  const json = parseJson(body);
  const answer = envelope.safeParse(json);
  if (answer.success) {
    const { code, msg, data } = answer.data;
    return readCode(code, `code ${code}`, typeof msg === "string" ? msg : "", data);
  }
  const gateway = gatewayError.safeParse(json);
  if (gateway.success) {
    return readCode(gateway.data.status, `status ${gateway.data.status}`, gateway.data.error, undefined);
  }
  const what = json === undefined ? "no JSON" : "JSON of an unknown shape";
  if (status < 400) return failed("unexpected-response", `HTTP ${status} with ${what}`);
  return readCode(status, `HTTP ${status} with ${what}`, "", undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

function readCode(code: number, said: string, msg: string, data: unknown): Reading {
  if (code === 200) {
    const credits = readCredits(data);
    return credits === null
      ? failed("unexpected-response", `${said} without a number of credits`)
      : { kind: "credits", credits };
  }
  if (code === 402 || (code !== KEY_LIMIT_CODE && saysInsufficientCredits(msg))) {
    return { kind: "credits", credits: 0 };
  }
  return failed(reasonOf(code), msg.trim() === "" ? said : `${said}: "${quote(msg)}"`);
}

/** `data` may be a fraction, or a string holding exactly one decimal number. Nothing else is a number here. */
function readCredits(data: unknown): number | null {
  const isNumber = typeof data === "number" || (typeof data === "string" && /^-?\d+(\.\d+)?$/.test(data));
  const credits = isNumber ? Number(data) : Number.NaN;
  return Number.isFinite(credits) ? credits : null;
}

/**
 * Kie says it as "Credits insufficient : Your current balance isn't enough ..." or "The current credits
 * are insufficient". The words must stand together: "insufficient permission to read credits" is no empty
 * account.
 */
const INSUFFICIENT_CREDITS = [
  /\b(credits?|balance)\s+((is|are)\s+)?(insufficient|not (enough|sufficient)|too low)\b/i,
  /\b(credits?|balance)\s+(isn|aren)['’]t\s+(enough|sufficient)\b/i,
  /\b(insufficient|(not|n['’]t)\s+(have\s+)?(enough|sufficient))\s+((account|available|current|remaining)\s+)?(credits?|balance)\b/i,
];

/** A key whose own cap is used up, whatever words that takes; the account may well have credits. */
const KEY_LIMIT_CODE = 433;

function saysInsufficientCredits(msg: string): boolean {
  return INSUFFICIENT_CREDITS.some((pattern) => pattern.test(msg));
}

function reasonOf(code: number): FailureReason {
  switch (code) {
    case 401:
    case 403:
      return "unauthorized";
    case 404:
      return "not-found";
    case 408:
    case 429:
      return "throttled";
    case KEY_LIMIT_CODE:
      return "key-limit";
    case 455:
      return "maintenance";
    case 505:
      return "feature-disabled";
  }
  if (code >= 400 && code < 500) return "invalid-request";
  if (code >= 500 && code < 600) return "server-error";
  return "unexpected-response";
}

/** Foreign text on one line, of printable characters only. */
export function oneLine(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Not too much of it. */
function quote(text: string): string {
  const line = oneLine(text);
  return line.length > MAX_QUOTED_CHARACTERS ? `${line.slice(0, MAX_QUOTED_CHARACTERS)}...` : line;
}
