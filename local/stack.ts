/** Adapter: CloudFormation and Lambda → what is deployed. */
import { type CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { type FunctionConfig, readConfig } from "../lambda/config.ts";
import { InvalidInputError } from "../lambda/problems.ts";
import { AwsProblem } from "./aws-problem.ts";
import { CommandError } from "./command.ts";
import { STACK } from "./config.ts";

/** One account's check as it is deployed. */
export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
  readonly config: FunctionConfig;
  /** Where it logs to; undefined if Lambda doesn't say. */
  readonly logGroup: string | undefined;
}

/**
 * Finds the stack's functions, in the order of their accounts' names.
 *
 * @throws AwsProblem, or CommandError if there is no function, or one that this version doesn't know
 */
export async function findFunctions(
  cloudFormation: CloudFormationClient,
  lambda: LambdaClient,
): Promise<readonly DeployedFunction[]> {
  const names = await findResources(cloudFormation, "AWS::Lambda::Function");
  const functions = await Promise.all(names.map((name) => readFunction(lambda, name)));
  return functions.toSorted((one, other) => (one.config.account < other.config.account ? -1 : 1));
}

/**
 * Finds the ARN of the topic that the alerts go to.
 *
 * @throws AwsProblem, or CommandError if the stack has none
 */
export async function findTopic(cloudFormation: CloudFormationClient): Promise<string> {
  const [topicArn = ""] = await findResources(cloudFormation, "AWS::SNS::Topic");
  return topicArn;
}

/**
 * The function of one account, or all of them for null.
 *
 * @throws CommandError if there is no such account
 */
export function ofAccount(
  functions: readonly DeployedFunction[],
  account: string | null,
): readonly DeployedFunction[] {
  if (account === null || functions.length === 0) return functions;
  const picked = functions.filter(({ config }) => config.account === account);
  if (picked.length > 0) return picked;
  const names = functions.map(({ config }) => config.account).join(", ");
  throw new CommandError(`--account: got "${account}", but the stack watches ${names}`);
}

/** The physical ids of all resources of a type, of which there is at least one. */
async function findResources(client: CloudFormationClient, type: string): Promise<readonly string[]> {
  const ids: string[] = [];
  try {
    for await (const page of paginateListStackResources({ client }, { StackName: STACK })) {
      for (const { ResourceType, PhysicalResourceId, ResourceStatus } of page.StackResourceSummaries ?? []) {
        const isThere = PhysicalResourceId && ResourceStatus !== "DELETE_COMPLETE";
        if (ResourceType === type && isThere) ids.push(PhysicalResourceId);
      }
    }
  } catch (error) {
    noSuchStack("cloudformation:ListStackResources")(error);
  }
  if (ids.length > 0) return ids;
  const what = type.replace(/.*::/, "").toLowerCase();
  throw new CommandError(
    `The stack ${STACK} has no ${what}: its deployment has failed. Deploy it with npm run deploy.`,
  );
}

/**
 * For `promise.catch(...)` of a call about the stack: CloudFormation says that there is none with a
 * ValidationError, which tells nobody what to do.
 */
export function noSuchStack(call: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new AwsProblem(
        "missing",
        `There is no stack ${STACK} in this AWS account and region. Deploy it with npm run deploy, or set AWS_PROFILE and AWS_REGION to where it is.`,
      );
    }
    return AwsProblem.thrower(`${call} of ${STACK}`)(error);
  };
}

async function readFunction(client: LambdaClient, name: string): Promise<DeployedFunction> {
  const { FunctionArn, Environment, LoggingConfig } = await client
    .send(new GetFunctionConfigurationCommand({ FunctionName: name }))
    .catch(AwsProblem.thrower(`lambda:GetFunctionConfiguration of ${name}`));
  try {
    const config = readConfig(Environment?.Variables ?? {});
    return { name, arn: FunctionArn ?? name, config, logGroup: LoggingConfig?.LogGroup };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new CommandError(
      `The function ${name} was deployed by another version of this tool. Deploy again with npm run deploy. ${inOneLine(error.message)}`,
    );
  }
}

/** An InvalidInputError has a line for each field, and a finding has only one. */
function inOneLine(message: string): string {
  return message.replace(/:\n\s*/, ": ").replaceAll(/\n\s*/g, "; ");
}
