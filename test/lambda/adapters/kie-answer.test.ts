import { describe, expect, it } from "vitest";
import { readAnswer } from "../../../lambda/adapters/kie-answer.ts";
import { type FailureReason, failed } from "../../../lambda/policy/reading.ts";

/** What an answer means: credits, or the reason for a failure. Text is a body as it is, all else is sent as JSON. */
function meaningOf(status: number, body: unknown): number | FailureReason {
  const reading = readAnswer(status, typeof body === "string" ? body : JSON.stringify(body));
  return reading.kind === "credits" ? reading.credits : reading.failure.reason;
}

describe("a balance", () => {
  it.each<[title: string, data: unknown, expected: number | FailureReason]>([
    ["an integer", 2485, 2485],
    ["a fraction", 2485.98, 2485.98],
    ["zero", 0, 0],
    ["a negative number", -3.5, -3.5],
    ["a string holding one decimal number", "12.5", 12.5],
    ["a string holding a negative number", "-3", -3],
    ["nothing", undefined, "unexpected-response"],
    ["null", null, "unexpected-response"],
    ["true", true, "unexpected-response"],
    ["an empty string", "", "unexpected-response"],
    ["two numbers in a string", "1 2", "unexpected-response"],
    ["an exponent in a string", "1e3", "unexpected-response"],
    ["a string too long for a number", "9".repeat(400), "unexpected-response"],
    ["an object", { credits: 5 }, "unexpected-response"],
  ])("that is %s", (_title, data, expected) => {
    expect(meaningOf(200, { code: 200, msg: "success", data })).toBe(expected);
  });

  it.each<[title: string, status: number, body: unknown, expected: number | FailureReason]>([
    ["a fraction written 738.0", 200, '{"code":200,"msg":"success","data":738.0}', 738],
    ["a byte order mark before it", 200, '\ufeff{"code":200,"msg":"success","data":738}', 738],
    ["a number too large for one", 200, '{"code":200,"data":1e999}', "unexpected-response"],
    ["no message", 200, { code: 200, data: 5 }, 5],
    ["HTTP 500 around it, since the body decides", 500, { code: 200, msg: "success", data: 5 }, 5],
    ["a redirect around it", 301, { code: 200, data: 5 }, "unexpected-response"],
  ])("with %s", (_title, status, body, expected) => {
    expect(meaningOf(status, body)).toBe(expected);
  });
});

describe("Kie's own words", () => {
  it.each<[code: number, msg: string, expected: number | FailureReason]>([
    [402, "", 0],
    [500, "Credits insufficient : Your current balance isn't enough to run this request", 0],
    [500, "The current credits are insufficient", 0],
    [500, "You do not have enough credits", 0],
    [500, "Your credits are not sufficient", 0],
    [500, "Sorry, credits are too low", 0],
    [500, "Insufficient credits", 0],
    [500, "It failed because your credits are insufficient", 0],
    [500, "The CPU credits are insufficient", "server-error"],
    [500, "Your account balance is too low", 0],
    [500, "There is not enough of it: insufficient credits", 0],
    [500, "CPU credit balance too low", "server-error"],
    [500, "CPU credits insufficient", "server-error"],
    [500, "Insufficient CPU credits", "server-error"],
    [500, "load balance not enough nodes", "server-error"],
    [500, "The account balance is too low", "server-error"],
    [500, "Balance of the load: not enough", "server-error"],
    [400, "Bad request", "invalid-request"],
    [400, "The balance is too low", "invalid-request"],
    [422, "Validation failed", "invalid-request"],
    [499, "?", "invalid-request"],
    [401, "You do not have access permissions", "unauthorized"],
    [403, "Forbidden", "unauthorized"],
    [401, "Illegal IP, please set up a whitelist", "ip-refused"],
    [403, "your ip is not allowed", "ip-refused"],
    [401, "Please set up a WHITELIST", "ip-refused"],
    [401, "This ship has sailed; zip it", "unauthorized"],
    [422, "Illegal IP", "invalid-request"],
    [403, "Insufficient credits", "unauthorized"],
    [403, "Insufficient permission to read the credits", "unauthorized"],
    [403, "You do not have enough permissions to see the balance", "unauthorized"],
    [404, "Not found", "not-found"],
    [433, "Request limit exceeded", "key-limit"],
    [433, "Insufficient credits: the key's cap is used up", "key-limit"],
    [505, "Feature disabled", "feature-disabled"],
    [405, "Rate limit exceeded", "throttled"],
    [430, "Your call frequency is too high", "throttled"],
    [408, "Upstream timeout", "throttled"],
    [429, "Too many requests", "throttled"],
    [429, "Insufficient credits", "throttled"],
    [455, "Service unavailable", "maintenance"],
    [455, "Insufficient credits", "maintenance"],
    [500, "Server error", "server-error"],
    [501, "insufficient account balance", "server-error"],
    [524, "Timeout", "server-error"],
    [599, "?", "server-error"],
    [0, "?", "unexpected-response"],
    [201, "?", "unexpected-response"],
    [600, "?", "unexpected-response"],
  ])("%i: %s", (code, msg, expected) => {
    for (const status of [200, 401, 500]) expect(meaningOf(status, { code, msg, data: null })).toBe(expected);
    expect(meaningOf(302, { code, msg, data: null })).toBe("unexpected-response");
  });

  it.each<[title: string, body: unknown, expected: number | FailureReason]>([
    ["its three fields", { code: 402, msg: "Insufficient Credits", data: null }, 0],
    ["a gateway's two", { code: 402, msg: "Payment Required" }, "unexpected-response"],
    [
      "a field of somebody else's",
      { code: 402, msg: "Pay", data: null, requestId: "1" },
      "unexpected-response",
    ],
    ["a balance", { code: 402, msg: "x", data: 5000 }, "unexpected-response"],
    ["a zero", { code: 402, msg: "x", data: 0 }, "unexpected-response"],
    ["a bill", { code: 402, msg: "Payment", data: { invoice: 1 } }, "unexpected-response"],
    ["an empty list", { code: 402, msg: "x", data: [] }, "unexpected-response"],
  ])("a 402 means that nothing is left only with Kie's fields: %s", (_title, body, expected) => {
    for (const status of [200, 402, 500]) expect(meaningOf(status, body)).toBe(expected);
  });

  it.each<[title: string, rest: object, expected: number | FailureReason]>([
    ["no data", {}, 0],
    ["null", { data: null }, 0],
    ["a balance", { data: 5000 }, "server-error"],
    ["a zero", { data: 0 }, "server-error"],
    ["an object", { data: { left: 5000 } }, "server-error"],
    ["an empty object", { data: {} }, 0],
    ["an empty text", { data: "" }, 0],
    ["a field that is new", { requestId: "1" }, 0],
    ["a field that is new beside null", { data: null, timestamp: 1 }, 0],
  ])("so does a 500: %s", (_title, rest, expected) => {
    for (const status of [200, 402, 500])
      expect(meaningOf(status, { code: 500, msg: "Insufficient credits", ...rest })).toBe(expected);
  });

  const zero = [
    "Credits insufficient: your current credits are insufficient to make this API call. Please recharge",
    "Credits insufficient : Your current balance isn\u2019t enough to run this request. Please top up.",
    "Insufficient credits. Please top up.",
    "Insufficient Credits - Account does not have enough credits to perform the operation",
    "INSUFFICIENT CREDITS!",
    '"Insufficient credits"',
    "Insufficient credits, please recharge",
    "Insufficient credits for this request",
    "Insufficient credits remaining",
    "Insufficient credits balance",
    "You don't have enough credits at the moment",
    "Insufficient account credits",
    "Insufficient credits in your account",
    "Credits not enough",
    "Credits are not enough, please top up",
    "Error: insufficient credits",
    "Request failed: not enough credits available",
    "You don't have enough credits",
    "You don\u2019t have enough credits to run this request. Please top up.",
    "You don\u02bct have enough credits",
    "The account doesn't have enough credits",
    "Your account doesn\u2019t have enough credits",
    "The account does not have enough credits",
    "You don't have sufficient credits",
    "You haven't enough credits",
    "There aren't enough credits",
    "There aren't enough credits now",
    "There aren\u2019t enough credits left in your account",
    "There are not enough credits",
    "There are insufficient credits",
    "You have insufficient credits",
    "Your account has insufficient credits",
    "Sorry, you don't have enough remaining credits.",
    "The video can't be made: you don't have enough credits",
    "The video can't be made. Your credits are insufficient.",
    "Your credits aren't enough",
    "Your credits aren\u2019t enough",
    "Your current credits balance isn't enough",
    "Your remaining credits are too low",
    "Your balance is insufficient so nothing was made",
    "Not enough of your balance: your available balance is insufficient",
  ];
  const notZero = [
    "The instance has insufficient credits",
    "Your instance has insufficient credits",
    "Upstream provider has insufficient credits",
    "Upstream: insufficient credits",
    "t3.micro: insufficient credits",
    "CPU: credits insufficient",
    "CPU-credits insufficient",
    "(CPU) credits insufficient",
    "CPU. Credits insufficient",
    "Burst: credits are insufficient",
    "The burst pool is short: not enough credits",
    "AWS credits insufficient",
    "Your CPU credits are insufficient",
    "You don't have enough CPU credits",
    "The CPU doesn't have enough credits",
    "The worker isn't idle: its credits are insufficient",
    "Insufficient credits permission",
    "Insufficient credits-service capacity",
    "Insufficient credits_scope",
    "Insufficient credits/permissions",
    "You don't have enough credits permissions",
    "Your credits are not sufficient nodes",
    "not enough credits workers available",
    "credits not enough nodes",
    "Unable to read credits: insufficient credits scope",
    "Unable to read the credits: insufficient permission",
    "You don't have enough permissions to read credits",
    "You do not have credits enough workers for",
    "The credits service isn't available: not enough memory",
    "There aren't enough workers for credits",
    "Your credits can't be read: too low a rank",
    "Your load balance is not enough",
    "The load balance isn't enough",
    "Insufficient balance of the load",
    "Insufficient credentials",
    "Your credits are sufficient",
    "You have enough credits",
    "余额 credits insufficient",
  ];
  it.each([...zero.map((msg) => [msg, 0] as const), ...notZero.map((msg) => [msg, "server-error"] as const)])(
    "500: %s",
    (msg, expected) => {
      expect(meaningOf(200, { code: 500, msg, data: null })).toBe(expected);
      expect(meaningOf(200, { code: 500, msg: ` ${msg.toUpperCase()}\r\n`, data: null })).toBe(expected);
    },
  );

  it.each(["the ", "your ", "you have ", "your account ", "insufficient the your ", "!", " ", "credits "])(
    "a text of 64 KiB is read in no time: %j",
    (part) => {
      const body = JSON.stringify({ code: 500, msg: part.repeat(65_000 / part.length) });
      const start = performance.now();
      expect(meaningOf(200, body)).toBe("server-error");
      expect(performance.now() - start).toBeLessThan(100);
    },
  );

  it.each<[msg: string, expected: FailureReason]>([
    ["IP_NOT_ALLOWED", "ip-refused"],
    ["illegal_ip", "ip-refused"],
    ["Illegal ip:1.2.3.4", "ip-refused"],
    ["IPv6 address not allowed", "ip-refused"],
    ["ipv4 1.2.3.4 is refused", "ip-refused"],
    ["Your IPs are not in the list", "ip-refused"],
    ["Not in the white list", "ip-refused"],
    ["white-list", "ip-refused"],
    ["WHITE_LIST_ERROR", "ip-refused"],
    ["not in allowlist", "ip-refused"],
    ["Add it to the allow list", "ip-refused"],
    ["Your API key may not be used from this IP", "ip-refused"],
    ["The key is valid, the IP is invalid", "ip-refused"],
    ["Invalid IP for this API key", "ip-refused"],
    ["Invalid API key (request from IP 1.2.3.4)", "unauthorized"],
    ["IP 1.2.3.4: wrong key", "unauthorized"],
    ["The API key is invalid, IP 1.2.3.4", "unauthorized"],
    ["key expired; ip=1.2.3.4", "unauthorized"],
    ["Incorrect access token from IP 1.2.3.4", "unauthorized"],
    ["INVALID_API_KEY ip=1.2.3.4", "unauthorized"],
    ["The recipient's chip is skipped", "unauthorized"],
    ["ipsum", "unauthorized"],
    ["A list of white keys is not allowed", "unauthorized"],
  ])("a refusal is of the key or of the IP: %s", (msg, expected) => {
    for (const code of [401, 403]) expect(meaningOf(200, { code, msg, data: null })).toBe(expected);
  });

  it("are quoted on one line, cut short", () => {
    const msg = `No\r\naccess\u0000 ${"x".repeat(500)}`;
    expect(readAnswer(200, JSON.stringify({ code: 401, msg }))).toEqual(
      failed("unauthorized", `code 401: "No access ${"x".repeat(110)}..."`),
    );
  });

  it("are never cut in the middle of a character", () => {
    for (let length = 115; length < 125; length++) {
      const reading = readAnswer(200, JSON.stringify({ code: 401, msg: `${"x".repeat(length)}🚫🚫🚫🚫` }));
      if (reading.kind !== "failure") throw new Error("expected a failure");
      expect(reading.failure.detail).toMatch(/^code 401: "x+(🚫)*(\.\.\.)?"$/u);
      expect(reading.failure.detail.length).toBeLessThan(140);
    }
  });
});

describe("what others say", () => {
  const notKie = [
    ["HTML", "<html>Insufficient credits"],
    ["nothing", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["other JSON", { message: "no" }],
    ["a gateway's status that is no error", { status: 200, error: "Insufficient credits" }],
    ["a code that is no number", { code: "200", msg: "success", data: 5 }],
    ["a code without a text of Kie's", { code: 401, message: "Insufficient credits" }],
  ] as const;
  it.each<{ reason: FailureReason; statuses: number[] }>([
    { reason: "throttled", statuses: [408, 429] },
    { reason: "server-error", statuses: [500, 502, 505, 599] },
    {
      reason: "unexpected-response",
      statuses: [200, 302, 400, 401, 402, 403, 404, 405, 422, 433, 455, 600],
    },
  ])("by HTTP $statuses is $reason, and never zero or a refusal", ({ reason, statuses }) => {
    for (const status of statuses)
      for (const [title, body] of notKie) expect(meaningOf(status, body), `${status} ${title}`).toBe(reason);
  });

  it.each<{ reason: FailureReason; statuses: number[] }>([
    { reason: "unexpected-response", statuses: [400, 401, 402, 403, 405] },
    { reason: "not-found", statuses: [404] },
    { reason: "throttled", statuses: [408, 429] },
    { reason: "server-error", statuses: [500, 503] },
  ])("by the gateway's status $statuses is $reason, whatever HTTP says", ({ reason, statuses }) => {
    for (const status of statuses)
      for (const http of [status, 200])
        expect(meaningOf(http, { status, error: "Insufficient credits", path: "/x" })).toBe(reason);
  });
});
