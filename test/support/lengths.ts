/** Lengths of time, read as people read them. */

const UNITS: Readonly<Record<string, number>> = { min: 1 / 60, h: 1, day: 24, days: 24 };

/** The hours that `about 6 h`, `2.5 days` or `2 to 3 days` promises at least. */
export function hoursIn(text: string): number {
  const [, figure = "", unit = ""] = /([\d.,]+)(?: to \d+)? (min|h|days?)$/.exec(text) ?? [];
  return Number(figure.replaceAll(",", "")) * (UNITS[unit] ?? Number.NaN);
}
