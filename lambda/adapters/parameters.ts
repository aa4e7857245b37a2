/** Adapter: SSM → key and memory. */
import { setTimeout } from "node:timers/promises";
import {
  GetParametersCommand,
  PutParameterCommand,
  type SSMClient,
  TooManyUpdates,
} from "@aws-sdk/client-ssm";
import type { Saved } from "../ports.ts";
import { AWS_CALL_MS, callAws, expectField } from "./aws.ts";

/** SSM refuses writes that follow each other fast, and the SDK does not try these again. */
const MAX_WRITES = 5;
const WRITE_PAUSE_MS = 250;

/** A version that was written a moment ago may not be there yet. */
const NEW_VERSION_MS = 500;

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
 * @param sleep - waits for so many milliseconds
 */
export function createParameters(
  client: SSMClient,
  names: { apiKeyParameter: string; memoryParameter: string },
  callMs = AWS_CALL_MS,
  sleep: (ms: number) => Promise<unknown> = setTimeout,
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
      const read = async () => (await getParameters(`${memoryParameter}:${version}`))[0]?.Value;
      const document = await read();
      if (document !== undefined) return document;
      await sleep(NEW_VERSION_MS);
      return read();
    },

    saveMemory: (document: string): Promise<Saved> =>
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
          for (let writes = 1; ; writes++) {
            try {
              const { Version, $metadata } = await client.send(command, options);
              const isRetried = writes > 1 || ($metadata.attempts ?? 1) > 1;
              return { version: expectField("Version", Version), isRetried };
            } catch (error) {
              if (!(error instanceof TooManyUpdates) || writes === MAX_WRITES) throw error;
            }
            await sleep(WRITE_PAUSE_MS * writes);
            options.abortSignal.throwIfAborted();
          }
        },
        callMs,
      ),
  };
}
