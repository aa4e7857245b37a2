import { expect, it } from "vitest";
import { AWS_CALL_MS, AWS_CLIENT_LIMITS } from "../../lambda/adapters/aws.ts";
import { LIMITS } from "../../lambda/adapters/kie.ts";
import { checkCredits, type Ports } from "../../lambda/check-credits.ts";
import type { Reading } from "../../lambda/policy/reading.ts";
import { synthesize } from "../infra/synthesize.ts";
import { createWorld, portsTo } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const credits = (balance: number): Reading => ({ kind: "credits", credits: balance });

/** How long a check takes that uses up every limit, in milliseconds. */
async function slowestCheck(...readings: Reading[]) {
  const world = createWorld();
  const ports = portsTo(world);
  const taking = async <T>(ms: number, result: Promise<T>) => {
    world.now += ms;
    return result;
  };
  const slow: Ports = {
    ...ports,
    readParameters: () => taking(AWS_CALL_MS, ports.readParameters()),
    // Two looks; the audience is counted meanwhile.
    readCredits: (apiKey) => taking(2 * LIMITS.totalMs + LIMITS.secondLookAfterMs, ports.readCredits(apiKey)),
    publish: (message) => taking(AWS_CALL_MS, ports.publish(message)),
    saveMemory: (document) => taking(AWS_CALL_MS, ports.saveMemory(document)),
    sleep: (ms) => taking(ms, ports.sleep(ms)),
  };
  let begun = 0;
  for (const reading of readings) {
    begun = world.now;
    world.readings = [reading];
    await checkCredits(CONFIG, { dryRun: false, test: false, need: null }, slow);
  }
  return { ms: world.now - begun, published: world.published.length };
}

it.each([
  ["finds the account empty", [credits(0)], 1],
  ["brings good news", [credits(0), credits(5000)], 2],
])(
  "a check that %s and uses up every limit ends before Lambda ends it",
  async (_title, readings, published) => {
    const check = await slowestCheck(...readings);
    expect(check.published).toBe(published);
    const functionMs = synthesize({}).find("AWS::Lambda::Function").Timeout * 1_000;
    expect(check.ms).toBeLessThan(functionMs);
  },
);

it("three attempts of a call to AWS that get no answer fit into the time for the call", () => {
  const { connectionTimeout, requestTimeout, socketTimeout } = AWS_CLIENT_LIMITS.requestHandler;
  expect(3 * (connectionTimeout + requestTimeout)).toBeLessThanOrEqual(AWS_CALL_MS);
  expect(3 * socketTimeout).toBeLessThanOrEqual(AWS_CALL_MS);
});

it("the attempts of a look at Kie fit into the time for the look", () => {
  expect(LIMITS.attempts * LIMITS.attemptMs).toBeLessThanOrEqual(LIMITS.totalMs);
});
