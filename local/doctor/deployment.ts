/** The stack: credentials, state and functions. */
import { formatTime } from "../../lambda/messages/format.ts";
import { type Aws, type Identity, readIdentity } from "../aws.ts";
import { findFunctions } from "../deployed/functions.ts";
import { isNeverDeployed, readDeployedTemplate, readState, type StackState } from "../deployed/stack.ts";
import { DEPLOY, error, type Finding, fine, judged, known, see, type Verdict, warning } from "../findings.ts";

export type DeploymentFacts = Awaited<ReturnType<typeof readDeployment>>;

export async function readDeployment(aws: Aws) {
  const [identity, state, functions, template] = await Promise.all([
    see(readIdentity(aws)),
    see(readState(aws)),
    see(findFunctions(aws)),
    see(readDeployedTemplate(aws)),
  ]);
  return { identity, state, functions, template };
}

export function judgeDeployment(
  { identity, state, functions }: DeploymentFacts,
  timeZone: string,
): readonly (Finding | null)[] {
  const dashboard = known(state)?.dashboard;
  return [
    judged("Credentials", identity, judgeCredentials),
    judged("Stack", state, (seen) => judgeStack(seen, timeZone)),
    judged("Functions", functions, ({ checks }) => fine(checks.map(({ name }) => name).join(", "))),
    judged("Dashboard", dashboard, (seen) => (seen === undefined ? null : fine(seen))),
  ];
}

export function judgeCredentials({ account, who, region }: Identity): Verdict {
  return fine(`AWS account ${account} as ${who}, region ${region}`);
}

/** @param timeZone - to show times in, as an IANA name */
export function judgeStack(state: StackState, timeZone: string): Verdict {
  const { status, changedAt, failure, isFromBrowser } = state;
  const origin = isFromBrowser
    ? ", from the template for the browser; what npm run setup does for others is done in AWS's console"
    : "";
  const text = `${status}, ${formatTime(changedAt, timeZone)}${origin}`;
  const why = failure === null ? "" : `, since ${failure}`;
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return fine(text);
  if (/(?<!REVIEW)_IN_PROGRESS$/.test(status))
    return warning(`${text}: it is being changed${why}`, "Look again in a while.");
  if (status === "DELETE_FAILED")
    return error(`${text}: it was not deleted as a whole${why}`, "Finish it: npx cdk destroy");
  if (isNeverDeployed(state)) {
    const fix = isFromBrowser
      ? "Delete it in CloudFormation's console, and make it anew (docs/browser.md)."
      : "Deploy: npm run setup";
    return { ...error(`${text}: it was never deployed${why}`, fix), isFatal: true };
  }
  if (status === "UPDATE_ROLLBACK_COMPLETE") {
    return warning(`${text}: the last deployment failed${why}, and the one before it runs`, DEPLOY);
  }
  return error(
    `${text}${why}`,
    "See what failed in CloudFormation's console, on the stack's Events tab; npx cdk deploy shows it too.",
  );
}
