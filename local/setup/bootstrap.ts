/** Before the first deployment: the bucket and the roles that the CDK needs. */
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import type { Aws, Identity } from "../aws.ts";
import { readCdkSetting } from "../aws-environment.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import type { Prompts } from "../prompts.ts";
import { orDecline, runCdk, settle } from "./deploy.ts";

const STACK = "CDKToolkit";

const QUALIFIER_SETTING = "@aws-cdk/core:bootstrapQualifier";

/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html */
const DEFAULT_QUALIFIER = "hnb659fds";

const DENIED = /not authorized|AccessDenied|is denied/i;

/**
 * Prepares this AWS account and region for the CDK, if that was never done. What may not be looked at is left to the
 * CDK, which says what it lacks.
 *
 * @param cdk - runs the CDK's command line
 * @throws CommandError or AwsProblem
 */
export async function ensureBootstrap(
  prompts: Prompts,
  aws: Aws,
  identity: Identity,
  cdk = runCdk,
): Promise<void> {
  const { account, region } = identity;
  const qualifier = readCdkSetting("context", QUALIFIER_SETTING)?.value ?? DEFAULT_QUALIFIER;
  const parameter = `/cdk-bootstrap/${qualifier}/version`;
  const toolkit = await settle(prompts, aws, STACK).catch(unlessDenied);
  const isThere = await hasParameter(aws, parameter);
  if (isThere === undefined) return;
  if (isThere) {
    await refuseLostBucket(aws, identity, qualifier);
    prompts.fine(`CDK: already set up in ${account}, ${region}`);
    return;
  }
  const theirs = toolkit?.Parameters?.find(
    ({ ParameterKey }) => ParameterKey === "Qualifier",
  )?.ParameterValue;
  if (theirs !== undefined && theirs !== qualifier) {
    throw new CommandError(
      [
        `The stack ${STACK} here has the qualifier ${theirs}, but this app asks for ${qualifier}. Bootstrapping again would not help.`,
        `Put "${QUALIFIER_SETTING}": "${theirs}" into "context" of cdk.json, then npm run setup again.`,
        `Or, to leave that one alone: npx cdk bootstrap --qualifier ${qualifier} --toolkit-stack-name ${STACK}-${qualifier}`,
      ].join("\n"),
    );
  }
  prompts.say(
    "Bootstrap, once for each AWS account and region",
    `The CDK needs a bucket for code and some roles, in a stack named ${STACK}. It costs next to nothing. One of the roles lets CloudFormation change anything in this AWS account. Making roles needs the credentials of an administrator.`,
  );
  await orDecline(prompts, "Bootstrap? It takes a minute");
  await bootstrap(prompts, cdk, `aws://${account}/${region}`);
  if ((await hasParameter(aws, parameter)) !== false) return;
  throw new CommandError(
    `The stack ${STACK} is there, but its parameter ${parameter} is not, and bootstrapping did not make it. ${ANEW}`,
  );
}

const ANEW = `Delete that stack, npm run setup makes it anew: aws cloudformation delete-stack --stack-name ${STACK}`;

async function bootstrap(prompts: Prompts, cdk: typeof runCdk, environment: string): Promise<void> {
  let isDenied = false;
  try {
    await prompts.during("Bootstrapping", (log) =>
      cdk(["bootstrap", environment], (line) => {
        isDenied ||= DENIED.test(line);
        log(line);
      }),
    );
  } catch (problem) {
    if (!isDenied || !(problem instanceof CommandError)) throw problem;
    throw new CommandError(
      `${problem.message} It makes IAM roles, which these credentials may not: take those of an administrator for this first time.`,
    );
  }
}

/** Undefined if nobody may know. */
async function hasParameter({ ssm }: Aws, Name: string): Promise<boolean | undefined> {
  try {
    await ssm
      .send(new GetParameterCommand({ Name }))
      .catch(AwsProblem.thrower(`ssm:GetParameter of ${Name}`));
    return true;
  } catch (problem) {
    return problem instanceof AwsProblem && problem.kind === "missing" ? false : unlessDenied(problem);
  }
}

/** The stack stays as it is if somebody deletes its bucket, so that bootstrapping again changes nothing. */
async function refuseLostBucket(
  { sts }: Aws,
  { account, region }: Identity,
  qualifier: string,
): Promise<void> {
  const { credentials, requestHandler } = sts.config;
  const s3 = new S3Client({ region, credentials, requestHandler, forcePathStyle: true });
  const Bucket = `cdk-${qualifier}-assets-${account}-${region}`;
  const isGone = await s3.send(new HeadBucketCommand({ Bucket })).then(
    () => false,
    (error) => error?.$metadata?.httpStatusCode === 404,
  );
  if (!isGone) return;
  throw new CommandError(
    `The CDK's bucket ${Bucket} is gone, while the stack ${STACK} is there, and bootstrapping again would not make it. ${ANEW}`,
  );
}

function unlessDenied(problem: unknown): undefined {
  if (!(problem instanceof AwsProblem && problem.kind === "denied")) throw problem;
}
