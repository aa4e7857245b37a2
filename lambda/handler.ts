/** The entry: environment → config, clients → ports; nothing else. */
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { SNS_CLIENT_CONFIG, SSM_CLIENT_CONFIG } from "./adapters/aws.ts";
import { createKie } from "./adapters/kie.ts";
import { createParameters } from "./adapters/parameters.ts";
import { createTelemetry } from "./adapters/telemetry.ts";
import { createTopic } from "./adapters/topic.ts";
import { checkCredits } from "./check-credits.ts";
import { readConfig } from "./config.ts";
import { parseInvocation } from "./invocation.ts";
import type { Ports } from "./ports.ts";
import type { Report } from "./report.ts";

const config = readConfig(process.env);
const ports: Ports = {
  ...createParameters(new SSMClient(SSM_CLIENT_CONFIG), config),
  ...createTopic(new SNSClient(SNS_CLIENT_CONFIG), config.topicArn),
  ...createTelemetry(config),
  readCredits: createKie(config.kieBaseUrl),
  now: Date.now,
};

/** The function's handler: checks the credits once. @see parseInvocation for the event */
export const handler = async (event: unknown): Promise<Report> =>
  checkCredits(config, parseInvocation(event), ports);
