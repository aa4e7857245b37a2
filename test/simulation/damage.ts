/** What can happen to the remembered document behind the watchman's back. */
import type { Random } from "./random.ts";

/** Undefined where the parameter is gone. No damage leaves a document that can be read. */
export function damage(document: string | undefined, random: Random): string | undefined {
  const text = document ?? "{}";
  const damaged = random.pick<() => string | undefined>([
    () => undefined,
    () => text.slice(0, random.integer(1, Math.max(1, text.length - 1))),
    () => text.replace('"version":1', '"version":0'),
    () => text.replace('"version":1', '"version":2,"mood":"new"'),
    () => text.replace('"version":1,', ""),
    () => text.replace(/"samples":\[.*\]/, '"samples":"none"'),
    () => '{"version":1,"level":"fine"}',
    () => '{"version":1,"level":"warning"}',
    () => '{"version":1,"blind":{"at":1,"permanent":true}}',
    () => '{"version":1,"samples":[[1,"5"]]}',
    () => "null",
    () => "[]",
    () => "\u0000\uFFFD%%",
  ])();
  return damaged === document ? undefined : damaged;
}
