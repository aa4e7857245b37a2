/** Adapter: SNS. */
import { GetTopicAttributesCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Audience } from "../invocation.ts";
import type { Message } from "../messages/message.ts";
import { AWS_CALL_MS, throwAwsCallError } from "./aws.ts";

/**
 * Publishes messages, and counts who hears them. Both calls throw AwsCallError where SNS refuses, is
 * throttled or out of reach.
 *
 * How a message with a text for each protocol is published:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
 *
 * @param callMs - the limit of one call, in milliseconds
 */
export function createTopic(client: SNSClient, topicArn: string, callMs = AWS_CALL_MS) {
  return {
    /** @returns SNS's id of the message */
    async publish({ subject, texts, attributes }: Message): Promise<string> {
      const { email, sms, machine } = texts;
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        MessageStructure: "json",
        Message: JSON.stringify({
          default: email,
          email,
          sms,
          http: machine,
          https: machine,
          sqs: machine,
          lambda: machine,
          firehose: machine,
        }),
        MessageAttributes: {
          ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, text(value)])),
          "AWS.SNS.SMS.SMSType": text("Transactional"),
        },
      });
      const { MessageId } = await client
        .send(command, { abortSignal: AbortSignal.timeout(callMs) })
        .catch(throwAwsCallError(`sns:Publish to ${topicArn}`));
      return MessageId ?? "";
    },

    async audience(): Promise<Audience> {
      const { Attributes = {} } = await client
        .send(new GetTopicAttributesCommand({ TopicArn: topicArn }), {
          abortSignal: AbortSignal.timeout(callMs),
        })
        .catch(throwAwsCallError(`sns:GetTopicAttributes of ${topicArn}`));
      return {
        confirmed: Number(Attributes["SubscriptionsConfirmed"] ?? 0),
        pending: Number(Attributes["SubscriptionsPending"] ?? 0),
      };
    },
  };
}

function text(value: string) {
  return { DataType: "String", StringValue: value };
}
