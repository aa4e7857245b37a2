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

const KEY = "aB3/dE6+gH9/jK2+mN5=pQ8$sT1,vW4;yZ7==";
const quotes: Record<string, (url: URL) => string> = {
  raw: ({ pathname, search }) => `Cannot POST ${pathname}${search}`,
  coded: ({ pathname, search }) => `no route /login?next=${encodeURIComponent(pathname + search)}`,
  decoded: ({ pathname, search }) => decodeURIComponent(pathname + search),
  "as a form": ({ searchParams }) => String(searchParams),
  "as JSON": ({ searchParams }) => JSON.stringify([...searchParams]),
};
it.each(Object.entries(quotes))("a key of other signs than letters is in no quotation: %s", (_how, quote) => {
  for (const key of [KEY, encodeURIComponent(KEY)])
    for (const address of [`hook?code=${key}`, `hook?a=1&code=${key}&b=2`, `${key}/hook`, `hook?${key}`]) {
      const text = redactAddress(
        quote(new URL(`https://example.test/${address}`)),
        new URL(`https://example.test/${address}`),
      );
      for (const piece of KEY.match(/\w{3}/g) ?? []) expect(text).not.toContain(piece);
    }
});

it.each([
  ["alice", "correct horse"],
  ["", "tk_abcdefghijklmnop"],
  ["alice", ""],
  ["m\u00fcller@example.com", "p:\u00e4%/+?"],
])("name and password are in no quotation, and neither is what is sent of them: %s:%s", (name, password) => {
  const url = new URL("https://example.test/x");
  url.username = encodeURIComponent(name);
  url.password = encodeURIComponent(password);
  const sent = Buffer.from(`${name}:${password}`).toString("base64");
  const quoted = [`Basic ${sent}`, sent.slice(2), sent.slice(0, -2), sent.toLowerCase()].join(" | ");
  expect(redactAddress(`Basic ${sent}`, url)).toBe("Basic [address]");
  for (let start = 0; start + FRAGMENT <= sent.length; start++)
    expect(redactAddress(quoted, url).toLowerCase()).not.toContain(
      sent.slice(start, start + FRAGMENT).toLowerCase(),
    );
});

it("parts that contain each other are hidden as a whole", () => {
  const url = new URL("https://example.test/bot123456789:AAE-abc_DEF/sendMessage?chat_id=-100123&x=bot1234");
  expect(redactAddress(`no ${url.href}, no ${url.pathname.slice(1)}`, url)).toMatch(
    /^no https:\/\/example\.test(\[address\])+, no (\[address\])+$/,
  );
});

it("an address without a password hides no word of others", () => {
  expect(redactAddress("Og== is a colon", new URL("https://example.test/x"))).toBe("Og== is a colon");
});

it("of an address that is quoted, whole, in parts or coded, no eight characters are left but the host's", () => {
  const part = fc.string({
    unit: fc.constantFrom(..."abcdefghijABCDEFGHIJ0123456789-_.~%25+ /=$,;&"),
    minLength: FRAGMENT,
    maxLength: 40,
  });
  const address = fc
    .record({ path: fc.array(part, { minLength: 1, maxLength: 4 }), key: part, value: part, password: part })
    .map(({ path, key, value, password }) => {
      const url = new URL(`https://example.test/${path.map(encodeURIComponent).join("/")}`);
      url.searchParams.set(key, value);
      url.password = encodeURIComponent(password);
      const secrets = [...path, key, value, password].map((secret) => secret.trim());
      return { url, secrets: [...secrets, ...secrets.map(encodeURIComponent), btoa(`:${password}`)] };
    });
  const quotes: ((url: URL) => string)[] = [
    ({ href }) => href,
    ({ href }) => encodeURIComponent(href),
    ({ username, password }) => btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`),
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
