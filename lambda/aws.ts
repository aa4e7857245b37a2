/** What the AWS adapters share: the clients' limits and their one error. */

/**
 * A call that hangs is given up and tried again in time: three calls in a row take 45 s at the most, which
 * together with two looks at Kie fits into the function's 120 s. Without `throwOnRequestTimeout` the SDK
 * only logs a warning.
 */
export const AWS_CLIENT_LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
} as const;

/**
 * AWS refused a call or could not be reached. It is thrown through the handler, so that Lambda tries again
 * and its Errors metric rises.
 *
 * The cause is told in words but not attached: the SDK's errors carry the raw response, which may hold the key.
 */
export class AwsCallError extends Error {
  override readonly name = "AwsCallError";

  /** For `promise.catch(...)`: throws what a call's failure means. */
  static thrower(call: string): (cause: unknown) => never {
    return (cause) => {
      const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      throw new AwsCallError(`${call} failed: ${text}`);
    };
  }
}
