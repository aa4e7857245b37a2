/** Confirming a subscription so that no link in a mail can end it, by SNS. */
import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  type SNSClient,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import type { Prompts } from "../prompts.ts";
import type { ConfirmationLink } from "./link.ts";
import { type NewSubscription, readSubscriptions, STILL_ENDED, subscribe } from "./subscriptions.ts";

/** What became of a subscription. */
export type Confirmation =
  /** Confirmed, and only a signed call of the AWS account can end it. */
  | { readonly kind: "protected"; readonly endpoint: string }
  /** Confirmed by a click, or by a mail filter: a link in each mail can end it. */
  | { readonly kind: "unprotected"; readonly subscription: Subscription }
  /** SNS does not take the token, and the address is not confirmed. */
  | { readonly kind: "refused" };

/** What a new subscription needs to be like this one, too. */
interface Subscription extends NewSubscription {
  readonly arn: string;
}

/**
 * The attributes of a subscription that `Subscribe` takes, and for which protocols. For others it refuses them whatever
 * their value: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
 */
const ATTRIBUTES = [
  ["FilterPolicy", /./],
  ["FilterPolicyScope", /./],
  ["RawMessageDelivery", /^(sqs|https?|firehose)$/],
  ["DeliveryPolicy", /^https?$/],
  ["RedrivePolicy", /./],
] as const;

/**
 * Confirms a subscription by its link, and says what came of it. One that something confirmed before, so that a link in
 * each mail can end it, may be made again.
 *
 * @param topicArn - where the alerts go
 * @param yes - whether to subscribe again without asking; without it, nobody who can't be asked is subscribed again
 * @returns `again` if there will be a new link, else what became of the subscription
 * @throws AwsProblem, or CommandError if the link is for another topic; neither holds the token
 */
export async function confirmByLink(
  prompts: Prompts,
  sns: SNSClient,
  topicArn: string,
  link: ConfirmationLink,
  yes = false,
): Promise<Confirmation["kind"] | "again"> {
  if (link.topicArn !== topicArn) {
    throw new CommandError(`This link is for the topic ${link.topicArn}, but the alerts go to ${topicArn}.`);
  }
  const confirmation = await confirmSubscription(sns, link);
  if (confirmation.kind === "protected") {
    prompts.fine(
      `Confirmed: ${confirmation.endpoint} hears the alerts.\nFrom now on no link in a mail can unsubscribe this address, only somebody with access to the AWS account.`,
    );
    return "protected";
  }
  if (confirmation.kind === "refused") {
    prompts.warn(
      "AWS does not take this link: it is older than two days, it was used already, or a part of it is missing.\nCopy the link of the newest email again.",
    );
    return "refused";
  }
  const { subscription } = confirmation;
  prompts.warn(
    [
      `${subscription.endpoint} was confirmed already, by a click or by a mail filter that opens links.`,
      "The alerts arrive, but a link in each of them can unsubscribe the address, and mail filters open that too.",
      "To prevent it: unsubscribe, and subscribe again, which sends a new email whose link goes here.",
    ].join("\n"),
  );
  if (!yes && !(prompts.isAttended && (await prompts.confirm("Subscribe again?", true))))
    return "unprotected";
  await subscribeAgain(prompts, sns, subscription);
  const where = prompts.isAttended ? "paste it here" : "give it to npm run confirm";
  prompts.fine(
    `${subscription.endpoint} is subscribed again, and hears nothing until it is confirmed.\nAWS sends a new email. Do not open its link: copy it, and ${where}.`,
  );
  return "again";
}

/**
 * Confirms a subscription by the link that SNS sent, in a signed call: afterwards only a signed call can end it
 * (https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html). If that was done already without a
 * signature, the result says so.
 *
 * Needs sns:ConfirmSubscription, sns:GetSubscriptionAttributes and, for a link that SNS refuses,
 * sns:ListSubscriptionsByTopic.
 *
 * @throws AwsProblem or CommandError, which never hold the token
 */
export async function confirmSubscription(
  sns: SNSClient,
  { topicArn, token, endpoint }: ConfirmationLink,
): Promise<Confirmation> {
  const arn =
    (await sendToken(sns, topicArn, token)) ??
    (endpoint === null ? null : await findConfirmed(sns, topicArn, endpoint));
  if (arn === null) return { kind: "refused" };
  const { Attributes: attributes = {} } = await sns
    .send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }))
    .catch(
      AwsProblem.thrower(
        "The subscription is confirmed. Whether a link can end it is unknown: sns:GetSubscriptionAttributes",
      ),
    );
  const subscribed = attributes["Endpoint"] ?? endpoint ?? "";
  if (attributes["ConfirmationWasAuthenticated"] === "true")
    return { kind: "protected", endpoint: subscribed };
  const protocol = attributes["Protocol"] ?? "email";
  return {
    kind: "unprotected",
    subscription: {
      arn,
      topicArn,
      protocol,
      endpoint: subscribed,
      attributes: attributesToKeep(protocol, attributes),
    },
  };
}

function attributesToKeep(
  protocol: string,
  all: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = ATTRIBUTES.flatMap(([name, protocols]) => {
    const value = all[name];
    const isTaken = protocols.test(protocol) && (name !== "FilterPolicyScope" || all["FilterPolicy"]);
    return value && isTaken ? [[name, value]] : [];
  });
  return Object.fromEntries(kept);
}

/** The ARN of the confirmed subscription; null if SNS does not take the token. */
async function sendToken(sns: SNSClient, topicArn: string, token: string): Promise<string | null> {
  try {
    const { SubscriptionArn } = await sns
      .send(
        new ConfirmSubscriptionCommand({
          TopicArn: topicArn,
          Token: token,
          AuthenticateOnUnsubscribe: "true",
        }),
      )
      .catch(AwsProblem.thrower("sns:ConfirmSubscription"));
    return SubscriptionArn ?? null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The token is unknown, has expired, or was used by a click, of which SNS may say "Subscription already confirmed".
    if (/failed: (InvalidParameter|NotFound)|already confirmed/.test(message)) return null;
    // SNS may quote what it was sent, and the SDK's errors carry the whole request.
    throw new CommandError(message.replaceAll(token, "[token]"));
  }
}

async function findConfirmed(sns: SNSClient, topicArn: string, endpoint: string): Promise<string | null> {
  // The address ends the link, so what was pasted behind that may stand there too.
  const isOf = (one: { readonly endpoint: string }) =>
    endpoint.toLowerCase().startsWith(one.endpoint.toLowerCase());
  const found = (await readSubscriptions({ sns }, topicArn))
    .filter((one) => one.arn !== null && isOf(one))
    .toSorted((one, other) => other.endpoint.length - one.endpoint.length);
  return found[0]?.arn ?? null;
}

/**
 * Ends a subscription and makes it again, so that SNS sends a new link. Until that is confirmed, the address hears
 * nothing. Needs sns:Unsubscribe and sns:Subscribe.
 *
 * @throws AwsProblem, or CommandError if SNS sends no link
 */
export async function subscribeAgain(
  prompts: Pick<Prompts, "sleep" | "warn">,
  sns: SNSClient,
  subscription: Subscription,
): Promise<void> {
  const { arn, endpoint } = subscription;
  await sns
    .send(new UnsubscribeCommand({ SubscriptionArn: arn }))
    .catch(AwsProblem.thrower("sns:Unsubscribe"));
  const isSent = await subscribe(prompts, { sns }, subscription).catch((problem: Error) => {
    throw new CommandError(
      `The old subscription is gone, and the new one failed, so that ${endpoint} hears nothing. Subscribe it with npm run setup. ${problem.message}`,
    );
  });
  if (isSent) return;
  throw new CommandError(
    `The old subscription of ${endpoint} is ended, but SNS still has it and sends no new link, so that ${endpoint} hears nothing. ${STILL_ENDED}`,
  );
}
