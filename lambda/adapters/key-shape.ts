/** What is odd about a key, as people paste keys. Pure. */

/** The first one that fits is told. The words are fixed: nothing of the key gets into them. */
const ODD_SHAPES: readonly (readonly [shape: RegExp, words: string])[] = [
  [/^[{[]/, "is JSON, not the key alone"],
  [/^(export\s+)?KIE_API_KEY\s*=/i, "begins with KIE_API_KEY="],
  [/^(export\s+)?\w+\s*=\s*[^=\s]/, "begins with a name and ="],
  [
    /^(["'`\u201c\u201d\u2018\u2019]\s*)?(authorization:\s*)?bearer\b/i,
    "begins with Bearer, which is added by itself",
  ],
  [/^["'`\u201c\u201d\u2018\u2019]|["'`\u201c\u201d\u2018\u2019]$/, "has quotes around it"],
  [/^<|>$/, "has angle brackets around it"],
  [/[*\u2022\u2026]|\.\.\./, "is shown only in part, with the rest hidden"],
  [/[\r\n]/, "has more than one line"],
  [/\s/, "has a blank in it"],
  [/[^\x20-\x7e]/, "has a character that is not ASCII"],
];

/**
 * Says what is odd about a key that doesn't work, so that people find the slip. It is not corrected here: a check
 * does not guess.
 *
 * @returns words that follow "the key", and never a piece of it; null if the shape is ordinary
 */
export function describeKeyShape(key: string): string | null {
  return ODD_SHAPES.find(([shape]) => shape.test(key))?.[1] ?? null;
}
