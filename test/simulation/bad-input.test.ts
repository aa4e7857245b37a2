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
import { ENVIRONMENT } from "../support/settings.ts";

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
    expect(message).toMatch(/^Invalid (environment|event):\n {2}./);
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

const GOOD = { ...ENVIRONMENT, KIE_BASE_URL: "https://api.kie.ai" } as const;

describe("the environment", () => {
  const NUMBERS = {
    WARNING_CREDITS: "warningCredits",
    CRITICAL_CREDITS: "criticalCredits",
    WARNING_HOURS: "warningHours",
    CRITICAL_HOURS: "criticalHours",
    WARNING_REMINDER_HOURS: "warningReminderHours",
    CRITICAL_REMINDER_HOURS: "criticalReminderHours",
  } as const;
  const variable = fc.constantFrom(...(Object.keys(GOOD) as (keyof typeof GOOD)[]));
  const numberLike = fc.oneof(
    fc.constantFrom(
      "",
      " ",
      "0",
      "-0",
      "-1",
      "1e3",
      "0x10",
      "Infinity",
      "NaN",
      "1,000",
      "1000 ",
      "٣",
      "1.",
      ".5",
    ),
    fc.double().map(String),
    fc.integer().map(String),
    fc.string(),
  );

  it("that is anything at all is read or refused by name", () => {
    const environments = fc.dictionary(fc.oneof(variable, fc.string()), fc.string());
    fc.assert(
      fc.property(environments, (env) => {
        complaintOf(() => readConfig(env));
      }),
      RUNS,
    );
  });

  it("that lacks a variable is refused by that name, and KIE_BASE_URL alone has a default", () => {
    fc.assert(
      fc.property(fc.uniqueArray(variable, { minLength: 1 }), (missing) => {
        const env = Object.fromEntries(
          Object.entries(GOOD).filter(([name]) => !missing.some((one) => one === name)),
        );
        const complaint = complaintOf(() => readConfig(env));
        const required = missing.filter((name) => name !== "KIE_BASE_URL");
        for (const name of required) expect(complaint).toContain(`${name}: is missing`);
        if (required.length === 0) expect(complaint).toBeNull();
      }),
      RUNS,
    );
  });

  it("with a number that is none is refused by that name, and never read as another number", () => {
    const numbers = fc.constantFrom(...(Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]));
    fc.assert(
      fc.property(numbers, numberLike, (name, value) => {
        const env = { ...GOOD, [name]: value };
        const complaint = complaintOf(() => readConfig(env));
        if (complaint === null) {
          expect(value).toMatch(/^-?\d+(\.\d+)?$/);
          const read = readConfig(env).policy[NUMBERS[name]];
          expect(read).toBe(Number(value));
          expect(read).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(read)).toBe(true);
        } else expect(complaint).toMatch(new RegExp(`${name}|${name.replace(/^[A-Z]+/, "CRITICAL")}: `));
      }),
      RUNS,
    );
  });

  it("that is read makes a message of every reading", () => {
    const amounts = fc.oneof(
      fc.double({ min: 0, max: 1e21, noNaN: true }),
      fc.nat({ max: 10_000 }),
      fc.constantFrom(1e12, 1e20),
    );
    const policies = fc.record({
      WARNING_CREDITS: amounts,
      CRITICAL_CREDITS: amounts,
      WARNING_HOURS: amounts,
      CRITICAL_HOURS: amounts,
      WARNING_REMINDER_HOURS: amounts,
      CRITICAL_REMINDER_HOURS: amounts,
      USD_PER_CREDIT: amounts,
    });
    fc.assert(
      fc.property(policies, fc.double({ min: -1e21, max: 1e21, noNaN: true }), (policy, credits) => {
        const numbers = Object.entries(policy).map(([name, value]) => [name, value.toFixed(5)]);
        const env = { ...GOOD, ...Object.fromEntries(numbers) };
        if (complaintOf(() => readConfig(env)) !== null) return;
        const config = readConfig(env);
        const reading = { kind: "credits", credits } as const;
        tell(config, FRESH_MEMORY, reading);
      }),
      RUNS,
    );
  });

  it("sends the key to nobody but an https: address or this very machine", () => {
    const addresses = fc.oneof(
      fc.webUrl({ validSchemes: ["http", "https", "ftp"] }),
      fc.string(),
      fc.constantFrom(
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "javascript:alert(1)",
      ),
    );
    fc.assert(
      fc.property(addresses, (address) => {
        const env = { ...GOOD, KIE_BASE_URL: address };
        if (complaintOf(() => readConfig(env)) !== null) return;
        const { protocol, hostname } = new URL(readConfig(env).kieBaseUrl);
        expect(protocol === "https:" || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)).toBe(true);
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
  const config = readConfig(GOOD);

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
