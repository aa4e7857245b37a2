import { describe, expect, it } from "vitest";
import { smsCountryOf, smsNotes } from "../../infra/sms-countries.ts";

describe("what SMS need", () => {
  const rows = [
    { phone: "+15551234567", need: "number" },
    { phone: "+6591234567", need: "sender-id" },
    { phone: "+8613912345678", need: "template" },
    { phone: "+919876543210", need: "sender-id" },
    { phone: "+4915112345678", need: undefined },
    { phone: "+17", need: "number" },
  ];
  it.each(rows)("to $phone is $need", ({ phone, need }) => {
    expect(smsCountryOf(phone)?.need).toBe(need);
  });
});

describe("notes on phones", () => {
  it("are one for each country that needs something", () => {
    const notes = smsNotes(["+15551234567", "+15557654321", "+4915112345678", "+919876543210"]);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(
      /^Phones with \+1 \(the United States or Canada\) .* takes weeks; .* email beside them, or push .*#ntfy\)\.$/,
    );
    expect(notes[1]).toMatch(/^Phones with \+91 \(India\) .* a registered sender id; /);
  });

  it("show no phone", () => {
    expect(smsNotes(["+15551234567"]).join()).not.toContain("555");
  });

  it("are none for phones that a shared sender mostly reaches", () => {
    expect(smsNotes(["+4915112345678"])).toEqual([]);
    expect(smsNotes([])).toEqual([]);
  });
});
