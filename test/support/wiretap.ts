/** A way to a server that keeps what was sent to it, and answers what that server can't. */
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { listen } from "./hosts.ts";

export interface Passing {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OwnAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Wiretap {
  readonly url: string;
  /** The bodies of all requests. */
  readonly sent: readonly string[];
  close(): Promise<void>;
}

/**
 * @param answer - what to answer instead of the server; null passes the request on
 */
export async function startWiretap(
  target: string,
  answer: (passing: Passing) => Promise<OwnAnswer | null> = async () => null,
): Promise<Wiretap> {
  const sent: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    sent.push(body.toString());
    const { host, "content-length": length, connection, ...others } = request.headers;
    const headers = others as Record<string, string>;
    const own = await answer({ path: request.url ?? "", headers, body: body.toString() });
    if (own !== null) {
      response.writeHead(own.status ?? 200, own.headers);
      response.end(own.body);
      return;
    }
    const passedOn = await fetch(target + request.url, {
      method: request.method ?? "POST",
      headers,
      ...(body.length > 0 && { body }),
    });
    const { "content-encoding": _, "transfer-encoding": __, ...back } = Object.fromEntries(passedOn.headers);
    response.writeHead(passedOn.status, back);
    response.end(Buffer.from(await passedOn.arrayBuffer()));
  });
  const { url, close } = await listen(server);
  return {
    url,
    sent,
    close,
  };
}
