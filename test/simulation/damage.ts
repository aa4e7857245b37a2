/** What can happen to the remembered document while nobody looks. None of it leaves a document that can be read. */
import type { Random } from "./random.ts";

export function damage(document: string, random: Random): string {
  return random.pick<() => string>([
    () => document.slice(0, random.integer(1, Math.max(1, document.length - 1))),
    () => document.replace(/"version":\d+/, '"version":0'),
    () => document.replace(/"version":\d+,/, ""),
    () => document.replace(/"seen":/, '"saw":'),
    () => document.replace(/"told":\{/, '"told":{"level":"fine","x":{'),
    () => '{"version":1,"level":"warning"}',
    () => '{"version":2,"seen":{},"told":{},"sending":null}',
    () => "null",
    () => "[]",
    () => "\u0000\uFFFD%%",
  ])();
}
