/** The demo's machinery: the real use case and the real client, in simulated time. */

import { createKie, LIMITS } from "../../lambda/adapters/kie.ts";
import { checkCredits } from "../../lambda/check-credits.ts";
import type { Config } from "../../lambda/config.ts";
import type { Invocation } from "../../lambda/invocation.ts";
import type { Message } from "../../lambda/messages/message.ts";
import { DAY_MS, HOUR_MS } from "../../lambda/policy/time.ts";
import type { Ports } from "../../lambda/ports.ts";
import type { Report } from "../../lambda/report.ts";
import { LOCAL_CONFIG } from "../config.ts";
import { startKieStandIn } from "./kie-stand-in.ts";
import {
  answerIn,
  audienceOf,
  DEPLOYED_AT,
  FIRST_WORLD,
  HAPPENINGS,
  runJobs,
  STORY_START,
  seededRandom,
} from "./story.ts";

/** As the stack deploys it by default. */
const CHECK_INTERVAL_MS = HOUR_MS / 4;
/** Before the story, to be quick: nothing happens, so nobody could see the difference. */
const QUIET_INTERVAL_MS = HOUR_MS;

/** As the stack deploys it by default. */
export const DEMO_CONFIG: Config = {
  ...LOCAL_CONFIG,
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  tellsAudience: true,
  jobs: { "Veo 3 fast": 65, "Suno song": 12 },
};

const SCHEDULED: Invocation = { dryRun: false, test: false, need: null, snoozeHours: null };

/** What the demo has to tell: something happened, or a check was made. Times are epoch milliseconds. */
export type Step =
  | { readonly kind: "happening"; readonly at: number; readonly text: string }
  | {
      readonly kind: "check";
      readonly at: number;
      readonly report: Report;
      readonly message: Message | null;
    };

/**
 * Lives through the story. A stand-in for Kie on loopback is asked by the real client; memory and topic are
 * variables; every pause passes in simulated time only. The same seed gives the same steps.
 *
 * The quiet days from the deployment to the start of the story are lived through too, but not shown.
 */
export async function* simulate({ seed, days }: { seed: number; days: number }): AsyncGenerator<Step> {
  const random = seededRandom(seed);
  let world = FIRST_WORLD;
  let now = DEPLOYED_AT;
  let published: Message | null = null;
  const documents: string[] = [];

  const kie = await startKieStandIn((response) =>
    answerIn(world, response.req.headers.authorization)(response),
  );
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += Math.ceil(ms);
    },
    random,
  };
  const ports: Ports = {
    ...clock,
    readParameters: async () => ({
      apiKey: world.storedKey,
      memory: documents.at(-1),
      memoryVersion: documents.length,
    }),
    readMemory: async (version) => documents[version - 1],
    saveMemory: async (document) => ({ version: documents.push(document), isRetried: false }),
    readCredits: createKie(kie.url, LIMITS, clock),
    countSubscribers: async () => audienceOf(world),
    publish: async (message) => {
      published = message;
      return "published";
    },
    warn: (message) => {
      throw new Error(`The story has nothing to warn of: ${message}`);
    },
    record: () => {},
  };
  const check = async (at: number, invocation: Invocation): Promise<Step> => {
    now = at;
    published = null;
    const report = await checkCredits(DEMO_CONFIG, invocation, ports);
    return { kind: "check", at, report, message: published };
  };

  try {
    for (let at = DEPLOYED_AT; at < STORY_START; at += QUIET_INTERVAL_MS) {
      world = runJobs(world, QUIET_INTERVAL_MS / HOUR_MS, random);
      await check(at, SCHEDULED);
    }
    for (let at = STORY_START; at < STORY_START + days * DAY_MS; at += CHECK_INTERVAL_MS) {
      for (const happening of HAPPENINGS.filter(
        (each) => each.at > at - CHECK_INTERVAL_MS && each.at <= at,
      )) {
        yield { kind: "happening", at: happening.at, text: happening.text };
        world = happening.change(world);
        if (happening.isTest) yield await check(happening.at, { ...SCHEDULED, test: true });
      }
      world = runJobs(world, CHECK_INTERVAL_MS / HOUR_MS, random);
      yield await check(at, SCHEDULED);
    }
  } finally {
    await kie.close();
  }
}
