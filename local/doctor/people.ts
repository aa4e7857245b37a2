/** Rows on who is told: those whom the stack subscribes, compared with those whom SNS has. */
import { GetSubscriptionAttributesCommand, paginateListSubscriptionsByTopic } from "@aws-sdk/client-sns";
import { formatTime } from "../../lambda/messages/format.ts";
import { type Aws, readPages } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import type { Deployment, Subscriber } from "./deployment.ts";
import { DEPLOY, error, fine, orNull, type Row, row, type Verdict, warning } from "./findings.ts";

/** SNS deletes a subscription that nobody confirms: https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html */
const PENDING_MS = 48 * 3_600_000;

/** A subscription as SNS has it. */
export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
  /** Null while it waits for its link. */
  readonly arn: string | null;
}

export async function lookAtSubscriptions({ sns }: Aws, topicArn: string): Promise<readonly Subscription[]> {
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

/** @param subscriptions - see `lookAtSubscriptions` */
export function peopleRows(
  aws: Aws,
  { template, built, state }: Deployment,
  topicArn: string,
  subscriptions: () => Promise<readonly Subscription[]>,
  timeZone: string,
): readonly Row[] {
  return [
    subscriptionsRow({ template, state }, topicArn, subscriptions, timeZone),
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

/** Those who are confirmed, who wait for their link, and who are missing. */
export function subscriptionsRow(
  { template, state }: Pick<Deployment, "template" | "state">,
  topicArn: string,
  subscriptions: () => Promise<readonly Subscription[]>,
  timeZone: string,
): Row {
  return row({
    subject: "Subscriptions",
    look: async () => ({
      subscriptions: await subscriptions(),
      wanted: (await orNull(template))?.subscribers ?? null,
      changedAt: (await orNull(state))?.changedAt ?? 0,
    }),
    judge: (seen) => judgeSubscriptions({ ...seen, topicArn, now: Date.now(), timeZone }),
  });
}

/**
 * @param wanted - those whom the deployed stack subscribes; null if that is unknown
 * @param changedAt - of the stack, in epoch milliseconds
 * @param now - epoch milliseconds
 */
export function judgeSubscriptions({
  subscriptions,
  wanted,
  topicArn,
  changedAt,
  now,
  timeZone,
}: {
  readonly subscriptions: readonly Subscription[];
  readonly wanted: readonly Subscriber[] | null;
  readonly topicArn: string;
  readonly changedAt: number;
  readonly now: number;
  readonly timeZone: string;
}): Verdict {
  const confirmed = subscriptions.filter(({ arn }) => arn !== null);
  const pending = subscriptions.filter(({ arn }) => arn === null);
  const others = wanted === null ? [] : without(confirmed, wanted);
  // Only these stand in the settings. Setup and confirm subscribe beside CloudFormation, which can't remove them then.
  const strangers = others.filter(({ protocol }) => protocol === "email" || protocol === "sms");
  const missing = without(wanted ?? [], subscriptions);
  const until = changedAt + PENDING_MS;
  const deadline =
    until > now ? `until ${formatTime(until, timeZone)}, 48 h after the deployment` : "for 48 h at most";
  const text = [
    `${confirmed.length} confirmed${list(confirmed)}`,
    ...(others.length > 0 ? [`${others.length} of them subscribed by others${list(others)}`] : []),
    ...(missing.length > 0 ? [`${missing.length} missing${list(missing)}`] : []),
    ...(pending.length > 0 ? [`${pending.length} pending${list(pending)} ${deadline}`] : []),
  ].join(", ");
  const lines = (some: readonly Subscriber[]) => some.map((one) => subscribeCommand(topicArn, one));
  const fix = [
    ...(pending.length > 0
      ? [
          "Copy the link in the email of AWS Notifications, which may be among the spam: npm run confirm",
          "If there is no such email, ask for a new one: npm run setup, or",
          ...lines(pending),
        ]
      : []),
    ...(missing.length > 0
      ? ["Subscribe again, which a deployment does not do: npm run setup, or", ...lines(missing)]
      : []),
    ...(strangers.length > 0
      ? [
          "Those whom the stack does not name: add them to settings.json, or unsubscribe them:",
          ...strangers.map(({ arn }) => `aws sns unsubscribe --subscription-arn ${arn}`),
        ]
      : []),
  ];
  const subscribe = `Add an email to settings.json. ${DEPLOY}`;
  if (confirmed.length === 0)
    return error(`${text}: nobody is told`, ...(fix.length > 0 ? fix : [subscribe]));
  if (missing.length > 0) return error(text, ...fix);
  if (fix.length > 0) return warning(text, ...fix);
  if (confirmed.every(({ protocol }) => protocol === "sms")) {
    return warning(
      `${text}: nobody is told if the check itself fails, since alarms reach no phone`,
      subscribe,
    );
  }
  return fine(text);
}

/** The line that subscribes somebody. The address is in full, so that the line can be run. */
export function subscribeCommand(topicArn: string, { protocol, endpoint, filter }: Subscriber): string {
  const address = /^[\w@.+:/-]+$/.test(endpoint) ? endpoint : `'${endpoint.replaceAll("'", "'\\''")}'`;
  const attributes =
    filter === undefined ? "" : ` --attributes '${JSON.stringify({ FilterPolicy: JSON.stringify(filter) })}'`;
  return `aws sns subscribe --topic-arn ${topicArn} --protocol ${protocol} --notification-endpoint ${address}${attributes}`;
}

/** Compares the people of the deployed stack with those whom this checkout would deploy. */
export function judgeSettings(deployed: readonly Subscriber[], here: readonly Subscriber[]): Verdict {
  const added = without(here, deployed);
  const removed = without(deployed, here);
  if (added.length + removed.length === 0) return fine("the same people as deployed");
  const text = [
    ...(added.length > 0 ? [`not deployed yet${list(added)}`] : []),
    ...(removed.length > 0 ? [`deployed, but not in the settings here${list(removed)}`] : []),
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
    `a link in each mail can unsubscribe, and mail filters open links${list(open)}`,
    "Subscribe again, then confirm with npm run confirm instead of a click:",
    ...open.flatMap((email) => [
      `aws sns unsubscribe --subscription-arn ${email.arn}`,
      subscribeCommand(topicArn, email),
    ]),
  );
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

function list(people: readonly Subscriber[]): string {
  if (people.length === 0) return "";
  return ` (${people.map(({ protocol, endpoint }) => `${protocol} ${shortEndpoint(endpoint)}`).join(", ")})`;
}

/** Enough to know it by, if somebody looks over a shoulder or reads a pasted output. */
export function shortEndpoint(endpoint: string): string {
  if (URL.canParse(endpoint) && /^https?:/.test(endpoint)) return new URL(endpoint).host;
  if (endpoint.startsWith("arn:")) return endpoint.split(":").at(-1) ?? "";
  const [name = "", domain] = endpoint.split("@");
  return domain === undefined ? `…${endpoint.slice(-2)}` : `${name.slice(0, 1)}…@${domain}`;
}
