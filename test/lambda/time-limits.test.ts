import { expect, it } from "vitest";
import { AWS_CALL_MS } from "../../lambda/adapters/aws.ts";
import { LIMITS } from "../../lambda/adapters/kie.ts";
import { checkCredits } from "../../lambda/check-credits.ts";
import type { Ports } from "../../lambda/ports.ts";
import { synthesize } from "../infra/synthesize.ts";
import { createWorld, portsTo } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

it("a check that tells and uses up every limit ends before Lambda ends it", async () => {
  const world = createWorld({ readings: [{ kind: "credits", credits: 0 }] });
  const ports = portsTo(world);
  const taking = async <T>(ms: number, result: Promise<T>) => {
    world.now += ms;
    return result;
  };
  const slow: Ports = {
    ...ports,
    readParameters: () => taking(AWS_CALL_MS, ports.readParameters()),
    // Two looks; the subscribers are counted meanwhile.
    readCredits: (apiKey) => taking(2 * LIMITS.totalMs + LIMITS.secondLookAfterMs, ports.readCredits(apiKey)),
    publish: (message) => taking(AWS_CALL_MS, ports.publish(message)),
    saveMemory: (document) => taking(AWS_CALL_MS, ports.saveMemory(document)),
  };
  const begun = world.now;
  const invocation = { dryRun: false, test: false, need: null, snoozeHours: null };
  const report = await checkCredits(CONFIG, invocation, slow);
  expect(report.alert).toMatchObject({ kind: "raised" });
  const functionMs = synthesize({}).find("AWS::Lambda::Function")["Timeout"] * 1_000;
  expect(world.now - begun).toBeLessThan(functionMs);
});
