/** What a check by the defaults works by, for tests: as the use case has it, and as the function's environment. */
import type { Config, DeployedConfig, Environment, WebhookConfig } from "../../lambda/config.ts";
import { ACCOUNT_DEFAULTS } from "../../lambda/fields.ts";

export const CONFIG: Config = {
  account: "kie",
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  tellsAudience: true,
  consoleOnly: false,
  ...ACCOUNT_DEFAULTS,
};

export const DEPLOYED_CONFIG: DeployedConfig = {
  kind: "check",
  ...CONFIG,
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  memoryParameter: "/kie-credit-alert/kie/memory",
  emitsMetrics: false,
  topicArn: "arn:aws:sns:us-east-1:123456789012:alerts",
};

export const WEBHOOK_CONFIG: WebhookConfig = {
  kind: "webhook",
  name: "team",
  parameter: "/kie-credit-alert/webhooks/team",
  webhookKind: "slack",
};

/** The environment of the function that is configured so. */
export function environmentOf(config: DeployedConfig | WebhookConfig = DEPLOYED_CONFIG): Environment {
  return { CONFIG: JSON.stringify(config) };
}
