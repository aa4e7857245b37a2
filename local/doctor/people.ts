/** Who is told, and whether a link in a mail can undo that. */
import { GetSubscriptionAttributesCommand } from "@aws-sdk/client-sns";
import type { Aws } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { listOf, type PeopleFacts, subscribeCommand, subscriptionsFinding } from "../deployed/people.ts";
import { readSubscriptions, type Subscription } from "../deployed/subscriptions.ts";
import { type Finding, fine, judged, known, type Seen, see, type Verdict, warning } from "../findings.ts";
import type { DeploymentFacts } from "./deployment.ts";

export interface SubscribedFacts extends PeopleFacts {
  /** The confirmed emails. */
  readonly emails: Seen<readonly AuthenticatedEmail[]>;
}

export async function readPeople(
  aws: Aws,
  { template, state }: DeploymentFacts,
  topicArn: string,
): Promise<SubscribedFacts> {
  const subscriptions = await see(readSubscriptions(aws, topicArn));
  const emails = await see(readAuthentication(aws, known(subscriptions) ?? []));
  return { subscriptions, emails, template, state };
}

export function judgePeople(
  facts: SubscribedFacts,
  topicArn: string,
  timeZone: string,
): readonly (Finding | null)[] {
  return [
    subscriptionsFinding(facts, topicArn, timeZone),
    judged("Unsubscribing", facts.emails, (emails) => judgeUnsubscribing(emails, topicArn)),
  ];
}

/** A confirmed email, and whether only a signed call can unsubscribe it. */
export interface AuthenticatedEmail extends Subscription {
  readonly isAuthenticated: boolean;
}

async function readAuthentication(
  { sns }: Aws,
  subscriptions: readonly Subscription[],
): Promise<readonly AuthenticatedEmail[]> {
  const emails = subscriptions.filter(({ protocol, arn }) => protocol.startsWith("email") && arn !== null);
  return Promise.all(
    emails.map(async (email) => {
      const { Attributes } = await sns
        .send(new GetSubscriptionAttributesCommand({ SubscriptionArn: email.arn ?? "" }))
        .catch(AwsProblem.thrower("sns:GetSubscriptionAttributes"));
      return { ...email, isAuthenticated: Attributes?.["ConfirmationWasAuthenticated"] === "true" };
    }),
  );
}

/** Mail filters open every link in an email, the one that unsubscribes too. */
export function judgeUnsubscribing(emails: readonly AuthenticatedEmail[], topicArn: string): Verdict | null {
  const open = emails.filter(({ isAuthenticated }) => !isAuthenticated);
  if (emails.length === 0) return null;
  if (open.length === 0) return fine("no link in a mail can unsubscribe anybody");
  return warning(
    `a link in each mail can unsubscribe, and mail filters open links${listOf(open)}`,
    "Unsubscribe, subscribe again a minute later, and confirm with npm run confirm instead of a click:",
    ...open.flatMap((email) => [
      `aws sns unsubscribe --subscription-arn ${email.arn}`,
      subscribeCommand(topicArn, email),
    ]),
  );
}
