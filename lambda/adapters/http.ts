/** One request over Node's own HTTP client: its limits, and what its errors say. */
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

export const MAX_BODY_BYTES = 64 * 1024;

/** What every request says. */
export const HEADERS = {
  "accept-encoding": "identity",
  "user-agent": "kie-credit-alert",
  // A connection kept for the next time would be dead by then.
  connection: "close",
} as const;

/** An answer as it came. `body` is null if it is over 64 KiB, can't be unpacked, or is that of a 2xx to a post and breaks off. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly retryAfter: string | undefined;
}

/**
 * Sends one request and takes the whole answer.
 *
 * @param body - what is sent; a method goes with it in the options
 * @throws a DOMException named TimeoutError if that takes longer than `timeoutMs`, else what the network says
 */
export type Transport = (
  url: URL,
  options: http.RequestOptions,
  timeoutMs: number,
  body?: string,
) => Promise<HttpAnswer>;

/**
 * The transport of Node's own client, through its global agents: they go through a proxy if NODE_USE_ENV_PROXY says so
 * (https://nodejs.org/docs/latest-v24.x/api/cli.html#node_use_env_proxy1).
 */
export async function sendOverHttp(
  url: URL,
  options: http.RequestOptions,
  timeoutMs: number,
  body?: string,
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { request: open } = url.protocol === "https:" ? https : http;
  // The signal ends all but a proxy's unfinished tunnel, which takes its limit from `timeout`.
  const request = open(url, { ...options, signal, timeout: timeoutMs }).end(body);
  let taken: HttpAnswer | null = null;
  try {
    // Nobody asked for another protocol: without a listener Node would drop the connection without a word.
    const events = ["response", "upgrade"].map((event) => once(request, event, { signal }));
    const response: http.IncomingMessage = (await Promise.race(events))[0];
    const { statusCode: status = 0, headers } = response;
    if (body !== undefined && status >= 200 && status < 300)
      taken = { status, body: null, retryAfter: undefined };
    const answered = status === 101 ? "" : await readBody(response);
    // A body of unknown length just ends when the connection does.
    signal.throwIfAborted();
    return { status, body: answered, retryAfter: headers["retry-after"] };
  } catch (error) {
    // What was posted is taken by a 2xx, whatever its body does.
    if (taken !== null) return taken;
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
    ["x-gzip", gunzipSync],
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

/** Network errors of several addresses come together; the first one speaks. */
export function explainError(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
