import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseMemory } from "../../lambda/policy/memory.ts";
import { credits, type KieStandIn, kieError, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import {
  type DeployedCode,
  type DeployedFunction,
  deploy,
  invoke,
  readCode,
  readFunction,
} from "../support/deployment.ts";
import { hasMoto, type Moto, startMoto } from "../support/moto.ts";
import { MARKERS, startWebhookStandIns, type WebhookStandIns } from "../support/webhook-stand-ins.ts";
import { startWiretap, type Wiretap } from "../support/wiretap.ts";

const KEY = "canary-0123456789abcdef0123456789abcdef";

interface Envelope {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

describe.skipIf(!hasMoto())("the deployed check", () => {
  let moto: Moto;
  let kie: KieStandIn;
  let folder: string;
  let deployed: DeployedFunction;
  /** The function of the webhook. */
  let webhook: DeployedCode;
  let services: WebhookStandIns;
  let wiretap: Wiretap;
  /** Whether SNS refuses to publish. */
  let isRefused = false;
  let queue: string;
  let sqs: SQSClient;
  let ssm: SSMClient;
  /** All that was printed, logged, sent or saved, to be searched for the key. */
  const said: string[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    wiretap = await startWiretap(moto.url, async ({ body }) =>
      isRefused && body.includes("Action=Publish")
        ? {
            status: 403,
            body: "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>",
          }
        : null,
    );
    kie = await startKieStandIn(credits(5000));
    folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
    services = await startWebhookStandIns();
    const people = { emails: ["me@example.com"], phones: ["+15551234567"] };
    said.push(await deploy(moto.env, folder, { ...people, webhooks: [{ name: "team", kind: "slack" }] }));
    deployed = await readFunction(moto, join(folder, "code"), "kie");
    webhook = await readCode(moto, join(folder, "webhook"), "Webhooksteam");

    sqs = new SQSClient(moto.client);
    ssm = new SSMClient(moto.client);
    await ssm.send(
      new PutParameterCommand({
        Name: "/kie-credit-alert/kie/api-key",
        Type: "SecureString",
        Value: `${KEY}\n`,
      }),
    );
    // The emulator's CloudFormation knows no subscriptions, so the queue is subscribed by hand.
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: "alerts", Attributes: { VisibilityTimeout: "3600" } }),
    );
    queue = String(QueueUrl);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    await new SNSClient(moto.client).send(
      new SubscribeCommand({
        TopicArn: deployed.config.topicArn,
        Protocol: "sqs",
        Endpoint: Attributes?.["QueueArn"],
      }),
    );
  });
  afterAll(async () => {
    await wiretap?.close();
    await moto?.stop();
    await kie?.close();
    await services?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  async function check(event: unknown = {}) {
    const env = { ...moto.env, AWS_ENDPOINT_URL_SNS: wiretap.url, KIE_BASE_URL: kie.url };
    const { report, log } = await invoke(deployed, env, event);
    said.push(log, JSON.stringify(report) ?? "");
    return { report, log };
  }

  /** All that waits in the queue. */
  async function received(): Promise<Envelope[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }),
    );
    said.push(...Messages.map(({ Body }) => Body ?? ""));
    return Messages.map(({ Body }) => JSON.parse(Body ?? "") as Envelope);
  }

  async function remembered() {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: deployed.config.memoryParameter }));
    said.push(Parameter?.Value ?? "");
    return parseMemory(Parameter?.Value);
  }

  /** Takes the last reading for one of so many minutes earlier. */
  async function letPass(minutes: number): Promise<void> {
    const Name = deployed.config.memoryParameter;
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    const document = JSON.parse(Parameter?.Value ?? "");
    document.seen.use.last.at -= minutes * 60_000;
    await ssm.send(new PutParameterCommand({ Name, Value: JSON.stringify(document), Overwrite: true }));
  }

  it("that is healthy publishes nothing, and remembers what it saw", async () => {
    const { report } = await check();
    expect(report).toMatchObject({
      account: "kie",
      credits: 5000,
      level: "ok",
      failure: null,
      alert: null,
      // The queue; the emulator's CloudFormation makes no other subscriptions.
      audience: { emails: 0, phones: 0, others: 1, pending: 0 },
    });
    expect(await received()).toEqual([]);
    expect(await remembered()).toMatchObject({
      memory: {
        seen: { level: "ok", failing: null, use: { last: { credits: 5000 } } },
        told: { level: "ok", noReading: null },
        sending: null,
      },
      problem: null,
    });
    expect(kie.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it("of credits that fell below a threshold arrives once, with subject, text and attributes", async () => {
    kie.answer(credits(212.5));
    const { report } = await check();
    const subject = "Kie CRITICAL: 212.5 credits left";
    expect(report).toMatchObject({
      level: "critical",
      alert: { kind: "raised", severity: "critical", subject },
    });

    const messages = await received();
    expect(messages).toHaveLength(1);
    expect(messages[0]?.Subject).toBe(subject);
    expect(JSON.parse(messages[0]?.Message ?? "")).toMatchObject({
      version: 2,
      alert: { kind: "raised" },
      account: "kie",
      credits: 212.5,
      level: "critical",
      previousLevel: "ok",
      cause: { by: "credits", threshold: 300, withinMargin: false },
    });
    const attributes = Object.entries(messages[0]?.MessageAttributes ?? {});
    expect(Object.fromEntries(attributes.map(([name, { Value }]) => [name, Value]))).toEqual({
      severity: "critical",
      kind: "raised",
      level: "critical",
      account: "kie",
      sms: "yes",
      "AWS.SNS.SMS.SMSType": "Transactional",
    });
    expect(await remembered()).toMatchObject({
      memory: { seen: { level: "critical" }, told: { level: "critical", bySms: true }, sending: null },
    });
  });

  it("has a text of its own for each channel", () => {
    // The emulator takes none to an inbox or a phone, so they are read on their way to it.
    const published = wiretap.sent
      .map((body) => new URLSearchParams(body))
      .filter((form) => form.get("Action") === "Publish");
    expect(published).toHaveLength(1);
    const texts = JSON.parse(published[0]?.get("Message") ?? "");
    expect(texts).toMatchObject({
      email: expect.stringMatching(/^kie has only 212\.5 credits left\. /),
      sms: "kie CRITICAL: 212.5 credits left. Top up: kie.ai/billing (Automatic top-up, if on, has not happened.)",
    });
    expect(texts.default).toBe(texts.email);
  });

  it("of credits that stay low is silent", async () => {
    expect(await check()).toMatchObject({ report: { level: "critical", alert: null } });
    expect(await received()).toEqual([]);
  });

  it("of credits that are back arrives once", async () => {
    kie.answer(credits(9000));
    await check();
    const messages = await received();
    expect(messages.map(({ Subject }) => Subject)).toEqual(["Kie OK: 9,000 credits left"]);
    expect(messages[0]?.MessageAttributes["kind"]?.Value).toBe("recovered");
    await check();
    expect(await received()).toEqual([]);
  });

  it("of a key that is refused, as HTTP 200 with code 401 in the body, is silent until it lasts", async () => {
    kie.answer(kieError(401, `The key ${KEY} has no access`));
    await check();
    expect(await received()).toEqual([]);
    await letPass(30);
    const { report } = await check();
    expect(report).toMatchObject({
      credits: null,
      level: "ok",
      failure: { reason: "unauthorized", permanent: true, since: expect.any(String) },
    });
    const messages = await received();
    expect(messages.map(({ Subject }) => Subject)).toEqual(["Kie BALANCE UNKNOWN: Kie refuses the key"]);
    expect(await remembered()).toMatchObject({
      memory: {
        seen: { level: "ok", failing: { checks: 2 } },
        told: { level: "ok", noReading: { isPermanent: true } },
      },
    });
  });

  it("whose message SNS refuses throws, and tells it at the next check, once", async () => {
    kie.answer(credits(9000));
    await check();
    await received();
    kie.answer(credits(50));
    isRefused = true;
    const { report, log } = await check();
    isRefused = false;
    expect(report).toBeUndefined();
    expect(log).toContain("NotPublishedError: sns:Publish to");
    expect(await check()).toMatchObject({ report: { alert: { kind: "raised" } } });
    expect(await check()).toMatchObject({ report: { alert: null } });
    expect((await received()).map(({ Subject }) => Subject)).toEqual(["Kie CRITICAL: 50 credits left"]);
  });

  it("by hand is a dry run, a test, or an answer to whether the balance is enough", async () => {
    kie.answer(credits(700));
    expect(await check({ dryRun: true, need: 1530 })).toMatchObject({
      report: { alert: { kind: "eased", messageId: null }, need: { credits: 1530, enough: false } },
    });
    expect(await received()).toEqual([]);
    expect(await check({ test: true })).toMatchObject({ report: { alert: { kind: "test" } } });
    expect((await received()).map(({ Subject }) => Subject)).toEqual(["Kie TEST, WARNING: 700 credits left"]);
  });

  it("is told in a chat by the webhook's function, which SNS calls with what was published", async () => {
    await ssm.send(
      new PutParameterCommand({
        Name: "/kie-credit-alert/webhooks/team",
        Type: "SecureString",
        Value: `${services.addressOf("slack")}\n`,
      }),
    );
    kie.answer(credits(700));
    await check({ test: true });
    const [envelope] = await received();
    // What SNS puts around it for Lambda: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
    const event = {
      Records: [
        {
          EventVersion: "1.0",
          EventSubscriptionArn: `${deployed.config.topicArn}:1`,
          EventSource: "aws:sns",
          Sns: { ...envelope, UnsubscribeUrl: "https://example.com", SigningCertUrl: "https://example.com" },
        },
      ],
    };
    const { report, log } = await invoke(webhook, moto.env, event);
    said.push(log);
    expect(report, log).toBeNull();
    const { text } = JSON.parse(envelope?.Message ?? "");
    expect(text).toMatch(/^Kie TEST, WARNING: 700 credits left\n/);
    expect(services.arrivals.map(({ shown }) => shown)).toEqual([text]);

    services.troubles.push((response, path) => response.writeHead(404).end(`no_service ${path}`));
    const refused = await invoke(webhook, moto.env, event);
    said.push(refused.log);
    expect(refused.report).toBeUndefined();
    expect(refused.log).toMatch(
      /^errorType: WebhookError\nWebhookError: 127\.0\.0\.1:\d+ answered 404: "no_service /,
    );
  });

  it("of an event that nobody knows ends with an error that names it", async () => {
    const { report, log } = await check({ dryrun: true });
    expect(report).toBeUndefined();
    expect(log).toContain("InvalidInputError: Invalid event:");
    expect(log).toContain("dryrun: unknown name");
  });

  it("has shown the key to nobody but Kie", () => {
    expect(said.length).toBeGreaterThan(20);
    expect([...said, ...wiretap.sent.map(decodeURIComponent)].join("\n")).not.toContain(KEY);
    expect(JSON.stringify(deployed.environment)).not.toContain(KEY);
  });

  it("has shown the webhook's address to nobody but SSM", () => {
    for (const marker of MARKERS) expect([...said, JSON.stringify(webhook)].join("\n")).not.toContain(marker);
  });
});
