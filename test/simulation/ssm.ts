/** Simulated SSM: one parameter with the key, one with the memory and its versions. */
import { GetParametersCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { type AwsWorld, awsError, createCaller } from "./aws.ts";
import type { Execution } from "./records.ts";

/** What a standard parameter holds, and how many versions of it SSM keeps. */
const MAX_VALUE_CHARACTERS = 4096;
const MAX_VERSIONS = 100;

interface Version {
  readonly version: number;
  readonly document: string;
  /** Null if it was no check. */
  readonly by: Execution | null;
}

export interface SimulatedSsm {
  apiKey: string | undefined;
  /** The latest version is the last; empty if there is no memory. */
  readonly versions: Version[];
  /** Writes the memory by hand. */
  overwrite(document: string): void;
  /** Deletes the memory: its versions begin anew. */
  lose(): void;
  clientFor(execution: Execution): SSMClient;
}

/** @param offered - is told of each document that is to be written */
export function createSsm(
  world: AwsWorld,
  names: { apiKeyParameter: string; memoryParameter: string },
  offered: (execution: Execution, document: string) => void,
): SimulatedSsm {
  const calls = createCalls(world);
  const versions: Version[] = [];

  const put = (document: string, by: Execution | null) => {
    const version = (versions.at(-1)?.version ?? 0) + 1;
    versions.push({ version, document, by });
    if (versions.length > MAX_VERSIONS) versions.shift();
    return { Version: version };
  };

  const readBoth = (execution: Execution) => {
    const latest = versions.at(-1);
    execution.memoryBy = latest?.by ?? null;
    execution.isMemoryDamaged = latest !== undefined && latest.by === null;
    const memory = latest && { Name: names.memoryParameter, Value: latest.document, Version: latest.version };
    const key = ssm.apiKey !== undefined && { Name: names.apiKeyParameter, Value: ssm.apiKey, Version: 1 };
    return { Parameters: [memory, key].filter(Boolean) };
  };

  const readVersion = (name: string) => {
    const found = versions.find(({ version }) => name === `${names.memoryParameter}:${version}`);
    const { version = 0, document } = found ?? {};
    const parameter = {
      Name: names.memoryParameter,
      Value: document,
      Version: version,
      Selector: `:${version}`,
    };
    return { Parameters: found ? [parameter] : [] };
  };

  const write = (execution: Execution, { Name, Value = "", Overwrite }: PutParameterCommand["input"]) => {
    if (Name !== names.memoryParameter || !Overwrite || Value === "" || Value.length > MAX_VALUE_CHARACTERS) {
      throw awsError("denied", world.secret());
    }
    execution.written++;
    world.trace(execution, `remembered ${Value.slice(Value.indexOf('"told"'))}`);
    return put(Value, execution);
  };

  const ssm: SimulatedSsm = {
    apiKey: undefined,
    versions,
    overwrite: (document) => put(document, null),
    lose: () => versions.splice(0),
    clientFor(execution) {
      const send = async (command: unknown) => {
        if (command instanceof PutParameterCommand) {
          offered(execution, command.input.Value ?? "");
          return calls.save(execution, () => write(execution, command.input));
        }
        if (!(command instanceof GetParametersCommand)) {
          throw new Error("SSM was asked for something that the function has no permission for");
        }
        const [name = "", ...more] = command.input.Names ?? [];
        if (more.length === 0) return calls.version(execution, () => readVersion(name));
        return calls.read(execution, () => readBoth(execution));
      };
      // Only `send` is used of a client, and its many overloads can't be written by hand.
      return { send } as unknown as SSMClient;
    },
  };
  return ssm;
}

function createCalls(world: AwsWorld) {
  const readFates = ["throttled", "denied", "unreachable", "timeout"] as const;
  const writeFates = [...readFates, "answer lost", "answer lost"] as const;
  const common = { attempts: 5, probability: 0.02 };
  return {
    read: createCaller(world, { ...common, call: "read", area: "SSM read", fates: readFates }),
    version: createCaller(world, { ...common, call: "read version", area: "SSM read", fates: readFates }),
    save: createCaller(world, { ...common, call: "save", area: "SSM write", fates: writeFates }),
  };
}
