import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  SetSMSAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { main as checkMain } from "../../local/check/check.ts";
import { main as confirmMain } from "../../local/confirm/confirm.ts";
import { credits, type KieStandIn, kieError, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { main as doctorMain } from "../../local/doctor/doctor.ts";
import { type Outcome, run, start } from "../support/command.ts";
import {
  addOutputs,
  DASHBOARD,
  type DeployedCode,
  type DeployedFunction,
  deploy,
  describeAlarms,
  invoke,
  readCode,
  readFunction,
} from "../support/deployment.ts";
import { hasMoto, type Moto, startMoto } from "../support/moto.ts";
import { type OwnAnswer, type Passing, startWiretap, type Wiretap } from "../support/wiretap.ts";

const KEY = "canary-0123456789abcdef0123456789abcdef";
const EMAIL = "me@example.com";
const PHONE = "+4915112345667";

describe.skipIf(!hasMoto())("what is asked by hand of a deployed stack with two accounts", () => {
  let moto: Moto;
  let kie: KieStandIn;
  let folder: string;
  let aws: Wiretap;
  let deployed: Record<string, DeployedFunction>;
  /** The function of the webhook. */
  let webhook: DeployedCode;
  /** What AWS would answer to a call; each test may add some. */
  let answers: ((passing: Passing) => OwnAnswer | Promise<OwnAnswer | null> | null)[];
  /** All that was printed. */
  const said: string[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    kie = await startKieStandIn(credits(5000));
    folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
    await deploy(moto.env, folder, {
      emails: [EMAIL],
      phones: [PHONE],
      accounts: [{ name: "music-2" }, { name: "video" }],
      webhooks: [{ name: "team" }],
      timeZone: "Europe/Berlin",
    });
    aws = await startWiretap(moto.url, async (passing) => {
      for (const answer of answers) {
        const own = await answer(passing);
        if (own !== null) return own;
      }
      return null;
    });
    deployed = {
      "music-2": await readFunction(moto, join(folder, "music"), "music"),
      video: await readFunction(moto, join(folder, "video"), "video"),
    };
    webhook = await readCode(moto, join(folder, "webhook"), "Webhooksteam");
    const ssm = new SSMClient(moto.client);
    await ssm.send(
      new PutParameterCommand({
        Name: "/kie-credit-alert/webhooks/team",
        Type: "SecureString",
        Value: `https://hooks.slack.com/services/${KEY}`,
      }),
    );
    for (const account of ["music-2", "video"]) {
      const Name = `/kie-credit-alert/${account}/api-key`;
      await ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value: KEY }));
    }
  });
  beforeEach(() => {
    kie.answer(credits(5000));
    answers = [runFunction];
  });
  afterAll(async () => {
    await aws?.close();
    await moto?.stop();
    await kie?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** lambda:Invoke: the emulator would need Docker, so the deployed code is run under this Node. */
  async function runFunction({ path, body }: Passing): Promise<OwnAnswer | null> {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(path)?.[1];
    const called = Object.values(deployed).find((one) => one.name === decodeURIComponent(name ?? ""));
    if (called === undefined) return null;
    const { report, log } = await invoke(
      called,
      { ...moto.env, KIE_BASE_URL: kie.url },
      JSON.parse(body || "{}"),
    );
    said.push(log);
    if (report !== undefined) return { body: JSON.stringify(report) };
    const [, errorType, errorMessage] = /^(\w+Error): (.*)$/m.exec(log) ?? [];
    return {
      headers: { "x-amz-function-error": "Unhandled" },
      body: JSON.stringify({ errorType, errorMessage, trace: [] }),
    };
  }

  const env = (): Record<string, string> => ({ ...moto.env, AWS_ENDPOINT_URL: aws.url, HOME: folder });

  async function check(...args: string[]): Promise<Outcome> {
    const outcome = await run(checkMain, ["--deployed", ...args], env());
    said.push(outcome.stdout, outcome.stderr);
    return outcome;
  }

  describe("check --deployed", () => {
    it("gives a table of several accounts, and the worst of their exit codes", async () => {
      kie.answer(credits(5000), credits(900));
      const { code, stdout, stderr } = await check("--dry-run");
      expect(stdout).toMatch(
        /^KIE WARNING - music-2 .*; video .* \| .*\n\nAccount {2}Level +Credits {2}Lasts {2}Alert\nmusic-2 .*\nvideo .*\n\nAudience {2}nobody\n/,
      );
      expect(stdout).toMatch(/ OK +5,000 +- +-\n/);
      expect(stdout).toMatch(/ WARNING +900 +- +raised is due, but nobody confirmed would get it\n/);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    });

    it("gives the report of the one account asked for", async () => {
      const { code, stdout, stderr } = await check("--account", "video", "--need", "1530");
      expect(stdout).toContain(`KIE OK - 5,000 credits, enough for 1,530 | credits=5000;1000;300;0

Account   video
Level     OK
Credits   5,000 (about $25.00)
Use       not known yet, it takes 6 h of readings
Need      1,530: enough
Audience  nobody
`);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });

    it("sends a test message through the topic, and names those who get it", async () => {
      const sns = new SNSClient(moto.client);
      const { SubscriptionArn } = await sns.send(
        new SubscribeCommand({
          TopicArn: String(deployed["video"]?.config.topicArn),
          Protocol: "email",
          Endpoint: EMAIL,
          ReturnSubscriptionArn: true,
        }),
      );
      const { code, stdout } = await check("--account", "video", "--test");
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      expect(stdout).toContain(
        "Alert     test, sent to 1 email: Kie video TEST, OK: 5,000 credits left\nAudience  1 email\n",
      );
      expect(code).toBe(0);
    });

    it("names the webhooks that post a test message", async () => {
      const { FunctionArn } = await new LambdaClient(moto.client).send(
        new GetFunctionConfigurationCommand({ FunctionName: webhook.name }),
      );
      const sns = new SNSClient(moto.client);
      const { SubscriptionArn } = await sns.send(
        new SubscribeCommand({
          TopicArn: deployed["video"]?.config.topicArn,
          Protocol: "lambda",
          Endpoint: FunctionArn,
          ReturnSubscriptionArn: true,
        }),
      );
      const { code, stdout } = await check("--account", "video", "--test");
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      expect(stdout).toContain("Alert     test, sent to 1 other: ");
      expect(stdout).toMatch(/\nPosted to team in some seconds\. If one does not take it: npm run doctor\n/);
      expect(code).toBe(0);
    });

    it("says who is missing, who waits for a link and until when, and what to do", async () => {
      expect((await check("--account", "video")).stdout).toMatch(
        /\nWho is told\n {2}✖ Subscriptions +0 confirmed, 2 missing \([^)]+\): nobody is told\n +→ Subscribe again/,
      );
      answers.unshift((passing) =>
        answerOf(passing, {
          ListSubscriptionsByTopic: `<Subscriptions><member><Protocol>email</Protocol><Endpoint>${EMAIL}</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member><member><Protocol>sms</Protocol><Endpoint>${PHONE}</Endpoint><SubscriptionArn>${deployed["video"]?.config.topicArn}:1</SubscriptionArn></member></Subscriptions>`,
        }),
      );
      const { stdout } = await check("--account", "video", "--test");
      expect(stdout).toMatch(
        /⚠ Subscriptions +1 confirmed \(sms …67\), 1 pending \(email m…@example\.com\) until \w{3} /,
      );
    });

    it("says that nobody hears a test message, with exit code 2", async () => {
      const { code, stdout } = await check("--account", "video", "--test");
      expect(stdout).toMatch(/^KIE CRITICAL - 5,000 credits, nobody would hear an alert \| /);
      expect(stdout).toContain("Alert     test, sent to nobody: Kie video TEST, ");
      expect(stdout).not.toMatch(/Alert .*told/);
      expect(code).toBe(2);
    });

    it("snoozes reminders, and ends that", async () => {
      const snoozedUntil = async () => {
        const Name = String(deployed["video"]?.config.memoryParameter);
        const { Parameter } = await new SSMClient(moto.client).send(new GetParameterCommand({ Name }));
        return JSON.parse(Parameter?.Value ?? "").told.snoozedUntil;
      };
      const { stdout } = await check("--account", "video", "--snooze", "24");
      expect(stdout).toMatch(
        /\n\nvideo: no reminders for 24 h, until .* \(CES?T\), unless it gets worse\.\n/,
      );
      expect(await snoozedUntil()).toBeGreaterThan(Date.now());
      await check("--account", "video", "--snooze", "0");
      expect(await snoozedUntil()).toBeNull();
    });

    it("prints each report as one line of JSON", async () => {
      const one = await check("--json", "--account", "video");
      expect(JSON.parse(one.stdout)).toMatchObject({ account: "video", credits: 5000, level: "ok" });
      const both = await check("--json");
      const reports = both.stdout.trimEnd().split("\n");
      expect(reports.map((line) => JSON.parse(line))).toMatchObject([
        { account: "music-2" },
        { account: "video" },
      ]);
    });

    it("shows what a failure means, with the name of the deployed parameter", async () => {
      kie.answer(kieError(401, `no access with ${KEY}`));
      const { code, stdout } = await check("--account", "video", "--dry-run");
      expect(stdout).toMatch(/^KIE UNKNOWN - Kie refuses the key\n/);
      expect(stdout).toContain("Level     UNKNOWN, last known: ok\n");
      expect(stdout).toContain("edit the SecureString /kie-credit-alert/video/api-key.");
      expect(code).toBe(3);
    });

    it("shows the error of a check that failed, beside the others", async () => {
      answers.unshift(({ path }) =>
        path.includes(encodeURIComponent(deployed["video"]?.name ?? "?")) && path.endsWith("/invocations")
          ? {
              headers: { "x-amz-function-error": "Unhandled" },
              body: JSON.stringify({ errorType: "AwsCallError", errorMessage: "ssm:GetParameters failed" }),
            }
          : null,
      );
      const { code, stdout } = await check();
      expect(stdout).toMatch(/^KIE UNKNOWN - music-2 OK: 5,000 credits; video UNKNOWN: the check failed \| /);
      expect(stdout).toMatch(/^music-2 +OK /m);
      expect(stdout).toMatch(/^video +UNKNOWN +- +- +-$/m);
      expect(stdout).toContain("Error    AwsCallError: ssm:GetParameters failed\n");
      expect(code).toBe(3);

      const { stdout: json } = await check("--json", "--account", "video");
      expect(JSON.parse(json)).toEqual({
        account: "video",
        error: { type: "AwsCallError", message: "ssm:GetParameters failed" },
      });
    });

    it("shows that a function may not be called", async () => {
      answers.unshift(({ path }) =>
        path.endsWith("/invocations")
          ? {
              status: 403,
              headers: { "x-amzn-errortype": "AccessDeniedException" },
              body: JSON.stringify({ Message: "User: me is not authorized" }),
            }
          : null,
      );
      const { code, stdout, stderr } = await check("--account", "video");
      expect(stdout).toMatch(
        /Error +AwsProblem: lambda:InvokeFunction of \S+ is denied: User: me is not authorized/,
      );
      expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    });

    it("keeps the exit code of the credits if AWS does not say who is subscribed", async () => {
      let asked = 0;
      answers.unshift((passing) => {
        asked += callOf(passing) === "ListStackResources" ? 1 : 0;
        if (callOf(passing) !== "ListStackResources" || asked === 1) return null;
        return {
          status: 403,
          body: "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
        };
      });
      const { code, stdout, stderr } = await check("--account", "video", "--need", "100");
      expect(asked).toBeGreaterThan(1);
      expect(stdout).toMatch(/^KIE OK - 5,000 credits/);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });

    it("names an account that there is not, and those there are", async () => {
      const { code, stdout } = await check("--account", "vidoe");
      expect(stdout).toBe('KIE UNKNOWN - --account: got "vidoe", but the stack watches music-2, video\n');
      expect(code).toBe(3);
    });

    /** An answer to a call that lists what the stack has. */
    const listing = (answer: OwnAnswer) => (passing: Passing) =>
      callOf(passing) === "ListStackResources" ? answer : null;
    const unknown: [title: string, answer: (passing: Passing) => OwnAnswer | null, told: RegExp][] = [
      [
        "there is no such stack",
        forgetStack,
        /^No stack KieCreditAlert in 123456789012, [a-z]+-[a-z]+-\d\. Deployed elsewhere\? Set AWS_REGION\. Never deployed\? npm run setup\.$/,
      ],
      [
        "the stack has no function",
        listing({
          body: "<ListStackResourcesResponse><ListStackResourcesResult/></ListStackResourcesResponse>",
        }),
        /^The stack KieCreditAlert has no function: .*npx cdk deploy.*$/,
      ],
      [
        "a function is of another version",
        ({ path }) =>
          /\/functions\/[^/]+$/.test(path)
            ? { body: '{"Configuration":{"Environment":{"Variables":{"ACCOUNT":"kie"}}}}' }
            : null,
        /^The function \S+ was deployed by another version .*npx cdk deploy; or, .*\. Invalid configuration: CONFIG is missing$/,
      ],
      [
        "the stack may not be looked at",
        listing({
          status: 403,
          body: "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: me is not authorized</Message></Error></ErrorResponse>",
        }),
        /^cloudformation:ListStackResources of KieCreditAlert is denied: User: me is not authorized\.$/,
      ],
    ];
    it.each(unknown)("says in one line that %s", async (_, answer, told) => {
      answers.unshift(answer);
      const { code, stdout, stderr } = await check();
      expect(stdout).toMatch(/^KIE UNKNOWN - .*\n$/);
      expect(stdout.trimEnd().replace("KIE UNKNOWN - ", "")).toMatch(told);
      expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    });

    it("ends at once and quietly on Ctrl-C", async () => {
      let asked = false;
      answers.unshift(({ path }) => {
        asked ||= path.endsWith("/invocations");
        return asked ? new Promise<null>(() => {}) : null;
      });
      const { process, outcome } = start("local/check/check.ts", ["--deployed"], env());
      await vi.waitUntil(() => asked, { timeout: 20_000 });
      process.kill("SIGINT");
      expect(await outcome).toEqual({ code: 130, stdout: "", stderr: "" });
    });
  });

  describe("doctor", () => {
    /** Which calls were made, by their names; Lambda's by their paths. */
    let calls: string[];
    /** Whether all alarms are in the state that they tell. */
    let isAlarmed: boolean;
    /** Calls that are refused for lack of permission. */
    let denied: RegExp | null;

    const topicArn = () => String(deployed["video"]?.config.topicArn);
    const sns = () => new SNSClient(moto.client);
    const subscribe = (Protocol: string, Endpoint: string) =>
      sns().send(new SubscribeCommand({ TopicArn: topicArn(), Protocol, Endpoint }));

    beforeAll(async () => {
      // The emulator's CloudFormation knows no subscriptions.
      await subscribe("email", EMAIL);
      await subscribe("sms", PHONE);
      const { FunctionArn = "" } = await new LambdaClient(moto.client).send(
        new GetFunctionConfigurationCommand({ FunctionName: webhook.name }),
      );
      await subscribe("lambda", FunctionArn);
      await sns().send(new SetSMSAttributesCommand({ attributes: { MonthlySpendLimit: "5" } }));
      // The emulator makes no metrics of what the function logs.
      await new CloudWatchClient(moto.client).send(
        new PutMetricDataCommand({
          Namespace: "AWS/Lambda",
          MetricData: Object.values(deployed).map(({ name }) => ({
            MetricName: "Invocations",
            Dimensions: [{ Name: "FunctionName", Value: name }],
            Value: 1,
            Timestamp: new Date(Date.now() - 60_000),
          })),
        }),
      );
    });
    beforeEach(() => {
      calls = [];
      isAlarmed = false;
      denied = null;
      answers = [record, deny, listAlarms, describeSms, (passing) => addOutputs(moto, passing)];
    });

    function record(passing: Passing): null {
      calls.push(callOf(passing));
      return null;
    }

    function deny(passing: Passing): OwnAnswer | null {
      const call = callOf(passing);
      if (!denied?.test(call)) return null;
      const message = `User: me is not authorized to perform: ${call}`;
      return passing.headers["x-amz-target"] || passing.path.startsWith("/2015-03-31")
        ? {
            status: 403,
            headers: { "x-amzn-errortype": "AccessDeniedException" },
            body: JSON.stringify({ __type: "AccessDeniedException", message }),
          }
        : {
            status: 403,
            body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
          };
    }

    /** On two pages. */
    function listAlarms(passing: Passing): OwnAnswer | null {
      if (callOf(passing) !== "DescribeAlarms") return null;
      const alarms = describeAlarms(Object.values(deployed), isAlarmed, [webhook]);
      // One of the same function that tells somebody else.
      const other = {
        ...alarms[0],
        StateValue: "ALARM",
        AlarmActions: ["arn:aws:sns:us-east-1:123456789012:x"],
      };
      const isFirst = !passing.body.includes("NextToken");
      const page = isFirst ? { MetricAlarms: [other], NextToken: "2" } : { MetricAlarms: alarms };
      return { body: JSON.stringify(page) };
    }

    /** What the emulator doesn't have of SMS: the sandbox, and numbers to send from, of which there is none. */
    function describeSms(passing: Passing): OwnAnswer | null {
      return answerOf(passing, {
        GetSMSSandboxAccountStatus: "<IsInSandbox>true</IsInSandbox>",
        ListSMSSandboxPhoneNumbers: `<PhoneNumbers><member><PhoneNumber>${PHONE}</PhoneNumber><Status>Verified</Status></member></PhoneNumbers>`,
        ListOriginationNumbers: "<PhoneNumbers/>",
      });
    }

    async function doctor(...args: string[]): Promise<Outcome> {
      const { code, stdout, stderr } = await run(doctorMain, ["--base-url", kie.url, ...args], env());
      said.push(stdout, stderr);
      expect(stderr).toBe("");
      expect(
        calls.filter((call) => !/^(CheckIf|Describe|Get|List)[A-Z]|\/functions\/[^/]+$/.test(call)),
      ).toEqual([]);
      return { code, stdout, stderr };
    }

    it("finds nothing to fix if all is well, and has changed nothing", async () => {
      const { code, stdout } = await doctor();
      const steady = stdout
        .replaceAll(/\w{3} \d+ \w{3} \d{4}, \d\d:\d\d/g, "NOW")
        .replaceAll(/-[0-9A-Z]{12}\b/g, "-ID")
        .replaceAll(/[0-9A-F]{8}-ID/g, "HASH-ID")
        .replaceAll(/127\.0\.0\.1:\d+/g, "KIE");
      const account = (name: string) => `Account ${name}
  ✔ Key parameter  /kie-credit-alert/${name}/api-key, a SecureString
  ✔ Key            works from this machine: 5,000 credits, says KIE
  ✔ Rule           enabled, every 15 min
  ✔ Checks         1 in 45 min, the last one NOW (UTC)
  ✔ Errors alarm   OK: no check was given up
  ✔ Silence alarm  OK: checks start
`;
      expect(steady).toBe(`Stack KieCreditAlert
  ✔ Credentials    AWS account 123456789012 as user/moto, region us-east-1
  ✔ Stack          CREATE_COMPLETE, NOW (UTC)
  ✔ Functions      KieCreditAlert-music2FunctionHASH-ID, KieCreditAlert-videoFunctionHASH-ID
  ✔ Dashboard      ${DASHBOARD}

Who is told
  ✔ Subscriptions  3 confirmed (email m…@example.com, sms …67, lambda KieCreditAlert-WebhooksteamFunctionHASH-ID)
  ✔ Unsubscribing  no link in a mail can unsubscribe anybody
  ✔ SMS to …67     from a shared number, which usually works there
  ✔ SMS opt-outs   no phone has answered STOP
  ✔ SMS sandbox    in it, but every phone is verified
  ✔ SMS spending   $0.00 of $5.00 for this month
  ✔ Undelivered    OK: every message was delivered

Webhook team
  ✔ Address        /kie-credit-alert/webhooks/team, a SecureString: slack at hooks.slack.com
  ✔ Subscription   it hears the topic
  ✔ Unposted       OK: every message was posted

${account("music-2")}
${account("video")}
✔ All is well.
`);
      expect(code).toBe(0);
      expect(calls.length).toBeGreaterThan(20);
      expect(kie.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
    });

    it("says how to fix what is broken, and looks at one account alone", async () => {
      kie.answer(kieError(401, `no access with ${KEY}`));
      isAlarmed = true;
      answers.unshift((passing) =>
        answerOf(passing, {
          GetSubscriptionAttributes:
            "<Attributes><entry><key>ConfirmationWasAuthenticated</key><value>false</value></entry></Attributes>",
        }),
      );
      const { code, stdout } = await doctor("--account", "video");
      expect(stdout).not.toContain("Account music-2");
      expect(stdout).toMatch(
        /⚠ Unsubscribing +a link in each mail can unsubscribe, .* \(email m…@example\.com\)\n/,
      );
      expect(stdout).toMatch(/✖ Key +unauthorized: code 401: "no access with \[key\]/);
      expect(stdout).toContain(
        "→ Store a key that works: in the AWS console, Systems Manager, edit the SecureString",
      );
      expect(stdout).toMatch(/✖ Errors alarm +ALARM: checks are given up after their retries\n +→ See what/);
      expect(stdout).toMatch(/✖ Silence alarm +INSUFFICIENT_DATA: no check starts\n/);
      expect(stdout).toMatch(/✖ Undelivered +ALARM: some messages did not reach a subscriber\n/);
      expect(stdout).toMatch(/\n✖ 5 broken {3}⚠ 1 to look at {3}✔ 14 fine\n$/);
      expect(code).toBe(2);
    });

    it("sees a rule that is disabled, and a key that is not there", async () => {
      const events = new EventBridgeClient(moto.client);
      const { Rules = [] } = await events.send(new ListRulesCommand());
      const rule = Rules.find(({ Name }) => Name?.includes("music2"))?.Name;
      const parameter = { Name: "/kie-credit-alert/music-2/api-key" };
      const ssm = new SSMClient(moto.client);
      await events.send(new DisableRuleCommand({ Name: rule }));
      await ssm.send(new DeleteParameterCommand(parameter));
      const { code, stdout } = await doctor("--account", "music-2");
      await events.send(new EnableRuleCommand({ Name: rule }));
      await ssm.send(new PutParameterCommand({ ...parameter, Type: "SecureString", Value: KEY }));
      expect(stdout).toMatch(
        /✖ Rule +disabled: the check never runs\n +→ aws events enable-rule --name \S+\n/,
      );
      expect(stdout).toMatch(/✖ Key parameter +there is no \/kie-credit-alert\/music-2\/api-key\n/);
      expect(stdout).not.toMatch(/ Key +not tried/);
      expect(code).toBe(2);
    });

    it("sees two rules on one function, and that no check has ever started", async () => {
      const events = new EventBridgeClient(moto.client);
      const rule = { Name: "second", ScheduleExpression: "rate(1 hour)" };
      const { FunctionArn: Arn } = await new LambdaClient(moto.client).send(
        new GetFunctionConfigurationCommand({ FunctionName: deployed["video"]?.name }),
      );
      await events.send(new PutRuleCommand(rule));
      await events.send(new PutTargetsCommand({ Rule: rule.Name, Targets: [{ Id: "1", Arn }] }));
      answers.unshift((passing) =>
        callOf(passing) === "GetMetricStatistics" ? { body: JSON.stringify({ Datapoints: [] }) } : null,
      );
      const { code, stdout } = await doctor("--account", "video");
      await events.send(new RemoveTargetsCommand({ Rule: rule.Name, Ids: ["1"] }));
      await events.send(new DeleteRuleCommand({ Name: rule.Name }));
      expect(stdout).toMatch(/⚠ Rule +2 are enabled, so that each check runs 2 times\n/);
      expect(stdout).toMatch(/⚠ Checks +no check has ever started, but the deployment is new\n/);
      expect(code).toBe(1);
    });

    it("says what it may not look at, and goes on", async () => {
      denied = /^(?!GetCallerIdentity|ListStackResources|.*\/functions\/[^/]+$)/;
      const { code, stdout } = await doctor("--account", "video");
      const unknown = Array.from(stdout.matchAll(/⚠ ([\w ]+?) {2,}unknown: (\w+:\w+)/g), ([, ...found]) =>
        found.join(" "),
      );
      expect(unknown).toEqual([
        "Stack cloudformation:DescribeStacks",
        "Subscriptions sns:ListSubscriptionsByTopic",
        "SMS sandbox sns:GetSMSSandboxAccountStatus",
        "SMS spending sns:GetSMSAttributes",
        "Undelivered cloudwatch:DescribeAlarms",
        "Address ssm:GetParameter",
        "Subscription sns:ListSubscriptionsByTopic",
        "Unposted cloudwatch:DescribeAlarms",
        "Key parameter ssm:GetParameter",
        "Rule events:ListRuleNamesByTarget",
        "Checks cloudwatch:GetMetricStatistics",
        "Errors alarm cloudwatch:DescribeAlarms",
        "Silence alarm cloudwatch:DescribeAlarms",
      ]);
      expect(stdout).toMatch(/⚠ Key +not tried, since the key can't be read from here\n/);
      expect(stdout).toMatch(/\n✖ 0 broken {3}⚠ 14 to look at/);
      expect(code).toBe(1);
    });

    it("says unknown if SNS does not tell who opted out and which numbers there are", async () => {
      denied = /^(CheckIfPhoneNumberIsOptedOut|ListOriginationNumbers|GetSubscriptionAttributes)$/;
      const { code, stdout } = await doctor("--account", "video");
      expect(stdout).toMatch(/⚠ SMS opt-outs +unknown: sns:CheckIfPhoneNumberIsOptedOut is denied: /);
      expect(stdout).toMatch(/⚠ SMS to …67 +unknown: sns:ListOriginationNumbers is denied: /);
      expect(stdout).toMatch(/⚠ Unsubscribing +unknown: sns:GetSubscriptionAttributes is denied: /);
      expect(code).toBe(1);
    });

    it("ends if there is no such stack", async () => {
      answers.unshift(forgetStack);
      const { code, stdout } = await doctor();
      expect(stdout).toMatch(/✖ Stack +No stack KieCreditAlert in 123456789012, \S+\. Deployed elsewhere\? /);
      expect(stdout).toMatch(/\n✖ 1 broken {3}⚠ 0 to look at {3}✔ 1 fine\n$/);
      expect(code).toBe(2);
    });

    it("ends at once and quietly on Ctrl-C", async () => {
      answers = [
        (passing) => {
          record(passing);
          return new Promise<null>(() => {});
        },
      ];
      const { process, outcome } = start("local/doctor/doctor.ts", [], env());
      await vi.waitUntil(() => calls.length > 0, { timeout: 20_000 });
      process.kill("SIGINT");
      expect(await outcome).toEqual({ code: 130, stdout: "", stderr: "" });
    });
  });

  describe("confirm", () => {
    const TOKEN = "2336412f37".repeat(10);

    /** Pastes the link of the email about the one address. */
    async function confirm(...args: string[]): Promise<Outcome & { readonly actions: readonly string[] }> {
      const topicArn = deployed["video"]?.config.topicArn;
      const actions: string[] = [];
      answers.push((passing) => {
        actions.push(callOf(passing));
        return null;
      });
      const input = `https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn=${topicArn}&Token=${TOKEN}&Endpoint=${EMAIL}\n`;
      const told = await run(confirmMain, args, env(), { input });
      said.push(told.stdout, told.stderr);
      expect(told.stdout + told.stderr).not.toContain(TOKEN);
      return { ...told, actions };
    }

    /** The emulator answers with a subscription that it does not have. */
    const readBack = (isAuthenticated: boolean) => (passing: Passing) =>
      answerOf(passing, {
        GetSubscriptionAttributes: `<Attributes><entry><key>Endpoint</key><value>${EMAIL}</value></entry><entry><key>Protocol</key><value>email</value></entry><entry><key>ConfirmationWasAuthenticated</key><value>${isAuthenticated}</value></entry></Attributes>`,
      });

    it("confirms by a signed call to the stack's own topic", async () => {
      answers = [readBack(true)];
      const { code, stdout, stderr, actions } = await confirm();
      expect(stdout).toMatch(/^✔ Confirmed: me@example\.com hears the alerts\.\n.*no link in a mail can/);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(actions).toEqual(["ListStackResources", "ConfirmSubscription"]);
      expect(aws.sent.at(-2)).toContain("AuthenticateOnUnsubscribe=true");
    });

    it("subscribes again what was confirmed by a click", async () => {
      // The emulator confirms at once.
      const pending = { Subscribe: "<SubscriptionArn>pending confirmation</SubscriptionArn>" };
      answers = [readBack(false), (passing) => answerOf(passing, pending)];
      const { code, stdout, actions } = await confirm("--yes");
      expect(stdout).toMatch(/^⚠ me@example\.com was confirmed already, .*is subscribed again/s);
      expect(actions.slice(2)).toEqual(["Unsubscribe"]);
      expect(aws.sent.at(-1)).toContain("Action=Subscribe&");
      expect(code).toBe(1);
    });
  });

  it("has shown the key to nobody", () => {
    expect(said.length).toBeGreaterThan(20);
    expect([...said, ...aws.sent].join("\n")).not.toContain(KEY);
  });
});

/** The name of a call to AWS; Lambda has none, but a path. */
function callOf({ path, headers, body }: Passing): string {
  const target = headers["x-amz-target"]?.split(".")[1];
  return target ?? new URLSearchParams(body).get("Action") ?? path;
}

/** An answer of a service that speaks the query protocol, by the call's name. */
function answerOf(passing: Passing, results: Readonly<Record<string, string>>): OwnAnswer | null {
  const call = callOf(passing);
  const result = results[call];
  return result === undefined
    ? null
    : { body: `<${call}Response><${call}Result>${result}</${call}Result></${call}Response>` };
}

/** CloudFormation in an account without the stack. */
function forgetStack(passing: Passing): OwnAnswer | null {
  return /^(DescribeStacks|ListStackResources)$/.test(callOf(passing))
    ? {
        status: 400,
        body: "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id KieCreditAlert does not exist</Message></Error></ErrorResponse>",
      }
    : null;
}
