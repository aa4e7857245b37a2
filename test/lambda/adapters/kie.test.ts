import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKie, LIMITS, type Limits, type Transport } from "../../../lambda/adapters/kie.ts";
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
const PATIENT: Limits = { ...LIMITS, backoffMs: 0, secondLookAfterMs: 0 };
const ONCE: Limits = { ...PATIENT, attempts: 1 };

let kie: KieStandIn;
beforeEach(async () => {
  kie = await startKieStandIn(credits(1));
});
afterEach(() => kie.close());

/** A reading of a stand-in that gives this answer, each look tried once. */
async function look(answer: Answer): Promise<Reading> {
  kie.answer(answer);
  return createKie(kie.url, ONCE)(KEY);
}

const envelope = (code: unknown, data?: unknown, msg = "text") => json(200, { code, msg, data });

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
    [
      "code 500 with Kie's first wording",
      kieError(500, "Credits insufficient : Your current balance isn't enough to run this request"),
      0,
    ],
    ["code 500 with Kie's second wording", kieError(500, "The current credits are insufficient"), 0],
    ["code 500 with not enough credits", kieError(500, "You do not have enough credits"), 0],
    ["code 500 with not sufficient credits", kieError(500, "Your credits are not sufficient"), 0],
    ["code 500 with a balance too low", kieError(500, "The account balance is too low"), 0],
    ["code 500 with an insufficient balance", kieError(500, "insufficient account balance"), 0],
    ["code 500 about credits within HTTP 500", json(500, { code: 500, msg: "Insufficient credits" }), 0],
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
    ["code 401 within HTTP 401", json(401, { code: 401, msg: "no access" }), "unauthorized"],
    ["code 404 within HTTP 500", json(500, { code: 404, msg: "Not found" }), "not-found"],
    ["code 403 that speaks of credits", kieError(403, "Insufficient credits"), "unauthorized"],
    ["code 400 that speaks of the balance", kieError(400, "The balance is too low"), "invalid-request"],
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
    ["code 429 that speaks of credits", kieError(429, "Insufficient credits"), "throttled"],
    ["HTTP 429 with HTML", text(429, "<html>slow down"), "throttled"],
    ["HTTP 408 with an empty body", text(408, ""), "throttled"],
    ["the gateway's answer with status 429", json(429, { status: 429, error: "Slow down" }), "throttled"],
    ["code 455 that speaks of credits", kieError(455, "Insufficient credits"), "maintenance"],
    ["code 501 that speaks of credits", kieError(501, "insufficient account balance"), "server-error"],
    ["the gateway's answer with status 503", json(200, { status: 503, error: "Oops" }), "server-error"],
    ["HTTP 505 without an envelope", text(505, ""), "server-error"],
    ["HTTP 600", text(600, ""), "unexpected-response"],
    ["code 455", kieError(455, "Service unavailable"), "maintenance"],
    ["code 500", kieError(500, "Server error"), "server-error"],
    ["code 501", kieError(501, "Generation failed"), "server-error"],
    ["code 524", kieError(524, "Timeout"), "server-error"],
    ["code 599", kieError(599, "?"), "server-error"],
    ["HTTP 502 with HTML", text(502, "<html>Bad gateway"), "server-error"],
    ["HTML with HTTP 200", text(200, "<html>Sign in to the network</html>"), "unexpected-response"],
    ...[400, 401, 402, 403, 404, 405, 422, 433, 455].flatMap((status): [string, Answer, FailureReason][] => [
      [`HTTP ${status} with HTML`, text(status, "<html>Blocked"), "unexpected-response"],
      [`HTTP ${status} with an empty body`, text(status, ""), "unexpected-response"],
      [`HTTP ${status} with other JSON`, json(status, { message: "no" }), "unexpected-response"],
      [
        `HTTP ${status} with a code that has no text of Kie's`,
        json(status, { code: status, message: "Insufficient credits" }),
        "unexpected-response",
      ],
    ]),
    ...[400, 401, 402, 403, 405].map((status): [string, Answer, FailureReason] => [
      `the gateway's answer with status ${status}`,
      json(status, { status, error: "Insufficient credits" }),
      "unexpected-response",
    ]),
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
      "a redirect with a refusal of Kie's",
      json(302, { code: 401, msg: "no access" }, { location: "/x" }),
      "unexpected-response",
    ],
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
  it.each(permanent)(
    "%s is permanent: looked at twice, and not tried again",
    async (_title, answer, reason) => {
      kie.answer(answer);
      const reading = await createKie(kie.url, PATIENT)(KEY);
      expect(reading).toMatchObject({ kind: "failure", failure: { reason, permanent: true } });
      expect(kie.requests).toHaveLength(2);
    },
  );
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
    { title: "a little left", answers: [credits(0.01)], expected: { credits: 0.01 }, looks: 1 },
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

describe("details", () => {
  it("quote Kie's words on one line, cut short", async () => {
    const reading = await look(kieError(401, `No\r\naccess\u0000 ${"x".repeat(500)}`));
    expect(reading).toMatchObject({
      failure: { detail: `code 401: "No access ${"x".repeat(110)}..."` },
    });
  });
});

describe("trying again", () => {
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
