import { randomBytes } from "node:crypto";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Transport } from "../../../lambda/adapters/http.ts";
import { createKie, LIMITS, type Limits } from "../../../lambda/adapters/kie.ts";
import type { FailureReason } from "../../../lambda/policy/reading.ts";
import {
  type Answer,
  credits,
  json,
  type KieStandIn,
  kieError,
  startKieStandIn,
  text,
} from "../../../local/demo/kie-stand-in.ts";
import { type Host, LOCALHOST_TLS, listen, startHost } from "../../support/hosts.ts";

const KEY = "0123456789abcdef0123456789abcdef";

/** Long enough for a busy machine to answer, and no pauses. */
const PATIENT: Limits = { ...LIMITS, backoffMs: 0, secondLookAfterMs: 0 };
const ONCE: Limits = { ...PATIENT, attempts: 1 };
/** For answers that never come. */
const HASTY: Limits = { ...ONCE, attemptMs: 200 };

let kie: KieStandIn;
beforeEach(async () => {
  kie = await startKieStandIn(credits(1));
});
afterEach(() => kie.close());

/** A clock that only pauses move. */
function fakeClock(random = 0.5) {
  const pauses: number[] = [];
  let now = Date.parse("2026-11-23T05:00:00Z");
  return {
    pauses,
    now: () => now,
    sleep: async (ms: number) => {
      pauses.push(ms);
      now += ms;
    },
    random: () => random,
  };
}

describe("the request", () => {
  it("asks for JSON as it is, under our name, on a connection of its own", async () => {
    await createKie(kie.url, ONCE)(KEY);
    expect(kie.requests).toEqual([
      {
        method: "GET",
        path: "/api/v1/chat/credit",
        headers: {
          host: new URL(kie.url).host,
          authorization: `Bearer ${KEY}`,
          accept: "application/json",
          "accept-encoding": "identity",
          "user-agent": "kie-credit-alert",
          connection: "close",
        },
      },
    ]);
  });

  it("follows no redirect", async () => {
    kie.answer(text(307, "", { location: `${kie.url}/elsewhere` }));
    await createKie(kie.url, ONCE)(KEY);
    expect(kie.requests.map(({ path }) => path)).toEqual(["/api/v1/chat/credit"]);
  });
});

describe("the key", () => {
  it("is sent as a bearer token, without the white space around it", async () => {
    await createKie(kie.url, ONCE)(` ${KEY}\n`);
    expect(kie.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["nothing but white space", " \n"],
    ["broken over two lines", "abc\ndef"],
    ["not of the characters of a header", "ключ"],
  ])("that is %s is permanent, and Kie is not asked", async (_title, key) => {
    const reading = await createKie(kie.url, PATIENT)(key);
    expect(reading).toMatchObject({ kind: "failure", failure: { reason: "missing-key", permanent: true } });
    expect(kie.requests).toHaveLength(0);
  });

  it("is in no detail, though Kie quotes it whole, in part or in the middle of a long text", async () => {
    for (const quoted of [KEY, KEY.slice(0, 20), KEY.slice(5), `${"x".repeat(110)}${KEY}`]) {
      kie.answer(kieError(401, `The key ${quoted} is invalid`));
      const reading = await createKie(kie.url, ONCE)(KEY);
      if (reading.kind !== "failure") throw new Error("expected a failure");
      for (let start = 0; start + 8 <= KEY.length; start++) {
        expect(reading.failure.detail).not.toContain(KEY.slice(start, start + 8));
      }
    }
  });

  it("is in no detail, though its blanks are others in a quotation", async () => {
    for (const key of ["abcdefg\u00a0hijklmn", "abcdefg  hijklmn", "abc\tdefg"]) {
      kie.answer(kieError(401, `The key ${key} is invalid`));
      const reading = await createKie(kie.url, ONCE)(key);
      const detail = 'code 401: "The key [key] is invalid"; the key has a blank in it';
      expect(reading).toMatchObject({ failure: { detail } });
    }
  });

  it("is in no detail, though an error of the network quotes it", async () => {
    const transport: Transport = async (_url, options) => {
      throw new Error(`no such header: ${JSON.stringify(options.headers)}`);
    };
    const reading = await createKie(kie.url, ONCE, undefined, transport)(KEY);
    expect(reading).toMatchObject({
      failure: { reason: "network", detail: expect.stringContaining('"Bearer [key]"') },
    });
  });
});

describe("a key as people paste it", () => {
  // No digit stands in the words, so a digit in a detail would be of the key.
  const secrets = ["7", "31415", "31415926535897932384626433832795"];
  const wraps: { title: string; wrap: (key: string) => string; shape: string }[] = [
    { title: "in quotes", wrap: (key) => `"${key}"`, shape: "has quotes around it" },
    { title: "with Bearer", wrap: (key) => `Bearer ${key}`, shape: "begins with Bearer" },
    { title: "as a line of .env", wrap: (key) => `KIE_API_KEY=${key}`, shape: "begins with KIE_API_KEY=" },
    { title: "as JSON", wrap: (key) => `{"key":"${key}"}`, shape: "is JSON" },
  ];

  it.each(wraps)("$title is sent as it is; if Kie refuses it, the detail says what is odd", async (row) => {
    for (const secret of secrets) {
      const key = row.wrap(secret);
      kie.answer(kieError(401, `bad key ${key}`));
      const reading = await createKie(kie.url, ONCE)(key);
      if (reading.kind !== "failure") throw new Error("expected a failure");
      expect(reading.failure).toMatchObject({ reason: "unauthorized", permanent: true });
      expect(reading.failure.detail).toContain(`; the key ${row.shape}`);
      expect(reading.failure.detail.replace("code 401", "")).not.toMatch(/\d/);
      expect(kie.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
    }
  });

  it("in quotes that no HTTP header can carry is described too, though Kie is not asked", async () => {
    for (const secret of secrets) {
      expect(await createKie(kie.url, ONCE)(`“${secret}”`)).toMatchObject({
        failure: {
          reason: "missing-key",
          detail: "the key holds a character that no HTTP header can carry; the key has quotes around it",
        },
      });
    }
  });

  it("in quotes is not mentioned if the failure has another reason, or if Kie takes it", async () => {
    kie.answer(kieError(500, "oops"));
    expect(await createKie(kie.url, ONCE)(`"${KEY}"`)).toMatchObject({
      failure: { detail: 'code 500: "oops"' },
    });
    kie.answer(credits(5));
    expect(await createKie(kie.url, ONCE)(`"${KEY}"`)).toEqual({ kind: "credits", credits: 5 });
  });
});

describe("the second look", () => {
  const REFUSED = kieError(401, "no access");
  const rows: { title: string; answers: [Answer, ...Answer[]]; expected: object; looks: number }[] = [
    { title: "zero twice", answers: [credits(0)], expected: { credits: 0 }, looks: 2 },
    { title: "a false zero", answers: [credits(0), credits(5000)], expected: { credits: 5000 }, looks: 2 },
    {
      title: "less than nothing, then zero",
      answers: [credits(-3), credits(0)],
      expected: { credits: 0 },
      looks: 2,
    },
    {
      title: "a lack of credits said by code, then a balance",
      answers: [kieError(402, "Insufficient credits"), credits(12)],
      expected: { credits: 12 },
      looks: 2,
    },
    {
      title: "zero, then a transient failure three times",
      answers: [credits(0), text(502, "")],
      expected: { failure: { reason: "server-error" } },
      looks: 4,
    },
    {
      title: "zero, then a refusal",
      answers: [credits(0), REFUSED],
      expected: { failure: { reason: "unauthorized" } },
      looks: 2,
    },
    { title: "one stray refusal", answers: [REFUSED, credits(42)], expected: { credits: 42 }, looks: 2 },
    {
      title: "a refusal that lasts",
      answers: [REFUSED],
      expected: { failure: { reason: "unauthorized", permanent: true } },
      looks: 2,
    },
    { title: "a refusal, then zero", answers: [REFUSED, credits(0)], expected: { credits: 0 }, looks: 2 },
    { title: "next to nothing", answers: [credits(0.01)], expected: { credits: 0.01 }, looks: 2 },
    {
      title: "next to nothing, then a balance",
      answers: [credits(0.49), credits(7)],
      expected: { credits: 7 },
      looks: 2,
    },
    { title: "half a credit", answers: [credits(0.5)], expected: { credits: 0.5 }, looks: 1 },
    {
      title: "a transient failure",
      answers: [text(502, "")],
      expected: { failure: { reason: "server-error" } },
      looks: 3,
    },
    {
      title: "a transient failure, then zero, then a balance",
      answers: [text(502, ""), credits(0), credits(7)],
      expected: { credits: 7 },
      looks: 3,
    },
  ];
  it.each(rows)("of $title gives the reading", async ({ answers, expected, looks }) => {
    kie.answer(...answers);
    expect(await createKie(kie.url, PATIENT)(KEY)).toMatchObject(expected);
    expect(kie.requests).toHaveLength(looks);
  });

  it("comes 10 seconds after the first, with all its attempts", async () => {
    kie.answer(credits(0), text(429, "", { "retry-after": "25" }), credits(5));
    const clock = fakeClock();
    expect(await createKie(kie.url, LIMITS, clock)(KEY)).toEqual({ kind: "credits", credits: 5 });
    expect(clock.pauses).toEqual([10_000, 25_000]);
  });
});

describe("trying again", () => {
  it.each([401, 403, 404, 400, 433, 505])("does not follow code %i, which is permanent", async (code) => {
    kie.answer(kieError(code, "no"));
    expect(await createKie(kie.url, PATIENT)(KEY)).toMatchObject({ failure: { permanent: true } });
    // The second is the second look.
    expect(kie.requests).toHaveLength(2);
  });

  it.each([429, 455, 500, 600])("follows code %i, which may pass, twice", async (code) => {
    kie.answer(kieError(code, "no"));
    expect(await createKie(kie.url, PATIENT)(KEY)).toMatchObject({ failure: { permanent: false } });
    expect(kie.requests).toHaveLength(3);
  });

  it("a failure that passes is not told", async () => {
    kie.answer(kieError(500, "Server error"), text(200, "<html>"), credits(42));
    expect(await createKie(kie.url, PATIENT)(KEY)).toEqual({ kind: "credits", credits: 42 });
  });

  it("pauses grow exponentially, with full jitter, until the third attempt", async () => {
    kie.answer(kieError(500, "Server error"));
    const clock = fakeClock(0.5);
    await createKie(kie.url, LIMITS, clock)(KEY);
    expect(clock.pauses).toEqual([500, 1000]);
  });

  it.each([
    ["in seconds", "7", 7_000],
    ["as a date", "Mon, 23 Nov 2026 05:00:09 GMT", 9_000],
    ["as a date that has passed", "Mon, 23 Nov 2026 04:00:00 GMT", 0],
    ["as nonsense, which is passed over", "soon", 500],
    ["as a fraction, which is passed over", "1.5", 500],
    ["below zero, which is passed over", "-5", 500],
  ])("Retry-After %s is honoured", async (_title, header, pause) => {
    kie.answer(json(200, { code: 429, msg: "Slow down" }, { "retry-after": header }), credits(42));
    const clock = fakeClock(0.5);
    expect(await createKie(kie.url, LIMITS, clock)(KEY)).toEqual({ kind: "credits", credits: 42 });
    expect(clock.pauses).toEqual([pause]);
  });

  it.each([["30"], ["86400"]])(
    "a Retry-After of %s s does not fit into 30 s, so the failure stands",
    async (header) => {
      kie.answer(text(429, "", { "retry-after": header }), credits(42));
      const clock = fakeClock();
      expect(await createKie(kie.url, LIMITS, clock)(KEY)).toMatchObject({
        failure: { reason: "throttled" },
      });
      expect(clock.pauses).toEqual([]);
      expect(kie.requests).toHaveLength(1);
    },
  );

  it.each(["30", "1800", "Mon, 23 Nov 2026 05:00:00 GMT"])(
    "a Retry-After of %s is not slept for, though the clock steps back by an hour",
    async (retryAfter) => {
      const clock = fakeClock();
      const transport: Transport = async () => {
        await clock.sleep(-3_600_000);
        return { status: 429, body: "", retryAfter };
      };
      expect(await createKie(kie.url, LIMITS, clock, transport)(KEY)).toMatchObject({
        failure: { reason: "throttled" },
      });
      expect(clock.pauses).toEqual([-3_600_000]);
    },
  );

  it("the last attempt gets only what is left of the time", async () => {
    const clock = fakeClock(0.5);
    const given: number[] = [];
    const hanging: Transport = async (_url, _options, timeoutMs) => {
      given.push(timeoutMs);
      await clock.sleep(timeoutMs);
      throw new DOMException("", "TimeoutError");
    };
    const limits = { ...LIMITS, totalMs: 25_000 };
    const reading = await createKie(kie.url, limits, clock, hanging)(KEY);
    expect(reading).toMatchObject({ failure: { reason: "timeout" } });
    // The pauses before it took 500 and 1,000 ms.
    expect(given).toEqual([10_000, 10_000, 3_500]);
  });
});

/** A host that answers as nobody should: that is a failure or a reading, and leaves no connection behind. */
describe("a host that", () => {
  const GOOD = '{"code":200,"msg":"success","data":5}';
  const OK = "HTTP/1.1 200 OK\r\n";

  type Serve = (socket: Socket) => void;
  const sending = (words: string) => (socket: Socket) => socket.end(words);
  const hanging = (words: string) => (socket: Socket) => socket.write(words);
  /** Says something again and again until the other side hangs up. */
  const dripping = (words: string, drop: string) => (socket: Socket) => {
    socket.write(words);
    const drops = setInterval(() => socket.write(drop), 10);
    socket.on("close", () => clearInterval(drops));
  };
  const packing = (packing: string, body: Buffer) => (socket: Socket) => {
    socket.write(`${OK}content-encoding: ${packing}\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.end(body);
  };

  let host: Host | undefined;
  afterEach(async () => {
    await host?.close();
    host = undefined;
  });

  it.each<[does: string, serve: Serve]>([
    ["hangs before its headers", () => {}],
    ["hangs after its headers", hanging(`${OK}content-length: 100\r\n\r\n`)],
    ["drips headers without end", dripping(OK, "a: b\r\n")],
    ["drips a body without end", dripping(`${OK}\r\n`, " ")],
    ["drips a packed body that says nothing", dripping(`${OK}content-encoding: gzip\r\n\r\n`, "\x00")],
    ["informs of nothing without end", dripping("", "HTTP/1.1 103 Early Hints\r\n\r\n")],
  ])("%s is a timeout", async (_does, serve) => {
    host = await startHost(serve);
    const failure = { reason: "timeout", permanent: false };
    expect(await createKie(host.url, HASTY)(KEY)).toMatchObject({ failure });
    expect(host.connections).toBe(1);
    await host.allClosed();
  });

  it.each<[does: string, serve: Serve, detail: string]>([
    ["hangs up without a word", sending(""), "socket hang up"],
    ["hangs up within its headers", sending(`${OK}content-le`), ""],
    ["hangs up within its body", sending(`${OK}content-length: 100\r\n\r\n{"code":200`), "aborted"],
    ["hangs up within a chunk", sending(`${OK}transfer-encoding: chunked\r\n\r\nff\r\n{"code":200`), ""],
    ["names two lengths", sending(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`), ""],
    ["sends huge headers", sending(`${OK}a: ${"b".repeat(100_000)}\r\n\r\n${GOOD}`), "Header overflow"],
    ["speaks no HTTP", sending("SSH-2.0-OpenSSH\r\n"), ""],
    ["resets the connection", (socket) => socket.resetAndDestroy(), ""],
    [
      "resets the connection within its body",
      (socket) => {
        socket.write(`${OK}content-length: 100\r\n\r\n{"code":200`);
        setTimeout(() => socket.resetAndDestroy(), 50);
      },
      "",
    ],
  ])("%s is a failure of the network", async (_does, serve, detail) => {
    host = await startHost(serve);
    const failure = { reason: "network", permanent: false, detail: expect.stringContaining(detail) };
    expect(await createKie(host.url, ONCE)(KEY)).toMatchObject({ failure });
    expect(host.connections).toBe(1);
    await host.allClosed();
  });

  it.each<[does: string, serve: Serve, detail: string]>([
    [
      "changes the protocol, and names it",
      hanging("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
      "HTTP 101",
    ],
    [
      "changes the protocol without naming it",
      hanging("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      "HTTP 101",
    ],
    ["sends a byte more than 64 KiB", sending(`${OK}\r\n${GOOD.padEnd(65_537)}`), "over 64 KiB"],
    [
      "sends a body without end as fast as it can",
      (socket) => {
        socket.write(`${OK}\r\n`);
        const more = () => {
          while (!socket.destroyed && socket.write("x".repeat(65_536)));
        };
        socket.on("drain", more);
        more();
      },
      "over 64 KiB",
    ],
    ["packs 62 MB into 64 KB", packing("gzip", gzipSync(Buffer.alloc(62_000_000))), "over 64 KiB"],
    ["sends other bytes than the packing it names", packing("gzip", Buffer.from(GOOD)), "can't be unpacked"],
    ["cuts a packed body", packing("gzip", gzipSync(GOOD).subarray(0, 20)), "can't be unpacked"],
    ["packs in a way that nobody knows", packing("constructor", randomBytes(50)), "no JSON"],
  ])("%s is an unexpected response", async (_does, serve, detail) => {
    host = await startHost(serve);
    const failure = {
      reason: "unexpected-response",
      permanent: false,
      detail: expect.stringContaining(detail),
    };
    expect(await createKie(host.url, ONCE)(KEY)).toMatchObject({ failure });
    expect(host.connections).toBe(1);
    await host.allClosed();
  });

  it.each<[does: string, serve: Serve]>([
    ["packs its answer by gzip", packing("gzip", gzipSync(GOOD))],
    ["packs its answer by GZIP, in capitals", packing("GZIP", gzipSync(GOOD))],
    ["packs its answer by x-gzip", packing("x-gzip", gzipSync(GOOD))],
    ["packs its answer by deflate", packing("deflate", deflateSync(GOOD))],
    ["packs its answer by br", packing("br", brotliCompressSync(GOOD))],
    ["says that it packs nothing", packing("identity", Buffer.from(GOOD))],
    [
      "informs first, twice",
      sending(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}\r\n${GOOD}`),
    ],
    ["never hangs up", hanging(`${OK}content-length: ${GOOD.length}\r\n\r\n${GOOD}`)],
    ["goes on after its body", hanging(`${OK}content-length: 37\r\n\r\n${GOOD}${OK}\r\n!`)],
    ["hangs up to end its body", sending(`${OK}\r\n${GOOD}`)],
    ["sends exactly 64 KiB", sending(`${OK}\r\n${GOOD.padEnd(65_536)}`)],
  ])("%s is read", async (_does, serve) => {
    host = await startHost(serve);
    expect(await createKie(host.url, ONCE)(KEY)).toEqual({ kind: "credits", credits: 5 });
    await host.allClosed();
  });

  it("refuses the connection is a failure that names it", async () => {
    const gone = await startHost(() => {});
    await gone.close();
    const detail = `127.0.0.1:${gone.port}: connect ECONNREFUSED 127.0.0.1:${gone.port}`;
    expect(await createKie(gone.url, ONCE)(KEY)).toMatchObject({ failure: { reason: "network", detail } });
  });

  it("nobody knows is a failure that names it", async () => {
    const failure = { reason: "network", detail: expect.stringContaining("kie.invalid") };
    expect(await createKie("https://kie.invalid", ONCE)(KEY)).toMatchObject({ failure });
  });

  it.each<[does: string, serve: Serve, reason: FailureReason, limits: Limits]>([
    ["says nothing", () => {}, "timeout", HASTY],
    ["hangs up in the handshake", sending(""), "network", ONCE],
    ["answers by plain HTTP", sending(`${OK}\r\n${GOOD}`), "network", ONCE],
  ])("%s where TLS is spoken is a failure: %s", async (_does, serve, reason, limits) => {
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
