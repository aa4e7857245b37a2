/** What went wrong with a call to AWS, in words that say what to do. */
import { CommandError } from "./command.ts";

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
  /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|RequestExpired|InvalidAccessKeyId)/;
const DENIED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const MISSING = /NotFound|ResourceNotFound|NoSuch|NonExistent/;

const GIVE_CREDENTIALS =
  "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in again (aws login, aws sso login).";

function problemOf(call: string, error: Error): AwsProblem | null {
  const { name } = error;
  const message = error.message
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[^.!?]$/, "$&.");
  if (error.message === "Region is missing") {
    return new AwsProblem(
      "unusable",
      "No AWS region is set. Set AWS_REGION to the region of the deployment; if none was set then either, that is us-east-1.",
    );
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    const profile = process.env["AWS_PROFILE"] ? ` AWS_PROFILE is ${process.env["AWS_PROFILE"]}.` : "";
    return new AwsProblem(
      "unusable",
      `There are no AWS credentials here: ${message}${profile} ${GIVE_CREDENTIALS}`,
    );
  }
  if (BAD_CREDENTIALS.test(name)) {
    return new AwsProblem("unusable", `AWS refuses the credentials: ${name}: ${message} ${GIVE_CREDENTIALS}`);
  }
  if (DENIED.test(name)) {
    return new AwsProblem("denied", `${call} is denied: ${message}`);
  }
  // The SDK's errors have metadata, and the network's have a code.
  if (!("$metadata" in error) && !("code" in error)) return null;
  if (!("$fault" in error)) {
    const code = "code" in error ? `${error.code}: ` : "";
    return new AwsProblem(
      "unusable",
      `AWS can't be reached: ${call}: ${code}${message || name} Check the connection, AWS_REGION and AWS_ENDPOINT_URL if it is set.`,
    );
  }
  const isMissing = MISSING.test(name) || /does not exist/.test(message);
  return new AwsProblem(isMissing ? "missing" : "other", `${call} failed: ${name}: ${message}`);
}
