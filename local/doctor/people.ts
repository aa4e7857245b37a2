/** Rows on who is told: those whom the stack subscribes, compared with those whom SNS has. */
import { GetSubscriptionAttributesCommand } from "@aws-sdk/client-sns";
import type { Aws } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { judgeSubscriptions, listOf, subscribeCommand } from "../deployed/people.ts";
import { type Subscription, without } from "../deployed/subscriptions.ts";
import type { Subscriber } from "../deployed/template.ts";
import { DEPLOY, fine, orNull, type Row, row, type Verdict, warning } from "../findings.ts";
import type { Deployment } from "./deployment.ts";

/** @param subscriptions - see `readSubscriptions` */
export function peopleRows(
  aws: Aws,
  { template, built, state }: Deployment,
  topicArn: string,
  subscriptions: () => Promise<readonly Subscription[]>,
  timeZone: string,
): readonly Row[] {
  return [
    row({
      subject: "Subscriptions",
      look: async () => ({
        subscriptions: await subscriptions(),
        wanted: (await orNull(template))?.subscribers ?? null,
        changedAt: (await orNull(state))?.changedAt ?? 0,
      }),
      judge: (seen) => judgeSubscriptions({ ...seen, topicArn, now: Date.now(), timeZone }),
    }),
    row({
      subject: "Settings",
      look: async () => [await orNull(template), await built()] as const,
      judge: ([deployed, here]) => deployed && here && judgeSettings(deployed.subscribers, here.subscribers),
    }),
    row({
      subject: "Unsubscribing",
      look: async () => lookAtAuthentication(aws, (await orNull(subscriptions)) ?? []),
      judge: (emails) => judgeUnsubscribing(emails, topicArn),
    }),
  ];
}

/** Compares the people of the deployed stack with those whom this checkout would deploy. */
export function judgeSettings(deployed: readonly Subscriber[], here: readonly Subscriber[]): Verdict {
  const added = without(here, deployed);
  const removed = without(deployed, here);
  if (added.length + removed.length === 0) return fine("the same people as deployed");
  const text = [
    ...(added.length > 0 ? [`not deployed yet${listOf(added)}`] : []),
    ...(removed.length > 0 ? [`deployed, but not in the settings here${listOf(removed)}`] : []),
  ].join("; ");
  const consequence = removed.length > 0 ? ["The next deployment unsubscribes those that are not here."] : [];
  return warning(text, ...consequence, DEPLOY);
}

/** A confirmed email, and whether only a signed call can unsubscribe it. */
export interface AuthenticatedEmail extends Subscription {
  readonly isAuthenticated: boolean;
}

async function lookAtAuthentication(
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
    "Subscribe again, then confirm with npm run confirm instead of a click:",
    ...open.flatMap((email) => [
      `aws sns unsubscribe --subscription-arn ${email.arn}`,
      subscribeCommand(topicArn, email),
    ]),
  );
}
