/** Who hears the alerts, beside a check by the deployed functions. */
import { createClients } from "../aws.ts";
import { findFunctions } from "../deployed/functions.ts";
import { subscriptionsFinding } from "../deployed/people.ts";
import { findTopic, readDeployedTemplate, readState } from "../deployed/stack.ts";
import { readSubscriptions } from "../deployed/subscriptions.ts";
import { type Finding, known, see } from "../findings.ts";

/** Who is subscribed, compared with whom the stack subscribes; null if that is as it should be, or AWS does not say. */
export async function findSubscriptions(timeZone: string): Promise<Finding | null> {
  const aws = createClients();
  const topicArn = known(await see(findTopic(aws)));
  if (topicArn === null) return null;
  const [subscriptions, template, state] = await Promise.all([
    see(readSubscriptions(aws, topicArn)),
    see(readDeployedTemplate(aws)),
    see(readState(aws)),
  ]);
  const finding = subscriptionsFinding({ subscriptions, template, state }, topicArn, timeZone);
  return finding?.mark === "fine" ? null : finding;
}

/** The names of the webhooks that post what is told; none if AWS does not say. */
export async function webhookNames(): Promise<readonly string[]> {
  const functions = known(await see(findFunctions(createClients())));
  return (functions?.webhooks ?? []).map(({ config }) => config.name);
}
