/** Adapter: CloudFormation → the stack as it is deployed. */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { type Aws, readIdentity } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import { BROWSER_MARK, STACK } from "../config.ts";
import { readTemplate, type Template } from "./template.ts";

export interface StackState {
  readonly status: string;
  /** Epoch milliseconds of the last deployment. */
  readonly changedAt: number;
  /** The dashboard's address; undefined if there is none. */
  readonly dashboard?: string | undefined;
  /** Whether it was made in AWS's console, from the template for the browser. */
  readonly isFromBrowser: boolean;
  /** Why the last deployment failed; null if it did not, or if nobody may know. */
  readonly failure: string | null;
}

/**
 * Whether no deployment ever finished: there is nothing, or what is left of a first one that failed. The CDK deletes
 * that, and deploys anew.
 */
export function isNeverDeployed({ status }: Pick<StackState, "status">): boolean {
  return /^(REVIEW_IN_PROGRESS|CREATE_FAILED|ROLLBACK_\w+|DELETE_\w+)$/.test(status);
}

/** @throws AwsProblem */
export async function readState(aws: Aws): Promise<StackState> {
  const stack = await describe(aws);
  const changedAt = stack?.LastUpdatedTime ?? stack?.CreationTime;
  const status = stack?.StackStatus ?? "unknown";
  const isFailed = /FAILED$|ROLLBACK/.test(status);
  return {
    status,
    failure: isFailed ? await readFailure(aws).catch(() => null) : null,
    changedAt: changedAt?.getTime() ?? 0,
    dashboard: stack?.Outputs?.find(({ OutputKey }) => OutputKey === "DashboardAddress")?.OutputValue,
    isFromBrowser: stack?.Description?.includes(BROWSER_MARK) ?? false,
  };
}

async function describe(aws: Aws) {
  const { Stacks: [stack] = [] } = await aws.cloudFormation
    .send(new DescribeStacksCommand({ StackName: STACK }))
    .catch(noSuchStack(aws, "cloudformation:DescribeStacks"));
  return stack;
}

/** What failed first in the last deployment; what failed after it was mostly cancelled. */
async function readFailure({ cloudFormation: client }: Aws): Promise<string | null> {
  let failure: string | null = null;
  // The newest come first.
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName: STACK })) {
    for (const event of StackEvents) {
      const isStack = event.PhysicalResourceId === event.StackId;
      if (isStack && /^(CREATE|UPDATE)_IN_PROGRESS$/.test(event.ResourceStatus ?? "")) return failure;
      const isFailed = event.ResourceStatus?.endsWith("_FAILED") && event.ResourceStatusReason;
      if (isFailed && !isStack)
        failure = `${event.LogicalResourceId}: ${inOneLine(event.ResourceStatusReason)}`;
    }
  }
  return failure;
}

const inOneLine = (text = "") => text.replaceAll(/\s+/g, " ").trim();

/**
 * The template that was deployed last, with what was filled in for its parameters.
 *
 * @throws AwsProblem
 */
export async function readDeployedTemplate(aws: Aws): Promise<Template> {
  const { TemplateBody = "" } = await aws.cloudFormation
    .send(new GetTemplateCommand({ StackName: STACK }))
    .catch(noSuchStack(aws, "cloudformation:GetTemplate"));
  const { Parameters = [] } = (await describe(aws)) ?? {};
  const values = Parameters.map(({ ParameterKey = "", ParameterValue = "" }) => [
    ParameterKey,
    ParameterValue,
  ]);
  return readTemplate(TemplateBody, Object.fromEntries(values));
}

/**
 * Finds the ARN of the topic that the alerts go to.
 *
 * @throws AwsProblem, or CommandError if the stack has none
 */
export async function findTopic(aws: Aws): Promise<string> {
  const [topicArn = ""] = await findResources(aws, "AWS::SNS::Topic");
  return topicArn;
}

/**
 * The physical ids of all resources of a type, of which there is at least one.
 *
 * @throws AwsProblem, or CommandError if there is none
 */
export async function findResources(aws: Aws, type: string): Promise<readonly string[]> {
  const pages = await Array.fromAsync(
    paginateListStackResources({ client: aws.cloudFormation }, { StackName: STACK }),
  ).catch(noSuchStack(aws, "cloudformation:ListStackResources"));
  const ids = pages
    .flatMap(({ StackResourceSummaries }) => StackResourceSummaries ?? [])
    .filter((one) => one.ResourceType === type && one.ResourceStatus !== "DELETE_COMPLETE")
    .flatMap(({ PhysicalResourceId }) => PhysicalResourceId || []);
  if (ids.length > 0) return ids;
  const what = type.replace(/.*::/, "").toLowerCase();
  throw new CommandError(
    `The stack ${STACK} has no ${what}: its deployment has failed. Deploy it with npx cdk deploy.`,
  );
}

/**
 * For `promise.catch(...)` of a call about the stack: CloudFormation says that there is none with a
 * ValidationError, which tells nobody what to do. Never "deploy it" first: in a wrong region that makes a second copy,
 * which tells everything twice.
 */
function noSuchStack(aws: Aws, call: string): (error: unknown) => Promise<never> {
  return async (error) => {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new AwsProblem(
        "missing",
        `No stack ${STACK} in ${await placeOf(aws)}. Deployed elsewhere? Set AWS_REGION. Never deployed? npm run setup.`,
      );
    }
    return AwsProblem.thrower(`${call} of ${STACK}`)(error);
  };
}

/** `123456789012, eu-central-1`; the region alone if STS does not say more. */
async function placeOf(aws: Aws): Promise<string> {
  const region = await aws.sts.config.region();
  return readIdentity(aws).then(
    ({ account }) => `${account}, ${region}`,
    () => region,
  );
}
