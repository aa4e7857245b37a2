import { Agent } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createKie,
  LIMITS,
  type Limits,
  sendOverHttp,
  type Transport,
} from "../../../lambda/adapters/kie.ts";
import type { FailureReason, Reading } from "../../../lambda/policy/reading.ts";
import {
  type Answer,
  credits,
  json,
  type KieStandIn,
  kieError,
  startKieStandIn,
  text,
} from "../../../local/demo/kie-stand-in.ts";

const KEY = "0123456789abcdef0123456789abcdef";

/** Long enough for a busy machine to answer, and no pauses. */
const PATIENT: Limits = { ...LIMITS, backoffMs: 0 };
const ONCE: Limits = { ...PATIENT, attempts: 1 };

let kie: KieStandIn;
beforeEach(async () => {
  kie = await startKieStandIn(credits(1));
});
afterEach(() => kie.close());

/** One look at a stand-in that gives this answer, tried once. */
async function look(answer: Answer): Promise<Reading> {
  kie.answer(answer);
  return createKie(kie.url, ONCE)(KEY);
}

const envelope = (code: unknown, data?: unknown, msg = "text") => json(200, { code, msg, data });

describe("credits", () => {
  const rows: [title: string, answer: Answer, expected: number][] = [
    ["an integer", envelope(200, 2485), 2485],
    ["a fraction", envelope(200, 2485.98), 2485.98],
    ["with a byte order mark before it", text(200, '\ufeff{"code":200,"msg":"success","data":738}'), 738],
    ["a fraction written 738.0", text(200, '{"code":200,"msg":"success","data":738.0}'), 738],
    ["zero", envelope(200, 0), 0],
    ["a negative number", envelope(200, -3.5), -3.5],
    ["a string holding one decimal number", envelope(200, "12.5"), 12.5],
    ["a string holding a negative number", envelope(200, "-3"), -3],
    ["no message", json(200, { code: 200, data: 5 }), 5],
    [
      "HTTP 500 around a good answer, since the body decides",
      json(500, { code: 200, msg: "success", data: 5 }),
      5,
    ],
    ["code 402", envelope(402, null), 0],
    ["HTTP 402 without an envelope", text(402, ""), 0],
    [
      "code 500 with Kie's first wording",
      kieError(500, "Credits insufficient : Your current balance isn't enough to run this request"),
      0,
    ],
    ["code 500 with Kie's second wording", kieError(500, "The current credits are insufficient"), 0],
    ["another code with such a text", kieError(501, "insufficient account balance"), 0],
    ["not enough credits", kieError(500, "You do not have enough credits"), 0],
    ["not sufficient credits", kieError(500, "Your credits are not sufficient"), 0],
    ["a balance too low", kieError(400, "The account balance is too low"), 0],
    ["HTTP 402 with code 402 in the body", json(402, { code: 402, msg: "Insufficient Credits" }), 0],
  ];
  it.each(rows)("%s is read", async (_title, answer, expected) => {
    expect(await look(answer)).toEqual({ kind: "credits", credits: expected });
  });
});

describe("failures", () => {
  const permanent: [string, Answer, FailureReason][] = [
    ["code 401", kieError(401, "You do not have access permissions"), "unauthorized"],
    ["code 403", kieError(403, "Forbidden"), "unauthorized"],
    ["HTTP 401 without an envelope", text(401, "no"), "unauthorized"],
    [
      "code 403 that speaks of insufficient permission",
      kieError(403, "Insufficient permission to read the credits"),
      "unauthorized",
    ],
    ["code 404", kieError(404, "Not found"), "not-found"],
    [
      "the gateway's answer to a wrong path",
      json(404, { status: 404, error: "Not Found", path: "/x" }),
      "not-found",
    ],
    [
      "the gateway's answer as HTTP 200",
      json(200, { status: 404, error: "Not Found", path: "/x" }),
      "not-found",
    ],
    ["code 422", kieError(422, "Validation failed"), "invalid-request"],
    ["code 400", kieError(400, "Bad request"), "invalid-request"],
    ["code 499", kieError(499, "?"), "invalid-request"],
    ["HTTP 405 with HTML", text(405, "<html>"), "invalid-request"],
    ["code 433", kieError(433, "Request limit exceeded"), "key-limit"],
    [
      "code 433 that speaks of the key's credits",
      kieError(433, "Insufficient credits: the key's cap is used up"),
      "key-limit",
    ],
    [
      "code 403 of somebody who may not ask",
      kieError(403, "You do not have enough permissions to see the balance"),
      "unauthorized",
    ],
    ["code 505", kieError(505, "Feature disabled"), "feature-disabled"],
  ];
  const transient: [string, Answer, FailureReason][] = [
    ["code 429", kieError(429, "Too many requests"), "throttled"],
    ["code 408", kieError(408, "Upstream timeout"), "throttled"],
    ["HTTP 429 with HTML", text(429, "<html>slow down"), "throttled"],
    ["code 455", kieError(455, "Service unavailable"), "maintenance"],
    ["code 500", kieError(500, "Server error"), "server-error"],
    ["code 501", kieError(501, "Generation failed"), "server-error"],
    ["code 524", kieError(524, "Timeout"), "server-error"],
    ["code 599", kieError(599, "?"), "server-error"],
    ["HTTP 502 with HTML", text(502, "<html>Bad gateway"), "server-error"],
    ["HTML with HTTP 200", text(200, "<html>Sign in to the network</html>"), "unexpected-response"],
    ["an empty body", text(200, ""), "unexpected-response"],
    ["an array", text(200, "[]"), "unexpected-response"],
    ["null", text(200, "null"), "unexpected-response"],
    ["a code that is no integer", envelope("200", 5), "unexpected-response"],
    ["an unknown code", envelope(600, 5), "unexpected-response"],
    ["code 0", envelope(0, 5), "unexpected-response"],
    ["code 201", envelope(201, 5), "unexpected-response"],
    ["code 200 without data", envelope(200), "unexpected-response"],
    ["code 200 with null", envelope(200, null), "unexpected-response"],
    ["code 200 with true", envelope(200, true), "unexpected-response"],
    ["code 200 with an empty string", envelope(200, ""), "unexpected-response"],
    ["code 200 with two numbers in a string", envelope(200, "1 2"), "unexpected-response"],
    ["code 200 with an exponent in a string", envelope(200, "1e3"), "unexpected-response"],
    ["code 200 with a string too long for a number", envelope(200, "9".repeat(400)), "unexpected-response"],
    [
      "code 200 with a number too large for one",
      text(200, '{"code":200,"data":1e999}'),
      "unexpected-response",
    ],
    ["code 200 with an object", envelope(200, { credits: 5 }), "unexpected-response"],
    ["a redirect", text(302, "", { location: "/elsewhere" }), "unexpected-response"],
    [
      "a redirect with a good body",
      json(301, { code: 200, data: 5 }, { location: "/x" }),
      "unexpected-response",
    ],
    [
      "a body over 64 KiB",
      text(200, `{"code":200,"data":5,"msg":"${"x".repeat(65_536)}"}`),
      "unexpected-response",
    ],
  ];
  it.each(permanent)("%s is permanent, and not tried again", async (_title, answer, reason) => {
    kie.answer(answer);
    const reading = await createKie(kie.url, PATIENT)(KEY);
    expect(reading).toMatchObject({ kind: "failure", failure: { reason, permanent: true } });
    expect(kie.requests).toHaveLength(1);
  });
  it.each(transient)("%s is transient, and tried three times", async (_title, answer, reason) => {
    kie.answer(answer);
    const reading = await createKie(kie.url, PATIENT)(KEY);
    expect(reading).toMatchObject({ kind: "failure", failure: { reason, permanent: false } });
    expect(kie.requests).toHaveLength(3);
  });

  it("a body of exactly 64 KiB is read", async () => {
    const frame = '{"code":200,"data":5,"msg":""}';
    const body = frame.replace('""', `"${"x".repeat(65_536 - frame.length)}"`);
    expect(await look(text(200, body))).toEqual({ kind: "credits", credits: 5 });
  });

  it("a redirect is not followed", async () => {
    await look(text(307, "", { location: `${kie.url}/elsewhere` }));
    expect(kie.requests.map(({ path }) => path)).toEqual(["/api/v1/chat/credit"]);
  });

  it.each([
    ["HTTP 200 with a body that never comes", (response) => response.writeHead(200).flushHeaders()],
    ["no answer at all", () => {}],
    [
      "a body that drips without end",
      (response) => {
        response.writeHead(200);
        const dripping = setInterval(() => response.write(" "), 10);
        response.on("close", () => clearInterval(dripping));
      },
    ],
  ] satisfies [string, Answer][])("%s is a timeout", async (_title, answer) => {
    kie.answer(answer);
    const reading = await createKie(kie.url, { ...ONCE, attemptMs: 100 })(KEY);
    expect(reading).toMatchObject({ kind: "failure", failure: { reason: "timeout", permanent: false } });
  });

  it("a connection cut in the middle of the body is a failure of the network", async () => {
    const reading = await look((response) => {
      response.writeHead(200, { "content-length": "100" }).write('{"code":200');
      setTimeout(() => response.destroy(), 20);
    });
    expect(reading).toMatchObject({
      failure: { reason: "network", detail: expect.stringContaining("aborted") },
    });
  });

  it("a refused connection is a failure of the network that names the host", async () => {
    const { url } = kie;
    await kie.close();
    const reading = await createKie(url, ONCE)(KEY);
    expect(reading).toMatchObject({
      failure: { reason: "network", detail: expect.stringContaining("ECONNREFUSED") },
    });
    expect(reading).toMatchObject({ failure: { detail: expect.stringContaining(new URL(url).host) } });
    kie = await startKieStandIn(credits(1));
  });

  it("an unknown host is a failure of the network", async () => {
    const reading = await createKie("https://kie.invalid", ONCE)(KEY);
    expect(reading).toMatchObject({
      failure: { reason: "network", detail: expect.stringContaining("kie.invalid") },
    });
  });

  it("a host that doesn't speak TLS is a failure of the network", async () => {
    const reading = await createKie(kie.url.replace("http:", "https:"), ONCE)(KEY);
    expect(reading).toMatchObject({ failure: { reason: "network" } });
  });

  it("a host that speaks no HTTP is a failure of the network", async () => {
    const host = await startHost("SSH-2.0-OpenSSH\r\n");
    expect(await createKie(host.url, ONCE)(KEY)).toMatchObject({ failure: { reason: "network" } });
    await host.close();
  });

  it.each([
    ["with the protocol's name", "Connection: Upgrade\r\nUpgrade: websocket\r\n"],
    ["without the protocol's name", ""],
  ])("a change of protocols %s is an unexpected response", async (_title, headers) => {
    const host = await startHost(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`);
    expect(await createKie(host.url, ONCE)(KEY)).toMatchObject({
      failure: {
        reason: "unexpected-response",
        detail: expect.stringContaining("HTTP 101"),
        permanent: false,
      },
    });
    await host.close();
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ])(
    "a body compressed by %s, which was not asked for, is an unexpected response",
    async (name, compress) => {
      const body = compress(JSON.stringify({ code: 200, msg: "success", data: 5 }));
      const reading = await look((response) =>
        response.writeHead(200, { "content-encoding": name }).end(body),
      );
      expect(reading).toMatchObject({ failure: { reason: "unexpected-response" } });
    },
  );
});

/** A host that says the same to everybody, and hangs up. */
async function startHost(words: string) {
  const server = createServer((socket) => {
    socket.on("error", () => {}); // Whoever hangs up first is no matter here.
    socket.resume().end(words);
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
      }),
  };
}

describe("the transport settles", () => {
  it("when Node breaks off the exchange without a word", async () => {
    const host = await startHost("HTTP/1.1 200 Connection established\r\n\r\n");
    const tunnel = sendOverHttp(new URL(host.url), { agent: false, method: "CONNECT" }, LIMITS.attemptMs);
    await expect(tunnel).rejects.toThrow("closed without an answer");
    await host.close();
  });

  it("when the time is over before there is a socket", async () => {
    class NeverConnecting extends Agent {
      addRequest() {}
    }
    const request = sendOverHttp(new URL(kie.url), { agent: new NeverConnecting() }, 20);
    await expect(request).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

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
      const reading = await look(kieError(401, `The key ${quoted} is invalid`));
      if (reading.kind !== "failure") throw new Error("expected a failure");
      for (let start = 0; start + 8 <= KEY.length; start++) {
        expect(reading.failure.detail).not.toContain(KEY.slice(start, start + 8));
      }
    }
  });

  it("is in no detail, though its blanks are others in a quotation", async () => {
    for (const key of ["abcdefg\u00a0hijklmn", "abcdefg  hijklmn", "abc\tdefg"]) {
      kie.answer(kieError(401, `The key ${key} is invalid`));
      const reading = await createKie(kie.url)(key);
      expect(reading).toMatchObject({ failure: { detail: 'code 401: "The key [key] is invalid"' } });
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

describe("details", () => {
  it("quote Kie's words on one line, cut short", async () => {
    const reading = await look(kieError(401, `No\r\naccess\u0000 ${"x".repeat(500)}`));
    expect(reading).toMatchObject({
      failure: { detail: `code 401: "No access ${"x".repeat(110)}..."` },
    });
  });
});

describe("trying again", () => {
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

  it("a failure that passes is not told", async () => {
    kie.answer(kieError(500, "Server error"), text(200, "<html>"), credits(42));
    expect(await createKie(kie.url, PATIENT)(KEY)).toEqual({ kind: "credits", credits: 42 });
  });

  it("pauses grow exponentially, with full jitter", async () => {
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

  it("the last attempt gets only what is left of the time", async () => {
    const clock = fakeClock(0.5);
    const given: number[] = [];
    const hanging: Transport = async (_url, _options, timeoutMs) => {
      given.push(timeoutMs);
      await clock.sleep(timeoutMs);
      throw new DOMException("", "TimeoutError");
    };
    const limits = { attempts: 3, attemptMs: 10_000, totalMs: 25_000, backoffMs: 1_000 };
    const reading = await createKie(kie.url, limits, clock, hanging)(KEY);
    expect(reading).toMatchObject({ failure: { reason: "timeout" } });
    // The pauses before it took 500 and 1,000 ms.
    expect(given).toEqual([10_000, 10_000, 3_500]);
  });
});
