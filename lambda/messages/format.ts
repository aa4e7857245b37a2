/** Numbers, times and a chart, as people read them. Pure, and short for every input. */

const DAYS_OF_A_YEAR = 365;

/** From here on digits tell less than a power of ten. */
const TOO_LONG = 1e15;

/** Less is told in minutes: half an hour more or less would matter. */
const MIN_HOURS = 2;

const NUMBERS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2, signDisplay: "negative" });
const DOLLARS = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  signDisplay: "negative",
});

/** Grouped digits and at most two decimals: `2,485.98`. */
export function formatNumber(value: number): string {
  return Math.abs(value) < TOO_LONG ? NUMBERS.format(value) : value.toExponential(2);
}

/** `1 credit`, `2,485.98 credits` */
export function formatCredits(value: number): string {
  return withUnit(value, "credit");
}

/** `1 day`, `2.5 days`: singular where the number reads so. */
export function withUnit(value: number, unit: string): string {
  const number = formatNumber(value);
  return `${number} ${unit}${number === "1" ? "" : "s"}`;
}

/** `$1.06`, `-$0.50` */
export function formatDollars(value: number): string {
  if (Math.abs(value) < TOO_LONG) return DOLLARS.format(value);
  return `${value < 0 ? "-" : ""}$${Math.abs(value).toExponential(2)}`;
}

/** A length of time as it is: `90 min`, `2.5 h`, `60 h`, `3 days`, `4.2 days`. */
export function formatHours(hours: number): string {
  if (hours < MIN_HOURS) return `${Math.max(1, Math.round(hours * 60))} min`;
  const tenths = (value: number) => (value < TOO_LONG ? Math.round(value * 10) / 10 : value);
  const days = hours / 24;
  const isInDays = hours >= 100 || (hours >= 47.5 && Math.abs(days - Math.round(days)) < 0.02);
  return isInDays ? withUnit(tenths(days), "day") : `${formatNumber(tenths(hours))} h`;
}

/** A forecast, no more exact than it is: `about 6 h`, `3 to 4 days`, `about 9 days`, `more than a year`. */
export function formatForecast(hours: number): string {
  const days = Math.floor(hours / 24);
  if (days > DAYS_OF_A_YEAR) return "more than a year";
  if (hours < MIN_HOURS) return `about ${formatHours(hours)}`;
  if (days < 2) return `about ${Math.round(hours)} h`;
  return days < 7 ? `${days} to ${days + 1} days` : `about ${Math.round(hours / 24)} days`;
}

/** Two significant figures: `about 38 credits an hour`. */
export function formatRate(creditsPerHour: number): string {
  if (creditsPerHour < 0.1) return "less than 0.1 credits an hour";
  return `about ${formatCredits(Number(creditsPerHour.toPrecision(2)))} an hour`;
}

/**
 * `Mon 23 Nov 2026, 11:24 (CET)`. Where a zone has no abbreviation in English, its offset is as clear: `GMT-5`. So two
 * times of an hour that the clock repeats are told apart.
 *
 * @param at - epoch milliseconds
 * @param timeZone - IANA name
 */
export function formatTime(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, hourCycle: "h23", timeZoneName: "short" },
    ...{
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
    },
  });
  const parts = format.formatToParts(at).map(({ type, value }) => [type, value]);
  const { weekday, day, month, year, hour, minute, timeZoneName } = Object.fromEntries(parts);
  return `${weekday} ${day} ${month} ${year}, ${hour}:${minute} (${timeZoneName})`;
}

/**
 * `Thu 26 Nov 2026`
 *
 * @param at - epoch milliseconds
 */
export function formatDate(at: number, timeZone: string): string {
  return formatTime(at, timeZone).replace(/,.*/, "");
}

/**
 * `11:24 (CET)`
 *
 * @param at - epoch milliseconds
 */
export function formatClock(at: number, timeZone: string): string {
  return formatTime(at, timeZone).replace(/^.*, /, "");
}

/**
 * Six of the eight bars. In proportional fonts `▄` and `█` often come from the text's own font, and the others from
 * another one, with another width: measured in Chromium with Roboto, Liberation Sans and Noto Sans.
 */
const BARS = "▁▂▃▅▆▇";

/**
 * What stands for an unknown balance: as wide as the bars in the same fonts. A dot or a space is narrower.
 */
export const UNKNOWN_BAR = "▔";

/**
 * A chart of one line, from nothing to the highest balance. Null if fewer than two balances are known.
 *
 * @param balances - in credits, the oldest first; null if unknown
 */
export function sparkline(balances: readonly (number | null)[]): string | null {
  const known = balances.filter((credits) => credits !== null);
  if (known.length < 2) return null;
  const highest = Math.max(...known);
  const bar = (credits: number) =>
    BARS[highest <= 0 ? 0 : Math.round((Math.max(0, credits) / highest) * (BARS.length - 1))] ?? "";
  return balances.map((credits) => (credits === null ? UNKNOWN_BAR : bar(credits))).join("");
}
