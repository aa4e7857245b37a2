import { describe, expect, it } from "vitest";
import { observe } from "../../../lambda/policy/forecast.ts";
import {
  FRESH_MEMORY,
  MAX_MEMORY_CHARACTERS,
  type Memory,
  parseMemory,
  serializeMemory,
} from "../../../lambda/policy/memory.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const LAST_MOMENT = Date.parse("9999-12-31T00:00:00Z");
const AUDIENCE = { emails: 2, phones: 1, others: 0 };

const FULL: Memory = {
  seen: {
    level: "critical",
    runwayLevel: "warning",
    failing: { since: NOW, checks: 3 },
    audience: AUDIENCE,
    use: observe(FRESH_MEMORY.seen.use, { at: NOW, credits: 212.5 }),
  },
  told: {
    level: "critical",
    isUnknown: false,
    at: NOW,
    reminders: 3,
    bySms: true,
    noReading: { at: NOW, since: NOW, isPermanent: true, bySms: true, reminders: 0 },
    surgeAt: NOW,
    changes: Array.from({ length: 16 }, (_, n) => NOW + n),
    audience: AUDIENCE,
    audienceAt: NOW,
    anythingAt: NOW,
    snoozedUntil: NOW,
  },
  sending: {
    kind: "raised",
    severity: "critical",
    bySms: true,
    level: "critical",
    previousLevel: "warning",
    noReadingSince: NOW,
    previousAudience: AUDIENCE,
    surge: { credits: 1234567.5, minutes: 30.25, hoursLeft: 1.123456789012345 },
    isAfterSurge: true,
    at: NOW,
    tries: 2,
  },
};

/** The full document with one part changed. */
const changed = (change: (document: Record<string, Record<string, unknown>>) => void): string => {
  const document = JSON.parse(serializeMemory(FULL));
  change(document);
  return JSON.stringify(document);
};

it("is written as one JSON document, and read back as it was", () => {
  expect(parseMemory(serializeMemory(FULL))).toEqual({
    memory: FULL,
    problem: null,
  });
  expect(parseMemory(serializeMemory(FRESH_MEMORY)).memory).toEqual(FRESH_MEMORY);
  expect(JSON.parse(serializeMemory(FULL))).toMatchObject({ version: 2 });
});

it("holds moments up to the last day of the year 9999", () => {
  const memory: Memory = { ...FULL, told: { ...FULL.told, at: LAST_MOMENT } };
  expect(parseMemory(serializeMemory(memory))).toEqual({ memory, problem: null });
});

it("leaves most of a parameter to what is remembered of the use of credits", () => {
  const { use, ...seen } = FULL.seen;
  const others = serializeMemory({ ...FULL, seen: { ...seen, use: { ...use, last: null } } });
  expect(others.length).toBeLessThan(MAX_MEMORY_CHARACTERS - 2_800);
});

it("of version 0.2.0 is read, whose checks had names and whose reminders did not grow", () => {
  const told = {
    ...{ level: "warning", isUnknown: false, at: NOW, bySms: true, surgeAt: null, changes: [NOW] },
    ...{ noReading: { at: NOW, since: NOW, isPermanent: true, bySms: true } },
    ...{ audience: AUDIENCE, anythingAt: NOW, snoozedUntil: null, by: "abcdefgh+ijklmnop" },
  };
  const sending = { ...FULL.sending, isAfterSurge: undefined };
  const old = JSON.stringify({ version: 2, writer: "abcdefgh", seen: FULL.seen, told, sending });
  const { by: _, ...rest } = told;
  expect(parseMemory(old)).toEqual({
    memory: {
      seen: FULL.seen,
      told: { ...rest, reminders: 0, audienceAt: null, noReading: { ...told.noReading, reminders: 0 } },
      sending: { ...FULL.sending, isAfterSurge: false },
    },
    problem: null,
  });
});

it("that would be too long to write starts afresh, and people's beliefs are unknown", () => {
  const changes = Array.from({ length: 400 }, (_, n) => NOW + n);
  const text = serializeMemory({ ...FULL, told: { ...FULL.told, changes } });
  expect(text.length).toBeLessThan(MAX_MEMORY_CHARACTERS);
  expect(parseMemory(text)).toMatchObject({
    memory: { told: { isUnknown: true, level: null } },
    problem: null,
  });
});

it("that is missing starts afresh without a word", () => {
  expect(parseMemory(undefined)).toEqual({ memory: FRESH_MEMORY, problem: null });
});

it("of a newer version is read as far as it fits, and its new fields pass", () => {
  const newer = changed((document) => {
    Object.assign(document, { version: 3, new: {} });
    Object.assign(document["told"] ?? {}, { new: 1 });
    Object.assign(document["sending"] ?? {}, { new: [] });
  });
  expect(parseMemory(newer)).toEqual({ memory: FULL, problem: null });
});

describe("that is damaged starts afresh, says why, and does not know what people believe:", () => {
  it.each<{ title: string; text: string; problem: string }>([
    { title: "no JSON", text: "{", problem: "not JSON" },
    { title: "an empty text", text: "", problem: "not JSON" },
    { title: "another type", text: "[]", problem: "document" },
    { title: "null", text: "null", problem: "document" },
    {
      title: "an older version",
      text: changed((document) => Object.assign(document, { version: 1 })),
      problem: "(version: ",
    },
    {
      title: "no version",
      text: changed((document) => Reflect.deleteProperty(document, "version")),
      problem: "(version: ",
    },
    {
      title: "a part that is missing",
      text: changed((document) => Reflect.deleteProperty(document, "told")),
      problem: "told",
    },
    {
      title: "an unknown level",
      text: changed(({ told }) => Object.assign(told ?? {}, { level: "bad" })),
      problem: "told.level",
    },
    {
      title: "an unknown kind",
      text: changed(({ sending }) => Object.assign(sending ?? {}, { kind: "bad" })),
      problem: "sending.kind",
    },
    {
      title: "a moment before 1970",
      text: changed(({ told }) => Object.assign(told ?? {}, { at: -1 })),
      problem: "told.at",
    },
    {
      title: "a moment after the year 9999",
      text: changed(({ told }) => Object.assign(told ?? {}, { at: LAST_MOMENT + 1 })),
      problem: "told.at",
    },
    {
      title: "tries of none",
      text: changed(({ sending }) => Object.assign(sending ?? {}, { tries: 0 })),
      problem: "sending.tries",
    },
    {
      title: "half a subscriber",
      text: changed(({ seen }) =>
        Object.assign(seen ?? {}, { audience: { emails: 0.5, phones: 0, others: 0 } }),
      ),
      problem: "seen.audience",
    },
    {
      title: "a flag that is text",
      text: changed(({ told }) => Object.assign(told ?? {}, { isUnknown: "no" })),
      problem: "told.isUnknown",
    },
    {
      title: "two parts that do not fit",
      text: changed(({ told }) => Object.assign(told ?? {}, { level: "ok", at: "", surgeAt: "" })),
      problem: "; told.surgeAt: ",
    },
  ])("$title", ({ text, problem }) => {
    const parsed = parseMemory(text);
    expect(parsed.problem).toContain(problem);
    expect(parsed.memory).toEqual({
      ...FRESH_MEMORY,
      told: { ...FRESH_MEMORY.told, isUnknown: true, bySms: true },
    });
  });
});
