import { expect, it } from "vitest";
import { AWS_CALL_MS, AWS_CLIENT_LIMITS } from "../../lambda/adapters/aws.ts";
import { LIMITS } from "../../lambda/adapters/kie.ts";
import { checkCredits } from "../../lambda/check-credits.ts";
import { FRESH_MEMORY, serializeMemory } from "../../lambda/policy/memory.ts";
import type { Reading } from "../../lambda/policy/reading.ts";
import type { Ports } from "../../lambda/ports.ts";
import { synthesize } from "../infra/synthesize.ts";
import { createWorld, portsTo, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

const credits = (balance: number): Reading => ({ kind: "credits", credits: balance });

/** How long a check takes that uses up every limit, in milliseconds. */
async function slowestCheck(changes: Partial<World>) {
  const world = createWorld(changes);
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
    readMemory: (version) => taking(AWS_CALL_MS, ports.readMemory(version)),
  };
  const begun = world.now;
  const invocation = { dryRun: false, test: false, need: null, snoozeHours: null };
  await checkCredits(CONFIG, invocation, slow).catch(() => {});
  return world.now - begun;
}

const functionMs = synthesize({}).find("AWS::Lambda::Function")["Timeout"] * 1_000;

it("a check that tells and uses up every limit ends before Lambda ends it", async () => {
  const ms = await slowestCheck({ readings: [credits(0)] });
  expect(ms).toBe(4 * AWS_CALL_MS + 2 * LIMITS.totalMs + LIMITS.secondLookAfterMs);
  expect(ms).toBeLessThan(functionMs);
});

it("so does one that another check disturbs at every write", async () => {
  let until = Date.parse("2026-12-01");
  const world: Partial<World> = {
    readings: [credits(0)],
    documents: [],
    before(step) {
      const told = { ...FRESH_MEMORY.told, snoozedUntil: until++ };
      if (step === "save memory") world.documents?.push(serializeMemory({ ...FRESH_MEMORY, told }));
    },
  };
  expect(await slowestCheck(world)).toBeLessThan(functionMs);
});

it("three attempts of a call to AWS that get no answer fit into the time for the call", () => {
  const { connectionTimeout, requestTimeout, socketTimeout } = AWS_CLIENT_LIMITS.requestHandler;
  expect(3 * (connectionTimeout + requestTimeout)).toBeLessThanOrEqual(AWS_CALL_MS);
  expect(3 * socketTimeout).toBeLessThanOrEqual(AWS_CALL_MS);
});

it("the attempts of a look at Kie fit into the time for the look", () => {
  expect(LIMITS.attempts * LIMITS.attemptMs).toBeLessThanOrEqual(LIMITS.totalMs);
});
