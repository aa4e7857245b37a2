/** One webhook: its address, which is not asked, and its subscription. */
import { readAddress, WebhookError } from "../../lambda/webhook/post.ts";
import type { Aws } from "../aws.ts";
import type { DeployedWebhook } from "../deployed/functions.ts";
import { type KeyParameter, readKeyParameter } from "../deployed/key-parameter.ts";
import { subscribeCommand } from "../deployed/people.ts";
import type { Subscription } from "../deployed/subscriptions.ts";
import { error, type Finding, fine, judged, type Seen, see, type Verdict } from "../findings.ts";

export function readWebhook(aws: Aws, { config }: DeployedWebhook): Promise<Seen<KeyParameter>> {
  return see(readKeyParameter(aws, config.parameter));
}

/** @param subscriptions - those of the topic */
export function judgeWebhook(
  webhook: DeployedWebhook,
  parameter: Seen<KeyParameter>,
  subscriptions: Seen<readonly Subscription[]>,
  topicArn: string,
): readonly (Finding | null)[] {
  return [
    judged("Address", parameter, (seen) => judgeAddress(seen, webhook.config)),
    judged("Subscription", subscriptions, (seen) => judgeSubscription(seen, webhook.arn, topicArn)),
  ];
}

/** The verdict names the address's host and nothing else of it. */
export function judgeAddress(
  { type, value }: KeyParameter,
  { name, parameter, webhookKind }: DeployedWebhook["config"],
): Verdict {
  const store = `Store a new address: npm run setup -- --webhook ${name}`;
  if (type === null) return error(`there is no ${parameter}`, store);
  if (type !== "SecureString") {
    return error(`${parameter} is a ${type}, which is not encrypted`, store);
  }
  try {
    const { url, kind } = readAddress(value, webhookKind);
    return fine(`${parameter}, a SecureString: ${kind} at ${url.host}`);
  } catch (problem) {
    if (!(problem instanceof WebhookError)) throw problem;
    return error(`${parameter}: ${problem.message}`, store);
  }
}

export function judgeSubscription(
  subscriptions: readonly Subscription[],
  functionArn: string,
  topicArn: string,
): Verdict {
  if (subscriptions.some(({ endpoint }) => endpoint === functionArn)) return fine("it hears the topic");
  return error(
    "there is none: nothing is posted",
    "Subscribe again, which a deployment does not do:",
    subscribeCommand(topicArn, { protocol: "lambda", endpoint: functionArn }),
  );
}
