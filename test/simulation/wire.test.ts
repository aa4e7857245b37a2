import { expect, it } from "vitest";
import { credits, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { startAwsStandIn } from "../support/aws-stand-in.ts";
import { createRandom } from "./random.ts";
import { createWire } from "./wire.ts";
import { live } from "./world.ts";

it("the promises hold over real sockets and with the real SDK", async () => {
  const kie = await startKieStandIn(credits(1));
  const aws = await startAwsStandIn();
  const wire = createWire(kie, aws, createRandom(1));
  const counts = { faults: new Map(), alerts: new Map() };
  for (const seed of [1, 2, 3]) {
    const { violation, checks, trace } = await live(seed, 150, counts, {}, wire);
    expect({ violation, trace: violation ? trace : [] }).toEqual({ violation: null, trace: [] });
    expect(checks).toBe(150);
  }
  expect(kie.requests.length).toBeGreaterThan(400);
  expect(aws.calls.length).toBeGreaterThan(800);
  await Promise.all([kie.close(), aws.close()]);
});
