/** Invariant 7: the key leaks into nothing that the world collects, whole or in part. */
import { inspect } from "node:util";
import type { Random } from "../random.ts";

/** Two characters that occur nowhere else; every eight characters of a key in a row hold them. */
const MARK = "~Q";
const TELLING_CHARACTERS = 8;

export interface Secrecy {
  /** Makes a canary: a key that is easily found. */
  newKey(): string;
  /** Finds keys in a text, or in anything that a log could print. */
  leaks(where: string, what: unknown): Generator<string>;
}

export function createSecrecy(random: Random): Secrecy {
  const pieces = new Set<string>();
  return {
    newKey() {
      const key = Array.from({ length: 5 }, () => MARK + random.text(5)).join("");
      for (let start = 0; start + TELLING_CHARACTERS <= key.length; start++) {
        pieces.add(key.slice(start, start + TELLING_CHARACTERS));
      }
      return key;
    },
    *leaks(where, what) {
      const text = typeof what === "string" ? what : inspect(what, { depth: 20, showHidden: true });
      for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at + 1)) {
        for (let start = Math.max(0, at - TELLING_CHARACTERS + MARK.length); start <= at; start++) {
          if (!pieces.has(text.slice(start, start + TELLING_CHARACTERS))) continue;
          yield `${where} holds the key`;
          return;
        }
      }
    },
  };
}
