import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPastedKey } from "../../local/pasted-key.ts";

const KEY = "0123456789abcdef0123456789abcdef";

describe("a key as it was pasted", () => {
  const cases = [
    { pasted: KEY, removed: [] },
    { pasted: `  ${KEY}\r\n`, removed: [] },
    { pasted: `"${KEY}"`, removed: ["quotes"] },
    { pasted: `'${KEY}'`, removed: ["quotes"] },
    { pasted: `“${KEY}”`, removed: ["quotes"] },
    { pasted: `<${KEY}>`, removed: ["angle brackets"] },
    { pasted: `Bearer ${KEY}`, removed: ["Bearer"] },
    { pasted: `bearer  ${KEY}`, removed: ["Bearer"] },
    { pasted: `Authorization: Bearer ${KEY}`, removed: ["Authorization:", "Bearer"] },
    { pasted: `KIE_API_KEY=${KEY}`, removed: ["KIE_API_KEY="] },
    { pasted: `export KIE_API_KEY="${KEY}"`, removed: ["KIE_API_KEY=", "quotes"] },
    { pasted: `$env:KIE_API_KEY = "${KEY}"`, removed: ["KIE_API_KEY=", "quotes"] },
    { pasted: `set KIE_API_KEY=${KEY}`, removed: ["KIE_API_KEY="] },
    { pasted: `KIE_API_KEY = 'Bearer ${KEY}'\n`, removed: ["KIE_API_KEY=", "quotes", "Bearer"] },
  ];
  it.each(cases)("is read from $pasted", ({ pasted, removed }) => {
    expect(readPastedKey(pasted)).toEqual({ key: KEY, removed });
  });

  it("is the same however often it was wrapped", () => {
    const wrappings = [
      (key: string) => `"${key}"`,
      (key: string) => ` '${key}' `,
      (key: string) => `Bearer ${key}`,
      (key: string) => `KIE_API_KEY=${key}\n`,
      (key: string) => `Authorization: ${key}`,
    ];
    const key = fc.stringMatching(/^[0-9a-f]{1,64}$/);
    fc.assert(
      fc.property(key, fc.array(fc.constantFrom(...wrappings), { maxLength: 6 }), (key, some) => {
        const pasted = some.reduce((text, wrap) => wrap(text), key);
        expect(readPastedKey(pasted).key).toBe(key);
      }),
    );
  });

  it("keeps what is part of it, such as a quote at one end or the word bearer inside", () => {
    for (const key of [`"${KEY}`, `${KEY}'`, "bearer", `sk-bearer-${KEY}`, ""]) {
      expect(readPastedKey(key)).toEqual({ key, removed: [] });
    }
  });
});
