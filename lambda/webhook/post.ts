/** Adapter: a notice → chat or webhook. */
import { explainError, HEADERS, sendOverHttp } from "../adapters/http.ts";
import { shortLine } from "../adapters/quote.ts";
import { redactAddress } from "../adapters/redact.ts";
import { isSecure, type WebhookKind } from "../fields.ts";
import { kindOf, problemOf, writePost } from "./kinds.ts";
import type { Notice } from "./notice.ts";

/** For the whole answer. */
const POST_MS = 10_000;

/** A webhook did not take a message, or its address is none. The text names the host, and nothing else of the address. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/**
 * Reads an address: its blanks go, and its kind is the one named or the one that its host tells.
 *
 * @param named - null if the host tells it
 * @throws WebhookError if it is not an address of that kind
 */
export function readAddress(text: string, named: WebhookKind | null): { url: URL; kind: WebhookKind } {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (url === null || !isSecure(url)) throw new WebhookError("The address is not an https: address");
  const kind = named ?? kindOf(url);
  const problem = problemOf(kind, url);
  if (problem !== null) throw new WebhookError(`The address at ${url.host} ${problem}`);
  return { url, kind };
}

/**
 * Posts once. Redirects are not followed, since they would carry the message elsewhere.
 *
 * @param timeoutMs - for the whole answer, in milliseconds
 * @throws WebhookError if the answer's status is not 2xx, or there is none
 */
export async function postNotice(
  address: string,
  named: WebhookKind | null,
  notice: Notice,
  timeoutMs = POST_MS,
): Promise<void> {
  const { url: target, kind } = readAddress(address, named);
  const { url, headers, body } = writePost(kind, notice, target);
  const quote = (text: string) => shortLine(redactAddress(text, target));
  const answer = await sendOverHttp(
    url,
    { method: "POST", headers: { ...HEADERS, ...headers } },
    timeoutMs,
    body,
  ).catch((error: unknown) => {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    throw new WebhookError(
      isLate
        ? `No whole answer from ${target.host} within ${timeoutMs} ms`
        : `${target.host}: ${quote(explainError(error))}`,
    );
  });
  if (answer.status >= 200 && answer.status < 300) return;
  const said = quote(answer.body ?? "");
  throw new WebhookError(`${target.host} answered ${answer.status}${said === "" ? "" : `: "${said}"`}`);
}
