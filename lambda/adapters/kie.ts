/** Adapter: Kie.ai → reading. */
import { request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ports } from "../check-credits.ts";
import { failed, oneLine, type Reading, readAnswer } from "../policy/reading.ts";

const CREDIT_PATH = "/api/v1/chat/credit";
const MAX_BODY_BYTES = 64 * 1024;

/** The limits of one look at Kie, in milliseconds where they are times. */
export interface Limits {
  /** For one attempt, its body included. */
  readonly attemptMs: number;
  /** For all attempts and the pauses between them. */
  readonly totalMs: number;
  readonly attempts: number;
  /** The longest first pause; it doubles with each attempt. */
  readonly backoffMs: number;
}

export const LIMITS: Limits = { attemptMs: 10_000, totalMs: 30_000, attempts: 3, backoffMs: 1_000 };

/** What a look at Kie takes from the world besides the network. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
  /** At least 0 and below 1. */
  random(): number;
}

const SYSTEM_CLOCK: Clock = { now: Date.now, sleep, random: Math.random };

/** An answer as it came. `body` is null where it was over 64 KiB. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly retryAfter: string | undefined;
}

/**
 * Sends one request and takes the whole answer.
 *
 * @throws a DOMException named TimeoutError where that takes longer than `timeoutMs`, else what the network says
 */
export type Transport = (url: URL, options: RequestOptions, timeoutMs: number) => Promise<HttpAnswer>;

/**
 * Builds the client. Transient failures are tried again with exponential backoff and full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), or when `Retry-After` asks
 * for it; where that does not fit into what is left of the time, the failure stands.
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
    if (key === "")
      return failed("missing-key", apiKey === undefined ? "there is no key" : "the key is empty");
    if (!isHeaderValue(key)) {
      return failed("missing-key", "the key holds a character that no HTTP header can carry");
    }

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
  };
}

/** RFC 9110, section 5.5: visible characters, spaces and tabs; Node refuses the rest. */
function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]+$/.test(text);
}

interface Answer {
  readonly reading: Reading;
  readonly retryAfter?: string | undefined;
}

/**
 * One attempt. Redirects are not followed, since they would carry the key elsewhere; every attempt has a
 * connection of its own, since one kept from a check 15 minutes ago is dead.
 */
async function ask(transport: Transport, url: URL, key: string, timeoutMs: number): Promise<Answer> {
  const options: RequestOptions = {
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "kie-credit-alert",
    },
  };
  try {
    const { status, body, retryAfter } = await transport(url, options, timeoutMs);
    const reading =
      body === null
        ? failed("unexpected-response", `HTTP ${status} with a body of over ${MAX_BODY_BYTES / 1024} KiB`)
        : readAnswer(status, body);
    return { reading: withoutKey(reading, key), retryAfter };
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return { reading: failed("timeout", `no whole answer from ${url.host} within ${timeoutMs} ms`) };
    }
    return { reading: withoutKey(failed("network", `${url.host}: ${describe(error)}`), key) };
  }
}

/**
 * The transport of Node's own client. It settles whatever becomes of the request: Node breaks off what it has no
 * listener for, such as a change of protocols, without an error or an answer, and a request that got no socket
 * says nothing when it is aborted.
 */
export function sendOverHttp(url: URL, options: RequestOptions, timeoutMs: number): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error);
    let answered = false;
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(
      url,
      { ...options, signal },
      async (response) => {
        answered = true;
        const status = response.statusCode ?? 0;
        const retryAfter = response.headers["retry-after"];
        try {
          const chunks: Buffer[] = [];
          let bytes = 0;
          for await (const chunk of response as AsyncIterable<Buffer>) {
            bytes += chunk.length;
            if (bytes > MAX_BODY_BYTES) {
              resolve({ status, body: null, retryAfter });
              return;
            }
            chunks.push(chunk);
          }
          resolve({ status, body: Buffer.concat(chunks).toString("utf8"), retryAfter });
        } catch (error) {
          fail(error);
        }
      },
    );
    request.on("upgrade", ({ statusCode = 101 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, body: "", retryAfter: undefined });
    });
    request.on("error", fail);
    request.on("close", () => {
      // An answer may still be read when the request is closed, and says itself when it is cut.
      if (!answered) fail(new Error("the connection was closed without an answer"));
    });
    signal.addEventListener("abort", fail, { once: true });
    request.end();
  });
}

/** RFC 9110, section 10.2.3: seconds, or a date. Date.parse() takes much else for a date, such as "1.5". */
function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = header.trim().endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Errors of the network say little by themselves; of several addresses that failed, the first one's speaks. */
function describe(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

const MIN_TELLING_CHARACTERS = 8;

/** Kie may quote the key, whole or in part, when it refuses it; a quotation has the key on one line. */
function withoutKey(reading: Reading, key: string): Reading {
  if (reading.kind === "credits") return reading;
  const forms = [key, oneLine(key)];
  const parts = forms.flatMap((form) =>
    Array.from({ length: Math.max(0, form.length - MIN_TELLING_CHARACTERS + 1) }, (_, start) =>
      form.slice(start, start + MIN_TELLING_CHARACTERS),
    ),
  );
  const telling = forms.filter((form) => form === key || form.length >= MIN_TELLING_CHARACTERS);
  const detail = [...telling, ...parts].reduce(
    (text, part) => text.replaceAll(part, "[key]"),
    reading.failure.detail,
  );
  return { ...reading, failure: { ...reading.failure, detail } };
}
