/** A stand-in for Kie.ai on loopback, for the demo and the tests: it answers as Kie is documented and seen to. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Writes one answer. */
export type Answer = (response: ServerResponse) => void;

/** What Kie says of a balance. */
export function credits(balance: number): Answer {
  return json(200, { code: 200, msg: "success", data: balance });
}

/** Kie's way to say an error: HTTP 200, with the code in the body. */
export function kieError(code: number, msg: string): Answer {
  return json(200, { code, msg, data: null });
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return text(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(status, headers).end(body);
}

export interface KieStandIn {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What was asked so far. */
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
  }[];
  /** The next answers, in turn; the last one stays. */
  answer(...answers: readonly [Answer, ...Answer[]]): void;
  close(): Promise<void>;
}

/** Starts a stand-in on a free port of this machine. */
export async function startKieStandIn(first: Answer): Promise<KieStandIn> {
  let answers: readonly Answer[] = [first];
  const requests: { method: string; path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    const [answer, ...rest] = answers;
    if (rest.length > 0) answers = rest;
    answer?.(response);
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(...next) {
      answers = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
}
