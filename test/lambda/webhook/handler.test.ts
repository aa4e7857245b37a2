import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { type AwsStandIn, startAwsStandIn } from "../../support/aws-stand-in.ts";
import { stubAws } from "../../support/credentials.ts";
import { WEBHOOK_CONFIG } from "../../support/settings.ts";
import { MARKERS, startWebhookStandIns, type WebhookStandIns } from "../../support/webhook-stand-ins.ts";

let aws: AwsStandIn;
let services: WebhookStandIns;
let handler: typeof import("../../../lambda/webhook/handler.ts")["handler"];

beforeAll(async () => {
  aws = await startAwsStandIn();
  services = await startWebhookStandIns();
  stubAws(aws.url);
  vi.stubEnv("CONFIG", JSON.stringify(WEBHOOK_CONFIG));
  ({ handler } = await import("../../../lambda/webhook/handler.ts"));
});
afterEach(() => {
  aws.calls.length = 0;
  aws.refusals.clear();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  await services.close();
});

const event = { Records: [{ EventSource: "aws:sns", Sns: { Subject: "Hi", Message: "Hello" } }] };

it("posts what the topic says where the parameter says at that moment", async () => {
  for (const kind of ["slack", "slack"] as const) {
    aws.parameters.set(WEBHOOK_CONFIG.parameter, `${services.addressOf(kind)}\n`);
    await handler(event);
  }
  expect(services.arrivals.map(({ shown }) => shown)).toEqual(["Hello", "Hello"]);
  expect(aws.calls).toEqual(
    Array.from({ length: 2 }, () => ({
      action: "GetParameter",
      input: { Name: WEBHOOK_CONFIG.parameter, WithDecryption: true },
    })),
  );
});

it("throws if there is no address, or SSM refuses", async () => {
  aws.parameters.clear();
  await expect(handler(event)).rejects.toThrow(
    `ssm:GetParameter of ${WEBHOOK_CONFIG.parameter} failed: ParameterNotFound`,
  );
  aws.refusals.set("GetParameter", "AccessDeniedException");
  await expect(handler(event)).rejects.toThrow("failed: AccessDeniedException: refused: GetParameter");
});

it("throws if the service refuses, or the parameter holds no address, without a word of it", async () => {
  aws.parameters.set(WEBHOOK_CONFIG.parameter, services.addressOf("teams"));
  await expect(handler(event)).rejects.toThrow(
    /^127\.0\.0\.1:\d+ answered 400: "the result of the evaluation/,
  );
  aws.parameters.set(WEBHOOK_CONFIG.parameter, String(MARKERS[2]));
  await expect(handler(event)).rejects.toThrow(/^The address is not an https: address$/);
});

it("refuses what is no event of SNS", async () => {
  await expect(handler({})).rejects.toThrow("Invalid event:\n  Records: is missing");
  expect(aws.calls).toEqual([]);
});
