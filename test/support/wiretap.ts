/** A way to a server that keeps what was sent to it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Wiretap {
  readonly url: string;
  /** The bodies of all requests. */
  readonly sent: readonly string[];
  close(): Promise<void>;
}

export async function startWiretap(target: string): Promise<Wiretap> {
  const sent: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    sent.push(body);
    const { host, "content-length": length, connection, ...headers } = request.headers;
    const answer = await fetch(target + request.url, {
      method: request.method ?? "POST",
      headers: headers as Record<string, string>,
      body,
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
}
