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
 * The stack's outputs name them too, but outputs may be read less often than resources, and say no more.
 *
 * @throws AwsProblem, or CommandError where there is no function, or one that this version doesn't know
 */
export async function findFunctions(
  cloudFormation: CloudFormationClient,
  lambda: LambdaClient,
  stack: string,
): Promise<readonly DeployedFunction[]> {
  const names = await functionNames(cloudFormation, stack).catch(noSuchStack(stack));
  if (names.length === 0) {
    throw new CommandError(
      `The stack ${stack} has no function: its deployment has failed, or another stack is meant. Deploy it with npm run deploy, or name it with --stack.`,
    );
  }
  const functions = await Promise.all(names.map((name) => readFunction(lambda, name)));
  return functions.toSorted((one, other) => (one.config.account < other.config.account ? -1 : 1));
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

/** CloudFormation says it as a ValidationError, which by itself tells nobody what to do. */
function noSuchStack(stack: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new AwsProblem(
        "missing",
        `There is no stack ${stack} in this AWS account and region. Deploy it with npm run deploy, name it with --stack, or set AWS_PROFILE and AWS_REGION to where it is.`,
      );
    }
    return AwsProblem.thrower(`cloudformation:ListStackResources of ${stack}`)(error);
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
      `The function ${name} was deployed by another version of this tool. Deploy anew with npm run deploy.\n${error.message}`,
    );
  }
}
