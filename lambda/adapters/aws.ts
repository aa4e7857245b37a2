/** What the AWS adapters share: the clients' limits, and one way to make a call. */

/**
 * Limits of one attempt, in milliseconds: `requestTimeout` runs until the headers are there, connecting included,
 * and `socketTimeout` ends a body that stalls. Without `throwOnRequestTimeout` the SDK only logs a warning.
 */
export const AWS_CLIENT_LIMITS = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 4_000,
    socketTimeout: 4_000,
    throwOnRequestTimeout: true,
  },
} as const;

/** SSM takes about 3 writes a second per AWS account, and many accounts may be checked at the same moment. */
export const SSM_CLIENT_CONFIG = { ...AWS_CLIENT_LIMITS, maxAttempts: 5 } as const;

/**
 * One attempt, since a second one could publish a message twice. So each call has a connection of its own: one kept
 * from the check before may be dead, and nothing would try again.
 */
export const SNS_CLIENT_CONFIG = {
  maxAttempts: 1,
  requestHandler: {
    ...AWS_CLIENT_LIMITS.requestHandler,
    httpAgent: { keepAlive: false },
    httpsAgent: { keepAlive: false },
  },
} as const;

/** Limit of one call in milliseconds, retries included; also ends a response that trickles. */
export const AWS_CALL_MS = 15_000;

/**
 * AWS refused a call, could not be reached, or gave no usable answer. It is thrown through the handler, so that
 * Lambda tries again.
 *
 * The cause's text is repeated, but the cause is not attached: the SDK's errors carry the raw response, which may
 * hold the key.
 */
export class AwsCallError extends Error {
  override readonly name = "AwsCallError";
}

/**
 * Makes one call, within `callMs` milliseconds.
 *
 * @param name - the call, for the error's text: "ssm:PutParameter of /kie/memory"
 * @param send - makes the call with the client of the SDK, and reads the answer
 * @param errorFor - the class of error to throw for a cause
 * @throws AwsCallError, or what `errorFor` says, with the call's name and the cause's text
 */
export async function callAws<Answer>(
  name: string,
  send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  callMs: number,
  errorFor: (cause: unknown) => new (message: string) => Error = () => AwsCallError,
): Promise<Answer> {
  const abortSignal = AbortSignal.timeout(callMs);
  try {
    return await send({ abortSignal });
  } catch (cause) {
    // What the SDK throws then doesn't say so: "Request aborted", or "aborted" within a body.
    const text = abortSignal.aborted ? "TimeoutError: no whole answer in time" : explainCause(cause);
    throw new (errorFor(cause))(`${name} failed: ${text}`);
  }
}

/** A field that AWS always gives. Without it, the answer came from somebody else, such as a proxy. */
export function expectField<Value>(field: string, value: Value | undefined): Value {
  if (value === undefined) throw new Error(`the answer has no ${field}`);
  return value;
}

function explainCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { name, message } = cause;
  // JSON.parse() quotes what it can't read, and that may be the key.
  if (name === "SyntaxError") return "SyntaxError: the answer is not valid JSON";
  return `${name}: ${message}`;
}
