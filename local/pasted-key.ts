/** A key as people paste it. `lambda/adapters/key-shape.ts` names the same slips in a key that was stored. */
import type { Prompts } from "./prompts.ts";

/** What people copy along with a key. */
const WRAPPINGS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["quotes", /^(["'`])(.*)\1$/s],
  ["quotes", /^([“‘„])(.*)[”’“]$/s],
  ["angle brackets", /^(<)(.*)>$/s],
  ["Bearer", /^(bearer\s+)(.*)$/is],
  ["Authorization:", /^(authorization\s*:\s*)(.*)$/is],
  ["KIE_API_KEY=", /^((?:export\s+|set\s+|\$env:)?kie_api_key\s*=\s*)(.*)$/is],
];

/** Takes off what people copy along with a key. `removed` names it. */
export function readPastedKey(text: string): { readonly key: string; readonly removed: readonly string[] } {
  const inner = text.trim();
  for (const [name, pattern] of WRAPPINGS) {
    const rest = pattern.exec(inner)?.[2];
    if (rest === undefined) continue;
    const { key, removed } = readPastedKey(rest);
    return { key, removed: [...new Set([name, ...removed])] };
  }
  return { key: inner, removed: [] };
}

/** The key alone. Says what was taken off. */
export function unwrapKey({ warn }: Pick<Prompts, "warn">, pasted: string): string {
  const { key, removed } = readPastedKey(pasted);
  if (removed.length > 0) warn(`Taken off, since it is not part of the key: ${removed.join(", ")}`);
  return key;
}
