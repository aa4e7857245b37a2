import { Annotations, Match } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it, vi } from "vitest";
import { readWebhookConfig } from "../../lambda/config.ts";
import { synthesize } from "./synthesize.ts";

const KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const ref = (id: string) => ({ Ref: id });
const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const join = (...parts: unknown[]) => ({ "Fn::Join": ["", parts] });
const parameterArn = (name: string) =>
  join("arn:", ref("AWS::Partition"), ":ssm:", ref("AWS::Region"), ":", ref("AWS::AccountId"), name);

const plain = synthesize({ webhooks: [{ name: "team" }] });
const full = synthesize({
  accounts: [{ name: "team" }, { name: "phone" }],
  webhooks: [{ name: "team" }, { name: "phone", kind: "ntfy" }, { name: "p-hone" }],
  apiKeyKmsKeyArn: KEY_ARN,
  logRetentionDays: 7,
});

const TEAM = "Webhooksteam";
const teamArn = parameterArn(":parameter/kie-credit-alert/webhooks/team");

describe("a webhook's role", () => {
  it("may read its own address and log: nothing else", () => {
    expect(plain.find("AWS::IAM::Role", TEAM)).toEqual({
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
        ],
      },
      Policies: [
        {
          PolicyName: "Post",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Action: "ssm:GetParameter", Resource: teamArn },
              {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: arnOf(plain.idOf("AWS::Logs::LogGroup", TEAM)),
              },
            ],
          },
        },
      ],
    });
    expect(plain.idsOf("AWS::IAM::Policy")).toEqual([]);
  });

  it("may decrypt its own address alone where a customer key is named", () => {
    const [policy] = full.find("AWS::IAM::Role", TEAM)["Policies"];
    const [read, decrypt, ...others] = policy.PolicyDocument.Statement;
    expect(read).toEqual({ Effect: "Allow", Action: "ssm:GetParameter", Resource: teamArn });
    expect(decrypt).toEqual({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: KEY_ARN,
      Condition: {
        StringEquals: {
          "kms:ViaService": join("ssm.", ref("AWS::Region"), ".amazonaws.com"),
          "kms:EncryptionContext:PARAMETER_ARN": teamArn,
        },
      },
    });
    expect(others).toHaveLength(1);
  });
});

describe("a webhook's function", () => {
  it("is what the design says, and is told its parameter and no address", () => {
    const { Code, Environment, ...properties } = plain.find("AWS::Lambda::Function", TEAM);
    expect(properties).toEqual({
      Description: 'Posts what is told to the webhook "team"',
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: 256,
      Timeout: 40,
      Role: arnOf(plain.idOf("AWS::IAM::Role", TEAM)),
      LoggingConfig: { LogFormat: "JSON", LogGroup: ref(plain.idOf("AWS::Logs::LogGroup", TEAM)) },
    });
    const configs = full.idsOf("AWS::Lambda::Function").filter((id) => id.startsWith("Webhooks"));
    expect(
      configs.map((id) => readWebhookConfig(full.resources[id]?.Properties["Environment"].Variables)),
    ).toEqual([
      { kind: "webhook", name: "team", parameter: "/kie-credit-alert/webhooks/team", webhookKind: null },
      { kind: "webhook", name: "phone", parameter: "/kie-credit-alert/webhooks/phone", webhookKind: "ntfy" },
      { kind: "webhook", name: "p-hone", parameter: "/kie-credit-alert/webhooks/p-hone", webhookKind: null },
    ]);
    expect(full.idsOf("AWS::SSM::Parameter")).toEqual([]);
  });

  it("is tried again twice within an hour", () => {
    expect(plain.find("AWS::Lambda::EventInvokeConfig", TEAM)).toEqual({
      FunctionName: ref(plain.idOf("AWS::Lambda::Function", TEAM)),
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    });
  });

  it("keeps its logs as long as is set, and not beyond the stack", () => {
    expect(full.resources[full.idOf("AWS::Logs::LogGroup", TEAM)]).toMatchObject({
      Properties: { RetentionInDays: 7 },
      DeletionPolicy: "Delete",
    });
  });
});

describe("a webhook's subscription", () => {
  it("gets every message of the topic, and alarms with them: nothing is filtered", () => {
    expect(plain.find("AWS::SNS::Subscription", TEAM)).toEqual({
      Protocol: "lambda",
      Endpoint: arnOf(plain.idOf("AWS::Lambda::Function", TEAM)),
      TopicArn: ref(plain.idOf("AWS::SNS::Topic")),
    });
  });

  it("is the only one that may call the function", () => {
    expect(plain.find("AWS::Lambda::Permission", TEAM)).toEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: arnOf(plain.idOf("AWS::Lambda::Function", TEAM)),
      Principal: "sns.amazonaws.com",
      SourceArn: ref(plain.idOf("AWS::SNS::Topic")),
    });
  });
});

describe("a webhook's alarm", () => {
  it("tells that a message was given up, once until nothing failed for a day, and never that it is OK", () => {
    const { AlarmDescription, ...properties } = plain.find("AWS::CloudWatch::Alarm", TEAM);
    expect(properties).toEqual({
      Namespace: "AWS/Lambda",
      MetricName: "AsyncEventsDropped",
      Dimensions: [{ Name: "FunctionName", Value: ref(plain.idOf("AWS::Lambda::Function", TEAM)) }],
      Statistic: "Sum",
      Period: 900,
      EvaluationPeriods: 96,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      Threshold: 1,
      TreatMissingData: "notBreaching",
      AlarmActions: [ref(plain.idOf("AWS::SNS::Topic"))],
    });
    // CloudWatch takes a day at most for periods below an hour.
    expect(properties["Period"] * properties["EvaluationPeriods"]).toBeLessThanOrEqual(86_400);
    const description = JSON.stringify(AlarmDescription);
    for (const words of ["team", "What to do: ", "npm run setup -- --webhook team"])
      expect(description).toContain(words);
    expect(description.length).toBeLessThan(900);
  });
});

describe("webhooks", () => {
  it("have the names of accounts, or names that differ in hyphens only, and still a resource each", () => {
    expect(full.idsOf("AWS::Lambda::Function")).toHaveLength(5);
    expect(full.idsOf("AWS::SNS::Subscription")).toHaveLength(4);
  });

  it("that are added or removed change nothing else", () => {
    const idsOf = (webhooks: unknown) => Object.keys(synthesize({ webhooks }).resources);
    const before = idsOf([{ name: "team" }]);
    const after = idsOf([{ name: "phone", kind: "ntfy" }]);
    const gone = before.filter((id) => !after.includes(id));
    const made = after.filter((id) => !before.includes(id));
    expect(gone).toEqual(Array.from({ length: 7 }, () => expect.stringMatching(/^Webhooksteam/)));
    expect(made).toEqual(Array.from({ length: 7 }, () => expect.stringMatching(/^Webhooksphone/)));
    expect(before.filter((id) => !id.startsWith("Webhooks"))).toEqual(idsOf([]));
  });

  it.each<{ settings: Record<string, unknown>; warned: string[] }>([
    { settings: {}, warned: [] },
    { settings: { emails: [] }, warned: ["If a webhook fails (team), no email will say so"] },
    {
      settings: { emails: [], phones: ["+4915112345667"] },
      warned: ["If a webhook fails (team), no email will say so"],
    },
  ])(
    "without an email are warned of, since their own alarms would reach nobody: %j",
    ({ settings, warned }) => {
      // The CDK prints its warnings too.
      using _ = vi.spyOn(console, "error").mockReturnValue();
      const { stack } = synthesize({ webhooks: [{ name: "team" }], ...settings });
      const warnings = Annotations.fromStack(stack).findWarning("*", Match.anyValue());
      expect(warnings.map(({ entry }) => entry.data)).toEqual(
        warned.map((text) => expect.stringContaining(text)),
      );
    },
  );

  it("fit into one stack, as many as the settings take, with many accounts", () => {
    const accounts = Array.from({ length: 50 }, (_, index) => ({ name: `a${index}` }));
    const webhooks = Array.from({ length: 10 }, (_, index) => ({ name: `w${index}` }));
    expect(() => synthesize({ accounts, webhooks })).not.toThrow();
  });

  it("have nothing against the rules of AWS Solutions", () => {
    for (const { app, stack } of [plain, full])
      expect(new AwsSolutionsChecks(app).validateScope(stack).violations).toEqual([]);
  });
});
