import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, ListStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import {
  DeleteParameterCommand,
  GetParameterHistoryCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as confirmMain } from "../../local/confirm/confirm.ts";
import { credits, type KieStandIn, kieError, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { main as setupMain } from "../../local/setup/setup.ts";
import { type Outcome, run, start } from "../support/command.ts";
import {
  type DeployedFunction,
  invoke,
  readFunction,
  setupEnvironment,
  writeCdkJson,
} from "../support/deployment.ts";
import { hasMoto, type Moto, startMoto } from "../support/moto.ts";
import { linkOf, tokenOf } from "../support/sns-stand-in.ts";
import { createStrictAws, type StrictAws } from "../support/strict-aws.ts";
import { MARKERS, startWebhookStandIns, type WebhookStandIns } from "../support/webhook-stand-ins.ts";
import { type OwnAnswer, type Passing, startWiretap, type Wiretap } from "../support/wiretap.ts";

const KEY = "canary-0123456789abcdef0123456789abcdef";
const EMAIL = "me@example.com";
const PHONE = "+4915112345667";

describe.skipIf(!hasMoto())("npm run setup, in one AWS account from its first day on", () => {
  let moto: Moto;
  let kie: KieStandIn;
  let services: WebhookStandIns;
  let folder: string;
  let aws: Wiretap;
  let strict: StrictAws;
  let sns: SNSClient;
  let sqs: SQSClient;
  let queue: string;
  let deployed: DeployedFunction | undefined;
  /** Whether SNS says of all emails that they wait for their link. */
  let isPending = false;
  /** All that was printed, logged or written. */
  const said: string[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    kie = await startKieStandIn(credits(12_400));
    services = await startWebhookStandIns();
    folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
    // What the CDK's processes have in their environment is searched for the key, too. And the host is a strict one.
    writeCdkJson(folder, "env > environment.txt && umask 077 &&");
    strict = createStrictAws(moto.url);
    aws = await startWiretap(
      moto.url,
      async (passing) =>
        (await runFunction(passing)) ??
        pend(passing) ??
        forgetChangeSet(passing) ??
        (await strict.answer(passing)),
    );
    sns = new SNSClient(moto.client);
    sqs = new SQSClient(moto.client);
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: "alerts", Attributes: { VisibilityTimeout: "3600" } }),
    );
    queue = String(QueueUrl);
  });
  afterAll(async () => {
    await aws?.close();
    await moto?.stop();
    await kie?.close();
    await services?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** lambda:Invoke: the emulator would need Docker, so the deployed code is run under this Node. */
  async function runFunction({ path, body }: Passing): Promise<OwnAnswer | null> {
    if (!/^\/2015-03-31\/functions\/[^/]+\/invocations/.test(path)) return null;
    if (deployed === undefined) {
      deployed = await readFunction(moto, join(folder, "code"), "kie");
      await subscribeQueue(String(deployed.config.topicArn));
    }
    const env = { ...moto.env, KIE_BASE_URL: kie.url };
    const { report, log } = await invoke(deployed, env, JSON.parse(body || "{}"));
    said.push(log);
    return { body: JSON.stringify(report) };
  }

  function forgetCode(): void {
    deployed = undefined;
  }

  async function subscribeQueue(TopicArn: string): Promise<void> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }),
    );
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.["QueueArn"] }));
  }

  /** sns:ListSubscriptionsByTopic: the emulator confirms all subscriptions at once. */
  function pend({ body }: Passing): OwnAnswer | null {
    if (!isPending || !body.includes("Action=ListSubscriptionsByTopic")) return null;
    return {
      body: `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member><Protocol>email</Protocol><Endpoint>${EMAIL}</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member><member><Protocol>sms</Protocol><Endpoint>${PHONE}</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
    };
  }

  /** cloudformation:DeleteChangeSet: the emulator fails if there is none under that name. */
  function forgetChangeSet({ body }: Passing): OwnAnswer | null {
    if (!body.includes("Action=DeleteChangeSet")) return null;
    return {
      body: "<DeleteChangeSetResponse><DeleteChangeSetResult></DeleteChangeSetResult></DeleteChangeSetResponse>",
    };
  }

  async function setup(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    input = "",
  ): Promise<Outcome> {
    const { process: child, outcome } = start(
      "local/setup/setup.ts",
      ["--yes", "--base-url", kie.url, ...args],
      { ...setupEnvironment(moto, aws.url, folder), ...env },
      folder,
    );
    child.stdin?.end(input);
    const { code, stdout, stderr } = await outcome;
    said.push(stdout, stderr);
    return { code, stdout, stderr };
  }

  /** In this process, where nobody waits. */
  async function runHere(
    main: typeof setupMain,
    args: readonly string[],
    env = {},
    input = "",
  ): Promise<Outcome> {
    const outcome = await run(
      main,
      args,
      { ...setupEnvironment(moto, aws.url, folder), ...env },
      { cwd: folder, input },
    );
    said.push(outcome.stdout, outcome.stderr);
    return outcome;
  }

  const settings = () => readFileSync(join(folder, "settings.json"), "utf8");

  async function received(): Promise<string[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body }) => JSON.parse(Body ?? "").Subject);
  }

  /** What a second run could have done twice. */
  async function made() {
    const { Parameters = [] } = await new SSMClient(moto.client).send(
      new GetParameterHistoryCommand({ Name: "/kie-credit-alert/kie/api-key", WithDecryption: true }),
    );
    const { StackSummaries = [] } = await new CloudFormationClient(moto.client).send(
      new ListStacksCommand({}),
    );
    const { Subscriptions = [] } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: deployed?.config.topicArn }),
    );
    return {
      keys: Parameters.map(({ Type, Value }) => `${Type} ${Value}`),
      stacks: StackSummaries.map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`).sort(),
      people: Subscriptions.map(({ Protocol }) => Protocol).sort(),
    };
  }

  it("stores no key from standard input that Kie refuses, and says why without showing it", async () => {
    kie.answer(kieError(401, `no access with ${KEY}`));
    const { code, stderr } = await setup(["--email", EMAIL], {}, `${KEY}\n`);
    expect(stderr).toMatch(/^The Kie key of kie does not work\. unauthorized: /);
    expect(code).toBe(3);
    expect(aws.sent.join()).not.toContain("SecureString");
  });

  it("comes to a test message in one command", async () => {
    kie.answer(credits(12_400));
    const { code, stdout, stderr } = await setup(
      ["--email", EMAIL, "--phone", "+49 151 123456-67", "--warning-credits", "2000", "--webhook", "team"],
      { KIE_API_KEY: `KIE_API_KEY="Bearer ${KEY}"\n` },
      `${services.addressOf("json")}\n`,
    );
    expect(stderr).toBe("");
    expect(stdout).toContain("Taken off: what stood around the key");
    expect(stdout).toContain("✔ Kie key of kie: 12,400 credits. Stored encrypted in SSM");
    expect(stdout).toContain(
      '✔ Webhook team: "Kie credit alert is connected." is there. Its address is stored',
    );
    expect(services.arrivals).toHaveLength(1);
    expect(stdout).toContain("✔ First check of kie: 12,400 credits, level ok\n");
    expect(code).toBe(0);
    expect(settings()).toBe(`{
  "$schema": "./settings.schema.json",
  "emails": ["${EMAIL}"],
  "phones": ["${PHONE}"],
  "everyMinutes": 15,
  "timeZone": "Europe/Berlin",
  "warningCredits": 2000,
  "criticalCredits": 300,
  "dashboard": false,
  "webhooks": [{"name":"team"}]
}
`);
    expect(await received()).toEqual(["Kie TEST, OK: 12,400 credits left"]);
    expect(await made()).toEqual({
      keys: [`SecureString ${KEY}`],
      stacks: ["CDKToolkit CREATE_COMPLETE", "KieCreditAlert CREATE_COMPLETE"],
      people: ["email", "sms", "sqs"],
    });
    expect(deployed?.config).toMatchObject({ warningCredits: 2000, timeZone: "Europe/Berlin" });
  });

  it("deploys code that Lambda can read, though the host's umask is 077", () => {
    expect(deployed?.modes).toEqual(["644"]);
  });

  it("subscribes phones to what is for phones alone", async () => {
    const { Subscriptions = [] } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: deployed?.config.topicArn }),
    );
    const phone = Subscriptions.find(({ Protocol }) => Protocol === "sms");
    const { Attributes } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: phone?.SubscriptionArn }),
    );
    expect(JSON.parse(Attributes?.["FilterPolicy"] ?? "")).toEqual({ sms: ["yes"] });
  });

  it("changes nothing if it is run again", async () => {
    const [before, file] = [await made(), settings()];
    const { code, stdout, stderr } = await setup([]);
    expect(stderr).toBe("");
    expect(stdout).toContain("✔ Kie key of kie: stored, and it works: 12,400 credits\n");
    expect(stdout).toContain("✔ Webhook team: its address is stored\n");
    expect(services.arrivals).toHaveLength(1);
    expect(stdout).not.toMatch(/Written|Bootstrapping|Subscribed/);
    expect(code).toBe(0);
    expect(settings()).toBe(file);
    expect(await made()).toEqual(before);
    expect(stdout).toContain("nothing had changed");
    expect(await received()).toEqual(["Kie TEST, OK: 12,400 credits left"]);
  });

  it("takes nobody away whom the settings of this machine do not name", async () => {
    const file = settings();
    const accounts = [{ name: "music", apiKeyParameter: "/kie-credit-alert/kie/api-key" }];
    writeFileSync(join(folder, "settings.json"), JSON.stringify({ emails: [EMAIL], accounts }));
    const { code, stdout, stderr } = await setup([]);
    writeFileSync(join(folder, "settings.json"), file);
    expect(stderr).toMatch(
      /^KieCreditAlert has more than settings\.json here names; a deployment would remove: \+4915112345667, the account kie, the webhook team\. Take /,
    );
    expect(stdout).not.toContain("Deploying");
    expect(code).toBe(3);
  });

  it("brings back somebody whom a link in a mail has unsubscribed", async () => {
    const before = await made();
    const { Subscriptions = [] } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: deployed?.config.topicArn }),
    );
    const email = Subscriptions.find(({ Protocol }) => Protocol === "email");
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: email?.SubscriptionArn }));
    const { code, stdout, stderr } = await setup([]);
    expect(stderr).toBe("");
    expect(stdout).toContain(`✔ Subscribed again: ${EMAIL}\n`);
    expect(code).toBe(0);
    expect(await made()).toEqual(before);
  });

  it("ends with 1 if nobody has confirmed, and says how long the link is valid", async () => {
    isPending = true;
    const { code, stdout, stderr } = await setup([]);
    expect(stderr).toBe("");
    isPending = false;
    expect(stdout).toMatch(/^⚠ Not confirmed yet: me@example\.com, .* is valid for 48 h: npm run confirm/m);
    expect(stdout).not.toMatch(/Test message sent/);
    expect(code).toBe(1);
  });

  it("ends with 1 if the first check gives no reading, and does not say that all is well", async () => {
    kie.answer(kieError(455, "maintenance"));
    const { code, stdout } = await setup([]);
    kie.answer(credits(12_400));
    expect(stdout).toContain("⚠ First check of kie: no reading: maintenance: ");
    expect(stdout).toMatch(/^Done, but a check or the test message failed: see above\.$/m);
    expect(code).toBe(1);
  });

  it("replaces a key in plain text by an encrypted one, though SSM wants time between the two", async () => {
    const before = await made();
    const ssm = new SSMClient(moto.client);
    const Name = "/kie-credit-alert/kie/api-key";
    await ssm.send(new DeleteParameterCommand({ Name }));
    await ssm.send(new PutParameterCommand({ Name, Type: "String", Value: KEY }));
    const args = ["--yes", "--base-url", kie.url, "--new-key"];
    const { code, stdout, stderr } = await runHere(setupMain, args, { KIE_API_KEY: KEY });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/is a String, .* AWS wants half a minute.*✔ Storing it encrypted: done/s);
    expect(code).toBe(0);
    expect(strict.refused).toEqual(["TooManyUpdates", "TooManyUpdates"]);
    expect(await made()).toEqual(before);
  });

  it("subscribes again, by confirm, an email that a click has confirmed", async () => {
    const before = await made();
    const TopicArn = deployed?.config.topicArn;
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const email = Subscriptions.find(({ Protocol }) => Protocol === "email");
    strict.clicked = { arn: email?.SubscriptionArn ?? "", endpoint: EMAIL };
    strict.forgetsLate = 2;
    const link = linkOf(tokenOf(1), EMAIL, TopicArn);
    const { code, stdout, stderr } = await runHere(confirmMain, ["--yes"], {}, link);
    strict.clicked = null;
    expect(stderr).toBe("");
    expect(stdout).toMatch(/was confirmed already, by a click.*SNS still has the old.*is subscribed again/s);
    expect(code).toBe(1);
    expect(await made()).toEqual(before);
    // What SNS takes of an email alone.
    expect(aws.sent.filter((body) => /Action=Subscribe\b/.test(body)).join()).not.toContain("RawMessage");
  });

  it("goes on after a first deployment that failed, with the phone that was put right", async () => {
    const before = await made();
    const right = "+4915112345668";
    writeFileSync(join(folder, "settings.json"), settings().replace(PHONE, right));
    strict.isRolledBack = true;
    forgetCode();
    const { code, stdout, stderr } = await setup([]);
    expect(stderr).toBe("");
    expect(stdout).toContain(
      "⚠ The deployment before this one failed: Phone: Invalid parameter: PhoneNumber\n",
    );
    expect(stdout).toContain("✔ Deploying: done");
    expect(code).toBe(0);
    expect(strict.isRolledBack).toBe(false);
    expect((await made()).people).toEqual(before.people);
    const TopicArn = deployed?.config.topicArn;
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions.map(({ Endpoint }) => Endpoint)).toContain(right);
  });

  it("has shown the key to nobody but Kie and SSM", () => {
    const stored = aws.sent.filter((body) => body.includes(KEY));
    expect(new Set(stored.map((body) => JSON.parse(body).Type))).toEqual(new Set(["SecureString"]));
    const addresses = aws.sent.filter((body) => MARKERS.some((marker) => body.includes(marker)));
    expect(addresses.map((body) => JSON.parse(body).Type)).toEqual(["SecureString"]);
    expect(said.length).toBeGreaterThan(10);
    const environment = readFileSync(join(folder, "environment.txt"), "utf8");
    expect(environment).toContain("AWS_REGION=us-east-1");
    const texts = [...said, settings(), environment].join("\n");
    for (const secret of [KEY, ...MARKERS]) expect(texts).not.toContain(secret);
  });
});
