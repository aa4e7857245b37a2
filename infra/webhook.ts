import { Duration, Stack } from "aws-cdk-lib";
import { ComparisonOperator, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Topic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { type AlarmEntry, addAlarms } from "./add-alarms.ts";
import { ALARMS } from "./alarms.ts";
import { WEBHOOK } from "./bundle.ts";
import { addFunction, allow, allowDecrypt, parameterArn } from "./function.ts";
import { type WebhookSettings, webhookParameterOf } from "./settings.ts";

/** 15 s to read the address and 10 s to post; the rest is for starting. */
const TIMEOUT = Duration.seconds(40);

/** A message that could not be posted for an hour is old news. */
const MAX_EVENT_AGE = Duration.hours(1);

export interface WebhookProps {
  readonly webhook: WebhookSettings;
  /** What is told there is posted. */
  readonly topic: Topic;
  /**
   * The customer key that encrypts the parameter with the address.
   *
   * @default none: the AWS-managed key, which needs no grant
   */
  readonly encryptionKey?: IKey;
  readonly logRetention: RetentionDays;
}

/** One webhook: a function that posts what the topic tells, what it may do, and the alarm that watches it. */
export class Webhook extends Construct {
  private readonly webhook: WebhookSettings;
  private readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: WebhookProps) {
    super(scope, id);
    const { webhook, topic } = props;
    const stack = Stack.of(this);
    const parameter = webhookParameterOf(webhook.name);
    this.webhook = webhook;
    const { function: post, logGroup } = addFunction(this, {
      description: `Posts what is told to the webhook "${webhook.name}"`,
      entry: WEBHOOK,
      config: { kind: "webhook", name: webhook.name, parameter, webhookKind: webhook.kind ?? null },
      timeout: TIMEOUT,
      maxEventAge: MAX_EVENT_AGE,
      logRetention: props.logRetention,
      policy: "Post",
      permissions: [
        allow(["ssm:GetParameter"], [parameterArn(stack, parameter)]),
        ...allowDecrypt(stack, props.encryptionKey, parameter),
      ],
    });
    this.function = post;
    topic.addSubscription(new LambdaSubscription(post));
    addAlarms(this, topic, [this.errors(logGroup)]);
  }

  private errors(logGroup: LogGroup): AlarmEntry {
    const { name } = this.webhook;
    return {
      kind: ALARMS.unposted,
      alarmDescription: [
        `A message could not be posted to the webhook "${name}", and neither could its retries.`,
        "Who reads that chat was not told; all others were.",
        `What to do: read the latest errors in CloudWatch's console, log group ${logGroup.logGroupName}, and if the address has changed,`,
        `store the new one with "npm run setup -- --webhook ${name}".`,
        "It repeats only after a day without a failure.",
      ].join(" "),
      metric: this.function.metric(ALARMS.unposted.metricName, {
        period: Duration.minutes(15),
        statistic: Stats.SUM,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      // A day, the longest that CloudWatch takes: this alarm's own message fails here, too, and so do reminders. If the
      // alarm were OK by then, it would alarm again, and so on.
      evaluationPeriods: 96,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
  }
}
