import type { ServerResponse } from "node:http";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AWS_CLIENT_LIMITS } from "../../../lambda/adapters/aws.ts";
import { createParameters } from "../../../lambda/adapters/parameters.ts";
import { createTopic } from "../../../lambda/adapters/topic.ts";
import type { Message } from "../../../lambda/messages/message.ts";
import { type AwsStandIn, STAND_IN_CREDENTIALS, startAwsStandIn } from "../../support/aws-stand-in.ts";

const NAMES = { apiKeyParameter: "/kie/api-key", memoryParameter: "/kie/memory" };
const TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:alerts";
const MESSAGE: Message = {
  subject: "subject",
  texts: { email: "email\n", sms: "sms", machine: '{"version":1}' },
  attributes: { severity: "critical", kind: "raised", level: "critical", account: "kie", sms: "yes" },
};

let aws: AwsStandIn;
beforeEach(async () => {
  aws = await startAwsStandIn();
});
afterEach(() => aws.close());

const options = () => ({ ...STAND_IN_CREDENTIALS, ...AWS_CLIENT_LIMITS, endpoint: aws.url, maxAttempts: 1 });

describe("parameters", () => {
  const parameters = () => createParameters(new SSMClient(options()), NAMES);

  it("reads key and memory in one call, decrypted", async () => {
    aws.parameters.set(NAMES.apiKeyParameter, "secret").set(NAMES.memoryParameter, "{}");
    expect(await parameters().readParameters()).toEqual({ apiKey: "secret", memory: "{}" });
    expect(aws.calls).toEqual([
      { action: "GetParameters", input: { Names: ["/kie/api-key", "/kie/memory"], WithDecryption: true } },
    ]);
  });

  it("says what is missing by undefined", async () => {
    expect(await parameters().readParameters()).toEqual({ apiKey: undefined, memory: undefined });
    aws.parameters.set(NAMES.memoryParameter, "{}");
    expect(await parameters().readParameters()).toEqual({ apiKey: undefined, memory: "{}" });
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

  it("throws what SSM refused, and for which parameters", async () => {
    aws.refusals.set("GetParameters", "AccessDeniedException").set("PutParameter", "TooManyUpdates");
    await expect(parameters().readParameters()).rejects.toThrow(
      "ssm:GetParameters of /kie/api-key and /kie/memory failed: AccessDeniedException: refused: GetParameters",
    );
    await expect(parameters().saveMemory("{}")).rejects.toThrow(
      "ssm:PutParameter of /kie/memory failed: TooManyUpdates: refused: PutParameter",
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
  const topic = () => createTopic(new SNSClient(options()), TOPIC_ARN);

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

  it("counts who hears it", async () => {
    expect(await topic().audience()).toEqual({ confirmed: 2, pending: 1 });
    expect(aws.calls).toMatchObject([{ action: "GetTopicAttributes", input: { TopicArn: TOPIC_ARN } }]);
  });

  it("counts nobody where SNS names no number", async () => {
    aws.audience = null;
    expect(await topic().audience()).toEqual({ confirmed: 0, pending: 0 });
  });

  it("throws what SNS refused", async () => {
    aws.refusals.set("Publish", "NotFound").set("GetTopicAttributes", "AuthorizationError");
    await expect(topic().publish(MESSAGE)).rejects.toThrow(
      `sns:Publish to ${TOPIC_ARN} failed: NotFoundException: refused: Publish`,
    );
    await expect(topic().audience()).rejects.toThrow(
      `sns:GetTopicAttributes of ${TOPIC_ARN} failed: AuthorizationErrorException: refused: GetTopicAttributes`,
    );
  });
});

it("an AWS that can't be reached is an error that names the call", async () => {
  const client = new SSMClient(options());
  await aws.close();
  await expect(createParameters(client, NAMES).readParameters()).rejects.toThrow(
    /ssm:GetParameters .*ECONNREFUSED/,
  );
  aws = await startAwsStandIn();
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

  /** One call to each service. */
  const calls: [string, (limits: object, callMs: number) => Promise<unknown>][] = [
    [
      "SSM",
      (limits, callMs) =>
        createParameters(new SSMClient({ ...options(), ...limits }), NAMES, callMs).readParameters(),
    ],
    [
      "SSM, to write,",
      (limits, callMs) =>
        createParameters(new SSMClient({ ...options(), ...limits }), NAMES, callMs).saveMemory("{}"),
    ],
    [
      "SNS",
      (limits, callMs) =>
        createTopic(new SNSClient({ ...options(), ...limits }), TOPIC_ARN, callMs).audience(),
    ],
    [
      "SNS, to publish,",
      (limits, callMs) =>
        createTopic(new SNSClient({ ...options(), ...limits }), TOPIC_ARN, callMs).publish(MESSAGE),
    ],
  ];

  it.each(calls)("a call to %s that fails twice is made three times", async (_service, call) => {
    aws.troubles.push(failing, failing);
    await call(AWS_CLIENT_LIMITS, PATIENT_MS);
    expect(aws.calls).toHaveLength(3);
  });

  it.each(calls)("a call to %s that is not answered is given up", async (_service, call) => {
    aws.troubles.push(silent);
    const limits = { requestHandler: { ...requestHandler, requestTimeout: SHORT_MS, socketTimeout: 0 } };
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
    await expect(call(AWS_CLIENT_LIMITS, 2 * SHORT_MS)).rejects.toThrow(
      "failed: TimeoutError: no whole answer in time",
    );
  });
});
