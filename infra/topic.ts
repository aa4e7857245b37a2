import { Annotations, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription, SmsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";

export interface AlertTopicProps {
  /** Addresses that get every message. Each is asked by email to confirm. */
  readonly emails: readonly string[];
  /** Numbers, as E.164, that get the messages with the attribute `sms` = `yes`. */
  readonly phones: readonly string[];
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
    this.annotate(props);
  }

  private annotate({ emails, phones, encryptionKey }: AlertTopicProps): void {
    const annotations = Annotations.of(this);
    if (emails.length === 0 && phones.length === 0) {
      // No warning: a topic that is subscribed to by hand, or by a webhook, is a good setup too.
      annotations.addInfo(
        "Nobody will be told: there are no emails and no phones. Add one with -c email=me@example.com, or subscribe to the topic yourself.",
      );
    } else if (emails.length === 0) {
      // An alarm's message carries no attributes, so that no filter on attributes lets it through.
      annotations.addWarningV2(
        "kie-credit-alert:alarms-reach-no-phone",
        "Nobody will be told when the check itself fails or stops: those alarms reach email only, and there are no emails. Add one with -c email=me@example.com.",
      );
    }
    if (encryptionKey) {
      annotations.addInfo(
        `Alarms reach the topic only if the policy of ${encryptionKey.keyArn} lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*. The stack can't add that to a key that it doesn't own.`,
      );
    }
  }
}
