/** What a check by the defaults works by, for tests: as the use case has it, and as the function's environment. */
import { type Config, DEFAULT_USD_PER_CREDIT, type Environment } from "../../lambda/config.ts";
import { DEFAULT_POLICY } from "../../lambda/policy/rules.ts";

export const CONFIG: Config = {
  account: "kie",
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  policy: DEFAULT_POLICY,
  usdPerCredit: DEFAULT_USD_PER_CREDIT,
  timeZone: "UTC",
  sms: "critical",
  tellsAudience: true,
};

export const ENVIRONMENT = {
  ACCOUNT: "kie",
  API_KEY_PARAMETER: "/kie-credit-alert/kie/api-key",
  MEMORY_PARAMETER: "/kie-credit-alert/kie/memory",
  TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
  WARNING_CREDITS: "1000",
  CRITICAL_CREDITS: "300",
  WARNING_HOURS: "24",
  CRITICAL_HOURS: "8",
  WARNING_REMINDER_HOURS: "24",
  CRITICAL_REMINDER_HOURS: "6",
  ALL_CLEAR_DAYS: "7",
  USD_PER_CREDIT: "0.005",
  TIME_ZONE: "UTC",
  SMS: "critical",
  TELLS_AUDIENCE: "yes",
} as const satisfies Environment;
