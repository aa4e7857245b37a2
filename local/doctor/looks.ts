/** Adapter: AWS → what the doctor looks at. Nothing here changes anything. All throw AwsProblem. */
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
} from "@aws-sdk/client-cloudformation";
import {
  type CloudWatchClient,
  DescribeAlarmsForMetricCommand,
  GetMetricStatisticsCommand,
  type Statistic,
} from "@aws-sdk/client-cloudwatch";
import { type CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeRuleCommand,
  type EventBridgeClient,
  ListRuleNamesByTargetCommand,
} from "@aws-sdk/client-eventbridge";
import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  paginateListSMSSandboxPhoneNumbers,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { METRIC_NAMESPACE, type MetricName } from "../../lambda/config.ts";
import { AwsProblem } from "../aws-problem.ts";
import { noSuchStack } from "../stack.ts";
import type {
  AlarmState,
  Heartbeat,
  Identity,
  KeyParameter,
  Rule,
  Sandbox,
  Spending,
  StackState,
  Subscription,
} from "./findings.ts";

const HOUR_SECONDS = 3_600;
const DAY_MS = 86_400_000;

export async function lookAtIdentity(client: STSClient): Promise<Identity> {
  const refused = AwsProblem.thrower("sts:GetCallerIdentity");
  const region = await client.config.region().catch(refused);
  const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand()).catch(refused);
  return { account: Account, who: Arn.split(":").slice(5).join(":"), region };
}

export async function lookAtStack(client: CloudFormationClient, name: string): Promise<StackState> {
  const { Stacks: [stack] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch(noSuchStack("cloudformation:DescribeStacks", name));
  const changedAt = stack?.LastUpdatedTime ?? stack?.CreationTime;
  return { status: stack?.StackStatus ?? "unknown", changedAt: changedAt?.getTime() ?? 0 };
}

/** The assets that the stack's functions run, each once. */
export async function lookAtCode(client: CloudFormationClient, stack: string): Promise<readonly string[]> {
  const { TemplateBody = "" } = await client
    .send(new GetTemplateCommand({ StackName: stack }))
    .catch(AwsProblem.thrower(`cloudformation:GetTemplate of ${stack}`));
  return assetsIn(TemplateBody);
}

/** The hashes of all code in a template. */
export function assetsIn(template: string): readonly string[] {
  const found = template.matchAll(/"S3Key":\s*"([0-9a-f]{64})\.zip"/g);
  return [...new Set(Array.from(found, ([, hash]) => hash ?? ""))];
}

export async function lookAtSubscriptions(
  client: SNSClient,
  topicArn: string,
): Promise<readonly Subscription[]> {
  const subscriptions: Subscription[] = [];
  const pages = paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn });
  await eachPage(pages, `sns:ListSubscriptionsByTopic of ${topicArn}`, ({ Subscriptions = [] }) => {
    for (const { Protocol = "", Endpoint = "", SubscriptionArn = "" } of Subscriptions) {
      // What is not confirmed has a word here; what was unsubscribed from stays for some days.
      if (SubscriptionArn === "Deleted") continue;
      subscriptions.push({
        protocol: Protocol,
        endpoint: Endpoint,
        isConfirmed: SubscriptionArn.startsWith("arn:"),
      });
    }
  });
  return subscriptions;
}

export async function lookAtSandbox(client: SNSClient): Promise<Sandbox> {
  const { IsInSandbox } = await client
    .send(new GetSMSSandboxAccountStatusCommand())
    .catch(AwsProblem.thrower("sns:GetSMSSandboxAccountStatus"));
  if (!IsInSandbox) return { isInSandbox: false, verified: [] };
  const verified: string[] = [];
  const pages = paginateListSMSSandboxPhoneNumbers({ client }, {});
  await eachPage(pages, "sns:ListSMSSandboxPhoneNumbers", ({ PhoneNumbers = [] }) => {
    for (const { PhoneNumber, Status } of PhoneNumbers) {
      if (PhoneNumber !== undefined && Status === "Verified") verified.push(PhoneNumber);
    }
  });
  return { isInSandbox: true, verified };
}

/**
 * What SNS takes as the limit of an account that never set one:
 * https://docs.aws.amazon.com/sns/latest/dg/channels-sms-awssupport-spend-threshold.html
 */
const DEFAULT_SPEND_LIMIT = 1;

/** @param now - epoch milliseconds */
export async function lookAtSpending(
  sns: SNSClient,
  cloudWatch: CloudWatchClient,
  now: number,
): Promise<Spending> {
  const { attributes = {} } = await sns
    .send(new GetSMSAttributesCommand({ attributes: ["MonthlySpendLimit"] }))
    .catch(AwsProblem.thrower("sns:GetSMSAttributes"));
  const monthStart = new Date(now);
  monthStart.setUTCDate(1);
  monthStart.setUTCHours(0, 0, 0, 0);
  const points = await statistics(cloudWatch, {
    namespace: "AWS/SNS",
    metric: "SMSMonthToDateSpentUSD",
    dimensions: {},
    from: monthStart.getTime(),
    to: now,
    periodSeconds: HOUR_SECONDS,
    wanted: ["Maximum"],
  });
  return {
    limit: Number(attributes["MonthlySpendLimit"] ?? DEFAULT_SPEND_LIMIT),
    spent: Math.max(0, ...points.map(({ Maximum = 0 }) => Maximum)),
  };
}

/** Null where there is no such parameter. The value is for one call to Kie, and for nothing else. */
export async function lookAtKeyParameter(client: SSMClient, name: string): Promise<KeyParameter | null> {
  const { Parameter } = await client
    .send(new GetParameterCommand({ Name: name, WithDecryption: true }))
    .catch(AwsProblem.thrower(`ssm:GetParameter of ${name}`))
    .catch(nothingWhereMissing({ Parameter: undefined }));
  return Parameter ? { type: Parameter.Type ?? "", value: Parameter.Value ?? "" } : null;
}

/** The rules that start a function. */
export async function lookAtRules(client: EventBridgeClient, functionArn: string): Promise<readonly Rule[]> {
  const { RuleNames = [] } = await client
    .send(new ListRuleNamesByTargetCommand({ TargetArn: functionArn }))
    .catch(AwsProblem.thrower(`events:ListRuleNamesByTarget of ${functionArn}`));
  return Promise.all(
    RuleNames.map(async (name) => {
      const { State, ScheduleExpression = "" } = await client
        .send(new DescribeRuleCommand({ Name: name }))
        .catch(AwsProblem.thrower(`events:DescribeRule of ${name}`));
      return { name, isEnabled: State === "ENABLED", schedule: ScheduleExpression };
    }),
  );
}

/**
 * @param from - epoch milliseconds
 * @param to - epoch milliseconds
 */
export async function lookAtHeartbeat(
  client: CloudWatchClient,
  account: string,
  from: number,
  to: number,
): Promise<Heartbeat> {
  const points = await statistics(client, {
    namespace: METRIC_NAMESPACE,
    metric: "CheckFailed" satisfies MetricName,
    dimensions: { account },
    from,
    to,
    // As fine as CloudWatch allows, which answers with 1,440 points at the most.
    periodSeconds: to - from > DAY_MS ? HOUR_SECONDS : 60,
    wanted: ["SampleCount", "Sum"],
  });
  const last = points
    .toSorted((one, other) => (one.Timestamp?.getTime() ?? 0) - (other.Timestamp?.getTime() ?? 0))
    .at(-1);
  const sum = (field: "SampleCount" | "Sum") =>
    points.reduce((total, point) => total + (point[field] ?? 0), 0);
  return {
    checks: sum("SampleCount"),
    failed: sum("Sum"),
    lastAt: last?.Timestamp?.getTime() ?? null,
    hasLastFailed: (last?.Sum ?? 0) > 0,
  };
}

/** The alarm on the errors of a function; null where there is none. */
export function lookAtErrorsAlarm(client: CloudWatchClient, functionName: string) {
  return lookAtAlarm(client, "AWS/Lambda", "Errors", { FunctionName: functionName });
}

/** The alarm on the heartbeat of an account; null where there is none. */
export function lookAtSilenceAlarm(client: CloudWatchClient, account: string) {
  return lookAtAlarm(client, METRIC_NAMESPACE, "CheckFailed" satisfies MetricName, { account });
}

/** By what they watch, which holds whatever their names are. */
async function lookAtAlarm(
  client: CloudWatchClient,
  namespace: string,
  metric: string,
  dimensions: Readonly<Record<string, string>>,
): Promise<AlarmState | null> {
  const { MetricAlarms = [] } = await client
    .send(
      new DescribeAlarmsForMetricCommand({
        Namespace: namespace,
        MetricName: metric,
        Dimensions: dimensionList(dimensions),
      }),
    )
    .catch(AwsProblem.thrower("cloudwatch:DescribeAlarmsForMetric"));
  const [alarm] = MetricAlarms;
  return alarm
    ? {
        state: alarm.StateValue ?? "unknown",
        hasActions: alarm.ActionsEnabled ?? false,
        configuredAt: alarm.AlarmConfigurationUpdatedTimestamp?.getTime() ?? 0,
      }
    : null;
}

/** Null where there is no such log group. */
export async function lookAtLogs(
  client: CloudWatchLogsClient,
  name: string,
): Promise<{ readonly retentionDays: number | null } | null> {
  const { logGroups = [] } = await client
    .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }))
    .catch(AwsProblem.thrower(`logs:DescribeLogGroups of ${name}`));
  const group = logGroups.find(({ logGroupName }) => logGroupName === name);
  return group ? { retentionDays: group.retentionInDays ?? null } : null;
}

async function statistics(
  client: CloudWatchClient,
  query: {
    readonly namespace: string;
    readonly metric: string;
    readonly dimensions: Readonly<Record<string, string>>;
    /** Epoch milliseconds. */
    readonly from: number;
    readonly to: number;
    readonly periodSeconds: number;
    readonly wanted: Statistic[];
  },
) {
  const { Datapoints = [] } = await client
    .send(
      new GetMetricStatisticsCommand({
        Namespace: query.namespace,
        MetricName: query.metric,
        Dimensions: dimensionList(query.dimensions),
        StartTime: new Date(query.from),
        EndTime: new Date(query.to),
        Period: query.periodSeconds,
        Statistics: query.wanted,
      }),
    )
    .catch(AwsProblem.thrower(`cloudwatch:GetMetricStatistics of ${query.metric}`));
  return Datapoints;
}

function dimensionList(dimensions: Readonly<Record<string, string>>) {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

function nothingWhereMissing<Nothing>(nothing: Nothing): (problem: unknown) => Nothing {
  return (problem) => {
    if (problem instanceof AwsProblem && problem.kind === "missing") return nothing;
    throw problem;
  };
}

async function eachPage<Page>(
  pages: AsyncIterable<Page>,
  call: string,
  take: (page: Page) => void,
): Promise<void> {
  try {
    for await (const page of pages) take(page);
  } catch (error) {
    AwsProblem.thrower(call)(error);
  }
}
