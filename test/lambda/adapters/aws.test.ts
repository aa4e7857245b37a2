import type { ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AWS_CLIENT_LIMITS, SNS_CLIENT_CONFIG, SSM_CLIENT_CONFIG } from "../../../lambda/adapters/aws.ts";
import { createParameters } from "../../../lambda/adapters/parameters.ts";
import { createTopic } from "../../../lambda/adapters/topic.ts";
import type { Message } from "../../../lambda/messages/message.ts";
import { type AwsStandIn, STAND_IN_CREDENTIALS, startAwsStandIn } from "../../support/aws-stand-in.ts";
import { LOCALHOST_TLS, listen, startHost } from "../../support/hosts.ts";

const NAMES = { apiKeyParameter: "/kie/api-key", memoryParameter: "/kie/memory" };
const TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:alerts";
const MESSAGE: Message = {
  subject: "subject",
  texts: { email: "email\n", sms: "sms", document: '{"version":1}' },
  attributes: { severity: "critical", kind: "raised", level: "critical", account: "kie", sms: "yes" },
};

/** As the SDK throws it if no provider has credentials. */
const credentialsProviderError = () =>
  Object.assign(new Error("Could not load credentials from any providers"), {
    name: "CredentialsProviderError",
  });

let aws: AwsStandIn;
beforeEach(async () => {
  aws = await startAwsStandIn();
});
afterEach(() => aws.close());

const ssmOptions = () => ({ ...STAND_IN_CREDENTIALS, ...SSM_CLIENT_CONFIG, endpoint: aws.url });
const snsOptions = () => ({ ...STAND_IN_CREDENTIALS, ...SNS_CLIENT_CONFIG, endpoint: aws.url });

describe("parameters", () => {
  /** The pauses that were made. */
  let pauses: number[] = [];
  beforeEach(() => {
    pauses = [];
  });
  const parameters = (maxAttempts = 1, callMs = 15_000) =>
    createParameters(new SSMClient({ ...ssmOptions(), maxAttempts }), NAMES, callMs, async (ms) =>
      pauses.push(ms),
    );

  it("reads key and memory in one call, decrypted", async () => {
    aws.parameters.set(NAMES.apiKeyParameter, "secret").set(NAMES.memoryParameter, "{}");
    expect(await parameters().readParameters()).toEqual({ apiKey: "secret", memory: "{}", memoryVersion: 1 });
    expect(aws.calls).toEqual([
      { action: "GetParameters", input: { Names: ["/kie/api-key", "/kie/memory"], WithDecryption: true } },
    ]);
  });

  it("says what is missing by undefined", async () => {
    expect(await parameters().readParameters()).toEqual({
      apiKey: undefined,
      memory: undefined,
      memoryVersion: 0,
    });
    aws.parameters.set(NAMES.memoryParameter, "{}");
    expect(await parameters().readParameters()).toMatchObject({ apiKey: undefined, memory: "{}" });
  });

  it("writes the memory over what was there", async () => {
    await parameters().saveMemory('{"version":1}');
    expect(aws.calls).toEqual([
      {
        action: "PutParameter",
        input: {
          Name: "/kie/memory",
          Value: '{"version":1}',
          Type: "String",
          Tier: "Standard",
          Overwrite: true,
        },
      },
    ]);
    expect(aws.parameters.get(NAMES.memoryParameter)).toBe('{"version":1}');
  });

  it("gives the version of the memory that was read, and of the one that was written", async () => {
    aws.isHasty = false;
    const { readParameters, saveMemory } = parameters();
    expect(await saveMemory("a")).toEqual({ version: 1, isRetried: false });
    expect(await saveMemory("b")).toEqual({ version: 2, isRetried: false });
    expect(await readParameters()).toMatchObject({ memory: "b", memoryVersion: 2 });
    expect(await saveMemory("c")).toEqual({ version: 3, isRetried: false });
  });

  const tooMany = (response: ServerResponse) =>
    response.writeHead(400).end(JSON.stringify({ __type: "TooManyUpdates", message: "too many" }));

  it("writes again if SSM finds the writes too fast, and says that it took more than one attempt", async () => {
    aws.troubles.push(tooMany, tooMany, tooMany, tooMany);
    expect(await parameters().saveMemory("a")).toEqual({ version: 1, isRetried: true });
    expect(pauses).toEqual([250, 500, 750, 1000]);
  });

  it("gives up after five writes that were too fast", async () => {
    aws.refusals.set("PutParameter", "TooManyUpdates");
    await expect(parameters().saveMemory("{}")).rejects.toThrow(
      "ssm:PutParameter of /kie/memory failed: TooManyUpdates: refused: PutParameter",
    );
    expect(aws.calls).toHaveLength(5);
  });

  it("gives up at the limit of the call", async () => {
    aws.refusals.set("PutParameter", "TooManyUpdates");
    const client = new SSMClient({ ...ssmOptions(), maxAttempts: 1 });
    const tooLong = () => new Promise((resolve) => setTimeout(resolve, 1_100));
    const { saveMemory } = createParameters(client, NAMES, 1_000, tooLong);
    await expect(saveMemory("{}")).rejects.toThrow(/failed: TimeoutError/);
    expect(aws.calls).toHaveLength(1);
  });

  it("says that it took more than one attempt if an answer was lost: the document is there twice", async () => {
    const saved = parameters(3);
    aws.lost.push("PutParameter");
    expect(await saved.saveMemory("a")).toEqual({ version: 2, isRetried: true });
  });

  it("looks twice for a version, which may be too young to be seen", async () => {
    const { readMemory, saveMemory } = parameters();
    await saveMemory("a");
    expect(await readMemory(1)).toBe("a");
    expect(pauses).toEqual([500]);
  });

  it("reads a former version of the memory, or undefined if there is none", async () => {
    const { readMemory, saveMemory } = parameters();
    expect(await readMemory(1)).toBeUndefined();
    await saveMemory("a");
    await saveMemory("b");
    expect([await readMemory(1), await readMemory(2), await readMemory(3)]).toEqual(["a", "b", undefined]);
    expect(aws.calls.at(-1)?.input).toEqual({ Names: ["/kie/memory:3"], WithDecryption: true });
  });

  it("throws if an answer is not SSM's: nothing found is not a missing key", async () => {
    for (const body of ["", "{}", "<html>Blocked</html>"]) {
      const proxy = (response: ServerResponse) => response.end(body);
      aws.troubles.push(proxy, proxy, proxy);
      const { readParameters, readMemory, saveMemory } = parameters();
      const reason = body.startsWith("<") ? /not valid JSON$/ : /the answer has no (Parameters|Version)$/;
      await expect(readParameters()).rejects.toThrow(reason);
      await expect(readMemory(1)).rejects.toThrow(reason);
      await expect(saveMemory("{}")).rejects.toThrow(reason);
    }
  });

  it("throws no part of the key though SSM's answer is broken around it", async () => {
    aws.troubles.push((response) => response.end('{"Parameters":[{"Value":"secretkey"x'));
    const error: Error = await parameters()
      .readParameters()
      .then(
        () => new Error("nothing was thrown"),
        (thrown) => thrown,
      );
    expect(error).toMatchObject({ name: "AwsCallError", message: expect.stringContaining("not valid JSON") });
    expect(`${error.stack}`).not.toMatch(/secret/);
  });

  it("throws what SSM refused, and for which parameters", async () => {
    aws.refusals.set("GetParameters", "AccessDeniedException").set("PutParameter", "ParameterLimitExceeded");
    await expect(parameters().readParameters()).rejects.toThrow(
      "ssm:GetParameters of /kie/api-key and /kie/memory failed: AccessDeniedException: refused: GetParameters",
    );
    await expect(parameters().saveMemory("{}")).rejects.toThrow(
      "ssm:PutParameter of /kie/memory failed: ParameterLimitExceeded: refused: PutParameter",
    );
  });

  it("throws an error that carries no raw response, which would hold the key", async () => {
    aws.refusals.set("GetParameters", "AccessDeniedException");
    const error = await parameters()
      .readParameters()
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: "AwsCallError" });
    expect(Object.getOwnPropertyNames(error).sort()).toEqual(["message", "name", "stack"]);
  });
});

describe("the topic", () => {
  const topic = () => createTopic(new SNSClient(snsOptions()), TOPIC_ARN);

  it("gets one message with a text for each protocol, and attributes to filter on", async () => {
    expect(await topic().publish(MESSAGE)).toBe("message-1");
    expect(aws.calls).toHaveLength(1);
    const input = aws.calls[0]?.input ?? {};
    expect(input).toMatchObject({ TopicArn: TOPIC_ARN, Subject: "subject", MessageStructure: "json" });
    const machine = '{"version":1}';
    expect(JSON.parse(String(input["Message"]))).toEqual({
      default: "email\n",
      email: "email\n",
      sms: "sms",
      http: machine,
      https: machine,
      sqs: machine,
      lambda: machine,
      firehose: machine,
    });
    const attributes: Record<string, unknown> = {};
    for (let index = 1; input[`MessageAttributes.entry.${index}.Name`] !== undefined; index++) {
      const entry = `MessageAttributes.entry.${index}`;
      expect(input[`${entry}.Value.DataType`]).toBe("String");
      attributes[String(input[`${entry}.Name`])] = input[`${entry}.Value.StringValue`];
    }
    expect(attributes).toEqual({ ...MESSAGE.attributes, "AWS.SNS.SMS.SMSType": "Transactional" });
  });

  it("gets every text of a message under some protocol", async () => {
    await topic().publish(MESSAGE);
    const sent: unknown[] = Object.values(JSON.parse(String(aws.calls[0]?.input["Message"])));
    expect(sent).toEqual(expect.arrayContaining(Object.values(MESSAGE.texts)));
  });

  const confirmed = (protocol: string) => ({ protocol, arn: `arn:${protocol}` });
  it.each([
    { of: "nobody", subscriptions: [], expected: {} },
    {
      of: "mail of both kinds",
      subscriptions: [confirmed("email"), confirmed("email-json")],
      expected: { emails: 2 },
    },
    { of: "a phone", subscriptions: [confirmed("sms")], expected: { phones: 1 } },
    {
      of: "programs, of protocols that come some day too",
      subscriptions: ["http", "https", "sqs", "lambda", "firehose", "application", "fax"].map(confirmed),
      expected: { others: 7 },
    },
    {
      of: "some who have yet to confirm",
      subscriptions: ["email", "sms", "https"].map((protocol) => ({ protocol, arn: "PendingConfirmation" })),
      expected: { pending: 3 },
    },
    {
      of: "one who has left",
      subscriptions: [{ protocol: "email", arn: "Deleted" }, confirmed("sms")],
      expected: { phones: 1 },
    },
    {
      of: "webhooks, and of Amazon Q, which drops our messages, not at all",
      subscriptions: [
        { ...confirmed("lambda"), endpoint: "arn:aws:lambda:us-east-1:123456789012:function:team" },
        { ...confirmed("https"), endpoint: "https://global.sns-api.chatbot.amazonaws.com" },
        { ...confirmed("https"), endpoint: "https://us-east-2.sns-api.chatbot.amazonaws.com/x" },
        {
          protocol: "https",
          arn: "PendingConfirmation",
          endpoint: "https://global.sns-api.chatbot.amazonaws.com",
        },
        { ...confirmed("https"), endpoint: "https://example.com/sns-api.chatbot.amazonaws.com" },
        { ...confirmed("https"), endpoint: "https://sns-api.chatbot.amazonaws.com.example.com" },
      ],
      expected: { others: 3 },
    },
    {
      of: "as many as fit one page",
      subscriptions: Array.from({ length: 100 }, () => confirmed("email")),
      expected: { emails: 100 },
    },
    {
      of: "more than two pages hold",
      subscriptions: [...Array.from({ length: 200 }, () => confirmed("email")), confirmed("sms")],
      expected: { emails: 200, phones: 1 },
    },
  ])("counts an audience of $of", async ({ subscriptions, expected }) => {
    aws.subscriptions = subscriptions;
    expect(await topic().countSubscribers()).toEqual({
      emails: 0,
      phones: 0,
      others: 0,
      pending: 0,
      ...expected,
    });
    const pages = Math.max(1, Math.ceil(subscriptions.length / 100));
    expect(aws.calls).toHaveLength(pages);
    expect(aws.calls[0]?.input).toMatchObject({ TopicArn: TOPIC_ARN });
  });

  it("stops listing pages without end when the time of one call is over", async () => {
    const page = "<Subscriptions/><NextToken>same</NextToken>";
    const body = `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult>${page}</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;
    const endless = await startHost((socket) => {
      const answer = () =>
        socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      answer();
    });
    const client = new SNSClient({ ...snsOptions(), endpoint: endless.url });
    await expect(createTopic(client, TOPIC_ARN, 300).countSubscribers()).rejects.toThrow(
      `sns:ListSubscriptionsByTopic of ${TOPIC_ARN} failed: TimeoutError: no whole answer in time`,
    );
    expect(endless.connections).toBeGreaterThan(1);
    await endless.close();
  });

  it("throws if a list is not SNS's: no list is not an empty audience", async () => {
    for (const body of ["", "<html><body>Blocked</body></html>"]) {
      aws.troubles.push((response) => response.end(body));
      await expect(topic().countSubscribers()).rejects.toThrow(
        `sns:ListSubscriptionsByTopic of ${TOPIC_ARN} failed: Error: the answer has no Subscriptions`,
      );
    }
  });

  it("throws what SNS refused, and no address of anybody", async () => {
    aws.refusals.set("Publish", "NotFound").set("ListSubscriptionsByTopic", "AuthorizationError");
    await expect(topic().publish(MESSAGE)).rejects.toThrow(
      `sns:Publish to ${TOPIC_ARN} failed: NotFoundException: refused: Publish`,
    );
    await expect(topic().countSubscribers()).rejects.toThrow(
      `sns:ListSubscriptionsByTopic of ${TOPIC_ARN} failed: AuthorizationErrorException: refused: ListSubscriptionsByTopic`,
    );
  });

  it("is asked on a connection of its own each time: a kept one may be dead by the next check", async () => {
    const ports = new Set<number | undefined>();
    const note = (response: ServerResponse) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(500).end();
    };
    aws.troubles.push(note, note);
    const { countSubscribers, publish } = topic();
    await expect(countSubscribers()).rejects.toThrow();
    await expect(publish(MESSAGE)).rejects.toThrow();
    expect(ports.size).toBe(2);
  });
});

describe("a message that SNS", () => {
  /** Publishes to this endpoint in one attempt, and gives the error. */
  const errorFrom = (endpoint: string, limits: object = {}, callMs = 20_000): Promise<Error> =>
    createTopic(new SNSClient({ ...snsOptions(), endpoint, ...limits }), TOPIC_ARN, callMs)
      .publish(MESSAGE)
      .then(
        () => new Error("nothing was thrown"),
        (error) => error,
      );
  const { requestHandler } = SNS_CLIENT_CONFIG;
  const HASTY = { requestHandler: { ...requestHandler, requestTimeout: 100, socketTimeout: 100 } };

  it.each([
    { does: "refuses", status: 400, body: "<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>" },
    { does: "refuses for lack of permission", status: 403, body: "" },
    {
      does: "throttles",
      status: 429,
      body: "<ErrorResponse><Error><Code>Throttled</Code></Error></ErrorResponse>",
    },
    { does: "never gets from a portal that redirects", status: 302, body: "" },
  ])(
    "$does is certainly not published, and not tried again: HTTP $status $body",
    async ({ status, body }) => {
      aws.troubles.push((response) => response.writeHead(status, { location: "http://x.invalid" }).end(body));
      expect(await errorFrom(aws.url)).toMatchObject({
        name: "NotPublishedError",
        message: expect.stringContaining(`sns:Publish to ${TOPIC_ARN} failed: `),
      });
      expect(aws.calls).toHaveLength(1);
    },
  );

  it.each([
    { status: 500, body: "" },
    { status: 500, body: "<ErrorResponse><Error><Code>InternalError</Code></Error></ErrorResponse>" },
    { status: 503, body: "<html><body>Busy</body></html>" },
    { status: 504, body: "" },
  ])(
    "may have taken in spite of an error of its own, and is not tried again: HTTP $status $body",
    async (row) => {
      aws.troubles.push((response) => response.writeHead(row.status).end(row.body));
      expect(await errorFrom(aws.url)).toMatchObject({ name: "AwsCallError" });
      expect(aws.calls).toHaveLength(1);
    },
  );

  it.each<[string, () => Promise<Error>]>([
    [
      "refuses to connect",
      async () => {
        const gone = await startHost(() => {});
        await gone.close();
        return errorFrom(gone.url);
      },
    ],
    [
      "refuses to connect at each of its addresses",
      async () => {
        const gone = await startHost(() => {});
        await gone.close();
        return errorFrom(`http://localhost:${gone.port}`);
      },
    ],
    ["nobody knows by its name", () => errorFrom("http://sns.invalid")],
    [
      "does not accept the connection",
      () =>
        errorFrom("http://localhost", {
          requestHandler: { ...requestHandler, connectionTimeout: 50, httpAgent: { lookup: () => {} } },
        }),
    ],
    [
      "gets without credentials",
      () => errorFrom(aws.url, { credentials: () => Promise.reject(credentialsProviderError()) }),
    ],
  ])("%s is certainly not published", async (_title, publish) => {
    expect(await publish()).toMatchObject({ name: "NotPublishedError" });
    expect(aws.calls).toEqual([]);
  });

  it("has a certificate that nobody trusts for is certainly not published", async () => {
    const stranger = await listen(createHttpsServer(LOCALHOST_TLS, (_request, response) => response.end()));
    expect(await errorFrom(`https://localhost:${stranger.port}`)).toMatchObject({
      name: "NotPublishedError",
      message: expect.stringContaining("self-signed certificate"),
    });
    await stranger.close();
  });

  it.each<[string, (socket: Socket) => void]>([
    ["speaks no TLS", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["hangs up in the handshake", (socket) => socket.end()],
    // A TLS alert: fatal, handshake failure.
    ["refuses the handshake", (socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))],
  ])("%s is certainly not published", async (_title, serve) => {
    const stranger = await startHost(serve);
    expect(await errorFrom(`https://localhost:${stranger.port}`)).toMatchObject({
      name: "NotPublishedError",
    });
    await stranger.close();
  });

  it.each<{ does: string; answer: (response: ServerResponse) => unknown; limits?: object; callMs?: number }>([
    { does: "gets and resets", answer: (response) => response.socket?.resetAndDestroy() },
    { does: "gets and hangs up", answer: (response) => response.destroy() },
    { does: "gets and never answers", answer: () => {}, limits: HASTY },
    {
      does: "gets and does not answer before the call is over",
      answer: () => {},
      callMs: 100,
    },
    {
      does: "answers in part",
      answer: (response) =>
        response.writeHead(200, { "content-length": "100" }).write("<Publish", () => response.destroy()),
    },
    {
      does: "answers and stalls",
      answer: (response) => response.writeHead(200, { "content-length": "100" }).write("<"),
      limits: HASTY,
    },
    { does: "answers without an id", answer: (response) => response.end("<html><body>Hi</body></html>") },
    { does: "answers with nothing", answer: (response) => response.end() },
    { does: "answers with other text", answer: (response) => response.end("plain") },
  ])("$does may have been heard, and is not tried again", async ({ answer, limits, callMs }) => {
    aws.troubles.push(answer);
    expect(await errorFrom(aws.url, limits, callMs)).toMatchObject({
      name: "AwsCallError",
      message: expect.stringContaining(`sns:Publish to ${TOPIC_ARN} failed: `),
    });
    expect(aws.calls).toHaveLength(1);
  });

  it.each(["http", "https"])(
    "resets as soon as it is spoken to by %s may have been heard: the error does not tell",
    async (protocol) => {
      const host = await startHost((socket) => socket.resetAndDestroy());
      expect(await errorFrom(`${protocol}://localhost:${host.port}`)).toMatchObject({ name: "AwsCallError" });
      await host.close();
    },
  );
});

describe("an AWS in trouble", () => {
  const { requestHandler } = AWS_CLIENT_LIMITS;
  const SHORT_MS = 100;
  const PATIENT_MS = 20_000;

  const failing = (response: ServerResponse) => response.writeHead(500).end();
  const silent = () => {};
  const stalling = (response: ServerResponse) =>
    response.writeHead(200, { "content-length": "100" }).write("{");
  const dripping = (response: ServerResponse) => {
    response.writeHead(200);
    const drops = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(drops));
  };

  type Call = (limits: object, callMs: number) => Promise<unknown>;
  const parameters = (limits: object, callMs: number) =>
    createParameters(new SSMClient({ ...ssmOptions(), ...limits }), NAMES, callMs);
  const topic = (limits: object, callMs: number) =>
    createTopic(new SNSClient({ ...snsOptions(), ...limits }), TOPIC_ARN, callMs);
  const toSsm: [string, Call][] = [
    ["SSM", (limits, callMs) => parameters(limits, callMs).readParameters()],
    ["SSM, to write,", (limits, callMs) => parameters(limits, callMs).saveMemory("{}")],
  ];
  const toSns: [string, Call][] = [
    ["SNS", (limits, callMs) => topic(limits, callMs).countSubscribers()],
    ["SNS, to publish,", (limits, callMs) => topic(limits, callMs).publish(MESSAGE)],
  ];
  const calls = [...toSsm, ...toSns];

  it.each(toSsm)("a call to %s that fails four times is made five times", async (_service, call) => {
    aws.troubles.push(failing, failing, failing, failing);
    await call({}, PATIENT_MS);
    expect(aws.calls).toHaveLength(5);
  });

  it.each(toSns)("a call to %s is made once", async (_service, call) => {
    aws.troubles.push(failing);
    await expect(call({}, PATIENT_MS)).rejects.toThrow();
    expect(aws.calls).toHaveLength(1);
  });

  it.each(calls)("a call to %s that is not answered is given up", async (_service, call) => {
    aws.troubles.push(silent);
    const limits = {
      maxAttempts: 1,
      requestHandler: { ...requestHandler, requestTimeout: SHORT_MS, socketTimeout: 0 },
    };
    await expect(call(limits, PATIENT_MS)).rejects.toThrow(/TimeoutError: .* requestTimeout/);
  });

  it.each(calls)("a call to %s whose body stalls is given up and made again", async (_service, call) => {
    aws.troubles.push(stalling, stalling);
    const limits = { maxAttempts: 2, requestHandler: { ...requestHandler, socketTimeout: SHORT_MS } };
    await expect(call(limits, PATIENT_MS)).rejects.toThrow(/TimeoutError: .* of inactivity/);
    expect(aws.calls).toHaveLength(2);
  });

  it.each(calls)("a call to %s whose body drips is cut off", async (_service, call) => {
    aws.troubles.push(dripping);
    await expect(call({}, 2 * SHORT_MS)).rejects.toThrow("failed: TimeoutError: no whole answer in time");
  });
});
