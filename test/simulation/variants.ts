/**
 * Deliberately broken checks. Each breaks one rule in the way in which a plausible mistake would, and the simulator
 * must notice: the seed is of a world that shows it soon.
 */
import { checkCredits } from "../../lambda/check-credits.ts";
import type { Config } from "../../lambda/config.ts";
import type { Message } from "../../lambda/messages/message.ts";
import type { AlertKind } from "../../lambda/policy/alert.ts";
import { type Memory, parseMemory, serializeMemory } from "../../lambda/policy/memory.ts";
import { failed } from "../../lambda/policy/reading.ts";
import type { Ports } from "../../lambda/ports.ts";
import type { Invariant } from "./judge.ts";
import type { Execution } from "./records.ts";
import type { Variant } from "./world.ts";

export interface BrokenVariant extends Variant {
  readonly mistake: string;
  /** The invariant that must fail. */
  readonly breaks: Invariant;
  readonly seed: number;
}

type Change = (ports: Ports, execution: Execution) => Partial<Ports>;

/** A variant of what stands between the check and the world. */
function ports(mistake: string, breaks: Invariant, seed: number, change: Change): BrokenVariant {
  return { mistake, breaks, seed, ports: change };
}

/** Loses messages of one kind on their way, as if they had been sent. */
function losing(...kinds: readonly AlertKind[]): Change {
  return changing((message) => (kinds.some((kind) => kind === message.attributes["kind"]) ? null : message));
}

function changing(change: (message: Message) => Message | null): Change {
  return ({ publish }) => ({
    publish: async (message) => {
      const changed = change(message);
      return changed ? publish(changed) : "lost";
    },
  });
}

/** Works by another policy than the one that is set. */
function policy(mistake: string, breaks: Invariant, seed: number, other: Partial<Config>): BrokenVariant {
  return {
    mistake,
    breaks,
    seed,
    check: (config, ...rest) => checkCredits({ ...config, ...other }, ...rest),
  };
}

type Edit = (memory: Memory) => Memory;

/** Takes the remembered for something else. */
function misreading(edit: Edit): Change {
  return ({ readParameters }) => ({
    readParameters: async () => {
      const found = await readParameters();
      return { ...found, memory: found.memory && edited(found.memory, edit) };
    },
  });
}

/** Remembers something else. */
function miswriting(edit: Edit): Change {
  return ({ saveMemory }) => ({ saveMemory: (document) => saveMemory(edited(document, edit)) });
}

function edited(document: string, edit: Edit): string {
  const { memory, problem } = parseMemory(document);
  return problem ? document : serializeMemory(edit(memory));
}

const telling =
  (told: Partial<Memory["told"]>): Edit =>
  (memory) => ({ ...memory, told: { ...memory.told, ...told } });

const seeing =
  (seen: Partial<Memory["seen"]>): Edit =>
  (memory) => ({ ...memory, seen: { ...memory.seen, ...seen } });

const HEARD_AND_DUE: readonly BrokenVariant[] = [
  ports(
    "tells nothing at critical and empty",
    1,
    1,
    changing((message) =>
      message.attributes["kind"] === "raised" && message.attributes["severity"] === "critical"
        ? null
        : message,
    ),
  ),
  ports("never reminds", 1, 4, losing("reminder")),
  ports("tells nobody that a subscriber was lost", 1, 4, losing("audience")),
  ports("tells also if nobody listens", 1, 8, ({ countSubscribers }) => ({
    countSubscribers: async () => {
      const audience = await countSubscribers();
      return audience && { ...audience, others: audience.others + 1 };
    },
  })),
  ports(
    "forgets what it was sending",
    2,
    19,
    miswriting((memory) => ({ ...memory, sending: null })),
  ),
  ports(
    "lets good news wait for ever",
    2,
    53,
    misreading((memory) => {
      const { last } = memory.seen.use;
      return telling({ changes: Array.from({ length: 5 }, () => last?.at ?? 0) })(memory);
    }),
  ),
  ports(
    "takes nothing back by SMS",
    2,
    14,
    changing((message) => {
      const { sms, ...attributes } = message.attributes;
      return attributes["severity"] === "info" ? { ...message, attributes } : message;
    }),
  ),
  ports("takes what certainly failed for told", 1, 87, ({ publish }) => ({
    publish: (message) => publish(message).catch((cause) => Promise.reject(new Error(cause.message))),
  })),
  ports("says nothing of no reading", 3, 17, losing("no-reading")),
  ports("never counts two failed checks in a row", 3, 19, misreading(seeing({ failing: null }))),
  ports("never says again that there is no reading", 3, 38, losing("still-no-reading")),
  policy("never says that all is well", 6, 12, { allClearDays: 0 }),
];

const NO_SPAM: readonly BrokenVariant[] = [
  ports("tells before it remembers", 4, 1, (real) => {
    let isFirst = true;
    return {
      saveMemory: async (document) => {
        const isAhead = isFirst && parseMemory(document).memory.sending !== null;
        isFirst = false;
        return isAhead ? { version: 1, isRetried: false } : real.saveMemory(document);
      },
    };
  }),
  ports("does not look at the version", 4, 2, ({ saveMemory }) => ({
    saveMemory: async (document) => ({ ...(await saveMemory(document)), version: 0 }),
  })),
  ports("puts nothing back", 4, 2, ({ saveMemory, readMemory }) => {
    let hasFound = false;
    return {
      readMemory: async (version) => {
        hasFound = true;
        return readMemory(version);
      },
      // A check that goes on writes its last word, and one that has found something puts it back.
      saveMemory: async (document) =>
        hasFound && parseMemory(document).memory.sending === null
          ? { version: 0, isRetried: false }
          : saveMemory(document),
    };
  }),
  ports("publishes twice", 4, 1, ({ publish }) => ({
    publish: async (message) => {
      await publish(message);
      return publish(message);
    },
  })),
  {
    mistake: "publishes on a dry run",
    breaks: 4,
    seed: 5,
    check: (config, invocation, world) => checkCredits(config, { ...invocation, dryRun: false }, world),
  },
  ports("leaves every message on its way", 4, 1, ({ saveMemory }, execution) => ({
    saveMemory: async (document) =>
      execution.published.length > 0 ? { version: 0, isRetried: false } : saveMemory(document),
  })),
  ports("forgets what it told", 4, 1, miswriting(telling({ level: null }))),
  ports("reminds at every check", 4, 1, misreading(telling({ at: 0 }))),
  ports("lets reminders grow no rarer", 4, 1, misreading(telling({ reminders: 0 }))),
  ports(
    "repeats without an end",
    4,
    33,
    misreading((memory) => ({
      ...memory,
      sending: memory.sending && { ...memory.sending, tries: 1 },
    })),
  ),
  ports("has good news wait for nothing", 4, 3, misreading(telling({ changes: [] }))),
  ports("lets nobody snooze", 4, 63, misreading(telling({ snoozedUntil: null }))),
  ports(
    "tells the first failed look",
    4,
    5,
    misreading((memory) => {
      const { use } = memory.seen;
      return seeing({
        failing: { since: 0, checks: 9 },
        use: { ...use, last: use.last && { ...use.last, at: 0 } },
      })(memory);
    }),
  ),
];

const KIES_OWN_WORDS: readonly BrokenVariant[] = [
  ports("takes a failure for zero", 5, 2, ({ readCredits }) => ({
    readCredits: async (key) => {
      const reading = await readCredits(key);
      return reading.kind === "failure" ? { kind: "credits", credits: 0 } : reading;
    },
  })),
  ports("takes no second look", 5, 3, ({ readCredits }, { answers }) => ({
    readCredits: async (key) => {
      const reading = await readCredits(key);
      const first = answers.find((answer) => answer.kind === "credits" || answer.permanent);
      return first?.kind === "credits" ? { kind: "credits", credits: first.credits } : reading;
    },
  })),
  ports("takes a bot filter for Kie", 5, 28, ({ readCredits }) => ({
    readCredits: async (key) => {
      const reading = await readCredits(key);
      const isRefused = reading.kind === "failure" && /HTTP 40[13]/.test(reading.failure.detail);
      return isRefused ? failed("unauthorized", "HTTP 403") : reading;
    },
  })),
  policy("begins a level below its threshold, not at it", 5, 11, { warningCredits: 999 }),
  ports("has no margin", 5, 4, misreading(seeing({ level: null, runwayLevel: "ok" }))),
];

const LIMITS: readonly BrokenVariant[] = [
  ports("writes the key to the log", 7, 1, ({ warn, readParameters }) => ({
    readParameters: async () => {
      const found = await readParameters();
      warn(`read ${JSON.stringify(found)}`);
      return found;
    },
  })),
  ports("throws what the SDK throws", 7, 4, ({ saveMemory }, execution) => ({
    saveMemory: (document) =>
      saveMemory(document).catch((cause) => {
        throw new Error("can't save", { cause: { cause, $response: execution.apiKey } });
      }),
  })),
  {
    mistake: "waits for Kie as long as Kie likes",
    breaks: 7,
    seed: 2,
    limits: { attemptMs: 1e9, totalMs: 1e9 },
  },
  ports("remembers every check", 7, 14, ({ readParameters, saveMemory }) => {
    let log = "";
    return {
      readParameters: async () => {
        const found = await readParameters();
        log = /"log":"(\w*)"/.exec(found.memory ?? "")?.[1] ?? "";
        return found;
      },
      saveMemory: (document) => saveMemory(document.replace("{", `{"log":"${log}0123456789",`)),
    };
  }),
  ports("starts afresh without a word", 7, 2, () => ({ warn: () => {} })),
  ports("swallows what SNS says", 7, 2, ({ publish }) => ({
    publish: (message) => publish(message).catch(() => ""),
  })),
  ports("swallows what SSM says", 7, 4, ({ saveMemory }) => ({
    saveMemory: (document) => saveMemory(document).catch(() => ({ version: 0, isRetried: false })),
  })),
  {
    mistake: "fails if SNS does not say who listens",
    breaks: 7,
    seed: 2,
    check: async (...args) => {
      const report = await checkCredits(...args);
      if (report.audience === null) throw new Error("no audience");
      return report;
    },
  },
];

export const BROKEN_VARIANTS: readonly BrokenVariant[] = [
  ...HEARD_AND_DUE,
  ...NO_SPAM,
  ...KIES_OWN_WORDS,
  ...LIMITS,
];
