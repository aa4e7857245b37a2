/**
 * Deliberately broken checks. Each breaks one rule in the way in which a plausible mistake would, and the
 * simulator must notice.
 */

import { LIMITS, type Limits } from "../../lambda/adapters/kie.ts";
import { checkCredits, type Ports } from "../../lambda/check-credits.ts";
import { writeMessage } from "../../lambda/messages/message.ts";
import { type Memory, parseMemory, serializeMemory } from "../../lambda/policy/memory.ts";
import { type Alert, type Decision, decide } from "../../lambda/policy/policy.ts";
import type { Check } from "./functions.ts";
import type { Invariant } from "./judge.ts";
import type { Execution } from "./records.ts";
import type { Variant } from "./world.ts";

export interface BrokenVariant extends Variant {
  readonly mistake: string;
  /** The invariant that must fail. */
  readonly breaks: Invariant;
}

/** A variant of what stands between the check and the world. */
function ports(
  mistake: string,
  breaks: Invariant,
  change: (ports: Ports, execution: Execution) => Partial<Ports>,
): BrokenVariant {
  return { mistake, breaks, ports: (real, execution) => ({ ...real, ...change(real, execution) }) };
}

type Decide = typeof decide;

/** A variant of what is decided, within the same steps. */
function deciding(mistake: string, breaks: Invariant, decideWrongly: Decide): BrokenVariant {
  return { mistake, breaks, check: checkWith(decideWrongly) };
}

/** The steps of the real check that matter here, with another decision. */
function checkWith(decideOtherwise: Decide, serialize = serializeMemory): Check {
  return async (config, { dryRun, test }, world) => {
    const { apiKey, memory: document } = await world.readParameters();
    const { memory, problem } = parseMemory(document);
    if (problem) world.warn(problem);
    const reading = await world.readCredits(apiKey);
    const now = world.now();
    const decision = decideOtherwise(memory, reading, config.policy, now);
    const { alert } = decision;
    const message = alert && !test && !dryRun && writeMessage({ config, alert, reading, decision, now });
    const messageId = message && (await world.publish(message));
    const remembered = serialize(decision.memory);
    if (!dryRun && !test && remembered !== document) await world.saveMemory(remembered);
    return {
      account: config.account,
      checkedAt: new Date(now).toISOString(),
      credits: reading.kind === "credits" ? reading.credits : null,
      level: decision.level,
      runway: null,
      failure: reading.kind === "failure" ? { ...reading.failure, consecutive: 1 } : null,
      alert: message && alert ? { ...alert, subject: message.subject, messageId: messageId || null } : null,
      audience: null,
      need: null,
    };
  };
}

/** Takes back some alerts, as if they had never been decided. */
function silently(isSilent: (alert: Alert) => boolean): Decide {
  return (memory, reading, policy, now) => {
    const decision = decide(memory, reading, policy, now);
    return decision.alert && isSilent(decision.alert) ? { ...decision, alert: null } : decision;
  };
}

/** Leaves a level as soon as the balance is above its threshold. */
const withoutHysteresis: Decide = (memory, reading, policy, now) => {
  const decision = decide(memory, reading, policy, now);
  if (!decision.cause?.held) return decision;
  const { level } = decide({ ...memory, level: null, told: null }, reading, policy, now);
  const alert: Alert = {
    ...(decision.alert ?? {
      before: memory.level ?? "ok",
      nextReminderAt: null,
      blindSince: null,
      urgent: false,
    }),
    kind: level === "ok" ? "recovered" : "eased",
    severity: "info",
  };
  const told: Memory["told"] = level === "ok" ? null : { at: now, critical: false, runway: "ok" };
  return { ...decision, level, alert, memory: { ...decision.memory, level, told } } satisfies Decision;
};

/** A client that differs in its limits, or in how it keeps them. */
function client(mistake: string, breaks: Invariant, limits: Partial<Limits>): BrokenVariant {
  return { mistake, breaks, limits: { ...LIMITS, ...limits } };
}

/** Publishes only when the memory is written. */
function savingFirst(real: Ports): Partial<Ports> {
  let publish = async () => "";
  return {
    async publish(message) {
      publish = () => real.publish(message);
      return "later";
    },
    async saveMemory(document) {
      await real.saveMemory(document);
      await publish();
    },
  };
}

function editing(edit: (memory: Memory) => Memory) {
  return (real: Ports): Partial<Ports> => ({
    saveMemory: (document) => real.saveMemory(serializeMemory(edit(parseMemory(document).memory))),
  });
}

const zero = { kind: "credits", credits: 0 } as const;

export const BROKEN_VARIANTS: readonly BrokenVariant[] = [
  ports("saves before it publishes", 1, savingFirst),
  ports("swallows what SNS says", 4, ({ publish }) => ({
    publish: (message) => publish(message).catch(() => ""),
  })),
  ports("swallows what SSM says of a write", 4, ({ saveMemory }) => ({
    saveMemory: (document) => saveMemory(document).catch(() => {}),
  })),
  ports("takes parameters that can't be read for missing ones", 4, ({ readParameters }) => ({
    readParameters: () => readParameters().catch(() => ({ apiKey: undefined, memory: undefined })),
  })),
  deciding(
    "tells nothing at empty",
    1,
    silently(({ severity, kind }) => kind === "raised" && severity === "critical"),
  ),
  deciding("takes a balance of zero for no balance", 1, (memory, reading, policy, now) =>
    reading.kind === "credits" && !reading.credits
      ? { level: memory.level, cause: null, runway: null, alert: null, memory }
      : decide(memory, reading, policy, now),
  ),
  deciding("begins a level below its threshold, not at it", 1, (memory, reading, policy, now) =>
    reading.kind === "credits" && reading.credits === policy.warningCredits
      ? decide(memory, { ...reading, credits: reading.credits + 0.01 }, policy, now)
      : decide(memory, reading, policy, now),
  ),
  ports("notes nothing before good news", 1, ({ saveMemory }) => ({
    saveMemory: async (document) => {
      if (!document.includes('"at":0,')) await saveMemory(document);
    },
  })),
  deciding(
    "never reminds",
    1,
    silently(({ kind }) => kind === "reminder"),
  ),
  client("asks Kie only once", 1, { attempts: 1 }),

  ports("treats a failure as zero", 2, ({ readCredits }) => ({
    readCredits: async (key) => {
      const reading = await readCredits(key);
      return reading.kind === "failure" ? zero : reading;
    },
  })),
  deciding("takes a failure for a recovery", 2, (memory, reading, policy, now) =>
    reading.kind === "failure"
      ? decide(memory, { kind: "credits", credits: policy.warningCredits * 2 }, policy, now)
      : decide(memory, reading, policy, now),
  ),
  deciding("has no hysteresis", 2, withoutHysteresis),

  ports("remembers nothing", 3, () => ({ saveMemory: async () => {} })),
  ports(
    "forgets the level at a failure",
    3,
    editing((memory) => (memory.failing ? { ...memory, level: null, told: null } : memory)),
  ),
  deciding("reminds at every check", 3, (memory, reading, policy, now) =>
    decide(memory.told ? { ...memory, told: { ...memory.told, at: 0 } } : memory, reading, policy, now),
  ),
  ports("publishes twice", 3, ({ publish }) => ({
    publish: async (message) => {
      await publish(message);
      return publish(message);
    },
  })),
  {
    mistake: "publishes on a dry run",
    breaks: 3,
    check: (config, invocation, world) => checkCredits(config, { ...invocation, dryRun: false }, world),
  },

  ports(
    "forgets failures",
    4,
    editing((memory) => (memory.blind ? memory : { ...memory, failing: null })),
  ),
  deciding(
    "never says that it is blind",
    4,
    silently(({ kind }) => kind === "blind"),
  ),
  deciding(
    "says only once that it is blind",
    4,
    silently(({ kind }) => kind === "still-blind"),
  ),
  deciding(
    "never says that it sees again",
    4,
    silently(({ kind }) => kind === "sighted"),
  ),
  deciding("is blind at the first failure", 4, (memory, reading, policy, now) =>
    reading.kind === "failure"
      ? decide({ ...memory, failing: { count: 2, since: now } }, reading, policy, now)
      : decide(memory, reading, policy, now),
  ),

  ports("logs the request with its key", 5, ({ readCredits, warn }) => ({
    readCredits: async (key) => {
      const reading = await readCredits(key);
      if (reading.kind === "failure") warn(`GET failed: {"authorization":"Bearer ${key}"}`);
      return reading;
    },
  })),
  ports("says a part of the key in a failure", 5, ({ readCredits }) => ({
    readCredits: async (key) => {
      const reading = await readCredits(key);
      if (reading.kind === "credits") return reading;
      const detail = `${reading.failure.detail} (key ${key?.trim().slice(0, 9)}...)`;
      return { ...reading, failure: { ...reading.failure, detail } };
    },
  })),
  ports("throws with the raw cause attached", 5, ({ saveMemory }, execution) => ({
    saveMemory: (document) =>
      saveMemory(document).catch((cause) => {
        throw new Error("can't save", { cause: { cause, $response: execution.apiKey } });
      }),
  })),
  ports("remembers the key", 5, ({ readCredits, saveMemory }) => {
    let used = "";
    return {
      readCredits: (key = "") => {
        used = key;
        return readCredits(key);
      },
      saveMemory: (document) => saveMemory(document.replace("{", `{"key":${JSON.stringify(used)},`)),
    };
  }),

  client("waits for Kie as long as Kie likes", 6, { attemptMs: 1e9, totalMs: 1e9 }),
  {
    mistake: "keeps every sample for ever",
    breaks: 6,
    check: checkWith(
      (memory, reading, policy, now) => {
        const decision = decide(memory, reading, policy, now);
        if (reading.kind === "failure") return decision;
        const samples = [...memory.samples, { at: now, credits: reading.credits }];
        return { ...decision, memory: { ...decision.memory, samples } };
      },
      ({ samples, ...memory }) =>
        JSON.stringify({ version: 1, ...memory, samples: samples.map(({ at, credits }) => [at, credits]) }),
    ),
  },
  ports("starts afresh without a word", 6, () => ({ warn: () => {} })),
  ports("trips over a damaged memory", 4, ({ readParameters }) => ({
    readParameters: async () => {
      const { apiKey, memory } = await readParameters();
      return { apiKey, memory: JSON.stringify(JSON.parse(memory ?? "")) };
    },
  })),
];
