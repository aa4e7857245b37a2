/** The world of one check, in memory: what it holds, and what was done to it. */

import type { Message } from "../../lambda/messages/message.ts";
import type { Reading } from "../../lambda/policy/reading.ts";
import type { Ports } from "../../lambda/ports.ts";
import type { Report, Subscribers } from "../../lambda/report.ts";

/** What a check does, in the words of the tests. */
export type Step =
  | "read parameters"
  | "read memory"
  | "ask Kie"
  | "count subscribers"
  | "save memory"
  | "publish";

export interface World {
  apiKey: string | undefined;
  /** The remembered document in each of its versions; the first one is version 1. */
  documents: string[];
  /** The next readings, in turn; the last one stays. */
  readings: Reading[];
  audience: Subscribers | null;
  now: number;
  /** Called before each step, with how often it was made so far; may throw or wait. */
  before(step: Step, times: number): void | Promise<void>;
  /** Called after each step that did its work; what it throws is an answer that was lost. */
  after(step: Step, times: number): void | Promise<void>;
  readonly published: Message[];
  readonly warnings: string[];
  readonly reports: Report[];
  /** What was done, in order. */
  readonly steps: Step[];
}

export const ONE_EMAIL: Subscribers = { emails: 1, phones: 0, others: 0, pending: 0 };

export function createWorld(changes: Partial<World> = {}): World {
  return {
    apiKey: "key",
    documents: [],
    readings: [{ kind: "credits", credits: 5000 }],
    audience: { emails: 1, phones: 1, others: 0, pending: 0 },
    now: Date.parse("2026-11-23T05:00:00Z"),
    before: () => {},
    after: () => {},
    published: [],
    warnings: [],
    reports: [],
    steps: [],
    ...changes,
  };
}

/** What one check sees of the world. */
export function portsTo(world: World, nextReading = () => takeReading(world)): Ports {
  const step = async <T>(name: Step, work: () => T): Promise<T> => {
    const times = world.steps.filter((each) => each === name).length;
    await world.before(name, times);
    world.steps.push(name);
    const result = work();
    await world.after(name, times);
    return result;
  };
  return {
    readParameters: () =>
      step("read parameters", () => ({
        apiKey: world.apiKey,
        memory: world.documents.at(-1),
        memoryVersion: world.documents.length,
      })),
    readMemory: (version) => step("read memory", () => world.documents[version - 1]),
    saveMemory: (document) =>
      step("save memory", () => ({ version: world.documents.push(document), isRetried: false })),
    readCredits: () => step("ask Kie", nextReading),
    countSubscribers: () => step("count subscribers", () => world.audience),
    publish: (message) => step("publish", () => `message-${world.published.push(message)}`),
    warn: (message) => world.warnings.push(message),
    record: (report) => world.reports.push(report),
    now: () => world.now,
  };
}

function takeReading(world: World): Reading {
  const [reading, ...rest] = world.readings;
  if (reading === undefined) throw new Error("no reading is left");
  if (rest.length > 0) world.readings = rest;
  return reading;
}
