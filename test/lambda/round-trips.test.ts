import { setImmediate as everyoneWaits } from "node:timers/promises";
import { expect, it } from "vitest";
import { checkCredits } from "../../lambda/check-credits.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createWorld, portsTo, type World } from "../support/memory-ports.ts";
import { CONFIG } from "../support/settings.ts";

/** A world that answers only when nothing more is asked without an answer: all of it at once, as one round trip. */
async function countRoundTrips(world: World) {
  let count = 0;
  let next: Promise<void> | null = null;
  const answered = () => {
    next ??= everyoneWaits().then(() => {
      count++;
      next = null;
    });
    return next;
  };
  const ports = portsTo(world);
  const slow: Ports = {
    ...ports,
    readParameters: () => answered().then(() => ports.readParameters()),
    readCredits: (apiKey) => answered().then(() => ports.readCredits(apiKey)),
    countSubscribers: () => answered().then(() => ports.countSubscribers()),
    publish: (message) => answered().then(() => ports.publish(message)),
    saveMemory: (document) => answered().then(() => ports.saveMemory(document)),
  };
  await checkCredits(CONFIG, { dryRun: false, test: false, need: null, snoozeHours: null }, slow);
  return count;
}

const MINUTE = 60_000;

it.each([
  { check: "quiet", balance: 5000, roundTrips: 3 },
  { check: "telling", balance: 212, roundTrips: 5 },
])("a check that is $check makes $roundTrips round trips in sequence", async ({ balance, roundTrips }) => {
  const world = createWorld();
  await countRoundTrips(world);
  world.now += 15 * MINUTE;
  world.readings = [{ kind: "credits", credits: balance }];
  expect(await countRoundTrips(world)).toBe(roundTrips);
});
