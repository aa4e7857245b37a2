/** Numbers, times and a chart, as people read them. Pure, and short for every input. */
import { HOUR_MS } from "../policy/time.ts";

const DAYS_OF_A_YEAR = 365;

/** By so many hours clocks are put back, somewhere in the world. */
const CLOCK_CHANGES_HOURS = [0.5, 1, 2];

/** From here on digits tell less than a power of ten. */
const TOO_LONG = 1e15;

/** Grouped digits and at most two decimals: `2,485.98`. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= TOO_LONG) return value.toExponential(2);
  const digits = grouped(value).replace(/\.?0+$/, "");
  return value < 0 && digits !== "0" ? `-${digits}` : digits;
}

/** Two decimals and no sign. By hand, since the first use of Intl in a process takes 10 ms. */
function grouped(value: number): string {
  return Math.abs(value)
    .toFixed(2)
    .replace(/\B(?=(\d{3})+\.)/g, ",");
}

/** `1 credit`, `2,485.98 credits` */
export function formatCredits(value: number): string {
  return `${formatNumber(value)} ${value === 1 ? "credit" : "credits"}`;
}

/** `$1.06`, `-$0.50` */
export function formatDollars(value: number): string {
  const amount = Math.abs(value) < TOO_LONG ? grouped(value) : Math.abs(value).toExponential(2);
  return `${value < 0 && amount !== "0.00" ? "-" : ""}$${amount}`;
}

/** A length of time, as exact as people need it: `12 min`, `6 h`, `3 days`. */
export function formatHours(hours: number): string {
  if (hours < 1.5) return `${Math.round(hours * 60)} min`;
  if (hours < 48) return `${Math.round(hours)} h`;
  return `${formatNumber(Math.round(hours / 24))} days`;
}

/** A forecast, no more exact than it is: `about 6 h`, `3 to 4 days`, `about 9 days`, `more than a year`. */
export function formatForecast(hours: number): string {
  const days = Math.floor(hours / 24);
  if (days > DAYS_OF_A_YEAR) return "more than a year";
  return days >= 2 && days < 7
    ? `${days} to ${days + 1} days`
    : `about ${formatHours(Math.max(hours, 1 / 60))}`;
}

/** Two significant figures: `about 38 credits an hour`. */
export function formatRate(creditsPerHour: number): string {
  if (creditsPerHour < 0.1) return "less than 0.1 credits an hour";
  return `about ${formatCredits(Number(creditsPerHour.toPrecision(2)))} an hour`;
}

/**
 * `Mon 23 Nov 2026, 11:24 (Europe/Berlin)`; in an hour that the clock repeats `02:30 CET`. UTC, the default, needs no
 * Intl, which takes 10 ms at its first use.
 *
 * @param at - epoch milliseconds
 */
export function formatTime(at: number, timeZone: string): string {
  const time = timeZone === "UTC" ? timeInUtc(at) : timeIn(timeZone, at);
  return `${time} (${timeZone})`;
}

/**
 * `Thu 26 Nov 2026`
 *
 * @param at - epoch milliseconds
 */
export function formatDate(at: number, timeZone: string): string {
  return formatTime(at, timeZone).replace(/,.*/, "");
}

function timeInUtc(at: number): string {
  const [weekday = "", day, month, year, time = ""] = new Date(at).toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${Number(day)} ${month} ${year}, ${time.slice(0, 5)}`;
}

function timeIn(timeZone: string, at: number): string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const write = (moment: number) => {
    const parts = format.formatToParts(moment).map(({ type, value }) => [type, value]);
    const { weekday, day, month, year, hour, minute } = Object.fromEntries(parts);
    return `${weekday} ${day} ${month} ${year}, ${hour}:${minute}`;
  };
  const time = write(at);
  const isRepeated = CLOCK_CHANGES_HOURS.some(
    (hours) => write(at - hours * HOUR_MS) === time || write(at + hours * HOUR_MS) === time,
  );
  return isRepeated ? `${time} ${zoneName(timeZone, at)}` : time;
}

/** `CET`, `GMT-5` */
function zoneName(timeZone: string, at: number): string {
  // British English knows Europe's abbreviations; of other zones it gives the offset, which is as clear.
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" }).formatToParts(at);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
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
