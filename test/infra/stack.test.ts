import { Annotations, Match } from "aws-cdk-lib/assertions";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCES_PER_ACCOUNT, SHARED_RESOURCES } from "../../infra/settings.ts";
import { functionOutputKey } from "../../infra/stack.ts";
import { INITIAL_DOCUMENT } from "../../lambda/policy/memory.ts";
import { synthesize } from "./synthesize.ts";

const KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER_KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";

const ref = (id: string) => ({ Ref: id });
const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const join = (...parts: unknown[]) => ({ "Fn::Join": ["", parts] });
const parameterArn = (...name: unknown[]) =>
  join("arn:", ref("AWS::Partition"), ":ssm:", ref("AWS::Region"), ":", ref("AWS::AccountId"), ...name);

const plain = synthesize({});
const full = synthesize({
  settings: {
    emails: ["me@example.com", "you@example.com"],
    phones: ["+15551234567"],
    accounts: [
      { name: "video" },
      { name: "music-2", apiKeyParameter: "/keys/music", warningHours: 0, criticalHours: 0 },
    ],
    apiKeyKmsKeyArn: KEY_ARN,
    topicKmsKeyArn: OTHER_KEY_ARN,
  },
});

describe("the role", () => {
  const memory = plain.idOf("AWS::SSM::Parameter");
  const topic = plain.idOf("AWS::SNS::Topic");
  const logs = plain.idOf("AWS::Logs::LogGroup");
  const memoryArn = parameterArn(":parameter", ref(memory));

  it("may read the key, read and write the memory, publish, and log: nothing else", () => {
    expect(plain.find("AWS::IAM::Role")).toEqual({
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
        ],
      },
      Policies: [
        {
          PolicyName: "Check",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: "ssm:GetParameters",
                Resource: [memoryArn, parameterArn(":parameter/kie-credit-alert/kie/api-key")],
              },
              { Effect: "Allow", Action: "ssm:PutParameter", Resource: memoryArn },
              { Effect: "Allow", Action: ["sns:GetTopicAttributes", "sns:Publish"], Resource: ref(topic) },
              {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: arnOf(logs),
              },
            ],
          },
        },
      ],
    });
  });

  it("may use customer keys where they are named, each for its one purpose", () => {
    const [policy] = full.find("AWS::IAM::Role", "music2").Policies;
    const keyArn = parameterArn(":parameter/keys/music");
    const service = (name: string) => join(`${name}.`, ref("AWS::Region"), ".", ref("AWS::URLSuffix"));
    const memoryArn = parameterArn(":parameter", ref(full.idOf("AWS::SSM::Parameter", "music2")));
    expect(policy.PolicyDocument.Statement).toEqual([
      { Effect: "Allow", Action: "ssm:GetParameters", Resource: [memoryArn, keyArn] },
      { Effect: "Allow", Action: "ssm:PutParameter", Resource: memoryArn },
      {
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: KEY_ARN,
        Condition: {
          StringEquals: { "kms:ViaService": service("ssm"), "kms:EncryptionContext:PARAMETER_ARN": keyArn },
        },
      },
      {
        Effect: "Allow",
        Action: ["sns:GetTopicAttributes", "sns:Publish"],
        Resource: ref(full.idOf("AWS::SNS::Topic")),
      },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: OTHER_KEY_ARN,
        Condition: { StringEquals: { "kms:ViaService": service("sns") } },
      },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: arnOf(full.idOf("AWS::Logs::LogGroup", "music2")),
      },
    ]);
  });

  it("has all of its permissions from the beginning: there are no other policies", () => {
    expect(plain.idsOf("AWS::IAM::Policy")).toEqual([]);
    expect(plain.idsOf("AWS::IAM::ManagedPolicy")).toEqual([]);
  });
});

describe("the function", () => {
  it("is what the design says", () => {
    const { Code, ...properties } = plain.find("AWS::Lambda::Function");
    expect(properties).toEqual({
      Description: 'Watches the credits of the Kie account "kie"',
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: 256,
      Timeout: 150,
      Role: arnOf(plain.idOf("AWS::IAM::Role")),
      LoggingConfig: { LogFormat: "JSON", LogGroup: ref(plain.idOf("AWS::Logs::LogGroup")) },
      Environment: {
        Variables: {
          ACCOUNT: "kie",
          API_KEY_PARAMETER: "/kie-credit-alert/kie/api-key",
          MEMORY_PARAMETER: ref(plain.idOf("AWS::SSM::Parameter")),
          TOPIC_ARN: ref(plain.idOf("AWS::SNS::Topic")),
          WARNING_CREDITS: "1000",
          CRITICAL_CREDITS: "300",
          WARNING_HOURS: "24",
          CRITICAL_HOURS: "6",
          WARNING_REMINDER_HOURS: "24",
          CRITICAL_REMINDER_HOURS: "6",
          USD_PER_CREDIT: "0.005",
          TIME_ZONE: "UTC",
          SMS: "critical",
        },
      },
    });
  });

  it("has a memory beside its key, empty at first", () => {
    expect(plain.find("AWS::SSM::Parameter")).toEqual({
      Name: "/kie-credit-alert/kie/memory",
      Description: 'What the check of the Kie account "kie" remembers',
      Type: "String",
      Tier: "Standard",
      Value: INITIAL_DOCUMENT,
    });
  });

  it("keeps its logs as long as is set, and not beyond the stack", () => {
    const id = plain.idOf("AWS::Logs::LogGroup");
    expect(plain.resources[id]).toMatchObject({
      Properties: { RetentionInDays: 30 },
      DeletionPolicy: "Delete",
    });
    expect(synthesize({ settings: { logRetentionDays: 7 } }).find("AWS::Logs::LogGroup")).toEqual({
      RetentionInDays: 7,
    });
  });
});

describe("the schedule", () => {
  it.each([
    ["1", "rate(1 minute)", 60, 60],
    ["15", "rate(15 minutes)", 900, 900],
    ["60", "rate(1 hour)", 3600, 3600],
    ["90", "rate(90 minutes)", 5400, 5400],
    ["361", "rate(361 minutes)", 21_600, 21_660],
    ["1440", "rate(1 day)", 21_600, 86_400],
  ])(
    "of every %s minutes is %s, and drops what is older than the next check",
    (every, rate, eventAge, targetAge) => {
      const stack = synthesize({ context: { every } });
      expect(stack.find("AWS::Events::Rule")).toEqual({
        Description: 'Checks the credits of the Kie account "kie"',
        ScheduleExpression: rate,
        State: "ENABLED",
        Targets: [
          {
            Id: "Target0",
            Arn: arnOf(stack.idOf("AWS::Lambda::Function")),
            Input: "{}",
            RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: targetAge },
          },
        ],
      });
      expect(stack.find("AWS::Lambda::EventInvokeConfig")).toEqual({
        FunctionName: ref(stack.idOf("AWS::Lambda::Function")),
        Qualifier: "$LATEST",
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: eventAge,
      });
    },
  );

  it("may call the function, and only this rule may", () => {
    expect(plain.find("AWS::Lambda::Permission")).toEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: arnOf(plain.idOf("AWS::Lambda::Function")),
      Principal: "events.amazonaws.com",
      SourceArn: arnOf(plain.idOf("AWS::Events::Rule")),
    });
  });
});

describe("the topic", () => {
  it("takes messages over TLS only, and those of this account's alarms", () => {
    const topic = plain.idOf("AWS::SNS::Topic");
    expect(plain.find("AWS::SNS::Topic")).toEqual({ DisplayName: "Kie alert" });
    expect(plain.find("AWS::SNS::TopicPolicy")).toEqual({
      Topics: [ref(topic)],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AllowPublishThroughSSLOnly",
            Effect: "Deny",
            Action: "sns:Publish",
            Principal: "*",
            Resource: ref(topic),
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          {
            Sid: "AllowAlarmsOfThisAccount",
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Resource: ref(topic),
            Condition: {
              StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") },
              ArnLike: {
                "aws:SourceArn": join(
                  "arn:",
                  ref("AWS::Partition"),
                  ":cloudwatch:",
                  ref("AWS::Region"),
                  ":",
                  ref("AWS::AccountId"),
                  ":alarm:*",
                ),
              },
            },
          },
        ],
      },
    });
  });

  it("has a name that SNS can put before an SMS", () => {
    expect(plain.find("AWS::SNS::Topic").DisplayName.length).toBeLessThanOrEqual(10);
  });

  it("is encrypted with a customer key where one is named", () => {
    expect(full.find("AWS::SNS::Topic").KmsMasterKeyId).toBe(OTHER_KEY_ARN);
  });

  it("tells everything by email, and by SMS what is marked for it", () => {
    const TopicArn = ref(full.idOf("AWS::SNS::Topic"));
    expect(full.idsOf("AWS::SNS::Subscription").map((id) => full.resources[id]?.Properties)).toEqual([
      { Protocol: "email", Endpoint: "me@example.com", TopicArn },
      { Protocol: "email", Endpoint: "you@example.com", TopicArn },
      { Protocol: "sms", Endpoint: "+15551234567", TopicArn, FilterPolicy: { sms: ["yes"] } },
    ]);
  });
});

describe("the alarms", () => {
  const alarm = (name: string, stack = plain) => stack.find("AWS::CloudWatch::Alarm", `kie${name}`);

  it("reach the topic: each action is the topic, and its policy lets alarms publish", () => {
    for (const stack of [plain, full]) {
      const { Topics, PolicyDocument } = stack.find("AWS::SNS::TopicPolicy");
      const open = PolicyDocument.Statement.filter(
        ({ Effect, Action, Principal, Condition }: Record<string, Record<string, unknown> | string>) =>
          Effect === "Allow" &&
          Action === "sns:Publish" &&
          (Principal as Record<string, unknown>)["Service"] === "cloudwatch.amazonaws.com" &&
          Object.keys(Condition ?? {}).length === 2,
      ).map(({ Resource }: { Resource: unknown }) => Resource);
      const alarms = stack.idsOf("AWS::CloudWatch::Alarm").map((id) => stack.resources[id]?.Properties);
      expect(alarms).toHaveLength(2 * stack.idsOf("AWS::Lambda::Function").length);
      for (const {
        AlarmActions = [],
        OKActions = [],
        InsufficientDataActions = [],
        ActionsEnabled,
      } of alarms) {
        expect(ActionsEnabled).not.toBe(false);
        const actions = [...AlarmActions, ...OKActions, ...InsufficientDataActions];
        expect(actions.length).toBeGreaterThan(0);
        for (const action of actions) {
          expect(Topics).toContainEqual(action);
          expect(open).toContainEqual(action);
        }
      }
    }
  });

  it("tell when a check breaks off, and when none does any more", () => {
    const { AlarmDescription, ...properties } = alarm("Errors");
    const topic = ref(plain.idOf("AWS::SNS::Topic"));
    expect(properties).toEqual({
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: ref(plain.idOf("AWS::Lambda::Function")) }],
      Statistic: "Sum",
      Period: 900,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      Threshold: 1,
      TreatMissingData: "notBreaching",
      AlarmActions: [topic],
      OKActions: [topic],
    });
  });

  it("tell of silence only where there were checks before, so not at the first deployment", () => {
    const { AlarmDescription, ...properties } = alarm("Silence");
    expect(properties).toEqual({
      Namespace: "KieCreditAlert",
      MetricName: "CheckFailed",
      Dimensions: [{ Name: "account", Value: "kie" }],
      Statistic: "SampleCount",
      Period: 900,
      EvaluationPeriods: 3,
      ComparisonOperator: "LessThanThreshold",
      Threshold: 1,
      TreatMissingData: "missing",
      InsufficientDataActions: [ref(plain.idOf("AWS::SNS::Topic"))],
    });
  });

  it("tell no silence of old checks when the period changes, since a new period makes a new alarm", () => {
    const idOf = (every: string, others: Record<string, unknown> = {}) =>
      synthesize({ context: { every }, settings: others }).idOf("AWS::CloudWatch::Alarm", "kieSilence");
    const ids = ["5", "15", "60", "1440"].map((every) => idOf(every));
    expect(new Set(ids).size).toBe(ids.length);

    // What leaves the period alone leaves the alarm alone, and with it what it knows.
    expect(idOf("1")).toBe(idOf("5"));
    expect(idOf("15", { emails: ["me@example.com"], warningCredits: 2000, timeZone: "Asia/Tokyo" })).toBe(
      idOf("15"),
    );
  });

  it.each(["Errors", "Silence"])("say what has happened and what to do: %s", (name) => {
    const description = JSON.stringify(alarm(name).AlarmDescription);
    expect(description).toContain("the Kie account");
    expect(description).toContain("What to do: ");
    expect(description).toContain(plain.idOf("AWS::Logs::LogGroup"));
    expect(description).toContain("npm run doctor");
    expect(description).toContain("npm run check");
    expect(description.length).toBeLessThan(900);
  });

  it("have periods that CloudWatch takes, whatever the interval", () => {
    const anyInterval = fc.oneof(
      fc.constantFrom(1, 4, 5, 59, 60, 61, 1440),
      fc.integer({ min: 1, max: 1440 }),
    );
    fc.assert(
      fc.property(anyInterval, (every) => {
        const stack = synthesize({ context: { every: String(every) } });
        for (const name of ["Errors", "Silence"]) {
          const { Period, EvaluationPeriods } = alarm(name, stack);
          expect(Period % 60).toBe(0);
          expect(Period).toBeGreaterThanOrEqual(Math.max(300, every * 60));
          // A day in all for periods below an hour, else seven.
          expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3600 ? 86_400 : 604_800);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("the dashboard", () => {
  const body = (stack: typeof plain) => {
    const { DashboardBody } = stack.find("AWS::CloudWatch::Dashboard");
    const text = DashboardBody["Fn::Join"][1].map((part: string | { Ref: string }) =>
      typeof part === "string" ? part : `<${part.Ref}>`,
    );
    return JSON.parse(text.join("")) as { widgets: { properties: Record<string, unknown> }[] };
  };

  it("shows credits and hours with their limits, failed checks, subscribers and alarms of each account", () => {
    const shown = body(full).widgets.map(({ properties }) => properties["title"]);
    const what = ["credits", "hours left", "failed checks", "confirmed subscribers", "alarms"];
    expect(shown).toEqual(
      ["video", "music-2"].flatMap((account) => what.map((title) => `${account}: ${title}`)),
    );
    const [credits, hours, failed, , alarms] = body(plain).widgets;
    const lines = (warning: number, critical: number) => ({
      horizontal: [
        { label: "warning", value: warning, color: "#ff7f0e", yAxis: "left" },
        { label: "critical", value: critical, color: "#d62728", yAxis: "left" },
      ],
    });
    expect(credits?.properties).toMatchObject({
      metrics: [["KieCreditAlert", "Credits", "account", "kie", { period: 900 }]],
      annotations: lines(1000, 300),
    });
    expect(hours?.properties).toMatchObject({
      metrics: [["KieCreditAlert", "HoursLeft", "account", "kie", { period: 900 }]],
      annotations: lines(24, 6),
    });
    expect(failed?.properties["metrics"]).toEqual([
      ["KieCreditAlert", "CheckFailed", "account", "kie", { period: 900, stat: "Sum" }],
    ]);
    expect(alarms?.properties["alarms"]).toEqual(
      plain.idsOf("AWS::CloudWatch::Alarm").map((id) => expect.stringMatching(new RegExp(`:alarm:<${id}>$`))),
    );
    expect(plain.idsOf("AWS::CloudWatch::Alarm")).toHaveLength(2);
  });

  it("shows no line for a runway limit that is off", () => {
    expect(body(full).widgets[6]?.properties).toMatchObject({ title: "music-2: hours left" });
    expect(body(full).widgets[6]?.properties["annotations"]).toBeUndefined();
  });

  it("can be left out", () => {
    const stack = synthesize({ settings: { dashboard: false } });
    expect(stack.idsOf("AWS::CloudWatch::Dashboard")).toEqual([]);
    expect(Object.keys(stack.outputs)).toEqual(["TopicArn", "FunctionNamekie"]);
  });
});

describe("the outputs", () => {
  it("name the topic, the functions and the dashboard", () => {
    const values = Object.fromEntries(Object.entries(full.outputs).map(([key, { Value }]) => [key, Value]));
    expect(values).toEqual({
      TopicArn: ref(full.idOf("AWS::SNS::Topic")),
      FunctionNamevideo: ref(full.idOf("AWS::Lambda::Function", "video")),
      FunctionNamemusicX2: ref(full.idOf("AWS::Lambda::Function", "music2")),
      DashboardAddress: join(
        "https://",
        ref("AWS::Region"),
        ".",
        {
          "Fn::If": [
            "IsChina",
            "console.amazonaws.cn",
            { "Fn::If": ["IsGovCloud", "console.amazonaws-us-gov.com", "console.aws.amazon.com"] },
          ],
        },
        "/cloudwatch/home?region=",
        ref("AWS::Region"),
        "#dashboards/dashboard/",
        ref(full.idOf("AWS::CloudWatch::Dashboard")),
      ),
    });
    expect(full.json["Conditions"]).toEqual({
      IsChina: { "Fn::Equals": [ref("AWS::Partition"), "aws-cn"] },
      IsGovCloud: { "Fn::Equals": [ref("AWS::Partition"), "aws-us-gov"] },
    });
  });

  it("have keys that are letters and digits, one for each account name", () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(functionOutputKey(one)).toMatch(/^FunctionName[A-Za-z0-9]+$/);
        expect(functionOutputKey(one) === functionOutputKey(other)).toBe(one === other);
      }),
    );
  });
});

describe("several accounts", () => {
  it("have names that differ in hyphens only, and still a resource each", () => {
    const names = ["ab", "a-b", "-ab", "-", "topic", "dashboard", "1"];
    const stack = synthesize({ settings: { accounts: names.map((name) => ({ name })) } });
    expect(stack.idsOf("AWS::Lambda::Function")).toHaveLength(names.length);
    expect(Object.keys(stack.outputs)).toHaveLength(names.length + 2);
  });

  it("fill a stack up to what CloudFormation takes", () => {
    // With one subscription this is the most that the settings allow.
    const most = Math.floor((500 - SHARED_RESOURCES - 1) / RESOURCES_PER_ACCOUNT);
    const accounts = Array.from({ length: most }, (_, index) => ({
      name: `account-with-a-name${index % 10}`.slice(0, 16) + index,
    }));
    const stack = synthesize({ settings: { emails: ["me@example.com"], accounts } });
    // The CDK adds its metadata when it is run by the command line.
    const resources = Object.keys(stack.resources).length + 1;
    expect(resources).toBe(SHARED_RESOURCES + 1 + most * RESOURCES_PER_ACCOUNT);
    expect(resources).toBeLessThanOrEqual(500);
    expect(JSON.stringify(stack.json, null, 1).length).toBeLessThan(1_000_000);
    expect(Object.keys(stack.outputs).length).toBeLessThanOrEqual(200);
  });
});

describe("synth", () => {
  const infos = ({ stack }: typeof plain) =>
    Annotations.fromStack(stack)
      .findInfo("*", Match.anyValue())
      .map(({ entry }) => entry.data);
  const warnings = ({ stack }: typeof plain) =>
    Annotations.fromStack(stack)
      .findWarning("*", Match.anyValue())
      .map(({ entry }) => entry.data);

  it("says that nobody will be told where there are neither emails nor phones, and warns of nothing", () => {
    expect(infos(plain)).toEqual([
      expect.stringContaining("Nobody will be told: there are no emails and no phones."),
    ]);
    expect(warnings(plain)).toEqual([]);
  });

  it("is silent where there is an email", () => {
    const stack = synthesize({ context: { email: "me@example.com", phone: "+15551234567" } });
    expect(infos(stack)).toEqual([]);
    expect(warnings(stack)).toEqual([]);
  });

  it("warns that alarms reach no phone where there are phones only", () => {
    const stack = synthesize({ context: { phone: "+15551234567" } });
    expect(warnings(stack)).toEqual([
      expect.stringContaining("those alarms reach email only, and there are no emails"),
    ]);
  });

  it("says what the policy of a customer key for the topic must allow", () => {
    expect(infos(full)).toEqual([
      expect.stringMatching(
        /only if the policy of arn:aws:kms:.* lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey\*/,
      ),
    ]);
  });

  it.each([
    ["a plain stack", plain],
    ["a full one", full],
  ])("finds nothing against the rules of AWS Solutions: %s", (_, { app, stack }) => {
    expect(new AwsSolutionsChecks(app).validateScope(stack).violations).toEqual([]);
  });

  it("would find a policy that is too wide", () => {
    const { app, stack, idOf } = synthesize({});
    expect(idOf("AWS::IAM::Role")).toBeTruthy();
    const role = stack.node.findChild("kie").node.findChild("Role");
    (role as unknown as { addToPolicy(statement: PolicyStatement): void }).addToPolicy(
      new PolicyStatement({ actions: ["s3:*"], resources: ["*"] }),
    );
    const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
    expect(violations.map(({ ruleName }) => ruleName).join()).toContain("AwsSolutions-IAM5");
  });
});
