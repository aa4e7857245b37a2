import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { phoneDoubts, readPhone } from "../../infra/phones.ts";

const GERMAN = "+4915112345667";

describe("a phone", () => {
  it.each([
    GERMAN,
    "+49 (0) 151 12345667",
    "+49 (0)151 / 123 456-67",
    "+49 0151 12345667",
    "+490151 12345667",
    "0049 151 12345667",
    "0049 (0) 151 12345667",
    "011 49 151 12345667",
    "(+49) 151 12345667",
    "+49 (151) 123-456.67",
    "tel:+49-151-12345667",
    "TEL: +49 151 12345667",
    "\u202A+49 151 12345667\u202C",
    "+49\u00A0151\u202F12345667",
    "+49\u2011151\u201112345667",
    "+49\u2013151\u201312345667",
    "+49 151 12345667\u200B",
    "\uFF0B49 151 12345667",
    "\uFF10\uFF10\uFF14\uFF19 151 12345667",
    "  +49\t151 12345667\r\n",
  ])(`written as %j is ${GERMAN}`, (written) => {
    expect(readPhone(written)).toEqual({ number: GERMAN });
  });

  it.each([
    ["+44 (0)20 7946 0958", "+442079460958"],
    ["+44 07911 123456", "+447911123456"],
    ["+41 (0)79 123 45 67", "+41791234567"],
    ["+43 (0) 664 1234567", "+436641234567"],
    ["+33 (0)6 12 34 56 78", "+33612345678"],
    ["+7 (8) 912 345-67-89", "+79123456789"],
    ["+36 (06) 20 123 4567", "+36201234567"],
    ["+1 (415) 555-2671", "+14155552671"],
    ["+1 (0) 415 555 2671", "+14155552671"],
    ["+39 06 1234567", "+39061234567"],
    ["+39 (0)6 1234567", "+39061234567"],
    ["+39 (0) 347 1234567", "+393471234567"],
    ["+225 01 02 03 04 05", "+2250102030405"],
  ])("of each country keeps or loses its zero as it does there: %s", (written, number) => {
    expect(readPhone(written)).toEqual({ number });
    expect(phoneDoubts([number])).toEqual([]);
  });

  const WHOLE = "expected a number with + and the country first, such as +4915112345667";
  const LENGTH = "expected as many digits as the numbers of its country have";
  it.each([
    ["0151 12345667", WHOLE],
    ["5551234567", WHOLE],
    ["+999123456", WHOLE],
    ["+0123456789", WHOLE],
    ["++49 151 12345667", WHOLE],
    ["", WHOLE],
    ["+", WHOLE],
    ["+49", LENGTH],
    ["+1 011 49 151 12345667", LENGTH],
    ["+1234567890123456", LENGTH],
    ["+43 9011", LENGTH],
    ["+49 151 12345678901234", LENGTH],
    ["+1 415 555 267", LENGTH],
    // As people of Johannesburg and São Paulo write a number of their own city.
    ["011 234 5678", LENGTH],
    ["011 98765-4321", WHOLE],
    ["+1 415 555 2671 ext. 5", "expected no extension (5): no SMS reaches it"],
    ["+1 415 555 2671 x5", "expected no extension (5): no SMS reaches it"],
    ["tel:+1-415-555-2671;ext=7", "expected no extension (7): no SMS reaches it"],
    ["+1 800 FLOWERS", `${WHOLE}, without "F"`],
    ["mobile +49 151 12345667", `${WHOLE}, without "m"`],
    ["+49 151 12345667, +49 151 12345668", "expected one number: write each in quotes of its own"],
  ])("that no SMS can reach is refused with what is wrong: %j", (written, problem) => {
    expect(readPhone(written)).toEqual({ problem });
  });

  it.each(["+15551234567", "+49151123"])("of no range that is in use is taken with a doubt: %s", (number) => {
    expect(readPhone(number)).toEqual({ number });
    expect(phoneDoubts([GERMAN, number])).toEqual([
      `No phone is known to have a number like ${number}. Look at it again: SNS says nothing of an SMS that arrives nowhere.`,
    ]);
  });

  it("comes out as E.164, which is read as itself, or is refused, whatever was typed", () => {
    const typed = fc.string({
      unit: fc.constantFrom(..."+0123456789 ()-./x", "\u202A", "\uFF0B"),
      maxLength: 24,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), typed), (text) => {
        const reading = readPhone(text);
        if (!("number" in reading)) return;
        expect(reading.number).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(readPhone(reading.number)).toEqual(reading);
      }),
      { numRuns: 2_000 },
    );
  });
});
