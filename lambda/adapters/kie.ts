/** Adapter: Kie.ai → reading. */
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { EMPTY_BELOW } from "../policy/levels.ts";
import { failed, type Reading } from "../policy/reading.ts";
import type { Ports } from "../ports.ts";
import { describeKeyShape } from "./key-shape.ts";
import { readAnswer, shortLine } from "./kie-answer.ts";
import { redactKey } from "./redact.ts";

const CREDIT_PATH = "/api/v1/chat/credit";
const MAX_BODY_BYTES = 64 * 1024;

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

/** An answer as it came. `body` is null if it is over 64 KiB, or can't be unpacked. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly retryAfter: string | undefined;
}

/**
 * Sends one request and takes the whole answer.
 *
 * @throws a DOMException named TimeoutError if that takes longer than `timeoutMs`, else what the network says
 */
export type Transport = (url: URL, options: http.RequestOptions, timeoutMs: number) => Promise<HttpAnswer>;

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
    if (clock.now() + pauseMs >= deadline) return reading;
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
    "accept-encoding": "identity",
    "user-agent": "kie-credit-alert",
    // A connection kept for the next check would be dead by then.
    connection: "close",
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

/**
 * The transport of Node's own client, through its global agents: they go through a proxy if NODE_USE_ENV_PROXY says so
 * (https://nodejs.org/docs/latest-v24.x/api/cli.html#node_use_env_proxy1).
 */
export async function sendOverHttp(
  url: URL,
  options: http.RequestOptions,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { get } = url.protocol === "https:" ? https : http;
  // The signal ends all but a proxy's unfinished tunnel, which takes its limit from `timeout`.
  const request = get(url, { ...options, signal, timeout: timeoutMs });
  try {
    // Nobody asked for another protocol: without a listener Node would drop the connection without a word.
    const events = ["response", "upgrade"].map((event) => once(request, event, { signal }));
    const response: http.IncomingMessage = (await Promise.race(events))[0];
    const { statusCode: status = 0, headers } = response;
    const body = status === 101 ? "" : await readBody(response);
    // A body of unknown length just ends when the connection does.
    signal.throwIfAborted();
    return { status, body, retryAfter: headers["retry-after"] };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // A connection that was kept open, or upgraded, would keep the process alive.
    request.socket?.destroy();
  }
}

/** The whole body, unpacked if it comes packed all the same; null if it is too long or broken. */
async function readBody(response: http.IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const packing = response.headers["content-encoding"];
  if (packing === undefined) return body.toString("utf8");
  const unpackers = new Map([
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
    ["br", brotliDecompressSync],
  ]);
  const unpack = unpackers.get(packing.toLowerCase());
  try {
    return (unpack?.(body, { maxOutputLength: MAX_BODY_BYTES }) ?? body).toString("utf8");
  } catch {
    return null;
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date. Date.parse() takes much else for a date, such as "1.5". */
function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = header.trim().endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Network errors of several addresses come together; the first one speaks. */
function explainError(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

function withoutKey(reading: Reading, key: string): Reading {
  if (reading.kind === "credits") return reading;
  return failed(reading.failure.reason, redactKey(reading.failure.detail, key));
}
