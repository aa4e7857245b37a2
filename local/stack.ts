/** Adapter: CloudFormation and Lambda → what is deployed. */
import { type CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { type FunctionConfig, readConfig } from "../lambda/config.ts";
import { InvalidInputError } from "../lambda/problems.ts";
import { AwsProblem } from "./aws-problem.ts";
import { CommandError } from "./command.ts";

/** One account's check as it is deployed. */
export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
  readonly config: FunctionConfig;
  /** Where it logs to; undefined where Lambda doesn't say. */
  readonly logGroup: string | undefined;
}

/**
 * Finds the stack's functions, in the order of their accounts' names.
 *
 * The stack's outputs name them too, but the resources say the same in a form that can be relied on.
 *
 * @throws AwsProblem, or CommandError where there is no function, or one that this version doesn't know
 */
export async function findFunctions(
  cloudFormation: CloudFormationClient,
  lambda: LambdaClient,
  stack: string,
): Promise<readonly DeployedFunction[]> {
  const names = await functionNames(cloudFormation, stack).catch(
    noSuchStack("cloudformation:ListStackResources", stack),
  );
  if (names.length === 0) {
    throw new CommandError(
      `The stack ${stack} has no function: its deployment has failed, or another stack is meant. Deploy it with npm run deploy, or name it with --stack.`,
    );
  }
  const functions = await Promise.all(names.map((name) => readFunction(lambda, name)));
  return functions.toSorted((one, other) => (one.config.account < other.config.account ? -1 : 1));
}

/**
 * The function of one account, or all of them where it is null.
 *
 * @throws CommandError where there is no such account
 */
export function ofAccount(
  functions: readonly DeployedFunction[],
  account: string | null,
): readonly DeployedFunction[] {
  if (account === null) return functions;
  const picked = functions.filter(({ config }) => config.account === account);
  if (picked.length > 0) return picked;
  const names = functions.map(({ config }) => config.account).join(", ");
  throw new CommandError(`--account: got "${account}", but the stack watches ${names}`);
}

async function functionNames(client: CloudFormationClient, stack: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stack },
  )) {
    for (const { ResourceType, PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
      const isThere = PhysicalResourceId && ResourceStatus !== "DELETE_COMPLETE";
      if (ResourceType === "AWS::Lambda::Function" && isThere) names.push(PhysicalResourceId);
    }
  }
  return names;
}

/**
 * For `promise.catch(...)` of a call about a stack: CloudFormation says that there is none as a
 * ValidationError, which by itself tells nobody what to do.
 */
export function noSuchStack(call: string, stack: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new AwsProblem(
        "missing",
        `There is no stack ${stack} in this AWS account and region. Deploy it with npm run deploy, name it with --stack, or set AWS_PROFILE and AWS_REGION to where it is.`,
      );
    }
    return AwsProblem.thrower(`${call} of ${stack}`)(error);
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
      `The function ${name} was deployed by another version of this tool. Deploy anew with npm run deploy. ${inOneLine(error.message)}`,
    );
  }
}

/** An InvalidInputError has a line for each field, and a finding has only one. */
function inOneLine(message: string): string {
  return message.replace(/:\n\s*/, ": ").replaceAll(/\n\s*/g, "; ");
}
