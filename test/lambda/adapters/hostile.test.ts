/** Servers that answer as nobody should: each is a failure or a reading, and leaves no connection behind. */
import { randomBytes } from "node:crypto";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createKie, LIMITS, type Limits } from "../../../lambda/adapters/kie.ts";
import type { FailureReason } from "../../../lambda/policy/reading.ts";
import { type Host, LOCALHOST_TLS, listen, startHost } from "../../support/hosts.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const ONCE: Limits = { ...LIMITS, attempts: 1 };
/** For answers that never come. */
const HASTY: Limits = { ...ONCE, attemptMs: 200 };

const GOOD = '{"code":200,"msg":"success","data":5}';
const OK = "HTTP/1.1 200 OK\r\n";

let host: Host | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

/** Says something again and again until the other side hangs up. */
const dripping = (socket: Socket, drop: string) => {
  const drops = setInterval(() => socket.write(drop), 10);
  socket.on("close", () => clearInterval(drops));
};

const withBody = (headers: string, body: Buffer) => (socket: Socket) => {
  socket.write(`${OK}${headers}content-length: ${body.length}\r\n\r\n`);
  socket.end(body);
};

describe("a host that", () => {
  const failures: {
    does: string;
    serve: (socket: Socket) => void;
    reason: FailureReason;
    detail?: string;
    limits?: Limits;
  }[] = [
    { does: "hangs before its headers", serve: () => {}, reason: "timeout", limits: HASTY },
    {
      does: "hangs after its headers",
      serve: (socket) => socket.write(`${OK}content-length: 100\r\n\r\n`),
      reason: "timeout",
      limits: HASTY,
    },
    {
      does: "drips headers without end",
      serve: (socket) => {
        socket.write(OK);
        dripping(socket, "a: b\r\n");
      },
      reason: "timeout",
      limits: HASTY,
    },
    {
      does: "drips a body without end",
      serve: (socket) => {
        socket.write(`${OK}\r\n`);
        dripping(socket, " ");
      },
      reason: "timeout",
      limits: HASTY,
    },
    {
      does: "drips a packed body that says nothing",
      serve: (socket) => {
        socket.write(`${OK}content-encoding: gzip\r\n\r\n`);
        dripping(socket, "\x00");
      },
      reason: "timeout",
      limits: HASTY,
    },
    {
      does: "informs of nothing without end",
      serve: (socket) => dripping(socket, "HTTP/1.1 103 Early Hints\r\n\r\n"),
      reason: "timeout",
      limits: HASTY,
    },
    {
      does: "changes the protocol, and names it",
      serve: (socket) =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
      reason: "unexpected-response",
      detail: "HTTP 101",
    },
    {
      does: "changes the protocol without naming it",
      serve: (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      reason: "unexpected-response",
      detail: "HTTP 101",
    },
    {
      does: "hangs up without a word",
      serve: (socket) => socket.end(),
      reason: "network",
      detail: "socket hang up",
    },
    { does: "resets the connection", serve: (socket) => socket.resetAndDestroy(), reason: "network" },
    {
      does: "hangs up within its headers",
      serve: (socket) => socket.end(`${OK}content-le`),
      reason: "network",
    },
    {
      does: "hangs up within its body",
      serve: (socket) => socket.end(`${OK}content-length: 100\r\n\r\n{"code":200`),
      reason: "network",
      detail: "aborted",
    },
    {
      does: "resets the connection within its body",
      serve: (socket) => {
        socket.write(`${OK}content-length: 100\r\n\r\n{"code":200`);
        setTimeout(() => socket.resetAndDestroy(), 50);
      },
      reason: "network",
    },
    {
      does: "hangs up within a chunk",
      serve: (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\nff\r\n{"code":200`),
      reason: "network",
    },
    {
      does: "names two lengths",
      serve: (socket) => socket.end(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`),
      reason: "network",
    },
    {
      does: "sends huge headers",
      serve: (socket) => socket.end(`${OK}a: ${"b".repeat(100_000)}\r\n\r\n${GOOD}`),
      reason: "network",
      detail: "Header overflow",
    },
    {
      does: "speaks no HTTP",
      serve: (socket) => socket.end("SSH-2.0-OpenSSH\r\n"),
      reason: "network",
    },
    {
      does: "sends a body without end as fast as it can",
      serve: (socket) => {
        socket.write(`${OK}\r\n`);
        const more = () => {
          while (!socket.destroyed && socket.write("x".repeat(65_536)));
        };
        socket.on("drain", more);
        more();
      },
      reason: "unexpected-response",
      detail: "over 64 KiB",
    },
    {
      does: "packs 64 MiB into 64 KB",
      serve: withBody("content-encoding: gzip\r\n", gzipSync(Buffer.alloc(64 * 1024 * 1024 - 2_000_000))),
      reason: "unexpected-response",
      detail: "over 64 KiB",
    },
    {
      does: "sends a body of other bytes than the packing it names",
      serve: withBody("content-encoding: gzip\r\n", Buffer.from(GOOD)),
      reason: "unexpected-response",
      detail: "can't be unpacked",
    },
    {
      does: "cuts a packed body",
      serve: withBody("content-encoding: gzip\r\n", gzipSync(GOOD).subarray(0, 20)),
      reason: "unexpected-response",
      detail: "can't be unpacked",
    },
    {
      does: "packs in a way that nobody knows",
      serve: withBody("content-encoding: constructor\r\n", randomBytes(50)),
      reason: "unexpected-response",
      detail: "no JSON",
    },
  ];
  it.each(failures)("$does is a failure: $reason", async ({ serve, reason, detail = "", limits = ONCE }) => {
    host = await startHost(serve);
    const reading = await createKie(host.url, limits)(KEY);
    expect(reading).toMatchObject({
      failure: { reason, permanent: false, detail: expect.stringContaining(detail) },
    });
    expect(host.connections).toBe(1);
    await host.allClosed();
  });

  it.each<[string, (socket: Socket) => void]>([
    ["packs its answer by gzip", withBody("content-encoding: gzip\r\n", gzipSync(GOOD))],
    ["packs its answer by GZIP, in capitals", withBody("Content-Encoding: GZIP\r\n", gzipSync(GOOD))],
    ["packs its answer by deflate", withBody("content-encoding: deflate\r\n", deflateSync(GOOD))],
    ["packs its answer by br", withBody("content-encoding: br\r\n", brotliCompressSync(GOOD))],
    ["says that it packs nothing", withBody("content-encoding: identity\r\n", Buffer.from(GOOD))],
    [
      "informs first, twice",
      (socket) =>
        socket.end(
          `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}\r\n${GOOD}`,
        ),
    ],
    ["never hangs up", (socket) => socket.write(`${OK}content-length: ${GOOD.length}\r\n\r\n${GOOD}`)],
    ["goes on after its body", (socket) => socket.write(`${OK}content-length: 37\r\n\r\n${GOOD}${OK}\r\n!`)],
    ["hangs up to end its body", (socket) => socket.end(`${OK}\r\n${GOOD}`)],
  ])("%s is read", async (_title, serve) => {
    host = await startHost(serve);
    expect(await createKie(host.url, ONCE)(KEY)).toEqual({ kind: "credits", credits: 5 });
    await host.allClosed();
  });

  it("refuses the connection is a failure that names it", async () => {
    const gone = await startHost(() => {});
    await gone.close();
    expect(await createKie(gone.url, ONCE)(KEY)).toMatchObject({
      failure: {
        reason: "network",
        detail: `127.0.0.1:${gone.port}: connect ECONNREFUSED 127.0.0.1:${gone.port}`,
      },
    });
  });

  it("nobody knows is a failure that names it", async () => {
    expect(await createKie("https://kie.invalid", ONCE)(KEY)).toMatchObject({
      failure: { reason: "network", detail: expect.stringContaining("kie.invalid") },
    });
  });
});

describe("a host with TLS that", () => {
  it.each<{ does: string; serve: (socket: Socket) => void; reason: FailureReason; limits: Limits }>([
    { does: "says nothing", serve: () => {}, reason: "timeout", limits: HASTY },
    { does: "hangs up in the handshake", serve: (s) => s.end(), reason: "network", limits: ONCE },
    {
      does: "answers by plain HTTP",
      serve: (s) => s.end(`${OK}\r\n${GOOD}`),
      reason: "network",
      limits: ONCE,
    },
  ])("$does is a failure: $reason", async ({ serve, reason, limits }) => {
    host = await startHost(serve);
    const reading = await createKie(`https://127.0.0.1:${host.port}`, limits)(KEY);
    expect(reading).toMatchObject({ failure: { reason } });
    await host.allClosed();
  });

  it("has a certificate that nobody trusts is a failure, and never gets the key", async () => {
    const asked: string[] = [];
    host = await listen(
      createHttpsServer(LOCALHOST_TLS, (request, response) => {
        asked.push(String(request.headers.authorization));
        response.end(GOOD);
      }),
    );
    expect(await createKie(`https://127.0.0.1:${host.port}`, ONCE)(KEY)).toMatchObject({
      failure: { reason: "network", detail: expect.stringContaining("self-signed certificate") },
    });
    expect(asked).toEqual([]);
    await host.allClosed();
  });
});
