/** The contract between the stack and the function: its environment and its metrics. Pure. */
import * as z from "zod/mini";
import {
  accountName,
  amount,
  checkPolicy,
  decimal,
  kieBaseUrl,
  positiveAmount,
  reminderHours,
  smsChoice,
  timeZone,
} from "./fields.ts";
import type { Policy } from "./policy/policy.ts";
import { parseInput } from "./problems.ts";

const nonEmpty = z.string("expected a name").check(z.minLength(1, "expected a name"));

const environment = z
  .object({
    ACCOUNT: accountName,
    /** Name of the SecureString that holds the key. */
    API_KEY_PARAMETER: nonEmpty,
    MEMORY_PARAMETER: nonEmpty,
    TOPIC_ARN: z.string("expected an ARN").check(z.startsWith("arn:", "expected an ARN")),
    WARNING_CREDITS: decimal(amount),
    CRITICAL_CREDITS: decimal(amount),
    WARNING_HOURS: decimal(amount),
    CRITICAL_HOURS: decimal(amount),
    WARNING_REMINDER_HOURS: decimal(reminderHours),
    CRITICAL_REMINDER_HOURS: decimal(reminderHours),
    USD_PER_CREDIT: decimal(positiveAmount),
    TIME_ZONE: timeZone,
    SMS: smsChoice,
    KIE_BASE_URL: z.optional(kieBaseUrl),
  })
  .check(
    z.superRefine(
      (env, context) => {
        const names = {
          warningCredits: "WARNING_CREDITS",
          criticalCredits: "CRITICAL_CREDITS",
          warningHours: "WARNING_HOURS",
          criticalHours: "CRITICAL_HOURS",
        } as const;
        checkPolicy(policyOf(env), (field, input, message) =>
          context.addIssue({ code: "custom", path: [names[field]], input, message }),
        );
      },
      // What else is wrong must not hide what is wrong here.
      { when: () => true },
    ),
  );

/** What the stack sets on the function; every value is text. */
export type Environment = Readonly<
  Record<Exclude<keyof z.output<typeof environment>, "KIE_BASE_URL">, string>
> & {
  readonly KIE_BASE_URL?: string;
};

/** Where CloudWatch files the metrics; their one dimension is `account`. */
export const METRIC_NAMESPACE = "KieCreditAlert";

/** `CheckFailed`, 0 or 1, is there for every check but dry runs and tests: its sample count is the heartbeat. */
export type MetricName = "Credits" | "HoursLeft" | "CheckFailed" | "ConfirmedSubscribers";

/** Kie sells 1,000 credits for about $5. */
export const DEFAULT_USD_PER_CREDIT = 0.005;

export const DEFAULT_KIE_BASE_URL = "https://api.kie.ai";

/** What one check works by, in AWS and on a laptop. */
export interface Config {
  /** `[a-z0-9-]{1,20}` */
  readonly account: string;
  /** Name of the SSM parameter that holds the key; null on a laptop. */
  readonly apiKeyParameter: string | null;
  readonly policy: Policy;
  readonly usdPerCredit: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly sms: "critical" | "all";
}

/** The configuration of the deployed function. */
export interface FunctionConfig extends Config {
  readonly apiKeyParameter: string;
  readonly memoryParameter: string;
  readonly topicArn: string;
  readonly kieBaseUrl: string;
}

/**
 * Reads the function's environment.
 *
 * @throws InvalidInputError that names every bad variable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): FunctionConfig {
  const parsed = parseInput("environment", environment, env);
  return {
    account: parsed.ACCOUNT,
    apiKeyParameter: parsed.API_KEY_PARAMETER,
    memoryParameter: parsed.MEMORY_PARAMETER,
    topicArn: parsed.TOPIC_ARN,
    policy: policyOf(parsed),
    usdPerCredit: parsed.USD_PER_CREDIT,
    timeZone: parsed.TIME_ZONE,
    sms: parsed.SMS,
    kieBaseUrl: parsed.KIE_BASE_URL ?? DEFAULT_KIE_BASE_URL,
  };
}

function policyOf(env: {
  readonly WARNING_CREDITS: number;
  readonly CRITICAL_CREDITS: number;
  readonly WARNING_HOURS: number;
  readonly CRITICAL_HOURS: number;
  readonly WARNING_REMINDER_HOURS: number;
  readonly CRITICAL_REMINDER_HOURS: number;
}): Policy {
  return {
    warningCredits: env.WARNING_CREDITS,
    criticalCredits: env.CRITICAL_CREDITS,
    warningHours: env.WARNING_HOURS,
    criticalHours: env.CRITICAL_HOURS,
    warningReminderHours: env.WARNING_REMINDER_HOURS,
    criticalReminderHours: env.CRITICAL_REMINDER_HOURS,
  };
}
