/** The demo's machinery: the real use case and the real client, in simulated time. */

import { createKie, LIMITS } from "../../lambda/adapters/kie.ts";
import { checkCredits, type Ports } from "../../lambda/check-credits.ts";
import type { Config } from "../../lambda/config.ts";
import type { Invocation, Report } from "../../lambda/invocation.ts";
import type { Message } from "../../lambda/messages/message.ts";
import { INITIAL_DOCUMENT } from "../../lambda/policy/memory.ts";
import { LOCAL_CONFIG } from "../config.ts";
import { startKieStandIn } from "./kie-stand-in.ts";
import { answerIn, FIRST_WORLD, runJobs, STORY_START, seededRandom, tellStory } from "./story.ts";

const HOUR_MS = 3_600_000;
/** Every half hour: an hour without Kie is two failed checks, which bother nobody. */
const CHECK_INTERVAL_MS = HOUR_MS / 2;
const CHECKS_A_DAY = 48;

/** As the stack deploys it by default. */
export const DEMO_CONFIG: Config = { ...LOCAL_CONFIG, apiKeyParameter: "/kie-credit-alert/kie/api-key" };

const SCHEDULED: Invocation = { dryRun: false, test: false, need: null };

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
 */
export async function* simulate({ seed, days }: { seed: number; days: number }): AsyncGenerator<Step> {
  const random = seededRandom(seed);
  let world = FIRST_WORLD;
  let now = STORY_START;
  let memory = INITIAL_DOCUMENT;
  let published: Message | null = null;

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
    readParameters: async () => ({ apiKey: world.storedKey, memory }),
    readCredits: createKie(kie.url, LIMITS, clock),
    countSubscribers: async () => ({ emails: 1, phones: 1, others: 0, pending: 0 }),
    publish: async (message) => {
      published = message;
      return "published";
    },
    saveMemory: async (document) => {
      memory = document;
    },
    warn: (message) => {
      throw new Error(`The story has nothing to warn of: ${message}`);
    },
    checked: () => {},
  };
  const check = async (at: number, invocation: Invocation): Promise<Step> => {
    now = at;
    published = null;
    const report = await checkCredits(DEMO_CONFIG, invocation, ports);
    return { kind: "check", at, report, message: published };
  };

  try {
    const story = tellStory(days);
    for (let count = 0; count < days * CHECKS_A_DAY; count++) {
      const at = STORY_START + count * CHECK_INTERVAL_MS;
      for (const happening of story.filter((each) => each.at > at - CHECK_INTERVAL_MS && each.at <= at)) {
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
