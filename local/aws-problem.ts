/** What went wrong with a call to AWS, in words that say what to do. */
import { CommandError } from "./command.ts";
import { adviceOnCredentials, adviceOnHost } from "./host-advice.ts";

/**
 * - `unusable`: AWS can't be asked anything, for lack of credentials, a region or a connection
 * - `denied`: these credentials may not make this call
 * - `missing`: what the call is about does not exist
 * - `other`: what else AWS answered with an error
 */
type Kind = "unusable" | "denied" | "missing" | "other";

/** AWS refused a call, or could not be asked at all. */
export class AwsProblem extends CommandError {
  override readonly name = "AwsProblem";
  readonly kind: Kind;

  constructor(kind: Kind, message: string) {
    super(message);
    this.kind = kind;
  }

  /**
   * For `promise.catch(...)`: throws an AwsProblem. An error that is not from AWS is thrown unchanged.
   *
   * @param call - the permission that the call needs, and what it is about: "sns:ListTopics"
   */
  static thrower(call: string): (error: unknown) => never {
    return (error) => {
      throw error instanceof Error ? (problemOf(call, error) ?? error) : error;
    };
  }
}

/** The names of errors that mean bad credentials; each service has its own. */
const BAD_CREDENTIALS =
  /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|RequestExpired|RequestTimeTooSkewed|InvalidAccessKeyId)/;
const DENIED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const MISSING = /NotFound|ResourceNotFound|NoSuch|NonExistent/;

/** Keys that nobody knows; AWS says the same of all keys in a region that the AWS account has not enabled. */
const UNKNOWN_KEY = /^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId)/;

/** What the services say to an AWS account whose sign-up is not finished, or only just. */
const INACTIVE = /^(OptInRequired|SubscriptionRequired|NotSignedUp)/;

function problemOf(call: string, error: Error): AwsProblem | null {
  const { name } = error;
  const message = error.message
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[^.!?]$/, "$&.");
  const { AWS_PROFILE: profile, AWS_REGION: region } = process.env;
  const unusable = (text: string) => new AwsProblem("unusable", text);
  if (error.message === "Region is missing") {
    return unusable(
      "No AWS region is set. Set AWS_REGION to the region of the deployment; if none was set then either, that is us-east-1.",
    );
  }
  if (error.message.startsWith("Region not accepted")) {
    return unusable(
      `${message} Set AWS_REGION to a region such as eu-central-1, or the region of the profile.`,
    );
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return unusable(`There are no AWS credentials here: ${message} ${adviceOnCredentials(message, profile)}`);
  }
  const host = adviceOnHost(["code" in error ? error.code : "", name, message].join(" "));
  if (BAD_CREDENTIALS.test(name)) {
    const advice = UNKNOWN_KEY.test(name)
      ? `The key is wrong or was deleted, or the region ${region ?? "of the profile"} is not enabled in this AWS account (the console: Account, AWS Regions).`
      : adviceOnCredentials(message, profile);
    return unusable(`AWS refuses the credentials: ${name}: ${message} ${host ?? advice}`);
  }
  if (INACTIVE.test(name)) {
    return unusable(
      `This AWS account is not active yet: ${name}: ${message} Finish its sign-up (payment, phone) at https://portal.aws.amazon.com/billing/signup, and run it again in a while.`,
    );
  }
  if (DENIED.test(name)) {
    return new AwsProblem("denied", `${call} is denied: ${message}`);
  }
  // The SDK's errors have metadata, and the network's have a code.
  if (!("$metadata" in error) && !("code" in error)) return null;
  if (!("$fault" in error)) {
    const code = "code" in error ? `${error.code}: ` : "";
    const advice = host ?? "Check the connection, AWS_REGION and AWS_ENDPOINT_URL if it is set.";
    return unusable(`AWS can't be reached: ${call}: ${code}${message || name} ${advice}`);
  }
  const isMissing = MISSING.test(name) || /does not exist/.test(message);
  return new AwsProblem(isMissing ? "missing" : "other", `${call} failed: ${name}: ${message}`);
}
