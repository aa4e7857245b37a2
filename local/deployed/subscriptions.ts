/** Adapter: SNS → who is subscribed. */
import { paginateListSubscriptionsByTopic, SubscribeCommand } from "@aws-sdk/client-sns";
import { type Aws, readPages } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import type { Subscriber } from "./template.ts";

/** A subscription as SNS has it. */
export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
  /** Null while it waits for its link. */
  readonly arn: string | null;
}

/**
 * All that are subscribed to a topic, or wait for their link.
 *
 * @throws AwsProblem
 */
export async function readSubscriptions(
  { sns }: Pick<Aws, "sns">,
  topicArn: string,
): Promise<readonly Subscription[]> {
  const all = await readPages(
    `sns:ListSubscriptionsByTopic of ${topicArn}`,
    paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn }),
    ({ Subscriptions }) => Subscriptions,
  );
  return (
    all
      // One that was deleted stays in the list for some days.
      .filter(({ SubscriptionArn }) => SubscriptionArn !== "Deleted")
      .map(({ Protocol = "", Endpoint = "", SubscriptionArn = "" }) => ({
        protocol: Protocol,
        endpoint: Endpoint,
        arn: SubscriptionArn.startsWith("arn:") ? SubscriptionArn : null,
      }))
  );
}

/**
 * Subscribes somebody. An email that waits for its link is sent a new one.
 *
 * @throws AwsProblem
 */
export async function subscribe(
  { sns }: Aws,
  topicArn: string,
  { protocol, endpoint, filter }: Subscriber,
): Promise<void> {
  const Attributes = filter === undefined ? undefined : { FilterPolicy: JSON.stringify(filter) };
  await sns
    .send(new SubscribeCommand({ TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Attributes }))
    .catch(AwsProblem.thrower(`sns:Subscribe of ${endpoint}`));
}

/** Those of the first list who are not in the second one. */
export function without<One extends Subscriber | Subscription>(
  some: readonly One[],
  others: readonly (Subscriber | Subscription)[],
): readonly One[] {
  const key = ({ protocol, endpoint }: Subscriber) => `${protocol} ${endpoint.toLowerCase()}`;
  const keys = new Set(others.map(key));
  return some.filter((one) => !keys.has(key(one)));
}
