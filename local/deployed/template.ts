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

/** What the doctor needs to know of a template. */
export interface Template {
  /** The hashes of the functions' code, each once. */
  readonly assets: readonly string[];
  readonly subscribers: readonly Subscriber[];
}

const resources = z.object({ Resources: z.record(z.string(), z.unknown()) });
const subscription = z.object({
  Type: z.literal("AWS::SNS::Subscription"),
  Properties: z.object({ Protocol: z.string(), Endpoint: z.string(), FilterPolicy: z.unknown().optional() }),
});

/** Reads what is needed of a template; whatever is not as expected is left out. */
export function readTemplate(body: string): Template {
  const assets = Array.from(body.matchAll(/"S3Key":\s*"([0-9a-f]{64})\.zip"/g), ([, hash]) => hash ?? "");
  const parsed = resources.safeParse(parseJson(body));
  const subscribers = Object.values(parsed.data?.Resources ?? {}).flatMap((resource) => {
    const { Properties: found } = subscription.safeParse(resource).data ?? {};
    return found ? [{ protocol: found.Protocol, endpoint: found.Endpoint, filter: found.FilterPolicy }] : [];
  });
  return { assets: [...new Set(assets)], subscribers };
}
