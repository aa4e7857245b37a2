/**
 * An HTTP answer of Kie.ai → reading. Pure.
 *
 * It follows https://docs.kie.ai/common-api/get-account-credits and what is seen in practice: errors come as HTTP 200
 * with the code in the body, so the body's `code` decides. Only Kie's own words can mean zero or a permanent failure:
 * a proxy, a bot filter or a captive portal may answer with any HTTP status.
 */
import * as z from "zod";
import { type FailureReason, failed, type Reading } from "../policy/reading.ts";
import { shortLine } from "./quote.ts";

const CODE_REASONS: ReadonlyMap<number, FailureReason> = new Map([
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not-found"],
  [405, "throttled"],
  [408, "throttled"],
  [429, "throttled"],
  [430, "throttled"],
  [433, "key-limit"],
  [455, "maintenance"],
  [505, "feature-disabled"],
]);

/** What Kie says. Every error of its own has a text; `data` is null or absent there. */
const envelope = z.union([
  z.object({ code: z.literal(200), data: z.unknown().optional() }),
  z.object({ code: z.int(), msg: z.string() }),
]);

/**
 * Of Kie's own lack of credits: at 402 by its fields alone, since others, who mean a bill of theirs, have other ones, and
 * leave `data` out; at 500 by its words, if no data beside them says otherwise.
 */
const noCredits = z.union([
  z.strictObject({ code: z.literal(402), msg: z.string(), data: z.null() }),
  z.object({
    code: z.literal(500),
    msg: z.string().refine(saysInsufficientCredits),
    data: z.union([z.null(), z.literal(""), z.strictObject({})]).optional(),
  }),
]);

/** What Kie's gateway says, such as of a path that it doesn't know. */
const gatewayError = z.object({ status: z.int().gte(400), error: z.string() });

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
    if (!("msg" in answer.data)) return interpretSuccess(answer.data.data);
    return noCredits.safeParse(json).success ? NOTHING_LEFT : interpretCode(answer.data);
  }
  const gateway = gatewayError.safeParse(json);
  if (gateway.success) {
    const { status, error } = gateway.data;
    const detail = describeSource(`status ${status}`, error);
    return status === 404 ? failed("not-found", detail) : interpretStatus(status, detail);
  }
  return interpretStatus(
    status,
    `HTTP ${status} with ${json === undefined ? "no JSON" : "JSON of an unknown shape"}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

function interpretSuccess(data: unknown): Reading {
  const credits = parseCredits(data);
  return credits === null
    ? failed("unexpected-response", "code 200 without a number of credits")
    : { kind: "credits", credits };
}

/** `data` may be a fraction, or a string holding exactly one decimal number. Nothing else is a number here. */
function parseCredits(data: unknown): number | null {
  const isNumber = typeof data === "number" || (typeof data === "string" && /^-?\d+(\.\d+)?$/.test(data));
  const credits = isNumber ? Number(data) : Number.NaN;
  // Kie computes in binary fractions: 4.5e-13 is 0. And a negative zero is one, too.
  return Number.isFinite(credits) ? Number(credits.toFixed(2)) + 0 : null;
}

const NOTHING_LEFT: Reading = { kind: "credits", credits: 0 };

/** An error of Kie's own. */
function interpretCode({ code, msg }: { readonly code: number; readonly msg: string }): Reading {
  return failed(reasonOf(code, msg), describeSource(`code ${code}`, msg));
}

function reasonOf(code: number, msg: string): FailureReason {
  // A 402 of another shape than Kie's.
  if (code === 402) return "unexpected-response";
  if ((code === 401 || code === 403) && NAMES_IP.test(msg) && !REFUSES_KEY.test(msg)) return "ip-refused";
  if (code >= 400 && code < 500) return CODE_REASONS.get(code) ?? "invalid-request";
  if (code >= 500 && code < 600) return CODE_REASONS.get(code) ?? "server-error";
  return "unexpected-response";
}

/** "Illegal IP, please set up a whitelist", "IP_NOT_ALLOWED" */
const NAMES_IP = /(?<![a-z])ip(s|v\d)?(?![a-z])|(white|allow)[\s_-]?list/i;
/** Such a text may name the IP that asked, too. */
const WRONG = "invalid|incorrect|wrong|unknown|expired";
const KEY = String.raw`((api|access)[\s_-])?(key|token)`;
const REFUSES_KEY = new RegExp(
  String.raw`(${WRONG})[\s_]${KEY}|(key|token)\s((is|was|has|been)\s)*(${WRONG}|revoked|not\sfound)`,
  "i",
);

/** An answer without an envelope: its status says only whether somebody is too busy, or broken. */
function interpretStatus(status: number, detail: string): Reading {
  if (status === 408 || status === 429) return failed("throttled", detail);
  return failed(status >= 500 && status < 600 ? "server-error" : "unexpected-response", detail);
}

/** Whose credits they are. */
const OWN = "the|your|account|available|current|remaining";
/** What may stand before it. Any other word, such as CPU or provider, may mean credits of its own. */
const BEFORE = `${OWN}|you|do|does|have|has|there|is|are|not|enough|of|it|sorry|error|failed|request`;
/** Credits in the plural, or "your balance". */
const CREDITS = String.raw`(?:credits|your\s+(?:(?:${OWN}|credits?)\s+)*balance)`;
/** No word follows that makes something else of it, such as "insufficient credits permission". */
const END = String.raw`(?![-/\w]|\s+(?!(?:to|for|in|on|at|and|so|but|because|now|left|remaining|available|balance|please|you|your)\b)\w)`;

/**
 * Kie says it as "Credits insufficient : Your current balance isn't enough ..." or "The current credits
 * are insufficient". No word of others stands before it, from the beginning of the text or from "you" or "your" on.
 */
const INSUFFICIENT_CREDITS = new RegExp(
  String.raw`(?:^[\s\p{P}]*|\b(?=your?\b))(?:(?:${BEFORE})[\s\p{P}]+)*(?:` +
    String.raw`${CREDITS}\s+(?:(?:is|are)\s+)?(?:insufficient|not\s+(?:enough|sufficient)|too\s+low)|` +
    String.raw`(?:insufficient|not\s+(?:have\s+)?(?:enough|sufficient))\s+(?:(?:${OWN})\s+)*${CREDITS})${END}`,
  "iu",
);

/** Kie's own texts are short. */
const MAX_READ_CHARACTERS = 500;

function saysInsufficientCredits(msg: string): boolean {
  const words = msg.slice(0, MAX_READ_CHARACTERS).replace(/n[^\w\s]t\b/gi, " not");
  return INSUFFICIENT_CREDITS.test(words);
}

/** Where a failure comes from, with what was said there. */
function describeSource(source: string, words: string): string {
  const line = shortLine(words);
  return line === "" ? source : `${source}: "${line}"`;
}
