/** Simulated SSM: one parameter with the key, one with the memory and its versions. */
import { GetParametersCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { type AwsWorld, awsError, createCaller } from "./aws.ts";
import type { Execution } from "./records.ts";

/** What a standard parameter holds, and how many versions of it SSM keeps. */
const MAX_VALUE_CHARACTERS = 4096;
const MAX_VERSIONS = 100;

/** A version may be hidden, and a further write refused, for so long after a write. */
const VISIBLE_AFTER_MS = 450;
const FAST_MS = 300;

interface Version {
  readonly version: number;
  readonly document: string;
  readonly at: number;
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
    versions.push({ version, document, by, at: world.now() });
    if (versions.length > MAX_VERSIONS) versions.shift();
    return { Version: version };
  };

  const readBoth = (execution: Execution) => {
    const latest = versions.at(-1);
    execution.memoryBy = latest?.by ?? null;
    execution.isMemoryDamaged = latest !== undefined && latest.by === null;
    execution.foundSending = /"sending":\{/.test(latest?.document ?? "");
    const memory = latest && { Name: names.memoryParameter, Value: latest.document, Version: latest.version };
    const key = ssm.apiKey !== undefined && { Name: names.apiKeyParameter, Value: ssm.apiKey, Version: 1 };
    return { Parameters: [memory, key].filter(Boolean) };
  };

  const readVersion = (execution: Execution, name: string) => {
    const written = versions.find(({ version }) => name === `${names.memoryParameter}:${version}`);
    const isYoung = written !== undefined && world.now() - written.at < VISIBLE_AFTER_MS;
    const isHidden = isYoung && world.faults.happens(execution, "SSM read: not visible yet", 0.3);
    const found = isHidden ? undefined : written;
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
    const isFast = world.now() - (versions.at(-1)?.at ?? 0) < FAST_MS;
    if (isFast && world.faults.happens(execution, "SSM write: too many updates", 0.3)) {
      throw awsError("too many", world.secret());
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
        if (more.length === 0) return calls.version(execution, () => readVersion(execution, name));
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
