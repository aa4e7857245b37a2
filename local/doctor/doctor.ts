/** The command `npm run doctor`: looks at all that an alert depends on, and changes nothing. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";
import { AWS_CLIENT_LIMITS } from "../../lambda/adapters/aws.ts";
import { createKie } from "../../lambda/adapters/kie.ts";
import { accountName, kieBaseUrl } from "../../lambda/fields.ts";
import { AwsProblem } from "../aws-problem.ts";
import {
  CommandError,
  createCommand,
  localTimeZone,
  readOptions,
  run,
  stackName,
  styleFor,
} from "../command.ts";
import { DEFAULT_STACK } from "../config.ts";
import { type DeployedFunction, findFunctions, ofAccount } from "../stack.ts";
import { buildAsset } from "./checkout.ts";
import {
  exitCodeOfFindings,
  type Finding,
  find,
  intervalMinutes,
  judgeCode,
  judgeCredentials,
  judgeErrorsAlarm,
  judgeFunctions,
  judgeHeartbeat,
  judgeKey,
  judgeKeyParameter,
  judgeLogs,
  judgeRule,
  judgeSandbox,
  judgeSilenceAlarm,
  judgeSpending,
  judgeStack,
  judgeSubscriptions,
  type Look,
  phonesOf,
} from "./findings.ts";
import {
  lookAtCode,
  lookAtErrorsAlarm,
  lookAtHeartbeat,
  lookAtIdentity,
  lookAtKeyParameter,
  lookAtLogs,
  lookAtRules,
  lookAtSandbox,
  lookAtSilenceAlarm,
  lookAtSpending,
  lookAtStack,
  lookAtSubscriptions,
} from "./looks.ts";
import { renderSection, renderSummary } from "./view.ts";

const SILENT_INTERVALS = 3;
const DEFAULT_INTERVAL_MINUTES = 15;

/** Metrics come minutes late, which matters where checks are a minute apart. */
const MIN_SPAN_MINUTES = 15;
const MINUTE_MS = 60_000;

const command = createCommand(
  "doctor",
  "Looks at all that an alert depends on, and says how to mend what is not fine.\nChanges nothing.",
)
  .option("--stack <name>", `the deployed stack (default: ${DEFAULT_STACK})`)
  .option("--account <name>", "only this account of the stack")
  .option("--base-url <url>", "ask this instead of the address of Kie that the function asks")
  .addHelpText(
    "after",
    `
Exit codes:
  0  all is well
  1  something deserves a look, or may not be looked at
  2  something is broken
  3  a bad option`,
  );

const options = z.object({
  "--stack": stackName.default(DEFAULT_STACK),
  "--account": z._default(z.nullable(accountName), null),
  "--base-url": z.optional(kieBaseUrl),
});

const timeZone = localTimeZone();
const cloudFormation = new CloudFormationClient(AWS_CLIENT_LIMITS);
const cloudWatch = new CloudWatchClient(AWS_CLIENT_LIMITS);
const events = new EventBridgeClient(AWS_CLIENT_LIMITS);
const lambda = new LambdaClient(AWS_CLIENT_LIMITS);
const logs = new CloudWatchLogsClient(AWS_CLIENT_LIMITS);
const sns = new SNSClient(AWS_CLIENT_LIMITS);
const ssm = new SSMClient(AWS_CLIENT_LIMITS);
const sts = new STSClient(AWS_CLIENT_LIMITS);

await run(async () => {
  const { "--stack": stack, "--account": account, "--base-url": baseUrl } = readOptions(command, options);
  const style = styleFor(process.stdout);
  const all: Finding[] = [];
  const show = (title: string, findings: readonly Finding[]) => {
    all.push(...findings);
    console.log(renderSection(title, findings, style));
  };

  const deployment = await lookAtDeployment(stack);
  const functions = "seen" in deployment.functions ? ofAccount(deployment.functions.seen, account) : [];
  show(`Stack ${stack}`, deployment.findings);
  const [first] = functions;
  if (first) show("Who is told", await findAudience(first.config.topicArn));
  for (const deployed of functions) {
    show(
      `Account ${deployed.config.account}`,
      await findAccount(deployed, baseUrl ?? deployed.config.kieBaseUrl, deployment.changedAt),
    );
  }
  console.log(renderSummary(all, style));
  return exitCodeOfFindings(all);
});

/** Credentials, stack, and code. What a failure makes impossible is not looked at. */
async function lookAtDeployment(stack: string): Promise<{
  readonly findings: readonly Finding[];
  readonly functions: Look<readonly DeployedFunction[]>;
  /** Epoch milliseconds; 0 where it is not known. */
  readonly changedAt: number;
}> {
  const identity = await look(lookAtIdentity(sts));
  const credentials = find("Credentials", identity, judgeCredentials);
  if ("problem" in identity && isFatal(identity.problem)) {
    return { findings: [credentials], functions: identity, changedAt: 0 };
  }
  const state = await look(lookAtStack(cloudFormation, stack));
  const status = find("Stack", state, (seen) => judgeStack(seen, timeZone));
  if ("problem" in state && isFatal(state.problem)) {
    return { findings: [credentials, status], functions: state, changedAt: 0 };
  }
  const [functions, deployed, built] = await Promise.all([
    look(findFunctions(cloudFormation, lambda, stack)),
    look(lookAtCode(cloudFormation, stack)),
    buildAsset(),
  ]);
  const code = find("Code", deployed, (assets) => judgeCode(assets, built));
  return {
    findings: [credentials, status, find("Functions", functions, judgeFunctions), code],
    functions,
    changedAt: "seen" in state ? state.seen.changedAt : 0,
  };
}

/** Whether all that would be looked at next could only end in the same way. */
function isFatal(problem: CommandError): boolean {
  return problem instanceof AwsProblem && (problem.kind === "unusable" || problem.kind === "missing");
}

/** The subscriptions, and where there are phones among them, what keeps SMS from arriving. */
async function findAudience(topicArn: string): Promise<readonly Finding[]> {
  const subscriptions = await look(lookAtSubscriptions(sns, topicArn));
  const phones = "seen" in subscriptions ? phonesOf(subscriptions.seen) : null;
  const audience = find("Subscriptions", subscriptions, judgeSubscriptions);
  if (phones?.length === 0) return [audience];
  const [sandbox, spending] = await Promise.all([
    look(lookAtSandbox(sns)),
    look(lookAtSpending(sns, cloudWatch, Date.now())),
  ]);
  return [
    audience,
    find("SMS sandbox", sandbox, (seen) => judgeSandbox(seen, phones)),
    find("SMS spending", spending, judgeSpending),
  ];
}

/** Key, rule, heartbeat, alarms and logs of one account. */
async function findAccount(
  { name, arn, logGroup = `/aws/lambda/${name}`, config }: DeployedFunction,
  baseUrl: string,
  deployedAt: number,
): Promise<readonly Finding[]> {
  const { account, apiKeyParameter } = config;
  const [parameter, rules, errors, silence, group] = await Promise.all([
    look(lookAtKeyParameter(ssm, apiKeyParameter)),
    look(lookAtRules(events, arn)),
    look(lookAtErrorsAlarm(cloudWatch, name)),
    look(lookAtSilenceAlarm(cloudWatch, account)),
    look(lookAtLogs(logs, logGroup)),
  ]);

  const minutes = ("seen" in rules ? rules.seen : []).map(intervalMinutes).find((found) => found !== null);
  const spanMinutes = Math.max(MIN_SPAN_MINUTES, SILENT_INTERVALS * (minutes ?? DEFAULT_INTERVAL_MINUTES));
  const now = Date.now();
  const since = now - spanMinutes * MINUTE_MS;
  const key = "seen" in parameter ? parameter.seen?.value : undefined;
  const [heartbeat, reading] = await Promise.all([
    look(lookAtHeartbeat(cloudWatch, account, since, now)),
    key?.trim() ? createKie(baseUrl)(key) : null,
  ]);

  return [
    find("Key parameter", parameter, (seen) => judgeKeyParameter(seen, apiKeyParameter)),
    // A key that is not there has been told of; one that may not be read may work all the same.
    ...(reading === null && "seen" in parameter
      ? []
      : [{ subject: "Key", ...judgeKey(reading, new URL(baseUrl).host, apiKeyParameter) }]),
    find("Rule", rules, judgeRule),
    find("Heartbeat", heartbeat, (seen) =>
      judgeHeartbeat(seen, { hours: spanMinutes / 60, isNew: deployedAt > since, timeZone }),
    ),
    find("Errors alarm", errors, (seen) => judgeErrorsAlarm(seen, logGroup)),
    find("Silence alarm", silence, (seen) => judgeSilenceAlarm(seen, since)),
    find("Logs", group, (seen) => judgeLogs(seen, logGroup)),
  ];
}

/** What AWS says instead of an answer is something to tell, not to break off for. */
async function look<Seen>(seen: Promise<Seen>): Promise<Look<Seen>> {
  try {
    return { seen: await seen };
  } catch (problem) {
    if (problem instanceof CommandError) return { problem };
    throw problem;
  }
}
