/** Adapter: SSM → key and memory. */
import { GetParametersCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { AWS_CALL_MS, throwAwsCallError } from "./aws.ts";

export interface Parameters {
  /** Undefined where there is no such parameter. */
  readonly apiKey: string | undefined;
  readonly memory: string | undefined;
}

/**
 * Reads key and memory in one call, and writes the memory.
 *
 * Both calls throw AwsCallError where SSM refuses, is throttled or out of reach.
 *
 * @param callMs - the limit of one call, in milliseconds
 */
export function createParameters(
  client: SSMClient,
  names: { apiKeyParameter: string; memoryParameter: string },
  callMs = AWS_CALL_MS,
) {
  const { apiKeyParameter, memoryParameter } = names;
  return {
    async readParameters(): Promise<Parameters> {
      const command = new GetParametersCommand({
        Names: [apiKeyParameter, memoryParameter],
        WithDecryption: true,
      });
      const { Parameters: found = [] } = await client
        .send(command, { abortSignal: AbortSignal.timeout(callMs) })
        .catch(throwAwsCallError(`ssm:GetParameters of ${apiKeyParameter} and ${memoryParameter}`));
      const read = (name: string) => found.find((parameter) => parameter.Name === name)?.Value;
      return { apiKey: read(apiKeyParameter), memory: read(memoryParameter) };
    },

    async saveMemory(document: string): Promise<void> {
      const command = new PutParameterCommand({
        Name: memoryParameter,
        Value: document,
        Type: "String",
        // Without a tier the region's default counts, and that may be one that costs.
        Tier: "Standard",
        Overwrite: true,
      });
      await client
        .send(command, { abortSignal: AbortSignal.timeout(callMs) })
        .catch(throwAwsCallError(`ssm:PutParameter of ${memoryParameter}`));
    },
  };
}
