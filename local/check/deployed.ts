/** The check by the deployed functions, asked for by hand. */
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";
import type { Invocation } from "../../lambda/invocation.ts";
import { type Report, reportSchema } from "../../lambda/report.ts";
import { createClients, createInvoker } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { lookAtDeployment } from "../doctor/deployment.ts";
import { type Finding, orNull } from "../doctor/findings.ts";
import { lookAtSubscriptions, subscriptionsRow } from "../doctor/people.ts";
import { type DeployedFunction, findFunctions, findTopic, ofAccount } from "../stack.ts";
import type { Outcome } from "./outcome.ts";

/** How much is shown of an error that does not have the form that Lambda gives to errors. */
const MAX_ERROR_CHARACTERS = 500;

/** A new AWS account runs ten functions at once, and the rules need some of them. */
const AT_ONCE = 5;

/**
 * Runs the check of every account of the stack, or of one.
 *
 * @param account - null for all
 * @throws AwsProblem or CommandError if the functions can't be found. The failure of one function is its outcome.
 */
export async function checkDeployed(
  account: string | null,
  invocation: Invocation,
): Promise<readonly Outcome[]> {
  const { cloudFormation, lambda } = createClients();
  const functions = ofAccount(await findFunctions(cloudFormation, lambda), account);
  const client = createInvoker();
  const outcomes: Outcome[] = [];
  for (let start = 0; start < functions.length; start += AT_ONCE) {
    const some = functions.slice(start, start + AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((deployed) => invoke(client, deployed, invocation)))));
  }
  return outcomes;
}

/** Who is subscribed, compared with whom the stack subscribes; null if that is as it should be, or AWS does not say. */
export async function findSubscriptions(timeZone: string): Promise<Finding | null> {
  const aws = createClients();
  const topicArn = await orNull(() => findTopic(aws.cloudFormation));
  if (topicArn === null) return null;
  const subscriptions = () => lookAtSubscriptions(aws, topicArn);
  const finding = await subscriptionsRow(lookAtDeployment(aws), topicArn, subscriptions, timeZone)();
  return finding?.mark === "fine" ? null : finding;
}

async function invoke(
  client: LambdaClient,
  { name, config }: DeployedFunction,
  invocation: Invocation,
): Promise<Outcome> {
  try {
    const { FunctionError, Payload } = await client
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

type Answer =
  | { readonly report: Report; readonly error: null }
  | { readonly report: null; readonly error: { readonly type: string; readonly message: string } };

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
  const message = "its report is of another version of this tool. Deploy again with npm run deploy.";
  return { report: null, error: { type: "UnknownReport", message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
