/** Adapter: SSM → the parameter that holds the key of an account. */
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import type { Aws } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";

/** What SSM has under the key's name. The value is for one call to Kie and is never shown. */
export interface KeyParameter {
  /** Null if there is no such parameter. */
  readonly type: string | null;
  readonly value: string;
}

/**
 * Reads a key parameter, which need not exist.
 *
 * @throws AwsProblem
 */
export async function readKeyParameter({ ssm }: Aws, name: string): Promise<KeyParameter> {
  const { Parameter } = await ssm
    .send(new GetParameterCommand({ Name: name, WithDecryption: true }))
    .catch(AwsProblem.thrower(`ssm:GetParameter of ${name}`))
    .catch((problem: unknown) => {
      if (problem instanceof AwsProblem && problem.kind === "missing") return { Parameter: undefined };
      throw problem;
    });
  return { type: Parameter?.Type ?? null, value: Parameter?.Value ?? "" };
}
