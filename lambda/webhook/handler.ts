/** The entry of a webhook's function: what the topic says → one POST for each message. */
import { SSMClient } from "@aws-sdk/client-ssm";
import { AWS_CLIENT_LIMITS } from "../adapters/aws.ts";
import { readSecret } from "../adapters/secret.ts";
import { readWebhookConfig } from "../config.ts";
import { readNotices } from "./notice.ts";
import { postNotice } from "./post.ts";

const { parameter, webhookKind } = readWebhookConfig(process.env);
const ssm = new SSMClient(AWS_CLIENT_LIMITS);

/** The function's handler. What it throws, Lambda tries again, twice. */
export const handler = async (event: unknown): Promise<void> => {
  const notices = readNotices(event);
  const address = await readSecret(ssm, parameter);
  for (const notice of notices) await postNotice(address, webhookKind, notice);
};
