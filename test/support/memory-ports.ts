/** The world of one check, in memory: what it holds, and what was done to it. */
import type { Ports } from "../../lambda/check-credits.ts";
import type { Audience, Report } from "../../lambda/invocation.ts";
import type { Message } from "../../lambda/messages/message.ts";
import type { Reading } from "../../lambda/policy/reading.ts";

export interface World {
  apiKey: string | undefined;
  memory: string | undefined;
  /** The next readings, in turn; the last one stays. */
  readings: Reading[];
  audience: Audience | null;
  now: number;
  readonly published: Message[];
  readonly warnings: string[];
  readonly reports: Report[];
  /** What was done, in order. */
  readonly steps: string[];
}

export function createWorld(changes: Partial<World> = {}): World {
  return {
    apiKey: "key",
    memory: '{"version":1}',
    readings: [{ kind: "credits", credits: 5000 }],
    audience: { emails: 1, phones: 1, others: 0, pending: 0 },
    now: Date.parse("2026-11-23T05:00:00Z"),
    published: [],
    warnings: [],
    reports: [],
    steps: [],
    ...changes,
  };
}

export function portsTo(world: World): Ports {
  return {
    async readParameters() {
      world.steps.push("read parameters");
      return { apiKey: world.apiKey, memory: world.memory };
    },
    async readCredits(apiKey) {
      world.steps.push(`ask Kie with ${apiKey}`);
      const [reading, ...rest] = world.readings;
      if (reading === undefined) throw new Error("no reading is left");
      if (rest.length > 0) world.readings = rest;
      return reading;
    },
    async countSubscribers() {
      world.steps.push("count audience");
      return world.audience;
    },
    async publish(message) {
      world.steps.push("publish");
      world.published.push(message);
      return `message-${world.published.length}`;
    },
    async saveMemory(document) {
      world.steps.push("save memory");
      world.memory = document;
    },
    warn: (message) => world.warnings.push(message),
    checked: (report) => world.reports.push(report),
    now: () => world.now,
    async sleep(ms) {
      world.steps.push(`sleep ${ms} ms`);
    },
  };
}
