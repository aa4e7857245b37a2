/** What the AWS adapters share: the clients' limits and their one error. */

/**
 * An attempt that hangs is given up and made again: `requestTimeout` runs until the headers are there, its
 * connecting included, and `socketTimeout` ends the silence of a body that stalls. Without `throwOnRequestTimeout`
 * the SDK only logs a warning.
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

/**
 * For one call with all its attempts and the pauses between them, in milliseconds. It cuts off what no limit of
 * an attempt does, such as a body that drips. Four calls in a row around two looks at Kie then fit into the
 * function's 150 s.
 */
export const AWS_CALL_MS = 15_000;

/**
 * AWS refused a call or could not be reached. It is thrown through the handler, so that Lambda tries again
 * and its Errors metric rises.
 *
 * The cause is told in words but not attached: the SDK's errors carry the raw response, which may hold the key.
 */
export class AwsCallError extends Error {
  override readonly name = "AwsCallError";
}

/**
 * For `promise.catch(...)`: throws an AwsCallError that says which call failed, and why. No static method of the
 * class: one that names itself loses its name in the bundle.
 */
export function throwAwsCallError(call: string): (cause: unknown) => never {
  return (cause) => {
    const text = cause instanceof Error ? describe(cause) : String(cause);
    throw new AwsCallError(`${call} failed: ${text}`);
  };
}

/** Nothing but the limit of a call aborts one, and the SDK's "Request aborted" doesn't say so. */
function describe({ name, message }: Error): string {
  return name === "AbortError" ? "TimeoutError: no whole answer in time" : `${name}: ${message}`;
}
