/** The contract between the stack and the function: its environment and its metrics. Pure. */
import * as z from "zod";
import { accountName, checkPolicy, decimal, kieBaseUrl, PER_ACCOUNT, type PerAccount } from "./fields.ts";
import type { Policy } from "./policy/rules.ts";
import { parseInput } from "./problems.ts";

export const DEFAULT_KIE_BASE_URL = "https://api.kie.ai";

export const DEFAULT_USD_PER_CREDIT = PER_ACCOUNT.usdPerCredit.default;

const nonEmpty = z.string("expected a name").min(1, "expected a name");

/** All that the function is told by its environment, by its name in the code. */
const FIELDS = {
  account: { variable: "ACCOUNT", rule: accountName },
  apiKeyParameter: { variable: "API_KEY_PARAMETER", rule: nonEmpty },
  memoryParameter: { variable: "MEMORY_PARAMETER", rule: nonEmpty },
  topicArn: {
    variable: "TOPIC_ARN",
    rule: z.string("expected an ARN").startsWith("arn:", "expected an ARN"),
  },
  tellsAudience: { variable: "TELLS_AUDIENCE", rule: z.boolean() },
  ...PER_ACCOUNT,
  kieBaseUrl: { variable: "KIE_BASE_URL", rule: kieBaseUrl.default(DEFAULT_KIE_BASE_URL) },
} as const;

type Fields = typeof FIELDS;
type Values = { readonly [Name in keyof Fields]: z.output<Fields[Name]["rule"]> };

/** What the stack sets on the function; every value is text. */
export type Environment = Readonly<
  Record<Exclude<Fields[keyof Fields]["variable"], "KIE_BASE_URL">, string>
> & {
  readonly KIE_BASE_URL?: string;
};

/** Where CloudWatch files the metrics; their one dimension is `account`. */
export const METRIC_NAMESPACE = "KieCreditAlert";

/** `CheckFailed`, 0 or 1, is there for every check but dry runs and tests: its sample count is the heartbeat. */
export type MetricName = "Credits" | "HoursLeft" | "CheckFailed" | "ConfirmedSubscribers";

/** What one check works by, in AWS and on a laptop. */
export interface Config extends Omit<PerAccount, keyof Policy> {
  /** `[a-z0-9-]{1,20}` */
  readonly account: string;
  /** Name of the SSM parameter that holds the key; null on a laptop. */
  readonly apiKeyParameter: string | null;
  readonly policy: Policy;
  /** Whether this account tells that the topic lost a subscriber: of several accounts on one topic only the first. */
  readonly tellsAudience: boolean;
}

/** The configuration of the deployed function. */
export interface FunctionConfig extends Config {
  readonly apiKeyParameter: string;
  readonly memoryParameter: string;
  readonly topicArn: string;
  readonly kieBaseUrl: string;
}

/** How the rule of a field reads it from text. */
function fromText(rule: z.ZodType): z.ZodType {
  if (rule instanceof z.ZodNumber) return decimal(rule as z.ZodNumber);
  if (rule instanceof z.ZodBoolean) {
    return z.enum(["yes", "no"], "expected yes or no").transform((text) => text === "yes");
  }
  return rule;
}

const environment = z
  .object(
    Object.fromEntries(Object.entries(FIELDS).map(([name, { rule }]) => [name, fromText(rule)])) as {
      readonly [Name in keyof Fields]: z.ZodType<Values[Name]>;
    },
  )
  .superRefine(
    (values, { addIssue }) =>
      checkPolicy(values, (field, input, message) =>
        addIssue({ code: "custom", path: [field], input, message }),
      ),
    // Runs even if other fields are invalid, so that all problems are reported at once.
    { when: () => true },
  );

/** The counterpart of {@link fromText}. */
function toText(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = String(value);
  // String() gives numbers below 0.000001 and from 1e21 on an exponent, which decimal() refuses.
  return typeof value === "number" && text.includes("e")
    ? value.toLocaleString("en-US", { useGrouping: false, maximumSignificantDigits: 17 })
    : text;
}

/** The function's environment, for the stack to set. {@link readConfig} reads it back. */
export function environmentOf(values: Omit<Values, "kieBaseUrl">): Environment {
  const { kieBaseUrl: _, ...fields } = FIELDS;
  const names = Object.keys(fields) as (keyof typeof fields)[];
  return Object.fromEntries(
    names.map((name) => [FIELDS[name].variable, toText(values[name])]),
  ) as unknown as Environment;
}

/**
 * Reads the function's environment.
 *
 * @throws InvalidInputError that names every bad variable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): FunctionConfig {
  const byName = Object.fromEntries(
    Object.entries(FIELDS).map(([name, { variable }]) => [name, env[variable]]),
  );
  const { account, apiKeyParameter, memoryParameter, topicArn, tellsAudience, kieBaseUrl, ...perAccount } =
    parseInput("environment", environment, byName, { nameOf: variableOf });
  const { usdPerCredit, timeZone, sms, ...policy } = perAccount;
  return {
    account,
    apiKeyParameter,
    memoryParameter,
    topicArn,
    policy,
    usdPerCredit,
    timeZone,
    sms,
    tellsAudience,
    kieBaseUrl,
  };
}

function variableOf(name: string): string {
  return Object.entries(FIELDS).find(([field]) => field === name)?.[1].variable ?? name;
}
