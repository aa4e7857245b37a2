/** Adapter: Lambda → the functions that check, one for each account, what they answer, and those of the webhooks. */
import { type FunctionConfiguration, GetFunctionCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { type Config, type FunctionConfig, readAnyConfig, type WebhookConfig } from "../../lambda/config.ts";
import type { Invocation } from "../../lambda/invocation.ts";
import { InvalidInputError } from "../../lambda/problems.ts";
import { type Report, reportSchema } from "../../lambda/report.ts";
import { type Aws, createClients, parseJson } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError, type Io } from "../command.ts";
import { findResources } from "./stack.ts";

/** One account's check as it is deployed. */
export type DeployedFunction = Deployed<FunctionConfig>;

/** One webhook as it is deployed. */
export type DeployedWebhook = Deployed<WebhookConfig>;

interface Deployed<Config> {
  readonly name: string;
  readonly arn: string;
  readonly config: Config;
}

/**
 * Finds the stack's functions: those that check, and those that post to webhooks, each in the order of their names.
 *
 * @throws AwsProblem, or CommandError if there is no function, or one that this version doesn't know
 */
export async function findFunctions(aws: Aws): Promise<{
  readonly checks: readonly DeployedFunction[];
  readonly webhooks: readonly DeployedWebhook[];
}> {
  const names = await findResources(aws, "AWS::Lambda::Function");
  const functions = await Promise.all(names.map((name) => readFunction(aws, name)));
  const nameOf = ({ config }: (typeof functions)[number]) =>
    config.kind === "check" ? config.account : config.name;
  const sorted = functions.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  return {
    checks: sorted.flatMap(({ config, ...one }) => (config.kind === "check" ? { ...one, config } : [])),
    webhooks: sorted.flatMap(({ config, ...one }) => (config.kind === "webhook" ? { ...one, config } : [])),
  };
}

/** Of CONFIG, the fields that name an account or a webhook. */
const owner = z.union([
  z.object({ kind: z.literal("webhook"), name: z.string() }).transform(({ name }) => `the webhook ${name}`),
  z.object({ account: z.string() }).transform(({ account }) => `the account ${account}`),
]);

/**
 * What the deployed functions are for, whatever version of this tool deployed them: `the account kie`,
 * `the webhook team`.
 *
 * @returns none if the stack has no function
 * @throws AwsProblem, or CommandError if a function doesn't say what it is for
 */
export async function findOwners(aws: Aws): Promise<readonly string[]> {
  const functions = await findResources(aws, "AWS::Lambda::Function").catch((problem: unknown) => {
    if (!(problem instanceof CommandError) || problem instanceof AwsProblem) throw problem;
    return [];
  });
  return (await Promise.all(functions.map((name) => readOwner(aws, name)))).toSorted();
}

async function readOwner(aws: Aws, name: string): Promise<string> {
  const { Environment } = await getFunction(aws, name);
  const { CONFIG, ACCOUNT } = Environment?.Variables ?? {};
  // Until 0.2.0 each field was a variable of its own.
  const parsed = owner.safeParse(CONFIG === undefined ? { account: ACCOUNT } : parseJson(CONFIG));
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `The function ${name} does not say which account or webhook it is for, so that nobody can tell what a deployment would remove. To deploy anyway: npx cdk deploy.`,
  );
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

async function readFunction(aws: Aws, name: string): Promise<Deployed<FunctionConfig | WebhookConfig>> {
  const { FunctionArn, Environment } = await getFunction(aws, name);
  try {
    return { name, arn: FunctionArn ?? name, config: readAnyConfig(Environment?.Variables ?? {}) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new CommandError(
      `The function ${name} was deployed by another version of this tool. ${DEPLOY_AGAIN} ${inOneLine(error.message)}`,
    );
  }
}

/**
 * Not by GetFunctionConfiguration, of which Lambda takes 15 a second, and of this 100:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
async function getFunction({ lambda }: Aws, name: string): Promise<FunctionConfiguration> {
  const { Configuration = {} } = await lambda
    .send(new GetFunctionCommand({ FunctionName: name }))
    .catch(AwsProblem.thrower(`lambda:GetFunction of ${name}`));
  return Configuration;
}

/** An InvalidInputError has a line for each field, and a finding has only one. */
function inOneLine(message: string): string {
  return message.replace(/:\n\s*/, ": ").replaceAll(/\n\s*/g, "; ");
}

/** The report of a check, or the error that a deployed function ended with. */
export type Outcome = { readonly config: Config } & Answer;

type Answer =
  | { readonly report: Report; readonly error: null }
  | { readonly report: null; readonly error: { readonly type: string; readonly message: string } };

/** For functions of another version. */
const DEPLOY_AGAIN =
  "Deploy again with npx cdk deploy; or, if the stack is from the template for the browser, update it in CloudFormation's console.";

/** How much is shown of an error that does not have the form that Lambda gives to errors. */
const MAX_ERROR_CHARACTERS = 500;

/** A new AWS account runs ten functions at once, and the rules need some of them. */
const AT_ONCE = 5;

/**
 * SNS suspends an email that gets more than ten messages a second:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
const BETWEEN_GROUPS_MS = 1_000;

/**
 * Runs the check of every account of the stack, or of one.
 *
 * @param account - null for all
 * @throws AwsProblem or CommandError if the functions can't be found. The failure of one function is its outcome.
 */
export async function checkDeployed(
  account: string | null,
  invocation: Invocation,
  sleep: Io["sleep"],
): Promise<readonly Outcome[]> {
  const aws = createClients();
  const functions = ofAccount((await findFunctions(aws)).checks, account);
  const outcomes: Outcome[] = [];
  for (let start = 0; start < functions.length; start += AT_ONCE) {
    if (!invocation.dryRun && start > 0) await sleep(BETWEEN_GROUPS_MS);
    const some = functions.slice(start, start + AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((deployed) => invoke(aws, deployed, invocation)))));
  }
  return outcomes;
}

async function invoke(
  { invoker }: Aws,
  { name, config }: DeployedFunction,
  invocation: Invocation,
): Promise<Outcome> {
  try {
    const { FunctionError, Payload } = await invoker
      .send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(invocation) }))
      .catch(AwsProblem.thrower(`lambda:InvokeFunction of ${name}`));
    return { config, ...readAnswer(FunctionError !== undefined, Payload?.transformToString() ?? "") };
  } catch (error) {
    if (!(error instanceof AwsProblem)) throw error;
    return { config, report: null, error: { type: error.name, message: error.message } };
  }
}

/** What Lambda answers if a function threw, ran out of time or ran out of memory. */
const thrown = z.object({ errorType: z.string().default("Error"), errorMessage: z.string() });

/**
 * Reads what Lambda answered.
 *
 * @param hasThrown - whether the function ended with an error
 */
export function readAnswer(hasThrown: boolean, payload: string): Answer {
  const json = parseJson(payload);
  if (hasThrown) {
    const parsed = thrown.safeParse(json);
    const error = parsed.success
      ? { type: parsed.data.errorType, message: parsed.data.errorMessage }
      : { type: "Error", message: payload.slice(0, MAX_ERROR_CHARACTERS) };
    return { report: null, error };
  }
  const parsed = reportSchema.safeParse(json);
  if (parsed.success) return { report: parsed.data, error: null };
  const message = `its report is of another version of this tool. ${DEPLOY_AGAIN}`;
  return { report: null, error: { type: "UnknownReport", message } };
}
