/**
 * Bad input of the function, fuzzed: a clear error that names the field, or a clean fresh start; never another
 * exception, never a silent default. (The stack's settings and the command line are fuzzed beside their own.)
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FunctionConfig, readConfig } from "../../lambda/config.ts";
import { parseInvocation } from "../../lambda/invocation.ts";
import { writeMessage } from "../../lambda/messages/message.ts";
import { FRESH_MEMORY, type Memory, parseMemory, serializeMemory } from "../../lambda/policy/memory.ts";
import { decide } from "../../lambda/policy/policy.ts";
import { failed, type Reading } from "../../lambda/policy/reading.ts";
import { InvalidInputError } from "../../lambda/problems.ts";
import { reportOf } from "../../lambda/report.ts";
import { DEPLOYED_CONFIG, environmentOf } from "../support/settings.ts";

const RUNS = { numRuns: 2_000, seed: 1 };
const NOW = Date.parse("2026-11-23T12:00:00Z");

/** Whatever a caller can send: an event comes as JSON. */
const anything = fc.option(fc.jsonValue(), { nil: undefined });

/** What the error says of bad input; fails where it is no clear error or names no field. */
function complaintOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    const { message } = error as InvalidInputError;
    expect(message).toMatch(
      /^Invalid (configuration|event):(\n {2}.| CONFIG is (missing|not a JSON object)$)/,
    );
    return message;
  }
}

/** Decides and words what a check would; returns the document that it would remember. */
function tell(config: FunctionConfig, memory: Memory, reading: Reading): string {
  const audience = { emails: 1, phones: 1, others: 0, pending: 0 };
  const look = { reading, audience: audience, snoozeHours: null };
  const decision = decide(memory, look, config, NOW);
  const { alert, memoryIfTold } = decision;
  const report = reportOf(config, { reading, decision, alert, audience, need: null, now: NOW });
  if (alert) writeMessage({ config, alert, report, decision, now: NOW });
  return serializeMemory(memoryIfTold);
}

describe("the configuration", () => {
  it("that is anything at all, with the key in place of its parameter, is refused, and never shows it", () => {
    const key = "sk-0123456789abcdef";
    const fields = fc.dictionary(fc.constantFrom(...Object.keys(DEPLOYED_CONFIG)), anything);
    const broken = fc.record({ CONFIG: fc.oneof(fc.string(), fc.json()), KIE_BASE_URL: fc.string() });
    const environments = fc.oneof(
      broken,
      fields.map((others) => ({ CONFIG: JSON.stringify({ ...others, apiKeyParameter: [key] }) })),
      fc.nat({ max: 40 }).map((cut) => ({ CONFIG: JSON.stringify({ apiKeyParameter: key }).slice(0, cut) })),
    );
    fc.assert(
      fc.property(environments, (env) => {
        expect(complaintOf(() => readConfig(env))).not.toMatch(/^null$|0123/);
      }),
      RUNS,
    );
  });

  it("with any values is read as it stands, or refused by the wrong ones", () => {
    const names = fc.constantFrom(...(Object.keys(DEPLOYED_CONFIG) as (keyof typeof DEPLOYED_CONFIG)[]));
    const values = fc.oneof(
      anything,
      fc.double(),
      fc.constantFrom<unknown>(0, -1, 1e21, "1000", "", null, true),
    );
    fc.assert(
      fc.property(names, values, (name, value) => {
        const env = { CONFIG: JSON.stringify({ ...DEPLOYED_CONFIG, [name]: value }) };
        const complaint = complaintOf(() => readConfig(env));
        if (complaint === null) expect(readConfig(env)[name]).toEqual(JSON.parse(JSON.stringify(value)));
        else expect(complaint).toMatch(new RegExp(`${name}|${name.replace("warning", "critical")}: `));
      }),
      RUNS,
    );
  });

  it("that is read makes a message of every reading", () => {
    const upTo = (max: number) =>
      fc.oneof(fc.double({ min: 0, max, noNaN: true }), fc.nat({ max }), fc.constant(max));
    const settings = fc.record({
      warningCredits: upTo(999_999_999),
      criticalCredits: upTo(999_999_999),
      warningHours: upTo(8_760),
      criticalHours: upTo(8_760),
      warningReminderHours: upTo(8_760),
      criticalReminderHours: upTo(8_760),
      usdPerCredit: upTo(100),
    });
    fc.assert(
      fc.property(settings, fc.double({ min: -1e21, max: 1e21, noNaN: true }), (set, credits) => {
        const env = environmentOf({ ...DEPLOYED_CONFIG, ...set });
        if (complaintOf(() => readConfig(env)) !== null) return;
        tell(readConfig(env), FRESH_MEMORY, { kind: "credits", credits });
      }),
      RUNS,
    );
  });
});

describe("the event", () => {
  it("that is anything at all is read or refused by name", () => {
    fc.assert(
      fc.property(anything, (event) => {
        complaintOf(() => parseInvocation(event));
      }),
      RUNS,
    );
  });

  it("with known names and any values is read as it stands, or refused by the wrong ones", () => {
    const events = fc.record(
      { dryRun: anything, test: anything, need: anything, snoozeHours: anything },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(events, (event) => {
        const complaint = complaintOf(() => parseInvocation(event));
        if (complaint === null) {
          expect(parseInvocation(event)).toEqual({
            dryRun: event.dryRun ?? false,
            test: event.test ?? false,
            need: event.need ?? null,
            snoozeHours: event.snoozeHours ?? null,
          });
        } else expect(complaint).toMatch(/dryRun|test|need|snoozeHours/);
      }),
      RUNS,
    );
  });

  it("with an unknown name is refused by it", () => {
    const names = fc.string().filter((name) => !["dryRun", "test", "need", "snoozeHours"].includes(name));
    fc.assert(
      fc.property(names, anything, (name, value) => {
        expect(complaintOf(() => parseInvocation({ [name]: value }))).toContain(`${name}: unknown name`);
      }),
      RUNS,
    );
  });
});

describe("the memory", () => {
  const config = readConfig({ ...environmentOf() });

  const PLACES = (["seen", "told"] as const).flatMap((part) =>
    Object.keys(FRESH_MEMORY[part]).map((name) => [part, name] as const),
  );

  const isFreshStart = (text: string) => {
    const { memory, problem } = parseMemory(text);
    return problem === null ? null : memory.told.isUnknown && problem.length > 0;
  };

  it("that is anything at all is read, or said to be unreadable and started afresh", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(isFreshStart(text)).not.toBe(false);
      }),
      RUNS,
    );
  });

  it("of almost the right shape can be decided upon, told of and written again, or is started afresh", () => {
    const moment = fc.oneof(fc.nat(), fc.constantFrom(0, NOW, NOW + 1e12, Number.MAX_SAFE_INTEGER, -1, 1.5));
    const level = fc.constantFrom("ok", "warning", "critical", "empty", "fine", null);
    const anyValue = fc.oneof(
      moment,
      level,
      fc.boolean(),
      fc.constant({}),
      fc.array(moment, { maxLength: 20 }),
    );
    const changes = fc.array(fc.tuple(fc.constantFrom(...PLACES), anyValue), { maxLength: 3 });
    const readings = fc.oneof(
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((credits) => ({ kind: "credits", credits }) as const),
      fc.constant(failed("unauthorized", "code 401")),
      fc.constant(failed("server-error", "code 500")),
    );
    fc.assert(
      fc.property(changes, readings, (places, reading) => {
        const document = JSON.parse(serializeMemory(FRESH_MEMORY));
        for (const [[part, name], value] of places) Object.assign(document[part], { [name]: value });
        const text = JSON.stringify(document);
        expect(isFreshStart(text)).not.toBe(false);
        const written = tell(config, parseMemory(text).memory, reading);
        expect(written.length).toBeLessThanOrEqual(4_096);
        expect(parseMemory(written).problem).toBeNull();
      }),
      RUNS,
    );
  });

  it("that was cut anywhere is started afresh", () => {
    const document = serializeMemory(FRESH_MEMORY);
    fc.assert(
      fc.property(fc.nat({ max: document.length - 1 }), (length) => {
        expect(isFreshStart(document.slice(0, length))).toBe(true);
      }),
    );
  });
});
