/** Adapter: AWS as the commands that people run by hand ask it. */
import { globalAgent as httpAgent } from "node:http";
import { globalAgent as httpsAgent } from "node:https";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, GetMetricStatisticsCommand, type Statistic } from "@aws-sdk/client-cloudwatch";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { settleEnvironment } from "./aws-environment.ts";
import { AwsProblem } from "./aws-problem.ts";

/**
 * Limits of one attempt, in milliseconds, as in lambda/adapters/aws.ts; a laptop may be further away. Node's own
 * agents go through the proxy that NODE_USE_ENV_PROXY and HTTPS_PROXY name; those that the SDK makes do not.
 */
const REQUESTS = {
  connectionTimeout: 5_000,
  requestTimeout: 10_000,
  socketTimeout: 10_000,
  throwOnRequestTimeout: true,
  httpAgent,
  httpsAgent,
} as const;

/** A call lasts as long as the function's run, 240 s at most. */
const INVOCATION_MS = 250_000;

export type Aws = ReturnType<typeof createClients>;

/**
 * @param region - that of the environment or the profile by default
 * @throws CommandError, see `settleEnvironment`
 */
export function createClients(region?: string) {
  const credentials = settleEnvironment();
  const config = {
    maxAttempts: 3,
    requestHandler: REQUESTS,
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
  };
  const invoked = { ...REQUESTS, requestTimeout: INVOCATION_MS, socketTimeout: INVOCATION_MS };
  return {
    cloudFormation: new CloudFormationClient(config),
    cloudWatch: new CloudWatchClient(config),
    events: new EventBridgeClient(config),
    /** To run a function: one attempt, since a test message must not be sent twice. */
    invoker: new LambdaClient({ ...config, maxAttempts: 1, requestHandler: invoked }),
    lambda: new LambdaClient(config),
    sns: new SNSClient(config),
    ssm: new SSMClient(config),
    sts: new STSClient(config),
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
  const all = await Array.fromAsync(pages, (page) => itemsOf(page) ?? []).catch(AwsProblem.thrower(call));
  return all.flat();
}

export interface Identity {
  readonly account: string;
  /** Such as `user/me`. */
  readonly who: string;
  readonly region: string;
}

/**
 * Whose credentials these are, and where they go.
 *
 * @throws AwsProblem
 */
export async function readIdentity({ sts }: Aws): Promise<Identity> {
  const refused = AwsProblem.thrower("sts:GetCallerIdentity");
  const region = await sts.config.region().catch(refused);
  const { Account = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand()).catch(refused);
  return { account: Account, who: Arn.split(":").slice(5).join(":"), region };
}

/** The value of a JSON text that AWS answered; undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
