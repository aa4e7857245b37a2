/** The stack: credentials, state and functions. */
import { formatTime } from "../../lambda/messages/format.ts";
import { type Aws, type Identity, readIdentity } from "../aws.ts";
import { findFunctions, findWebhooks } from "../deployed/functions.ts";
import { readDeployedTemplate, readState, type StackState } from "../deployed/stack.ts";
import { DEPLOY, error, type Finding, fine, judged, known, see, type Verdict, warning } from "../findings.ts";

export type DeploymentFacts = Awaited<ReturnType<typeof readDeployment>>;

export async function readDeployment(aws: Aws) {
  const { cloudFormation, lambda } = aws;
  const [identity, state, functions, webhooks, template] = await Promise.all([
    see(readIdentity(aws)),
    see(readState(cloudFormation)),
    see(findFunctions(cloudFormation, lambda)),
    see(findWebhooks(cloudFormation, lambda)),
    see(readDeployedTemplate(cloudFormation)),
  ]);
  return { identity, state, functions, webhooks, template };
}

export function judgeDeployment(
  { identity, state, functions }: DeploymentFacts,
  timeZone: string,
): readonly (Finding | null)[] {
  const dashboard = known(state)?.dashboard;
  return [
    judged("Credentials", identity, judgeCredentials),
    judged("Stack", state, (seen) => judgeStack(seen, timeZone)),
    judged("Functions", functions, (seen) => fine(seen.map(({ name }) => name).join(", "))),
    judged("Dashboard", dashboard, (seen) => (seen === undefined ? null : fine(seen))),
  ];
}

export function judgeCredentials({ account, who, region }: Identity): Verdict {
  return fine(`AWS account ${account} as ${who}, region ${region}`);
}

/** @param timeZone - to show times in, as an IANA name */
export function judgeStack({ status, changedAt, isFromBrowser }: StackState, timeZone: string): Verdict {
  const origin = isFromBrowser
    ? ", from the template for the browser; what npm run setup does for others is done in AWS's console"
    : "";
  const text = `${status}, ${formatTime(changedAt, timeZone)}${origin}`;
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return fine(text);
  if (status === "REVIEW_IN_PROGRESS") return error(`${text}: it was never deployed`, DEPLOY);
  if (status.endsWith("_IN_PROGRESS"))
    return warning(`${text}: it is being changed`, "Look again in a while.");
  if (status === "UPDATE_ROLLBACK_COMPLETE") {
    return warning(`${text}: the last deployment failed, and the one before it runs`, DEPLOY);
  }
  return error(
    text,
    "See what failed in CloudFormation's console, on the stack's Events tab; npx cdk deploy shows it too.",
  );
}
