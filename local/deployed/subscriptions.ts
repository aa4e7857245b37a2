/** Adapter: SNS → who is subscribed. */
import { paginateListSubscriptionsByTopic, SubscribeCommand } from "@aws-sdk/client-sns";
import { type Aws, readPages } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import type { Prompts } from "../prompts.ts";
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

/** SNS forgets an ended subscription late: so often it is asked again, for a minute in all. */
const TRIES = 13;
const TRY_AGAIN_MS = 5_000;

/** What to do if that is not enough. AWS does not say how long it remembers an email; of other protocols, 72 hours. */
export const STILL_ENDED =
  "AWS may keep an ended subscription for up to three days: try npm run setup now and then. Until it works, use another address or a chat.";

/** Somebody to subscribe, with the attributes that `Subscribe` takes. */
export interface NewSubscription {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Subscribes somebody whom SNS does not have, or no longer; or sends a new link to an email that waits for its own.
 *
 * @param tries - as long as SNS answers with a subscription that was ended
 * @returns false if SNS still has the old subscription, so that no link comes and nobody will be subscribed
 * @throws AwsProblem
 */
export async function subscribe(
  prompts: Pick<Prompts, "sleep" | "warn">,
  { sns }: Pick<Aws, "sns">,
  { topicArn, protocol, endpoint, attributes }: NewSubscription,
  tries = TRIES,
): Promise<boolean> {
  const input = { TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Attributes: attributes };
  const isConfirmedByLink = /^(email|http)/.test(protocol);
  for (let left = tries; left > 0; left -= 1) {
    const { SubscriptionArn = "" } = await sns
      .send(new SubscribeCommand(input))
      .catch(AwsProblem.thrower(`sns:Subscribe of ${endpoint}`));
    // It is "pending confirmation" else.
    if (!isConfirmedByLink || !SubscriptionArn.startsWith("arn:")) return true;
    if (left === tries && tries > 1)
      prompts.warn(`SNS still has the old subscription of ${endpoint}: trying again, for a minute at most.`);
    if (left > 1) await prompts.sleep(TRY_AGAIN_MS);
  }
  return false;
}

/** What a new subscription of somebody whom the stack names needs. */
export function newSubscription(
  topicArn: string,
  { protocol, endpoint, filter }: Subscriber,
): NewSubscription {
  const attributes = filter === undefined ? {} : { FilterPolicy: JSON.stringify(filter) };
  return { topicArn, protocol, endpoint, attributes };
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
