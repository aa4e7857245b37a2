/** Adapter: SNS. */
import {
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  type SNSClient,
  type Subscription,
} from "@aws-sdk/client-sns";
import type { Message } from "../messages/message.ts";
import { NotPublishedError } from "../ports.ts";
import type { Subscribers } from "../report.ts";
import { AWS_CALL_MS, AwsCallError, callAws, expectField } from "./aws.ts";

type TextName = keyof Message["texts"];

/** The protocols that each text is for; SNS takes `default` for all that are not named. */
const PROTOCOLS: Readonly<Record<TextName, readonly string[]>> = {
  email: ["default", "email"],
  sms: ["sms"],
  document: ["http", "https", "sqs", "lambda", "firehose"],
};

/**
 * Publishes messages, and counts who hears them.
 *
 * @param client - with SNS_CLIENT_CONFIG: a second attempt could publish a message twice
 * @param callMs - the limit of one call, in milliseconds
 */
export function createTopic(client: SNSClient, topicArn: string, callMs = AWS_CALL_MS) {
  return {
    /**
     * A message with a text for each protocol:
     * https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
     *
     * @returns SNS's id of the message
     * @throws NotPublishedError, or AwsCallError if the answer was lost
     */
    publish: (message: Message): Promise<string> =>
      callAws(
        `sns:Publish to ${topicArn}`,
        async (options) => {
          const { MessageId } = await client.send(publishCommand(topicArn, message), options);
          return expectField("MessageId", MessageId);
        },
        callMs,
        (cause) => (isCertainlyUnpublished(cause) ? NotPublishedError : AwsCallError),
      ),

    /**
     * Who would hear a message. Endpoints are personal: nothing of them leaves this function.
     *
     * @throws AwsCallError if SNS refuses, is throttled or out of reach
     */
    countSubscribers: (): Promise<Subscribers> =>
      callAws(
        `sns:ListSubscriptionsByTopic of ${topicArn}`,
        async (options) => {
          const audience = { emails: 0, phones: 0, others: 0, pending: 0 };
          let token: string | undefined;
          do {
            const command = new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken: token });
            const { Subscriptions, NextToken } = await client.send(command, options);
            for (const subscription of expectField("Subscriptions", Subscriptions)) {
              const kind = kindOf(subscription);
              if (kind !== null) audience[kind]++;
            }
            token = NextToken;
          } while (token);
          return audience;
        },
        callMs,
      ),
  };
}

function publishCommand(topicArn: string, { subject, texts, attributes }: Message): PublishCommand {
  const bodies = Object.entries(PROTOCOLS).flatMap(([name, protocols]) =>
    protocols.map((protocol) => [protocol, texts[name as TextName]]),
  );
  const all = { ...attributes, "AWS.SNS.SMS.SMSType": "Transactional" };
  return new PublishCommand({
    TopicArn: topicArn,
    Subject: subject,
    MessageStructure: "json",
    Message: JSON.stringify(Object.fromEntries(bodies)),
    MessageAttributes: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
    ),
  });
}

/** Amazon Q in chat applications, formerly AWS Chatbot, drops messages that no service of AWS wrote. */
const AMAZON_Q = /^https:\/\/[^/]*\bsns-api\.chatbot\.amazonaws\.com(\/|$)/;

/** Null for what hears nothing. */
function kindOf({ Protocol, SubscriptionArn, Endpoint = "" }: Subscription): keyof Subscribers | null {
  // A subscription that was ended stays listed for a while.
  if (SubscriptionArn === "Deleted" || AMAZON_Q.test(Endpoint)) return null;
  if (SubscriptionArn === "PendingConfirmation") return "pending";
  if (Protocol === "email" || Protocol === "email-json") return "emails";
  return Protocol === "sms" ? "phones" : "others";
}

/** What errors say only in words: the SDK's time limit for connecting, and Node's handshake that was cut. */
const NO_CONNECTION = /did not establish a connection|before secure TLS connection was established/;

/** A refused certificate, or no handshake (https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes). */
const NO_TLS = /CERT|SIGNATURE|^EPROTO$/;

/** The facts that errors of the SDK and of Node's network carry, as far as they are read here. */
interface CallFacts extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
  readonly syscall?: string;
}

/** Whether SNS refused the message, or never got it. Behind an error of its own (5xx) it may have taken it. */
function isCertainlyUnpublished(cause: unknown): boolean {
  // Of several addresses that were tried, each has an error of its own.
  const error: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (!(error instanceof Error)) return false;
  const { name, message, code = "", syscall = "", $metadata }: CallFacts = error;
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    (status >= 300 && status < 500) ||
    syscall === "connect" ||
    syscall === "getaddrinfo" ||
    name === "CredentialsProviderError" ||
    NO_CONNECTION.test(message) ||
    NO_TLS.test(code)
  );
}
