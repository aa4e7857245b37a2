/** Numbers, times and a chart, as people read them. Pure, and short for every input. */

const HOUR_MS = 3_600_000;

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

/** As exact as people need it: `12 min`, `6 h`, `3 days`. */
export function formatHours(hours: number): string {
  if (hours < 1.5) return `${Math.round(hours * 60)} min`;
  if (hours < 48) return `${Math.round(hours)} h`;
  return `${formatNumber(Math.round(hours / 24))} days`;
}

/**
 * `Mon 23 Nov 2026, 11:24 (Europe/Berlin)`. UTC, the default, needs no Intl, which takes 10 ms at its first use.
 *
 * @param at - epoch milliseconds
 */
export function formatTime(at: number, timeZone: string): string {
  if (timeZone === "UTC") {
    const [weekday = "", day, month, year, time = ""] = new Date(at).toUTCString().split(" ");
    return `${weekday.slice(0, 3)} ${Number(day)} ${month} ${year}, ${time.slice(0, 5)} (UTC)`;
  }
  const { weekday, day, month, year, hour, minute } = Object.fromEntries(
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${weekday} ${day} ${month} ${year}, ${hour}:${minute} (${timeZone})`;
}

const BARS = "▁▂▃▄▅▆▇█";

/**
 * A chart of one line with one column an hour, from nothing to the highest balance; hours without a sample
 * are dots. Null where there are no two samples.
 *
 * @param samples - in the order of time, the last one being the end of the chart
 * @param hours - the width
 */
export function sparkline(
  samples: readonly { readonly at: number; readonly credits: number }[],
  hours: number,
): string | null {
  const end = samples.at(-1);
  if (end === undefined || samples.length < 2) return null;
  const columns = new Array<number | null>(hours).fill(null);
  for (const { at, credits } of samples) {
    const column = hours - 1 - Math.floor((end.at - at) / HOUR_MS);
    if (column >= 0) columns[column] = Math.max(0, credits);
  }
  const highest = Math.max(...columns.map((credits) => credits ?? 0));
  const bar = (credits: number) =>
    BARS[highest === 0 ? 0 : Math.round((credits / highest) * (BARS.length - 1))] ?? "";
  return columns.map((credits) => (credits === null ? "·" : bar(credits))).join("");
}
