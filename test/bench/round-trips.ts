/** Counts the round trips of a whole check: all of them, and those that wait for each other. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { checkCold, type Scenario, startWorld } from "./cold-checks.ts";

/** Far longer than what lies between two requests that are sent at the same time. */
const DELAY_MS = 150;

export interface RoundTrips {
  readonly all: number;
  /** The longest chain of round trips that each begin after the end of the one before. */
  readonly inSequence: number;
}

interface Trip {
  readonly from: number;
  readonly to: number;
}

/** Runs one check against stand-ins that are slow to answer, so that what is asked at the same time overlaps. */
export async function countRoundTrips(
  loader: string,
  bundle: string,
  scenario: Scenario,
): Promise<RoundTrips> {
  const world = await startWorld();
  const trips: Trip[] = [];
  const slowAws = await startSlowProxy(world.aws.url, trips);
  const slowKie = await startSlowProxy(world.kie.url, trips);
  const slowWorld = {
    ...world,
    aws: { ...world.aws, url: slowAws.url },
    kie: { ...world.kie, url: slowKie.url },
  };
  try {
    await checkCold(slowWorld, loader, bundle, scenario);
  } finally {
    slowAws.close();
    slowKie.close();
    await world.close();
  }
  return { all: trips.length, inSequence: longestChain(trips) };
}

/** Of all trips, the most that don't overlap: the one that ends first, then the first to end of those after it. */
export function longestChain(trips: readonly Trip[]): number {
  let chain = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of trips.toSorted((a, b) => a.to - b.to)) {
    if (from < end) continue;
    chain++;
    end = to;
  }
  return chain;
}

/** Passes requests on, notes when each came and was answered, and holds every answer back for a while. */
async function startSlowProxy(target: string, trips: Trip[]): Promise<{ url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    const from = performance.now();
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? "/", target), { method, headers }, async (answer) => {
      await sleep(DELAY_MS);
      trips.push({ from, to: performance.now() });
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
