/** The contract between the stack and the functions: their environments and their metrics. Pure. */
import * as z from "zod";
import { accountName, accountRules, kieBaseUrl, type PerAccount, webhookKind } from "./fields.ts";
import { checkPolicy } from "./policy/rules.ts";
import { InvalidInputError, parseInput } from "./problems.ts";

export const DEFAULT_KIE_BASE_URL = "https://api.kie.ai";

/** Between checks. */
export const DEFAULT_EVERY_MINUTES = 15;

const name = z.string("expected a name").min(1, "expected a name");

const configuration = z
  .object({
    /** By this the local commands know the functions that check. */
    kind: z.literal("check", 'expected "check"'),
    account: accountName,
    apiKeyParameter: name,
    memoryParameter: name,
    topicArn: z.string("expected an ARN").startsWith("arn:", "expected an ARN"),
    tellsAudience: z.boolean("expected true or false"),
    emitsMetrics: z.boolean("expected true or false"),
    /** Whether people have AWS's console alone, since the stack is of the template for the browser. */
    consoleOnly: z.boolean("expected true or false"),
    ...accountRules.shape,
    KIE_BASE_URL: kieBaseUrl.default(DEFAULT_KIE_BASE_URL),
  })
  .superRefine(
    (values, { addIssue }) =>
      checkPolicy(values, (field, input, message) =>
        addIssue({ code: "custom", path: [field], input, message }),
      ),
    // Runs even if other fields are invalid, so that all problems are reported at once.
    { when: () => true },
  );

const webhookConfiguration = z.object({
  kind: z.literal("webhook", 'expected "webhook"'),
  name: accountName,
  /** Name of the SecureString that holds the address. */
  parameter: name,
  /** Null if the address's host says it. */
  webhookKind: webhookKind.nullable(),
});

/** What the stack tells the function of a webhook, and how that works. */
export type WebhookConfig = Readonly<z.output<typeof webhookConfiguration>>;

/** What the stack tells the function that checks, by the names in settings.json. */
export type DeployedConfig = Readonly<Omit<z.output<typeof configuration>, "KIE_BASE_URL">>;

/** What the stack sets on a function. */
export type Environment = {
  /** A {@link DeployedConfig} or a {@link WebhookConfig} as JSON. */
  readonly CONFIG: string;
  /** For tests: where Kie is asked instead. */
  readonly KIE_BASE_URL?: string;
};

/** Where CloudWatch files the metrics; their one dimension is `account`. */
export const METRIC_NAMESPACE = "KieCreditAlert";

/** What the dashboard shows; without a dashboard nothing is measured, since each metric has a price. */
export type MetricName = "Credits" | "HoursLeft";

/** What one check works by, in AWS and on a laptop. */
export interface Config extends PerAccount {
  /** `[a-z0-9-]{1,20}` */
  readonly account: string;
  /** Name of the SSM parameter that holds the key; null on a laptop. */
  readonly apiKeyParameter: string | null;
  /** Whether this account tells that the topic lost a subscriber: of several accounts on one topic only the first. */
  readonly tellsAudience: boolean;
  /** Whether people have AWS's console alone, and none of our commands. */
  readonly consoleOnly: boolean;
}

/** The configuration of the deployed function. */
export interface FunctionConfig extends DeployedConfig {
  readonly kieBaseUrl: string;
}

/**
 * Reads the function's environment.
 *
 * @throws InvalidInputError that names every bad field
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): FunctionConfig {
  const { KIE_BASE_URL: kieBaseUrl, ...config } = parseInput("configuration", configuration, {
    ...readObject(env["CONFIG"]),
    KIE_BASE_URL: env["KIE_BASE_URL"],
  });
  return { ...config, kieBaseUrl };
}

/**
 * Reads the environment of a webhook's function.
 *
 * @throws InvalidInputError that names every bad field
 */
export function readWebhookConfig(env: Readonly<Record<string, string | undefined>>): WebhookConfig {
  return parseInput("configuration", webhookConfiguration, readObject(env["CONFIG"]));
}

/**
 * The configuration of any function of the stack.
 *
 * @throws InvalidInputError that names every bad field
 */
export function readAnyConfig(
  env: Readonly<Record<string, string | undefined>>,
): FunctionConfig | WebhookConfig {
  const { kind } = { kind: undefined, ...readObject(env["CONFIG"]) };
  return kind === "webhook" ? readWebhookConfig(env) : readConfig(env);
}

/** What it is instead is not shown, since the key may be in it. */
function readObject(text: string | undefined): object {
  if (text === undefined) throw new InvalidInputError("Invalid configuration: CONFIG is missing");
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch {}
  throw new InvalidInputError("Invalid configuration: CONFIG is not a JSON object");
}
