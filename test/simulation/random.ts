/** Chance from a seed: the same seed draws the same numbers on every machine. */

export interface Random {
  /** At least 0 and below 1. */
  next(): number;
  chance(probability: number): boolean;
  between(low: number, high: number): number;
  /** Both ends included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Letters and digits. */
  text(length: number): string;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Mulberry32: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
export function createRandom(seed: number): Random {
  // Neighbouring seeds start far apart.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    between: (low, high) => low + next() * (high - low),
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    text: (length) => Array.from({ length }, () => LETTERS[integer(0, LETTERS.length - 1)]).join(""),
  };
}
