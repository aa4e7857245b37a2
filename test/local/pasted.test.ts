import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unwrapAddress, unwrapKey } from "../../local/pasted.ts";

/** What is found in a paste, and what is said of it. */
function find(unwrap: typeof unwrapKey, pasted: string) {
  const said: string[] = [];
  return { found: unwrap((text) => said.push(text), pasted), said: said.join() };
}

type Wrap = (inner: string) => string;

/** A text, and what it becomes in up to six wrappings, chosen at random. */
const wrapped = (inner: fc.Arbitrary<string>, wrappings: readonly Wrap[]) =>
  fc
    .tuple(inner, fc.array(fc.constantFrom(...wrappings), { maxLength: 6 }))
    .map(([inner, some]) => ({ inner, pasted: some.reduce((text, wrap) => wrap(text), inner) }));

const QUOTES: readonly Wrap[] = ['""', "''", "``", "“”", "„“", "‘’", "«»", "‹›", "「」", "＂＂", "´´"].map(
  ([open, close]) =>
    (inner) =>
      `${open}${inner}${close}`,
);

const BRACKETS: readonly Wrap[] = [
  (inner) => `<${inner}>`,
  (inner) => `(${inner})`,
  (inner) => ` ${inner}\r\n`,
  (inner) => `\n${inner}`,
  (inner) => `\u00a0${inner}\u200b`,
  (inner) => `${inner},`,
  (inner) => `${inner};`,
];

const KEY = "0123456789abcdef0123456789abcdef";
const KEY_SAID = "Taken off: what stood around the key";

describe("a key as it was pasted", () => {
  const wrappings: readonly Wrap[] = [
    ...QUOTES,
    ...BRACKETS,
    (key) => `[${key}]`,
    (key) => `{${key}}`,
    (key) => `\\"${key}\\"`,
    (key) => `| kie | ${key} |`,
    (key) => `Bearer ${key}`,
    (key) => `bearer  ${key}`,
    (key) => `Authorization: ${key}`,
    (key) => `"Authorization": "Bearer ${key}"`,
    (key) => `-H 'Authorization: Bearer ${key}'`,
    (key) => `curl https://api.kie.ai/api/v1/chat/credit -H "Authorization: Bearer ${key}" | jq`,
    (key) => `KIE_API_KEY=${key}`,
    (key) => `KIE_API_KEY: ${key}`,
    (key) => `"KIE_API_KEY": "${key}",`,
    (key) => `export KIE_API_KEY="${key}"`,
    (key) => `set KIE_API_KEY=${key}`,
    (key) => `setx KIE_API_KEY ${key}`,
    (key) => `$env:KIE_API_KEY = "${key}"`,
    (key) => `process.env.KIE_API_KEY = '${key}';`,
    (key) => `NEXT_PUBLIC_KIE_API_KEY_OF_PRODUCTION=${key}`,
    (key) => `KIE_API_KEY=${key} # of production, since 2026-11-23`,
    (key) => `apiKey=${key}`,
    (key) => `{"apiKey":"${key}"}`,
    (key) => `API key: ${key}`,
    (key) => `API 密钥：${key}，`,
    (key) => `The key of 2 projects is ${key} (keep it).`,
  ];
  it.each(wrappings.map((wrap) => wrap(KEY)))("is found in %j", (pasted) => {
    expect(find(unwrapKey, pasted).found).toBe(KEY);
  });

  const key = fc.stringMatching(/^[A-Za-z0-9_-][\w.~+/-]{8,60}[0-9][\w.~+/-]{10,60}={0,2}$/);

  it("is found however often it was wrapped, and that something was taken off is said without it", () => {
    fc.assert(
      fc.property(wrapped(key, wrappings), ({ inner, pasted }) => {
        const said = pasted.trim() === inner ? "" : KEY_SAID;
        expect(find(unwrapKey, pasted)).toEqual({ found: inner, said });
      }),
    );
  });

  it("is never changed if it is alone", () => {
    const alone = fc.oneof(key, fc.stringMatching(/^[!#-&*+./0-9?@A-Z^_a-z~-]+=*$/));
    fc.assert(
      fc.property(alone, fc.constantFrom("", " ", "\t", "\r\n"), (key, blank) => {
        expect(find(unwrapKey, `${blank}${key}${blank}`)).toEqual({ found: key, said: "" });
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["nothing", ""],
    ["no key", "Bearer"],
    ["a short one", "Bearer abc123"],
    ["two", `${KEY} ${KEY.toUpperCase()}`],
    ["one that is hidden in part", `Bearer ${KEY}****`],
    ["one that is shown in part", `"${KEY}…"`],
    ["one with a letter of elsewhere in it", `${KEY}ж${KEY}`],
    ["one with a sign in it that no key has", `Bearer ${KEY}!${KEY}`],
  ])("is not guessed where there is %s", (_, pasted) => {
    expect(find(unwrapKey, ` ${pasted}\n`)).toEqual({ found: pasted, said: "" });
  });

  it("may be there twice", () => {
    expect(find(unwrapKey, `${KEY}\n${KEY}`)).toEqual({ found: KEY, said: KEY_SAID });
  });
});

const ADDRESS = "https://hooks.slack.com/services/T0000/B0000/x2token";
const ADDRESS_SAID = "Taken off: what stood around the address";

describe("an address as it was pasted", () => {
  const wrappings: readonly Wrap[] = [
    ...QUOTES,
    ...BRACKETS,
    (address) => `{ ${address} }`,
    (address) => `Webhook URL: ${address}`,
    (address) => `Webhook-URL：${address}`,
    (address) => `url=${address}`,
    (address) => `{"url":"${address}"}`,
    (address) => `\\"${address}\\"`,
    (address) => `[our chat](${address})`,
    (address) => `${address}.`,
    (address) => `Post to ${address}, please!`,
    (address) =>
      `curl -X POST -H 'Content-type: application/json' --data '{"text":"Hello, World!"}' ${address}`,
    (address) => `curl -d "Hi" '${address}'`,
  ];
  it.each([...wrappings.map((wrap) => wrap(ADDRESS)), `[${ADDRESS}](${ADDRESS})`, `<${ADDRESS}|${ADDRESS}>`])(
    "is found in %j",
    (pasted) => {
      expect(find(unwrapAddress, pasted)).toEqual({
        found: ADDRESS,
        said: pasted.trim() === ADDRESS ? "" : ADDRESS_SAID,
      });
    },
  );

  const address = fc.oneof(
    fc.webUrl({ withQueryParameters: true }).filter((url) => /^https?:.*[\w/=&-]$/.test(url)),
    fc.constantFrom(
      "https://api.telegram.org/bot123456789:x2-token/sendMessage?chat_id=-1005556667778",
      "https://chat.googleapis.com/v1/spaces/A/messages?key=k3_v&token=x2%3D",
      "https://prod-1.westus.logic.azure.com:443/workflows/w/triggers/manual/paths/invoke?sp=%2Ftriggers&sig=x-_",
      "http://127.0.0.1:8080/hooks/x2",
      "https://[::1]/hooks?tags[]=a&tags[b]='c'(d)e",
      "HTTPS://größe.example/größe",
    ),
  );

  it("is found however often it was wrapped, and never changed if it is alone", () => {
    fc.assert(
      fc.property(wrapped(address, wrappings), ({ inner, pasted }) => {
        const said = pasted.trim() === inner ? "" : ADDRESS_SAID;
        expect(find(unwrapAddress, pasted)).toEqual({ found: inner, said });
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["none", "hooks.slack.com/services"],
    ["another protocol's", "ftp://kie.example/x"],
    ["two", `${ADDRESS} ${ADDRESS}2`],
  ])("is not guessed where there is %s", (_, pasted) => {
    expect(find(unwrapAddress, ` ${pasted}\n`)).toEqual({ found: pasted, said: "" });
  });
});
