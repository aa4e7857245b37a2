import fc from "fast-check";
import { expect, it } from "vitest";
import { redactAddress } from "../../../lambda/adapters/redact.ts";

const FRAGMENT = 8;

it("a short part of an address does not leave the rest of a longer one that contains it", () => {
  const url = new URL("https://example.test/hook/hook12345");
  expect(redactAddress("no such thing: hook12345, HOOK12345", url)).toBe(
    "no such thing: [address], [address]",
  );
});

it("of an address that is quoted, whole, in parts or coded, no eight characters are left but the host's", () => {
  const part = fc.string({
    unit: fc.constantFrom(..."abcdefghijABCDEFGHIJ0123456789-_.~%25+ "),
    minLength: FRAGMENT,
    maxLength: 40,
  });
  const address = fc
    .record({ path: fc.array(part, { minLength: 1, maxLength: 4 }), key: part, value: part, password: part })
    .map(({ path, key, value, password }) => {
      const url = new URL(`https://example.test/${path.map(encodeURIComponent).join("/")}`);
      url.searchParams.set(key, value);
      url.password = encodeURIComponent(password);
      return { url, secrets: [...path, key, value, password].map((secret) => secret.trim()) };
    });
  const quotes: ((url: URL) => string)[] = [
    ({ href }) => href,
    ({ pathname, search }) => `Cannot POST ${pathname}${search}`,
    ({ pathname }) => decodeURIComponent(pathname),
    ({ pathname }) => `no such hook: ${pathname.split("/").at(-1)?.slice(1)}`,
    ({ searchParams }) => JSON.stringify(Object.fromEntries(searchParams)),
    ({ pathname }) => `no such hook: ${pathname.toLowerCase()}`,
    ({ password }) => `wrong password ${decodeURIComponent(password)}`,
  ];
  fc.assert(
    fc.property(address, fc.constantFrom(...quotes), ({ url, secrets }, quote) => {
      const text = redactAddress(quote(url), url);
      for (const secret of secrets) {
        for (let start = 0; start + FRAGMENT <= secret.length; start++) {
          expect(text.toLowerCase()).not.toContain(secret.slice(start, start + FRAGMENT).toLowerCase());
        }
      }
    }),
    { numRuns: 500 },
  );
});
