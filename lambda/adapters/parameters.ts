/** Adapter: SSM → key and memory. */
import { GetParametersCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { AWS_CALL_MS, callAws, expectField } from "./aws.ts";

export interface Parameters {
  /** Undefined if there is no such parameter. */
  readonly apiKey: string | undefined;
  readonly memory: string | undefined;
  /** SSM counts from 1; 0 if there is no memory. */
  readonly memoryVersion: number;
}

/**
 * Reads key and memory in one call, and writes the memory. All calls throw AwsCallError if SSM refuses, is throttled
 * or out of reach.
 *
 * @param client - with SSM_CLIENT_CONFIG
 * @param callMs - the limit of one call, in milliseconds
 */
export function createParameters(
  client: SSMClient,
  names: { apiKeyParameter: string; memoryParameter: string },
  callMs = AWS_CALL_MS,
) {
  const { apiKeyParameter, memoryParameter } = names;

  const getParameters = (...Names: string[]) =>
    callAws(
      `ssm:GetParameters of ${Names.join(" and ")}`,
      async (options) => {
        const answer = await client.send(new GetParametersCommand({ Names, WithDecryption: true }), options);
        return expectField("Parameters", answer.Parameters);
      },
      callMs,
    );

  return {
    async readParameters(): Promise<Parameters> {
      const found = await getParameters(apiKeyParameter, memoryParameter);
      const byName = (name: string) => found.find((parameter) => parameter.Name === name);
      const memory = byName(memoryParameter);
      return {
        apiKey: byName(apiKeyParameter)?.Value,
        memory: memory?.Value,
        memoryVersion: memory?.Version ?? 0,
      };
    },

    /**
     * A former version of the memory; undefined if SSM doesn't have it (it keeps the last 100).
     * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
     */
    async readMemory(version: number): Promise<string | undefined> {
      const [found] = await getParameters(`${memoryParameter}:${version}`);
      return found?.Value;
    },

    /** @returns the version that was written */
    saveMemory: (document: string): Promise<number> =>
      callAws(
        `ssm:PutParameter of ${memoryParameter}`,
        async (options) => {
          const command = new PutParameterCommand({
            Name: memoryParameter,
            Value: document,
            Type: "String",
            // Without a tier the region's default counts, and that may be one that costs.
            Tier: "Standard",
            Overwrite: true,
          });
          return expectField("Version", (await client.send(command, options)).Version);
        },
        callMs,
      ),
  };
}
