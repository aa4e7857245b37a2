/** What a CloudFormation template says about people. Pure. */
import * as z from "zod";
import { parseJson } from "../aws.ts";

/** Somebody whom a template subscribes. */
export interface Subscriber {
  readonly protocol: string;
  readonly endpoint: string;
  /** The subscription's FilterPolicy, if it has one. */
  readonly filter?: unknown;
}

/** What the commands need to know of a template. */
export interface Template {
  readonly subscribers: readonly Subscriber[];
}

const resources = z.object({ Resources: z.record(z.string(), z.unknown()) });
const subscription = z.object({
  Type: z.literal("AWS::SNS::Subscription"),
  Properties: z.object({
    Protocol: z.string(),
    Endpoint: z.union([z.string(), z.object({ Ref: z.string() })]),
    FilterPolicy: z.unknown().optional(),
  }),
});

/**
 * Reads what is needed of a template; whatever is not as expected is left out, and so is somebody for whom nothing was
 * filled in.
 *
 * @param values - of its parameters
 */
export function readTemplate(body: string, values: Readonly<Record<string, string>> = {}): Template {
  const parsed = resources.safeParse(parseJson(body));
  const subscribers = Object.values(parsed.data?.Resources ?? {}).flatMap((resource) => {
    const { Properties: found } = subscription.safeParse(resource).data ?? {};
    if (found === undefined) return [];
    const { Protocol: protocol, Endpoint, FilterPolicy: filter } = found;
    const endpoint = typeof Endpoint === "string" ? Endpoint : values[Endpoint.Ref];
    return endpoint ? [{ protocol, endpoint, filter }] : [];
  });
  return { subscribers };
}
