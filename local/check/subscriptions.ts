/** Who hears the alerts, beside a check by the deployed functions. */
import { createClients } from "../aws.ts";
import { judgeSubscriptions } from "../deployed/people.ts";
import { findTopic, readDeployedTemplate, readState } from "../deployed/stack.ts";
import { readSubscriptions } from "../deployed/subscriptions.ts";
import { type Finding, orNull, row } from "../findings.ts";

/** Who is subscribed, compared with whom the stack subscribes; null if that is as it should be, or AWS does not say. */
export async function findSubscriptions(timeZone: string): Promise<Finding | null> {
  const aws = createClients();
  const { cloudFormation } = aws;
  const topicArn = await orNull(() => findTopic(cloudFormation));
  if (topicArn === null) return null;
  const finding = await row({
    subject: "Subscriptions",
    look: async () => ({
      subscriptions: await readSubscriptions(aws, topicArn),
      wanted: (await orNull(() => readDeployedTemplate(cloudFormation)))?.subscribers ?? null,
      changedAt: (await orNull(() => readState(cloudFormation)))?.changedAt ?? 0,
    }),
    judge: (seen) => judgeSubscriptions({ ...seen, topicArn, now: Date.now(), timeZone }),
  })();
  return finding?.mark === "fine" ? null : finding;
}
