/** Adapter: SSM → one secret. */
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { AWS_CALL_MS, callAws, expectField } from "./aws.ts";

/**
 * Reads a SecureString.
 *
 * @param callMs - the limit of the call, in milliseconds
 * @throws AwsCallError if there is none, or SSM refuses, is throttled or out of reach
 */
export function readSecret(client: SSMClient, Name: string, callMs = AWS_CALL_MS): Promise<string> {
  return callAws(
    `ssm:GetParameter of ${Name}`,
    async (options) => {
      const { Parameter } = await client.send(
        new GetParameterCommand({ Name, WithDecryption: true }),
        options,
      );
      return expectField("Value", Parameter?.Value);
    },
    callMs,
  );
}
