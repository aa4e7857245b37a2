/** Simulated SSM: one parameter with the key, one with the memory. */
import { GetParametersCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { type AwsWorld, awsError, callAws, fatePlanner } from "./aws.ts";
import type { Execution, Knowledge } from "./records.ts";

/** What a standard parameter holds. */
const MAX_VALUE_CHARACTERS = 4096;

export interface SimulatedSsm {
  apiKey: string | undefined;
  memory: string | undefined;
  /** What the remembered document knows. */
  knowledge: () => Knowledge;
  clientFor(execution: Execution): SSMClient;
}

/**
 * @param offered - is told of each document that is to be written
 * @param saved - is told of each document that was written, and says what it knows
 */
export function createSsm(
  world: AwsWorld,
  names: { apiKeyParameter: string; memoryParameter: string },
  initial: { memory: string; knowledge: () => Knowledge },
  offered: (execution: Execution, document: string) => void,
  saved: (execution: Execution, document: string) => () => Knowledge,
): SimulatedSsm {
  const readFates = fatePlanner(world, "SSM read", ["throttled", "denied", "unreachable", "timeout"], 0.01);
  const writeFates = fatePlanner(
    world,
    "SSM write",
    ["throttled", "denied", "unreachable", "timeout", "answer lost", "answer lost"],
    0.01,
  );

  let version = 1;
  const read = (execution: Execution) => {
    execution.knowledge = ssm.knowledge();
    const values = [
      { Name: names.memoryParameter, Value: ssm.memory, Version: version },
      { Name: names.apiKeyParameter, Value: ssm.apiKey, Version: 1 },
    ];
    return { Parameters: values.filter(({ Value }) => Value !== undefined) };
  };

  const write = (execution: Execution, { Name, Value = "", Overwrite }: PutParameterCommand["input"]) => {
    if (Name !== names.memoryParameter || !Overwrite || Value === "" || Value.length > MAX_VALUE_CHARACTERS) {
      throw awsError("denied", world.secret(), "ValidationException");
    }
    ssm.memory = Value;
    ssm.knowledge = saved(execution, Value);
    return { Version: ++version };
  };

  const ssm: SimulatedSsm = {
    apiKey: undefined,
    ...initial,
    clientFor(execution) {
      const send = async (command: unknown) => {
        if (command instanceof GetParametersCommand) {
          return callAws(world, execution, "read", readFates, () => read(execution));
        }
        if (command instanceof PutParameterCommand) {
          offered(execution, command.input.Value ?? "");
          return callAws(world, execution, "save", writeFates, () => write(execution, command.input));
        }
        throw new Error("SSM was asked for something that the function has no permission for");
      };
      // Only `send` is used of a client, and its many overloads can't be written by hand.
      return { send } as unknown as SSMClient;
    },
  };
  return ssm;
}
