/** The check by the deployed functions, asked for by hand. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { AWS_CLIENT_LIMITS } from "../../lambda/adapters/aws.ts";
import type { Invocation, Report } from "../../lambda/invocation.ts";
import { LEVELS } from "../../lambda/policy/memory.ts";
import { FAILURE_REASONS } from "../../lambda/policy/reading.ts";
import { AwsProblem } from "../aws-problem.ts";
import { type DeployedFunction, findFunctions, ofAccount } from "../stack.ts";
import type { Outcome } from "./view.ts";

/** A call to a function lasts as long as its run, 150 s at the most; and a test must not be sent twice. */
const INVOKE_LIMITS = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 160_000,
    socketTimeout: 160_000,
    throwOnRequestTimeout: true,
  },
} as const;

/** Of an error that is not of the form that Lambda gives to errors. */
const MAX_ERROR_CHARACTERS = 500;

/** A new AWS account runs ten functions at once, and the rules need some of them. */
const AT_ONCE = 5;

/**
 * Runs the check of every account of the stack, or of one.
 *
 * @param account - null for all
 * @throws AwsProblem or CommandError where the functions can't be found; what goes wrong with one is its outcome
 */
export async function checkDeployed(
  account: string | null,
  invocation: Invocation,
): Promise<readonly Outcome[]> {
  const all = await findFunctions(
    new CloudFormationClient(AWS_CLIENT_LIMITS),
    new LambdaClient(AWS_CLIENT_LIMITS),
  );
  const functions = ofAccount(all, account);
  const client = new LambdaClient(INVOKE_LIMITS);
  const outcomes: Outcome[] = [];
  for (let start = 0; start < functions.length; start += AT_ONCE) {
    const some = functions.slice(start, start + AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((deployed) => invoke(client, deployed, invocation)))));
  }
  return outcomes;
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

/** What Lambda answers where a function threw, was out of time or out of memory. */
const thrown = z.object({ errorType: z.string().default("Error"), errorMessage: z.string().default("") });

/** The deployed function may be of another version. */
const report = z.object({
  account: z.string(),
  checkedAt: z.iso.datetime(),
  credits: z.number().nullable(),
  level: z.enum(LEVELS).nullable(),
  runway: z
    .object({ creditsPerHour: z.number(), hoursLeft: z.number(), emptyAt: z.iso.datetime() })
    .nullable(),
  failure: z
    .object({
      reason: z.enum(FAILURE_REASONS),
      detail: z.string(),
      permanent: z.boolean(),
      consecutive: z.number(),
    })
    .nullable(),
  alert: z
    .object({
      kind: z.enum(["raised", "reminder", "eased", "recovered", "blind", "still-blind", "sighted", "test"]),
      severity: z.enum(["info", "warning", "critical"]),
      subject: z.string(),
      messageId: z.string().nullable(),
    })
    .nullable(),
  audience: z
    .object({ emails: z.number(), phones: z.number(), others: z.number(), pending: z.number() })
    .nullable(),
  need: z.object({ credits: z.number(), enough: z.boolean() }).nullable(),
}) satisfies z.ZodType<Report>;

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
    const { errorType, errorMessage } = thrown
      .catch({ errorType: "Error", errorMessage: payload.slice(0, MAX_ERROR_CHARACTERS) })
      .parse(json);
    return { report: null, error: { type: errorType, message: errorMessage } };
  }
  const parsed = report.safeParse(json);
  if (parsed.success) return { report: parsed.data, error: null };
  const message = "its report is of another version of this tool. Deploy anew with npm run deploy.";
  return { report: null, error: { type: "UnknownReport", message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
