/** The last steps: a first check, people who hear it, and a test message. */

import { GetSMSSandboxAccountStatusCommand } from "@aws-sdk/client-sns";
import type { Settings } from "../../infra/settings.ts";
import { adviceOn } from "../../lambda/messages/advice.ts";
import { formatCredits } from "../../lambda/messages/format.ts";
import type { Aws } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import { CONFIRMATION_EMAIL } from "../config.ts";
import { confirmByLink } from "../deployed/confirmation.ts";
import { checkDeployed } from "../deployed/functions.ts";
import { readConfirmationLink } from "../deployed/link.ts";
import {
  newSubscription,
  readSubscriptions,
  STILL_ENDED,
  type Subscription,
  subscribe,
  without,
} from "../deployed/subscriptions.ts";
import type { Subscriber } from "../deployed/template.ts";
import type { Prompts } from "../prompts.ts";

const CHECK = { dryRun: false, test: false, need: null, snoozeHours: null } as const;

const LOOK_AGAIN_MS = 5_000;

/** Those whom the settings name, as the stack subscribes them. */
export function subscribersOf({ emails, phones }: Settings): readonly Subscriber[] {
  return [
    ...emails.map((endpoint) => ({ protocol: "email", endpoint })),
    ...phones.map((endpoint) => ({ protocol: "sms", endpoint, filter: { sms: ["yes"] } })),
  ];
}

/** Runs each account's function once, so that what fails is seen now. False if one gave no reading. */
export async function checkOnce(prompts: Prompts): Promise<boolean> {
  let isFine = true;
  for (const { config, report, error } of await checkDeployed(null, CHECK, prompts.sleep)) {
    const name = `First check of ${config.account}`;
    if (report === null || report.failure !== null || report.credits === null) isFine = false;
    if (report === null) {
      prompts.warn(`${name}: ${error.type}: ${error.message}\nFind out more: npm run doctor`);
    } else if (report.failure !== null || report.credits === null) {
      const { reason = "unexpected-response", detail = "" } = report.failure ?? {};
      const { meaning, steps } = adviceOn(reason, config);
      prompts.warn([`${name}: no reading: ${reason}: ${detail}`, meaning, ...steps].join("\n"));
    } else {
      prompts.fine(`${name}: ${formatCredits(report.credits)}, level ${report.level}`);
    }
  }
  return isFine;
}

/** Subscribes those whom the settings name and SNS does not have, which a deployment does not do. */
export async function subscribeMissing(
  prompts: Prompts,
  aws: Aws,
  topicArn: string,
  wanted: readonly Subscriber[],
): Promise<void> {
  for (const one of without(wanted, await readSubscriptions(aws, topicArn))) {
    if (await subscribe(prompts, aws, newSubscription(topicArn, one))) {
      prompts.fine(`Subscribed again: ${one.endpoint}`);
    } else {
      prompts.warn(
        `${one.endpoint} hears nothing: SNS has ended its subscription, but does not make a new one yet. ${STILL_ENDED}`,
      );
    }
  }
}

/**
 * Waits until everybody has confirmed, if somebody can answer and does not want to go on before.
 *
 * @returns all subscriptions as they then are
 */
export async function awaitConfirmations(
  prompts: Prompts,
  aws: Aws,
  topicArn: string,
): Promise<readonly Subscription[]> {
  let waitingFor: readonly Subscription[] = [];
  for (;;) {
    const subscriptions = await readSubscriptions(aws, topicArn);
    const pending = pendingEmails(subscriptions);
    for (const { endpoint } of waitingFor) {
      if (!pending.some((one) => one.endpoint === endpoint)) prompts.fine(`${endpoint} has confirmed`);
    }
    if (pending.length === 0 || !prompts.isAttended) return subscriptions;
    if (pending.length !== waitingFor.length) explain(prompts, pending);
    waitingFor = pending;
    const answer = await askWhilePending(prompts, aws, topicArn, pending);
    if (answer === "") return subscriptions;
    if (answer?.trim().toLowerCase() === "again") {
      for (const one of pending) await subscribe(prompts, aws, newSubscription(topicArn, one), 1);
      prompts.fine("AWS sends a new email");
    } else if (answer !== null) {
      await tryLink(prompts, aws, topicArn, answer);
    }
  }
}

async function tryLink(prompts: Prompts, { sns }: Aws, topicArn: string, text: string): Promise<void> {
  try {
    await confirmByLink(prompts, sns, topicArn, readConfirmationLink(text));
  } catch (problem) {
    if (!(problem instanceof CommandError)) throw problem;
    prompts.warn(problem.message);
  }
}

/** A webhook confirms by itself, or never. */
function pendingEmails(subscriptions: readonly Subscription[]): readonly Subscription[] {
  return subscriptions.filter(({ arn, protocol }) => arn === null && protocol.startsWith("email"));
}

function explain(prompts: Prompts, pending: readonly Subscription[]): void {
  prompts.say(
    "AWS has sent an email",
    [
      `To ${pending.map(({ endpoint }) => endpoint).join(", ")}: ${CONFIRMATION_EMAIL}.`,
      'Best: copy the address of "Confirm subscription" in it, without a click on it, and paste it here.',
      "If you click it instead, every later email has an unsubscribe link that works for anybody who clicks it, also for a spam filter.",
      "It is valid for 48 h, and the email may be among the spam.",
    ].join("\n"),
  );
}

/** The answer, or null as soon as somebody has confirmed elsewhere. */
async function askWhilePending(
  prompts: Prompts,
  aws: Aws,
  topicArn: string,
  pending: readonly Subscription[],
): Promise<string | null> {
  const seen = new AbortController();
  let isAnswered = false;
  const watch = async () => {
    while (!isAnswered && !seen.signal.aborted) {
      await prompts.sleep(LOOK_AGAIN_MS);
      const now = await readSubscriptions(aws, topicArn).catch(() => pending);
      if (pendingEmails(now).length < pending.length) seen.abort();
    }
  };
  void watch();
  try {
    return await prompts.askLink(
      'Paste the link (hidden). Or type "again" for a new email, or press Enter to skip',
      seen.signal,
    );
  } finally {
    isAnswered = true;
  }
}

/** Where SNS has SMS at all. */
const SMS_REGIONS = "https://docs.aws.amazon.com/sns/latest/dg/sns-supported-regions-countries.html";

/** Asks SNS, before a phone is deployed, whether this AWS account sends SMS here. */
export async function saySmsStatus(prompts: Prompts, { sns }: Aws, region: string): Promise<void> {
  try {
    const { IsInSandbox } = await sns
      .send(new GetSMSSandboxAccountStatusCommand())
      .catch(AwsProblem.thrower("sns:GetSMSSandboxAccountStatus"));
    if (!IsInSandbox) return prompts.fine(`SMS from ${region}: the AWS account is out of the sandbox`);
    prompts.warn(
      `SMS from ${region}: the AWS account is in the SMS sandbox, where only phones that you verify get any. npm run doctor shows how.`,
    );
  } catch (problem) {
    if (!(problem instanceof AwsProblem)) throw problem;
    prompts.warn(
      `SMS from ${region}: unknown. ${problem.message} SNS has SMS in these regions: ${SMS_REGIONS}\nIn another one a phone may make the deployment fail.`,
    );
  }
}

/** Sends a test message through every channel. All accounts have one topic. False if it was not sent. */
export async function sendTest(prompts: Prompts, account: string): Promise<boolean> {
  let isSent = true;
  const outcomes = await checkDeployed(account, { ...CHECK, test: true }, prompts.sleep);
  for (const { report, error } of outcomes) {
    if (report?.alert?.messageId != null) prompts.fine(`Test message sent: ${report.alert.subject}`);
    else {
      isSent = false;
      prompts.warn(`No test message was sent: ${error?.message ?? report?.alert?.held ?? "nothing was due"}`);
    }
  }
  return isSent;
}
