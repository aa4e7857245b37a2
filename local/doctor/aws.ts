/** What the doctor's looks share: the clients, metrics and pages. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, GetMetricStatisticsCommand, type Statistic } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { AWS_CLIENT_LIMITS } from "../../lambda/adapters/aws.ts";
import { AwsProblem } from "../aws-problem.ts";

export type Aws = ReturnType<typeof createClients>;

export function createClients() {
  return {
    cloudFormation: new CloudFormationClient(AWS_CLIENT_LIMITS),
    cloudWatch: new CloudWatchClient(AWS_CLIENT_LIMITS),
    events: new EventBridgeClient(AWS_CLIENT_LIMITS),
    lambda: new LambdaClient(AWS_CLIENT_LIMITS),
    logs: new CloudWatchLogsClient(AWS_CLIENT_LIMITS),
    sns: new SNSClient(AWS_CLIENT_LIMITS),
    ssm: new SSMClient(AWS_CLIENT_LIMITS),
    sts: new STSClient(AWS_CLIENT_LIMITS),
  };
}

/**
 * The values of a metric up to now, oldest first.
 *
 * @param dimension - null for a metric of the whole AWS account
 * @param from - epoch milliseconds
 * @throws AwsProblem
 */
export async function readMetric(
  { cloudWatch }: Aws,
  query: {
    readonly namespace: string;
    readonly metric: string;
    readonly dimension: readonly [name: string, value: string] | null;
    readonly from: number;
    readonly periodSeconds: number;
    readonly statistics: Statistic[];
  },
) {
  const [Name, Value] = query.dimension ?? [];
  const { Datapoints = [] } = await cloudWatch
    .send(
      new GetMetricStatisticsCommand({
        Namespace: query.namespace,
        MetricName: query.metric,
        Dimensions: query.dimension ? [{ Name, Value }] : [],
        StartTime: new Date(query.from),
        EndTime: new Date(),
        Period: query.periodSeconds,
        Statistics: query.statistics,
      }),
    )
    .catch(AwsProblem.thrower(`cloudwatch:GetMetricStatistics of ${query.metric}`));
  return Datapoints.toSorted((one, other) => Number(one.Timestamp ?? 0) - Number(other.Timestamp ?? 0));
}

/**
 * All items of all pages.
 *
 * @param call - what is asked, for a problem's text
 * @throws AwsProblem
 */
export async function readPages<Page, Item>(
  call: string,
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  try {
    for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  } catch (problem) {
    AwsProblem.thrower(call)(problem);
  }
  return items;
}
