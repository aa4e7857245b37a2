/** The key's life: it is rotated, and at times the parameter holds none, or something else. */
import type { Faults } from "./faults.ts";
import type { Secrecy } from "./invariants/secrecy.ts";
import type { SimulatedKie } from "./kie.ts";
import type { Random } from "./random.ts";
import type { SimulatedSsm } from "./ssm.ts";
import type { Timeline } from "./timeline.ts";

const HOUR_MS = 3_600_000;

/** Starts with a good key. The returned function may do something to it, and is called with each round. */
export function createKeys(
  { timeline, random, faults }: { timeline: Timeline; random: Random; faults: Faults },
  secrecy: Secrecy,
  kie: SimulatedKie,
  ssm: SimulatedSsm,
): () => void {
  let key = secrecy.newKey();
  let isBusy = false;
  kie.keys.add(key);
  ssm.apiKey = key;

  const later = (hours: number, happen: () => void) => timeline.at(timeline.now() + hours * HOUR_MS, happen);

  /** The new key is put before the old one is revoked, or, by a hasty operator, after. */
  const rotate = () => {
    const old = key;
    key = secrecy.newKey();
    kie.keys.add(key);
    later(random.between(0, 6), () => kie.keys.delete(old));
    later(random.between(0, 6), () => {
      ssm.apiKey = random.chance(0.3) ? `${key}\n` : key;
      isBusy = false;
    });
  };

  const spoil = () => {
    ssm.apiKey = random.pick([undefined, " \n", `${key}\n${key}`, `${key}é€`, secrecy.newKey()]);
    later(random.between(0.1, 20), () => {
      ssm.apiKey = key;
      isBusy = false;
    });
  };

  return () => {
    if (isBusy) return;
    if (faults.happens(null, "key: rotated", 0.001)) {
      isBusy = true;
      rotate();
    } else if (faults.happens(null, "key: missing or spoiled", 0.001)) {
      isBusy = true;
      spoil();
    }
  };
}
