/** Servers on loopback that misbehave, below HTTP; and TLS for the others. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** A certificate for localhost that nobody trusts, with its key: for servers of tests, and for nothing else. */
export const LOCALHOST_PEM = fileURLToPath(new URL("localhost.pem", import.meta.url));

export const LOCALHOST_TLS = { cert: readFileSync(LOCALHOST_PEM), key: readFileSync(LOCALHOST_PEM) };

export interface Host {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
  /** Resolves when every connection is closed. */
  allClosed(): Promise<unknown>;
  close(): Promise<void>;
}

/** A host that does this with every connection once something was sent to it. */
export function startHost(serve: (socket: Socket) => void): Promise<Host> {
  return listen(
    createServer((socket) => {
      socket.on("error", () => {}); // Who hangs up first does not matter here.
      socket.once("data", () => serve(socket));
    }),
  );
}

/** A server on a free port of this machine. */
export async function listen(server: Server): Promise<Host> {
  const closed: Promise<unknown>[] = [];
  const sockets: Socket[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    closed.push(new Promise((done) => socket.once("close", done)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return sockets.length;
    },
    allClosed: () => Promise.all(closed),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}
