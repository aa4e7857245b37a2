/** Who is told: those whom the stack subscribes, compared with those whom SNS has. Pure. */

import { formatTime } from "../../lambda/messages/format.ts";
import { HOUR_MS } from "../../lambda/policy/time.ts";
import { CONFIRMATION_EMAIL, STACK } from "../config.ts";
import {
  DEPLOY,
  error,
  type Finding,
  fine,
  judged,
  known,
  type Seen,
  type Verdict,
  warning,
} from "../findings.ts";
import type { StackState } from "./stack.ts";
import { type Subscription, without } from "./subscriptions.ts";
import type { Subscriber, Template } from "./template.ts";

/** SNS deletes a subscription that nobody confirms: https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html */
const PENDING_MS = 48 * HOUR_MS;

/** Who is subscribed, beside whom the stack subscribes. */
export interface PeopleFacts {
  readonly subscriptions: Seen<readonly Subscription[]>;
  readonly template: Seen<Template>;
  readonly state: Seen<Pick<StackState, "changedAt">>;
}

/**
 * Who is confirmed, who waits for a link and until when, and who is missing.
 *
 * @param now - epoch milliseconds
 */
export function subscriptionsFinding(
  { subscriptions, template, state }: PeopleFacts,
  topicArn: string,
  timeZone: string,
  now = Date.now(),
): Finding | null {
  const until = (known(state)?.changedAt ?? 0) + PENDING_MS;
  const deadline =
    until > now ? `until ${formatTime(until, timeZone)}, 48 h after the deployment` : "for 48 h at most";
  return judged("Subscriptions", subscriptions, (all) =>
    judgeSubscriptions(groupsOf(all, known(template)?.subscribers ?? null), topicArn, deadline),
  );
}

interface Groups {
  readonly confirmed: readonly Subscription[];
  readonly pending: readonly Subscription[];
  /** Those whom the stack subscribes and SNS does not have. */
  readonly missing: readonly Subscriber[];
  /** Confirmed ones whom the stack does not subscribe: queues, or people who are not in the settings. */
  readonly others: readonly Subscription[];
}

/** @param wanted - those whom the deployed stack subscribes; null if that is unknown */
function groupsOf(subscriptions: readonly Subscription[], wanted: readonly Subscriber[] | null): Groups {
  const confirmed = subscriptions.filter(({ arn }) => arn !== null);
  return {
    confirmed,
    pending: subscriptions.filter(({ arn }) => arn === null),
    missing: without(wanted ?? [], subscriptions),
    others: wanted === null ? [] : without(confirmed, wanted).filter((one) => !isWebhook(one)),
  };
}

/** CloudFormation names a function after the stack and its place in it. */
function isWebhook({ protocol, endpoint }: Subscription): boolean {
  return protocol === "lambda" && endpoint.includes(`:function:${STACK}-Webhooks`);
}

/** @param deadline - until when those who are pending can confirm */
function judgeSubscriptions(groups: Groups, topicArn: string, deadline: string): Verdict {
  const { confirmed, missing } = groups;
  const text = describePeople(groups, deadline);
  const fixes = fixesFor(groups, topicArn);
  const subscribe = `Add an email to settings.json. ${DEPLOY}`;
  if (confirmed.length === 0) {
    return error(`${text}: nobody is told`, ...(fixes.length > 0 ? fixes : [subscribe]));
  }
  if (missing.length > 0) return error(text, ...fixes);
  if (fixes.length > 0) return warning(text, ...fixes);
  if (confirmed.every(({ protocol }) => protocol === "sms")) {
    return warning(
      `${text}: nobody is told if the check itself fails, since alarms reach no phone`,
      subscribe,
    );
  }
  return fine(text);
}

function describePeople({ confirmed, others, missing, pending }: Groups, deadline: string): string {
  return [
    `${confirmed.length} confirmed${listOf(confirmed)}`,
    ...(others.length > 0 ? [`${others.length} of them not in settings.json${listOf(others)}`] : []),
    ...(missing.length > 0 ? [`${missing.length} missing${listOf(missing)}`] : []),
    ...(pending.length > 0 ? [`${pending.length} pending${listOf(pending)} ${deadline}`] : []),
  ].join(", ");
}

/** One step a line; none if there is nothing to fix. */
function fixesFor({ others, missing, pending }: Groups, topicArn: string): readonly string[] {
  const lines = (some: readonly Subscriber[]) => some.map((one) => subscribeCommand(topicArn, one));
  const emails = pending.filter(({ protocol }) => protocol.startsWith("email"));
  // Its whole address may be a secret, and a second subscription would wait as the first does.
  const programs = without(pending, emails).map(({ endpoint }) => shortEndpoint(endpoint));
  const copy = [
    `Copy the link in the email ${CONFIRMATION_EMAIL}, which may be among the spam: npm run confirm`,
    "If there is no such email, ask for a new one: npm run setup, or",
    ...lines(emails),
  ];
  const restore = ["Subscribe again, which a deployment does not do: npm run setup, or", ...lines(missing)];
  // Only these could stand in the settings. CloudFormation does not remove whom setup or confirm have subscribed.
  const strangers = others.filter(({ protocol }) => protocol === "email" || protocol === "sms");
  const decide = [
    "Those who are not in settings.json: add them to it, or unsubscribe them:",
    ...strangers.map(({ arn }) => `aws sns unsubscribe --subscription-arn ${arn}`),
  ];
  return [
    ...(emails.length > 0 ? copy : []),
    ...programs.map(
      (host) => `${host} has to confirm by itself: it opens the SubscribeURL that SNS has posted to it`,
    ),
    ...(missing.length > 0 ? restore : []),
    ...(strangers.length > 0 ? decide : []),
  ];
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
