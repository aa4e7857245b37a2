import { Annotations, Match } from "aws-cdk-lib/assertions";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { readConfig } from "../../lambda/config.ts";
import { DEPLOYED_CONFIG } from "../support/settings.ts";
import { synthesize } from "./synthesize.ts";

const KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER_KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";

const ref = (id: string) => ({ Ref: id });
const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const join = (...parts: unknown[]) => ({ "Fn::Join": ["", parts] });
const parameterArn = (...name: unknown[]) =>
  join("arn:", ref("AWS::Partition"), ":ssm:", ref("AWS::Region"), ":", ref("AWS::AccountId"), ...name);

const plain = synthesize();
const full = synthesize({
  emails: ["me@example.com", "you@example.com"],
  phones: ["+4915112345667"],
  dashboard: true,
  accounts: [
    { name: "video" },
    { name: "music-2", apiKeyParameter: "/keys/music", warningHours: 0, criticalHours: 0 },
  ],
  apiKeyKmsKeyArn: KEY_ARN,
  topicKmsKeyArn: OTHER_KEY_ARN,
});

describe("the role", () => {
  const topic = plain.idOf("AWS::SNS::Topic");
  const logs = plain.idOf("AWS::Logs::LogGroup");
  const memoryArn = parameterArn(":parameter/kie-credit-alert/kie/memory");
  const TOPIC_ACTIONS = ["sns:ListSubscriptionsByTopic", "sns:Publish"];

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
                Resource: [parameterArn(":parameter/kie-credit-alert/kie/api-key"), memoryArn],
              },
              { Effect: "Allow", Action: "ssm:PutParameter", Resource: memoryArn },
              { Effect: "Allow", Action: TOPIC_ACTIONS, Resource: ref(topic) },
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
    const [policy] = full.find("AWS::IAM::Role", "music2")["Policies"];
    const keyArn = parameterArn(":parameter/keys/music");
    const service = (name: string) => join(`${name}.`, ref("AWS::Region"), ".amazonaws.com");
    const memoryArn = parameterArn(":parameter/kie-credit-alert/music-2/memory");
    expect(policy.PolicyDocument.Statement).toEqual([
      { Effect: "Allow", Action: "ssm:GetParameters", Resource: [keyArn, memoryArn] },
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
        Action: TOPIC_ACTIONS,
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
    const { Code, Environment, ...properties } = plain.find("AWS::Lambda::Function");
    expect(properties).toEqual({
      Description: 'Watches the credits of the Kie account "kie"',
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: 256,
      Timeout: 240,
      Role: arnOf(plain.idOf("AWS::IAM::Role")),
      LoggingConfig: { LogFormat: "JSON", LogGroup: ref(plain.idOf("AWS::Logs::LogGroup")) },
    });
    const { CONFIG, ...others } = plain.environment();
    expect(JSON.parse(String(CONFIG))).toEqual(DEPLOYED_CONFIG);
    expect(others).toEqual({});
  });

  it("owns its memory: the template has no parameter that a deployment would overwrite it with", () => {
    expect(full.idsOf("AWS::SSM::Parameter")).toEqual([]);
  });

  it("of the first account alone tells that the topic lost a subscriber", () => {
    const tells = full
      .idsOf("AWS::Lambda::Function")
      .map((id) => readConfig(full.environment(id)))
      .map(({ account, tellsAudience }) => [account, tellsAudience]);
    expect(tells).toEqual([
      ["video", true],
      ["music-2", false],
    ]);
  });

  it("keeps its logs as long as is set, and not beyond the stack", () => {
    const id = plain.idOf("AWS::Logs::LogGroup");
    expect(plain.resources[id]).toMatchObject({
      Properties: { RetentionInDays: 30 },
      DeletionPolicy: "Delete",
    });
    expect(synthesize({ logRetentionDays: 7 }).find("AWS::Logs::LogGroup")).toEqual({
      RetentionInDays: 7,
    });
  });
});

describe("the schedule", () => {
  it.each([
    { everyMinutes: 1, rate: "rate(1 minute)", eventAge: 300, targetAge: 300 },
    { everyMinutes: 5, rate: "rate(5 minutes)", eventAge: 300, targetAge: 300 },
    { everyMinutes: 15, rate: "rate(15 minutes)", eventAge: 900, targetAge: 900 },
    { everyMinutes: 60, rate: "rate(1 hour)", eventAge: 3600, targetAge: 3600 },
    { everyMinutes: 90, rate: "rate(90 minutes)", eventAge: 5400, targetAge: 5400 },
    { everyMinutes: 361, rate: "rate(361 minutes)", eventAge: 21_600, targetAge: 21_660 },
    { everyMinutes: 1440, rate: "rate(1 day)", eventAge: 21_600, targetAge: 86_400 },
  ])(
    "of every $everyMinutes minutes drops a check that is older than the next one and than its retries",
    ({ everyMinutes, rate, eventAge, targetAge }) => {
      const stack = synthesize({ everyMinutes });
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
    expect(plain.find("AWS::SNS::Topic")["DisplayName"].length).toBeLessThanOrEqual(10);
  });

  it("is encrypted with a customer key where one is named", () => {
    expect(full.find("AWS::SNS::Topic")["KmsMasterKeyId"]).toBe(OTHER_KEY_ARN);
  });

  it("tells everything by email, and by SMS what is marked for it", () => {
    const TopicArn = ref(full.idOf("AWS::SNS::Topic"));
    expect(full.idsOf("AWS::SNS::Subscription").map((id) => full.resources[id]?.Properties)).toEqual([
      { Protocol: "email", Endpoint: "me@example.com", TopicArn },
      { Protocol: "email", Endpoint: "you@example.com", TopicArn },
      { Protocol: "sms", Endpoint: "+4915112345667", TopicArn, FilterPolicy: { sms: ["yes"] } },
    ]);
  });
});

describe("the alarms", () => {
  const alarm = (name: string, stack = plain) =>
    stack.find("AWS::CloudWatch::Alarm", name === "Undelivered" ? `Alerts${name}` : `kie${name}`);

  it.each([
    { name: "plain", stack: plain },
    { name: "full", stack: full },
  ])("reach the topic, whose policy lets alarms publish, and none says OK: $name", ({ stack }) => {
    const { Topics, PolicyDocument } = stack.find("AWS::SNS::TopicPolicy");
    const open = PolicyDocument.Statement.filter(
      ({ Effect, Action, Principal, Condition }: Record<string, Record<string, unknown> | string>) =>
        Effect === "Allow" &&
        Action === "sns:Publish" &&
        (Principal as Record<string, unknown>)["Service"] === "cloudwatch.amazonaws.com" &&
        Object.keys(Condition ?? {}).length === 2,
    ).map(({ Resource }: { Resource: unknown }) => Resource);
    const alarms = stack
      .idsOf("AWS::CloudWatch::Alarm")
      .flatMap((id) => stack.resources[id]?.Properties ?? []);
    // Two for each account, and one for the topic.
    expect(alarms).toHaveLength(2 * stack.idsOf("AWS::Lambda::Function").length + 1);
    for (const { AlarmActions = [], OKActions, InsufficientDataActions = [], ActionsEnabled } of alarms) {
      expect(ActionsEnabled).not.toBe(false);
      expect(OKActions).toBeUndefined();
      const actions = [...AlarmActions, ...InsufficientDataActions];
      expect(actions).toHaveLength(1);
      for (const action of actions) {
        expect(Topics).toContainEqual(action);
        expect(open).toContainEqual(action);
      }
    }
  });

  it("tell when a scheduled check was given up after its retries", () => {
    const { AlarmDescription, ...properties } = alarm("Errors");
    expect(properties).toEqual({
      Namespace: "AWS/Lambda",
      MetricName: "AsyncEventsDropped",
      Dimensions: [{ Name: "FunctionName", Value: ref(plain.idOf("AWS::Lambda::Function")) }],
      Statistic: "Sum",
      Period: 900,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      Threshold: 1,
      TreatMissingData: "notBreaching",
      AlarmActions: [ref(plain.idOf("AWS::SNS::Topic"))],
    });
  });

  it("tell that a message did not reach somebody, and again only after eight hours without a failure", () => {
    const { AlarmDescription, ...properties } = alarm("Undelivered");
    const topic = plain.idOf("AWS::SNS::Topic");
    expect(properties).toEqual({
      Namespace: "AWS/SNS",
      MetricName: "NumberOfNotificationsFailed",
      Dimensions: [{ Name: "TopicName", Value: { "Fn::GetAtt": [topic, "TopicName"] } }],
      Statistic: "Sum",
      Period: 900,
      EvaluationPeriods: 32,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      Threshold: 1,
      TreatMissingData: "notBreaching",
      AlarmActions: [ref(topic)],
    });
  });

  it("tell of silence only if there were checks before, so not at the first deployment", () => {
    const { AlarmDescription, ...properties } = alarm("Silence");
    expect(properties).toEqual({
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [{ Name: "FunctionName", Value: ref(plain.idOf("AWS::Lambda::Function")) }],
      Statistic: "Sum",
      Period: 900,
      EvaluationPeriods: 2,
      ComparisonOperator: "LessThanThreshold",
      Threshold: 1,
      TreatMissingData: "missing",
      InsufficientDataActions: [ref(plain.idOf("AWS::SNS::Topic"))],
    });
  });

  it.each([
    { everyMinutes: 1, Period: 300, EvaluationPeriods: 2 },
    { everyMinutes: 5, Period: 300, EvaluationPeriods: 2 },
    { everyMinutes: 59, Period: 3540, EvaluationPeriods: 2 },
    { everyMinutes: 60, Period: 3600, EvaluationPeriods: 1 },
    { everyMinutes: 1440, Period: 86_400, EvaluationPeriods: 1 },
  ])("tell of silence after few periods, since CloudWatch looks at more: $everyMinutes min", (expected) => {
    const { everyMinutes, ...periods } = expected;
    expect(alarm("Silence", synthesize({ everyMinutes }))).toMatchObject(periods);
  });

  it("tell no silence of old checks when the period changes, since a new period makes a new alarm", () => {
    const idOf = (everyMinutes: number) =>
      synthesize({ everyMinutes }).idOf("AWS::CloudWatch::Alarm", "kieSilence");
    const ids = [5, 15, 60, 1440].map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    // The same period is the same alarm.
    expect(idOf(1)).toBe(idOf(5));
  });

  it.each([
    { name: "Errors", words: ["the Kie account", "failed", "npm run check"], id: "AWS::Logs::LogGroup" },
    {
      name: "Silence",
      words: ["the Kie account", "About three missed checks", "npm run check"],
      id: "AWS::Logs::LogGroup",
    },
    { name: "Undelivered", words: ["failed to reach a subscriber"], id: "AWS::SNS::Topic" },
  ])("say what has happened and what to do: $name", ({ name, words, id }) => {
    const description = JSON.stringify(alarm(name)["AlarmDescription"]);
    for (const word of [...words, "What to do: ", "npm run doctor", plain.idOf(id)]) {
      expect(description).toContain(word);
    }
    // CloudWatch takes 1,024 characters.
    expect(description.length).toBeLessThan(900);
  });

  it("have periods that CloudWatch takes, whatever the interval", () => {
    const anyInterval = fc.oneof(
      fc.constantFrom(1, 4, 5, 59, 60, 61, 1440),
      fc.integer({ min: 1, max: 1440 }),
    );
    fc.assert(
      fc.property(anyInterval, (every) => {
        const stack = synthesize({ everyMinutes: every });
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
    const text = DashboardBody["Fn::Join"][1].map((part: string | Record<string, string[]>) =>
      typeof part === "string" ? part : `<${Object.values(part).flat().join(".")}>`,
    );
    return JSON.parse(text.join("")) as { widgets: { properties: Record<string, unknown> }[] };
  };

  it("shows credits and hours with their limits, and the alarms, of each account", () => {
    const shown = body(full).widgets.map(({ properties }) => properties["title"]);
    const what = ["credits", "hours left", "alarms"];
    expect(shown).toEqual(
      ["video", "music-2"].flatMap((account) => what.map((title) => `${account}: ${title}`)),
    );
    const one = synthesize({ dashboard: true });
    const [credits, hours, alarms] = body(one).widgets;
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
      annotations: lines(24, 8),
    });
    expect(alarms?.properties["alarms"]).toEqual(
      ["kieErrors", "kieSilence"].map((name) => `<${one.idOf("AWS::CloudWatch::Alarm", name)}.Arn>`),
    );
  });

  it("shows no line for a runway limit that is off", () => {
    expect(body(full).widgets[4]?.properties).toMatchObject({ title: "music-2: hours left" });
    expect(body(full).widgets[4]?.properties["annotations"]).toBeUndefined();
  });

  it("is there if it is wanted, and only then there are metrics of our own", () => {
    const measures = (stack: typeof plain, name: string) => readConfig(stack.environment(name)).emitsMetrics;
    expect(plain.idsOf("AWS::CloudWatch::Dashboard")).toEqual([]);
    expect(plain.outputs).not.toHaveProperty("DashboardAddress");
    expect(measures(plain, "kie")).toBe(false);
    expect(measures(full, "video")).toBe(true);
    for (const { resources } of [plain, synthesize({ accounts: [{ name: "a" }, { name: "b" }] })]) {
      expect(JSON.stringify(resources)).not.toContain('"KieCreditAlert"');
    }
  });
});

describe("the outputs", () => {
  it("name the topic, the functions and the dashboard", () => {
    const values = Object.fromEntries(
      Object.entries(full.outputs).map(([key, { Value }]) => [key.replace(/(?<=FunctionName).*/, ""), Value]),
    );
    expect(values).toEqual({
      TopicArn: ref(full.idOf("AWS::SNS::Topic")),
      videoFunctionName: ref(full.idOf("AWS::Lambda::Function", "video")),
      music2FunctionName: ref(full.idOf("AWS::Lambda::Function", "music2")),
      DashboardAddress: join(
        "https://",
        ref("AWS::Region"),
        ".console.aws.amazon.com/cloudwatch/home?region=",
        ref("AWS::Region"),
        "#dashboards/dashboard/",
        ref(full.idOf("AWS::CloudWatch::Dashboard")),
      ),
    });
  });
});

describe("several accounts", () => {
  it("have names that differ in hyphens only, and still a resource each", () => {
    const names = ["ab", "a-b", "-ab", "-", "topic", "dashboard", "1"];
    const stack = synthesize({ dashboard: true, accounts: names.map((name) => ({ name })) });
    expect(stack.idsOf("AWS::Lambda::Function")).toHaveLength(names.length);
    expect(Object.keys(stack.outputs)).toHaveLength(names.length + 2);
  });

  it("fit into one stack, as many as the settings take, with many people", () => {
    const accounts = Array.from({ length: 50 }, (_, index) => ({ name: `a${index}` }));
    const emails = Array.from({ length: 80 }, (_, index) => `me${index}@example.com`);
    expect(() => synthesize({ accounts, emails })).not.toThrow();
  });
});

describe("logical ids", () => {
  const idsOf = (settings: Record<string, unknown>) => Object.keys(synthesize(settings).resources);
  const before = {
    emails: ["me@example.com"],
    accounts: [{ name: "video" }, { name: "music" }],
    everyMinutes: 15,
  };

  it.each<{ change: string; after: Record<string, unknown>; gone: RegExp[]; made: RegExp[] }>([
    {
      change: "another interval makes a new Silence alarm for each account",
      after: { everyMinutes: 60 },
      gone: [/^videoSilence15Minutes/, /^musicSilence15Minutes/],
      made: [/^videoSilence60Minutes/, /^musicSilence60Minutes/],
    },
    {
      change: "one account more adds what is its own",
      after: { accounts: [...before.accounts, { name: "kie" }] },
      gone: [],
      made: Array.from({ length: 8 }, () => /^kie/),
    },
    {
      change: "a renamed account replaces what is its own",
      after: { accounts: [{ name: "video" }, { name: "kie" }] },
      gone: Array.from({ length: 8 }, () => /^music/),
      made: Array.from({ length: 8 }, () => /^kie/),
    },
    {
      change: "an email more adds its subscription",
      after: { emails: ["you@example.com", "me@example.com"] },
      gone: [],
      made: [/^AlertsTopicyouexamplecom/],
    },
    {
      change: "another order of accounts changes none",
      after: { accounts: before.accounts.toReversed() },
      gone: [],
      made: [],
    },
    {
      change: "thresholds, times and a phone's choice change none",
      after: { warningCredits: 2000, timeZone: "Asia/Tokyo", sms: "all", logRetentionDays: 7 },
      gone: [],
      made: [],
    },
  ])("stay: $change", ({ after, gone, made }) => {
    const old = idsOf(before);
    const young = idsOf({ ...before, ...after });
    const matching = (patterns: RegExp[]) => patterns.map((pattern) => expect.stringMatching(pattern));
    expect(old.filter((id) => !young.includes(id))).toEqual(matching(gone));
    expect(young.filter((id) => !old.includes(id))).toEqual(matching(made));
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

  it.each<{ who: string; settings: Record<string, unknown>; warned: string[] }>([
    { who: "nobody", settings: { emails: [] }, warned: ["Nobody will be told, unless"] },
    {
      who: "phones only",
      settings: { emails: [], phones: ["+4915112345667"] },
      warned: ["Nobody will be told when the check itself fails or stops"],
    },
    { who: "an email", settings: { emails: ["me@example.com"] }, warned: [] },
    {
      who: "emails and phones",
      settings: { emails: ["me@example.com"], phones: ["+4915112345667"] },
      warned: [],
    },
  ])("warns if alerts or alarms reach nobody: $who", ({ settings, warned }) => {
    // The CDK prints its warnings too.
    using _ = vi.spyOn(console, "error").mockReturnValue();
    const stack = synthesize(settings);
    expect(warnings(stack)).toEqual(warned.map((text) => expect.stringContaining(text)));
  });

  it("warns of each phone whose number is possible, but none that is in use", () => {
    using _ = vi.spyOn(console, "error").mockReturnValue();
    const phones = ["+1 555 123 4567", "+49 151 123", "+49 151 12345667"];
    expect(warnings(synthesize({ phones }))).toEqual(
      ["+15551234567", "+49151123"].map((phone) =>
        expect.stringContaining(`No phone is known to have a number like ${phone}.`),
      ),
    );
  });

  it("says what the policy of a customer key for the topic must allow", () => {
    expect(infos(full)).toContainEqual(
      expect.stringMatching(
        /only if the policy of arn:aws:kms:.* lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey\*/,
      ),
    );
  });

  it.each([
    { phone: "+14155552671", note: "Phones with +1 (the United States or Canada) get no SMS unless" },
    { phone: "+919812345678", note: "Phones with +91 (India) get no SMS unless" },
    { phone: "+4915112345667", note: null },
  ])("says what SMS to $phone need, but no more", ({ phone, note }) => {
    const found = infos(synthesize({ emails: ["me@example.com"], phones: [phone] }));
    expect(found).toEqual(note === null ? [] : [expect.stringContaining(note)]);
  });

  it.each([
    ["a plain stack", plain],
    ["a full one", full],
  ])("finds nothing against the rules of AWS Solutions: %s", (_, { app, stack }) => {
    expect(new AwsSolutionsChecks(app).validateScope(stack).violations).toEqual([]);
  });

  it("would find a policy that is too wide", () => {
    const { app, stack, idOf } = synthesize();
    expect(idOf("AWS::IAM::Role")).toBeTruthy();
    const role = stack.node.findChild("kie").node.findChild("Role");
    (role as unknown as { addToPolicy(statement: PolicyStatement): void }).addToPolicy(
      new PolicyStatement({ actions: ["s3:*"], resources: ["*"] }),
    );
    const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
    expect(violations.map(({ ruleName }) => ruleName).join()).toContain("AwsSolutions-IAM5");
  });
});
