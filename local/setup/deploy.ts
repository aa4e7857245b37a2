/** The fourth step: the deployment, by the CDK's own command line. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import type { Settings } from "../../infra/settings.ts";
import { SETTINGS_FILE } from "../../infra/settings-file.ts";
import { formatHours, formatNumber } from "../../lambda/messages/format.ts";
import type { Aws, Identity } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import { BROWSER_MARK, STACK } from "../config.ts";
import { findOwners } from "../deployed/functions.ts";
import { isNeverDeployed, readDeployedTemplate, readState } from "../deployed/stack.ts";
import { without } from "../deployed/subscriptions.ts";
import type { Prompts } from "../prompts.ts";
import { saySmsStatus, subscribersOf } from "./people.ts";

const CDK = fileURLToPath(new URL("../../node_modules/aws-cdk/bin/cdk", import.meta.url));

const LOOK_AGAIN_MS = 5_000;

/** A word, since a key that is pressed too often must not remove anybody. */
const REMOVE = "remove";

const DECLINED = "Nothing is deployed. npm run setup goes on from here.";

/**
 * Deploys what the settings say. The CDK changes nothing if it is deployed already.
 *
 * @throws CommandError or AwsProblem
 */
export async function deploy(
  prompts: Prompts,
  aws: Aws,
  identity: Identity,
  settings: Settings,
): Promise<void> {
  const stack = await settle(prompts, aws, STACK);
  if (stack !== undefined) await confirmLosses(prompts, aws, settings);
  if (settings.phones.length > 0) await saySmsStatus(prompts, aws, identity.region);
  prompts.say("What will be deployed, unless it is there already", summaryOf(settings, identity));
  await orDecline(prompts, "Deploy? It takes two minutes the first time");
  let isUnchanged = false;
  await prompts.during("Deploying", (log) =>
    runCdk(["deploy", "--require-approval", "never", "--progress", "events"], (line) => {
      isUnchanged ||= line.includes("(no changes)");
      log(line);
    }),
  );
  if (isUnchanged) prompts.fine("It was deployed already, and nothing had changed");
}

/**
 * Looks at what is deployed here, before anything is stored.
 *
 * @param isExpected - whether the settings name people, so that they may be deployed elsewhere
 * @returns the emails and phones that are told; none if nothing is deployed
 * @throws CommandError if nothing shall be deployed here, or if the stack was made from the template for the browser: a
 * deployment would change who is told, and forget what was filled in; AwsProblem if AWS does not say
 */
export async function findDeployed(
  prompts: Prompts,
  aws: Aws,
  identity: Identity,
  isExpected: boolean,
): Promise<readonly string[]> {
  const stack = await findStack(aws, STACK);
  if (stack?.Description?.includes(BROWSER_MARK)) {
    throw new CommandError(
      `The stack ${STACK} here is from the template for the browser, and setup does not deploy over it. To change it, choose Update on it in CloudFormation's console (docs/browser.md). To have setup instead, delete it there first; the key may stay.`,
    );
  }
  if (stack === undefined && isExpected) await confirmPlace(prompts, identity);
  if (stack === undefined || isNeverDeployed({ status: stack.StackStatus ?? "" })) return [];
  const { subscribers } = await readDeployedTemplate(aws);
  return subscribers.map(({ endpoint }) => endpoint);
}

/** Who goes on after a first setup that was stopped gets this question, too: no file says whether it was. */
async function confirmPlace(prompts: Prompts, { account, region }: Identity): Promise<void> {
  prompts.warn(
    `No stack ${STACK} in ${account}, ${region}, while ${SETTINGS_FILE} names people. If it is deployed elsewhere, stop here, and set AWS_REGION or AWS_PROFILE: a second copy would tell everything twice. If it never was, or a first setup was stopped, go on.`,
  );
  // The first deployment of a pipeline has such a file.
  if (!prompts.isAttended || (await prompts.confirm("Deploy here?", false))) return;
  throw new CommandError(
    "Nothing was changed. Deployed elsewhere? Set AWS_REGION or AWS_PROFILE, then npm run setup. Never deployed? npm run setup, and answer Yes.",
  );
}

/**
 * Asks before a deployment removes people, accounts or webhooks: another machine may have the settings that it was deployed
 * with.
 *
 * @throws CommandError if they shall stay, or if nobody can answer; AwsProblem if AWS does not say who is deployed
 */
async function confirmLosses(prompts: Prompts, aws: Aws, settings: Settings): Promise<void> {
  const state = await readState(aws);
  if (isNeverDeployed(state)) {
    if (state.failure !== null) prompts.warn(`The deployment before this one failed: ${state.failure}`);
    return;
  }
  const { subscribers } = await readDeployedTemplate(aws);
  const people = without(subscribers, subscribersOf(settings)).map(({ endpoint }) => endpoint);
  const wanted = [
    ...settings.accounts.map(({ name }) => `the account ${name}`),
    ...settings.webhooks.map(({ name }) => `the webhook ${name}`),
  ];
  const lost = [...people, ...(await findOwners(aws)).filter((owner) => !wanted.includes(owner))];
  if (lost.length === 0) return;
  const text = `${STACK} has more than ${SETTINGS_FILE} here names; a deployment would remove: ${lost.join(", ")}.`;
  if (!prompts.isAttended) {
    throw new CommandError(
      `${text} Take the ${SETTINGS_FILE} that it was deployed with; or, to remove them, npx cdk deploy.`,
    );
  }
  prompts.warn(text);
  const answer = await prompts.ask({
    message: `Type "${REMOVE}" to remove them. Enter alone removes nobody, and ends setup`,
    initial: "",
    problemWith: (text) =>
      ["", REMOVE].includes(text.trim().toLowerCase()) ? undefined : `expected ${REMOVE}, or nothing`,
  });
  if (answer.trim() === "") throw new CommandError(DECLINED);
}

/** In five lines, what the deployment makes, who may do what, and what it costs. */
export function summaryOf(settings: Settings, { account, region }: Identity): string {
  const { accounts, emails, phones, webhooks, everyMinutes, dashboard } = settings;
  const names = accounts.map(({ name }) => name).join(", ");
  const interval = formatHours(everyMinutes / 60);
  const posts =
    webhooks.length === 0
      ? ""
      : `, and ${count(webhooks.length, "webhook")} (${webhooks.map(({ name }) => name).join(", ")}), each a function that may read its address and write its log`;
  return [
    `Where: AWS account ${account}, region ${region}, stack ${STACK}`,
    `Checks: ${count(accounts.length, "function")} (${names}), every ${interval}. Each may read its key, keep its memory, write its log and publish to the topic; nothing else`,
    `Messages: a topic that tells ${count(emails.length, "email")} and ${count(phones.length, "phone")}${posts}`,
    `Watch: alarms of AWS that tell you if a check fails or stops${dashboard ? "; a dashboard" : ""}`,
    `Cost: nothing within AWS's free allowances, else about ${dashboard ? "$3.92" : "$0.32"} a month for one account${webhooks.length > 0 ? ", and $0.10 for each webhook" : ""} (docs/cost.md)`,
  ].join("\n");
}

function count(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** @throws CommandError if the answer is no */
export async function orDecline(prompts: Prompts, question: string): Promise<void> {
  if (await prompts.confirm(question, true)) return;
  throw new CommandError(DECLINED);
}

/**
 * Waits for a change of a stack that somebody else makes, or an earlier setup that was stopped.
 *
 * @returns the stack; undefined if there is none
 * @throws AwsProblem
 */
export async function settle(prompts: Prompts, aws: Aws, stack: string): Promise<Stack | undefined> {
  // A change set that nobody has started waits for ever.
  const isChanging = (found?: Stack) => /(?<!REVIEW)_IN_PROGRESS$/.test(found?.StackStatus ?? "");
  let found = await findStack(aws, stack);
  if (!isChanging(found)) return found;
  await prompts.during(`Waiting: ${stack} is being changed`, async () => {
    while (isChanging(found)) {
      await prompts.sleep(LOOK_AGAIN_MS);
      found = await findStack(aws, stack);
    }
  });
  return found;
}

async function findStack({ cloudFormation }: Aws, StackName: string): Promise<Stack | undefined> {
  const { Stacks: [found] = [] } = await cloudFormation
    .send(new DescribeStacksCommand({ StackName }))
    .catch((error: unknown) => {
      if (error instanceof Error && /does not exist/.test(error.message)) return { Stacks: [] };
      return AwsProblem.thrower(`cloudformation:DescribeStacks of ${StackName}`)(error);
    });
  return found;
}

/**
 * Runs `cdk`, and logs each line that it writes.
 *
 * @throws CommandError if it fails
 */
export async function runCdk(args: readonly string[], log: (line: string) => void): Promise<void> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [CDK, ...args, "--no-notices"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => child.kill();
  process.once("exit", end);
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => line.trim() !== "" && log(line));
  }
  const [code] = await once(child, "close");
  process.removeListener("exit", end);
  if (code !== 0) {
    throw new CommandError(
      `cdk ${args[0]} ended with exit code ${code}. Fix what it says above, and run npm run setup again.`,
    );
  }
}
