/** Adapter: Kie.ai → reading. */
import { setTimeout as sleep } from "node:timers/promises";
import { EMPTY_BELOW } from "../policy/levels.ts";
import { failed, type Reading } from "../policy/reading.ts";
import type { Ports } from "../ports.ts";
import { explainError, HEADERS, MAX_BODY_BYTES, sendOverHttp, type Transport } from "./http.ts";
import { describeKeyShape } from "./key-shape.ts";
import { readAnswer } from "./kie-answer.ts";
import { shortLine } from "./quote.ts";
import { redactKey } from "./redact.ts";

const CREDIT_PATH = "/api/v1/chat/credit";

/** The limits of a reading, in milliseconds if they are times. */
export interface Limits {
  /** For one attempt, its body included. */
  readonly attemptMs: number;
  /** For all attempts of one look and the pauses between them. */
  readonly totalMs: number;
  readonly attempts: number;
  /** The longest first pause; it doubles with each attempt. */
  readonly backoffMs: number;
  /** From the first look to the second. */
  readonly secondLookAfterMs: number;
}

export const LIMITS: Limits = {
  attemptMs: 10_000,
  totalMs: 30_000,
  attempts: 3,
  backoffMs: 1_000,
  secondLookAfterMs: 10_000,
};

/** What a look at Kie takes from the world besides the network. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
  /** At least 0 and below 1. */
  random(): number;
}

const SYSTEM_CLOCK: Clock = { now: Date.now, sleep, random: Math.random };

/**
 * Builds the client. Credits that are used up, and a permanent failure that Kie said, may be a single wrong answer:
 * they are looked at again, and the second look is the reading.
 *
 * @param baseUrl - where Kie's API is, such as https://api.kie.ai
 */
export function createKie(
  baseUrl: string,
  limits = LIMITS,
  clock = SYSTEM_CLOCK,
  transport: Transport = sendOverHttp,
): Ports["readCredits"] {
  const url = new URL(baseUrl.replace(/\/+$/, "") + CREDIT_PATH);

  return async (apiKey) => {
    const key = apiKey?.trim() ?? "";
    if (key === "") {
      return failed("missing-key", apiKey === undefined ? "there is no key" : "the key is empty");
    }
    if (!isHeaderValue(key)) {
      return withShape(failed("missing-key", "the key holds a character that no HTTP header can carry"), key);
    }
    const first = await look(url, key, limits, clock, transport);
    if (first.kind === "credits" ? first.credits >= EMPTY_BELOW : !first.failure.permanent) return first;
    await clock.sleep(limits.secondLookAfterMs);
    return withShape(await look(url, key, limits, clock, transport), key);
  };
}

/** Adds what is odd about the key, if the key is what fails. */
function withShape(reading: Reading, key: string): Reading {
  if (reading.kind === "credits") return reading;
  const { reason, detail } = reading.failure;
  const shape = reason === "missing-key" || reason === "unauthorized" ? describeKeyShape(key) : null;
  return shape === null ? reading : failed(reason, `${detail}; the key ${shape}`);
}

/** RFC 9110, section 5.5: visible characters, spaces and tabs; Node refuses the rest. */
function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]+$/.test(text);
}

/**
 * One look. Transient failures are tried again with exponential backoff and full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), or when `Retry-After` asks for it; if
 * the wait would exceed the remaining time, the failure is returned.
 */
async function look(
  url: URL,
  key: string,
  limits: Limits,
  clock: Clock,
  transport: Transport,
): Promise<Reading> {
  const deadline = clock.now() + limits.totalMs;
  for (let attempt = 1; ; attempt++) {
    const attemptMs = Math.max(1, Math.min(limits.attemptMs, deadline - clock.now()));
    const { reading, retryAfter } = await ask(transport, url, key, attemptMs);
    if (reading.kind === "credits" || reading.failure.permanent || attempt === limits.attempts)
      return reading;
    const pauseMs =
      retryAfterMs(retryAfter, clock.now()) ?? clock.random() * limits.backoffMs * 2 ** (attempt - 1);
    // A clock that steps back makes room where there is none.
    if (pauseMs >= limits.totalMs || clock.now() + pauseMs >= deadline) return reading;
    await clock.sleep(pauseMs);
  }
}

interface Answer {
  readonly reading: Reading;
  readonly retryAfter?: string | undefined;
}

/** One attempt. Redirects are not followed, since they would carry the key elsewhere. */
async function ask(transport: Transport, url: URL, key: string, timeoutMs: number): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${key}`,
    accept: "application/json",
    ...HEADERS,
  };
  try {
    const { status, body, retryAfter } = await transport(url, { headers }, timeoutMs);
    const reading =
      body === null
        ? failed(
            "unexpected-response",
            `HTTP ${status} with a body of over ${MAX_BODY_BYTES / 1024} KiB, or one that can't be unpacked`,
          )
        : readAnswer(status, body);
    return { reading: withoutKey(reading, key), retryAfter };
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return { reading: failed("timeout", `no whole answer from ${url.host} within ${timeoutMs} ms`) };
    }
    return { reading: withoutKey(failed("network", `${url.host}: ${shortLine(explainError(error))}`), key) };
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date. Date.parse() takes much else for a date, such as "1.5". */
function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = header.trim().endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function withoutKey(reading: Reading, key: string): Reading {
  if (reading.kind === "credits") return reading;
  return failed(reading.failure.reason, redactKey(reading.failure.detail, key));
}
