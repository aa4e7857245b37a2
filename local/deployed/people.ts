/** Who is told: those whom the stack subscribes, compared with those whom SNS has. Pure. */
import { formatTime } from "../../lambda/messages/format.ts";
import { HOUR_MS } from "../../lambda/policy/time.ts";
import { DEPLOY, error, fine, type Verdict, warning } from "../findings.ts";
import { type Subscription, without } from "./subscriptions.ts";
import type { Subscriber } from "./template.ts";

/** SNS deletes a subscription that nobody confirms: https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html */
const PENDING_MS = 48 * HOUR_MS;

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
    `${confirmed.length} confirmed${listOf(confirmed)}`,
    ...(others.length > 0 ? [`${others.length} of them subscribed by others${listOf(others)}`] : []),
    ...(missing.length > 0 ? [`${missing.length} missing${listOf(missing)}`] : []),
    ...(pending.length > 0 ? [`${pending.length} pending${listOf(pending)} ${deadline}`] : []),
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

/** In brackets, so that it can follow their number; nothing if there is nobody. */
export function listOf(people: readonly Subscriber[]): string {
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
