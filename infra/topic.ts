import { Annotations, Duration, Stack } from "aws-cdk-lib";
import { ComparisonOperator, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription, SmsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { type AlarmEntry, addAlarms } from "./add-alarms.ts";
import { ALARMS } from "./alarms.ts";
import { phoneDoubts } from "./phones.ts";
import { smsNotes } from "./sms-countries.ts";

export interface AlertTopicProps {
  /** Addresses that get every message. Each is asked by email to confirm. */
  readonly emails: readonly string[];
  /** Numbers, as E.164, that get the messages with the attribute `sms` = `yes`. */
  readonly phones: readonly string[];
  /** Names of the webhooks that subscribe to it. */
  readonly webhooks: readonly string[];
  /** Whether people have AWS's console alone, and none of our commands. */
  readonly consoleOnly: boolean;
  /**
   * The customer key that encrypts the topic. Its policy must let `cloudwatch.amazonaws.com` use it.
   *
   * @default none: the topic is not encrypted
   */
  readonly encryptionKey?: IKey;
}

/** Where alerts and alarms go, and who hears them. */
export class AlertTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    super(scope, id);

    this.topic = new Topic(this, "Topic", {
      // Begins every SMS; SNS takes up to 10 characters there.
      displayName: "Kie alert",
      enforceSSL: true,
      ...(props.encryptionKey && { masterKey: props.encryptionKey }),
    });

    // The policy that enforces TLS replaces the default one, and then alarms are refused. People and roles of
    // this AWS account need no statement here: their own IAM policies let them publish and subscribe.
    const stack = Stack.of(this);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AllowAlarmsOfThisAccount",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: {
          StringEquals: { "aws:SourceAccount": stack.account },
          ArnLike: { "aws:SourceArn": stack.formatArn({ service: "cloudwatch", resource: "alarm:*" }) },
        },
      }),
    );

    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
    for (const phone of props.phones) {
      this.topic.addSubscription(
        new SmsSubscription(phone, {
          filterPolicy: { sms: SubscriptionFilter.stringFilter({ allowlist: ["yes"] }) },
        }),
      );
    }
    addAlarms(this, this.topic, [this.undelivered(props)]);
    // For whoever deploys from here, by settings.
    if (!props.consoleOnly) this.annotate(props);
  }

  /** Publishing succeeds even if a message reaches nobody; SNS counts that here, once it gives up. */
  private undelivered({ consoleOnly }: AlertTopicProps): AlarmEntry {
    return {
      kind: ALARMS.undelivered,
      alarmDescription: [
        `A message of the topic ${this.topic.topicName} failed to reach a subscriber, so somebody was not told.`,
        "What to do: look in SNS's console at the topic's subscriptions, and at Text messaging (SMS) for its spending limit;",
        ...(consoleOnly ? [] : ['or run "npm run doctor", which looks at all of it;']),
        "remove a webhook, queue or phone that is gone.",
        "It repeats only after eight hours without a failure.",
      ].join(" "),
      metric: this.topic.metric(ALARMS.undelivered.metricName, {
        period: Duration.minutes(15),
        statistic: Stats.SUM,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      // Eight hours, since this alarm's own message fails at the same subscriber, too: an email or an SMS after almost
      // seven hours of retries, a webhook after one. If the alarm were OK by then, it would alarm again, and so on.
      // Queues and functions, which are tried for 23 days, are not covered.
      // https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
      evaluationPeriods: 32,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
  }

  private annotate({ emails, phones, webhooks, encryptionKey }: AlertTopicProps): void {
    const annotations = Annotations.of(this);
    if (emails.length === 0 && webhooks.length > 0) {
      annotations.addWarningV2(
        "kie-credit-alert:webhooks-alone",
        `If a webhook fails (${webhooks.join(", ")}), no email will say so: "emails" in the settings is empty, and alarms reach no phone.`,
      );
    } else if (emails.length === 0 && phones.length === 0) {
      annotations.addWarningV2(
        "kie-credit-alert:nobody-is-told",
        'Nobody will be told, unless they subscribe to the topic by hand: "emails", "phones" and "webhooks" in the settings are empty.',
      );
    } else if (emails.length === 0) {
      // An alarm's message carries no attributes, so no filter on attributes lets it through.
      annotations.addWarningV2(
        "kie-credit-alert:alarms-reach-no-phone",
        'Nobody will be told when the check itself fails or stops: those alarms reach email only, and "emails" in the settings is empty.',
      );
    }
    for (const [index, doubt] of phoneDoubts(phones).entries()) {
      annotations.addWarningV2(`kie-credit-alert:unknown-phone-${index}`, doubt);
    }
    for (const note of smsNotes(phones)) annotations.addInfo(note);
    if (encryptionKey) {
      annotations.addInfo(
        `Alarms reach the topic only if the policy of ${encryptionKey.keyArn} lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*. The stack can't add that to a key that it doesn't own.`,
      );
    }
  }
}
