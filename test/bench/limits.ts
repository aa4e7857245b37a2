/** What must hold of a check's cost: the deployed bundle's medians, and their ratios to those of the others. */
const LIMITS = {
  toDefaults: { atMost: 0.65, unit: "of the time by the defaults" },
  toFloor: { atMost: 2.3, unit: "of the floor's time" },
  peakMB: { atMost: 75, unit: "MB at the peak" },
  bundleKB: { atMost: 400, unit: "kB of code" },
} as const;

/** @returns a line if the value is over its limit, or is no number; else none */
export function linesIfOver(what: string, name: keyof typeof LIMITS, value: number): readonly string[] {
  const { atMost, unit } = LIMITS[name];
  return value <= atMost ? [] : [`${what}: ${value.toFixed(3)} ${unit}, expected at most ${atMost}`];
}
