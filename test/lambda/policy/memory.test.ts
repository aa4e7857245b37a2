import { describe, expect, it } from "vitest";
import {
  FRESH_MEMORY,
  INITIAL_DOCUMENT,
  MAX_MEMORY_CHARACTERS,
  type Memory,
  parseMemory,
  serializeMemory,
} from "../../../lambda/policy/memory.ts";

const MEMORY: Memory = {
  level: "critical",
  told: { at: 1_763_874_000_000, critical: true, runway: "warning" },
  failing: { count: 4, since: 1_763_870_000_000 },
  blind: { at: 1_763_873_000_000, permanent: false },
  samples: [
    { at: 1_763_860_000_000, credits: 300.5 },
    { at: 1_763_862_000_000, credits: 212 },
  ],
};
const DOCUMENT =
  '{"version":1,"level":"critical","told":{"at":1763874000000,"critical":true,"runway":"warning"},' +
  '"failing":{"count":4,"since":1763870000000},"blind":{"at":1763873000000,"permanent":false},' +
  '"samples":[[1763860000000,300.5],[1763862000000,212]]}';

it("is written as one short JSON document, and read back as it was", () => {
  expect(serializeMemory(MEMORY)).toBe(DOCUMENT);
  expect(parseMemory(DOCUMENT)).toEqual({ memory: MEMORY, problem: null });
});

it("may hold moments of a clock that has fractions of milliseconds", () => {
  const memory: Memory = { ...FRESH_MEMORY, failing: { count: 1, since: 1_763_874_000_000.25 } };
  expect(parseMemory(serializeMemory(memory))).toEqual({ memory, problem: null });
});

it("what the stack writes into a new parameter is fresh memory, without a problem", () => {
  expect(parseMemory(INITIAL_DOCUMENT)).toEqual({ memory: FRESH_MEMORY, problem: null });
});

describe("starts afresh, and says why, where the document", () => {
  const changed = (change: (json: Record<string, unknown>) => void) => {
    const json = JSON.parse(DOCUMENT) as Record<string, unknown>;
    change(json);
    return JSON.stringify(json);
  };
  it.each([
    ["is missing", undefined, "missing"],
    ["is empty", "", "not JSON"],
    ["is cut", DOCUMENT.slice(0, 50), "not JSON"],
    ["is null", "null", "document"],
    ["is of a newer version", '{"version":2}', "version"],
    ["has no version", "{}", "version"],
    ["has an unknown field", '{"version":1,"x":1}', "document"],
    [
      "has an unknown level",
      changed((json) => {
        json["level"] = "low";
      }),
      "level",
    ],
    ["has a time beyond all dates", '{"version":1,"samples":[[9007199254740991,0]]}', "samples.0.0"],
    [
      "has a negative time",
      changed((json) => {
        json["blind"] = { at: -1, permanent: true };
      }),
      "blind.at",
    ],
    [
      "has a failure count of zero",
      changed((json) => {
        json["failing"] = { count: 0, since: 1 };
      }),
      "failing.count",
    ],
    [
      "has credits in words",
      changed((json) => {
        json["samples"] = [[1, "many"]];
      }),
      "samples.0.1",
    ],
    [
      "is low but not told",
      changed((json) => {
        json["told"] = null;
      }),
      "told: told and level disagree",
    ],
    [
      "is ok but told",
      changed((json) => {
        json["level"] = "ok";
      }),
      "told: told and level disagree",
    ],
    [
      "knows no level but told",
      changed((json) => {
        json["level"] = null;
      }),
      "told: told and level disagree",
    ],
    [
      "is blind without a failure",
      changed((json) => {
        json["failing"] = null;
      }),
      "blind: blind without failures",
    ],
  ])("%s", (_title, text, problem) => {
    expect(parseMemory(text)).toEqual({ memory: FRESH_MEMORY, problem: expect.stringContaining(problem) });
  });
});

it("is never longer than a parameter holds: the oldest samples go first", () => {
  const samples = Array.from({ length: 97 }, (_, index) => ({
    at: 1_763_874_000_000 + index,
    credits: -1.7976931348623157e308,
  }));
  const text = serializeMemory({ ...MEMORY, samples });
  expect(text.length).toBeLessThanOrEqual(MAX_MEMORY_CHARACTERS);
  const { memory } = parseMemory(text);
  expect(memory.samples).toEqual(samples.slice(97 - memory.samples.length));
  // One more would not have fitted.
  expect(text.length + "[1763874000000,-1.7976931348623157e+308],".length).toBeGreaterThan(
    MAX_MEMORY_CHARACTERS,
  );
});

it("exactly what a parameter holds is written whole", () => {
  const samplesOf = (digits: number) =>
    Array.from({ length: 134 }, (_, index) => ({
      at: 1_763_874_000_000 + index,
      credits: Number("1".repeat(index < digits ? 13 : 12)),
    }));
  const full = (digits: number) => serializeMemory({ ...FRESH_MEMORY, samples: samplesOf(digits) });
  const room = MAX_MEMORY_CHARACTERS - full(0).length;
  expect(room).toBeGreaterThan(0);
  expect(full(room)).toHaveLength(MAX_MEMORY_CHARACTERS);
  expect(parseMemory(full(room)).memory.samples).toEqual(samplesOf(room));
  expect(parseMemory(full(room + 1)).memory.samples).toEqual(samplesOf(room + 1).slice(1));
});
