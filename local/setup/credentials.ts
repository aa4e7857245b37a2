/** The first step: which AWS account and region. */
import { type Aws, createClients, type Identity, readIdentity } from "../aws.ts";
import { problemWithRegion } from "../aws-environment.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import type { Prompts } from "../prompts.ts";

/** What the CDK takes if no region is set. */
const DEFAULT_REGION = "us-east-1";

const HOW_TO_GET_CREDENTIALS = [
  "1. An AWS account, if you have none: https://aws.amazon.com/free",
  "2. Credentials for this machine, in one of two ways:",
  "   - With the AWS CLI 2 (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html):",
  "     aws login, or aws sso login with AWS_PROFILE set.",
  "   - Without it: make an access key on https://console.aws.amazon.com/iam/home#/security_credentials and set",
  "     AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in this terminal.",
  "3. npm run setup again.",
].join("\n");

/**
 * Finds credentials and region, or says how to get them. The region is put into AWS_REGION, so that the CDK takes the
 * same.
 *
 * @throws CommandError if there are no credentials
 */
export async function findCredentials(prompts: Prompts): Promise<{ aws: Aws; identity: Identity }> {
  const known = await createClients()
    .sts.config.region()
    .catch((error: Error) => {
      if (error.message === "Region is missing") return undefined;
      return AwsProblem.thrower("the region")(error);
    });
  process.env["AWS_REGION"] =
    known ||
    (await prompts.ask({
      message: "No AWS region is set. Which one? (set AWS_REGION to it later, too)",
      initial: DEFAULT_REGION,
      problemWith: problemWithRegion,
    }));
  const aws = createClients();
  try {
    const identity = await readIdentity(aws);
    prompts.fine(`AWS account ${identity.account} as ${identity.who}, region ${identity.region}`);
    return { aws, identity };
  } catch (problem) {
    const isNew = problem instanceof AwsProblem && /^There are no AWS credentials/.test(problem.message);
    // Who has a profile needs no AWS account.
    if (!isNew || process.env["AWS_PROFILE"]) throw problem;
    throw new CommandError(`${problem.message}\n${HOW_TO_GET_CREDENTIALS}`);
  }
}
