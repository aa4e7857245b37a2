import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  formatClock,
  formatCredits,
  formatDate,
  formatDollars,
  formatForecast,
  formatHours,
  formatNumber,
  formatRate,
  formatTime,
  sparkline,
} from "../../../lambda/messages/format.ts";
import { hoursIn } from "../../support/lengths.ts";

it.each([
  [0, "0"],
  [-0, "0"],
  [-0.001, "0"],
  [0.004, "0"],
  [7, "7"],
  [100, "100"],
  [1000, "1,000"],
  [2485.98, "2,485.98"],
  [-1234567.5, "-1,234,567.5"],
  [1e15, "1.00e+15"],
])("the number %d is %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it.each([
  [1.06, "$1.06"],
  [-0.5, "-$0.50"],
  [-0.001, "$0.00"],
  [1234.5, "$1,234.50"],
  [-1e15, "-$1.00e+15"],
])("%d dollars are %s", (value, text) => {
  expect(formatDollars(value)).toBe(text);
});

it.each([
  [1, "1 credit"],
  [1.004, "1 credit"],
  [0.996, "1 credit"],
  [0.5, "0.5 credits"],
  [1.01, "1.01 credits"],
  [0, "0 credits"],
])("%d credits are %s", (value, text) => {
  expect(formatCredits(value)).toBe(text);
});

it.each([
  { hours: 0, length: "1 min", forecast: "about 1 min" },
  { hours: 1.5, length: "90 min", forecast: "about 90 min" },
  { hours: 1.99, length: "119 min", forecast: "about 119 min" },
  { hours: 2, length: "2 h", forecast: "about 2 h" },
  { hours: 6.4, length: "6.4 h", forecast: "about 6 h" },
  { hours: 24, length: "24 h", forecast: "about 24 h" },
  { hours: 47, length: "47 h", forecast: "about 47 h" },
  { hours: 48, length: "2 days", forecast: "2 to 3 days" },
  { hours: 60, length: "60 h", forecast: "2 to 3 days" },
  { hours: 95.9, length: "4 days", forecast: "3 to 4 days" },
  { hours: 100, length: "4.2 days", forecast: "4 to 5 days" },
  { hours: 167.9, length: "7 days", forecast: "6 to 7 days" },
  { hours: 168, length: "7 days", forecast: "about 7 days" },
  { hours: 219, length: "9.1 days", forecast: "about 9 days" },
  { hours: 365 * 24, length: "365 days", forecast: "about 365 days" },
  { hours: 366 * 24, length: "366 days", forecast: "more than a year" },
])("$hours hours are $length, and $forecast as a forecast", ({ hours, length, forecast }) => {
  expect(formatHours(hours)).toBe(length);
  expect(formatForecast(hours)).toBe(forecast);
});

it("a forecast promises at most a fifth more than there is, and on the last two days half an hour more", () => {
  const hoursLeft = fc.oneof(...[3, 48, 400].map((max) => fc.double({ min: 1 / 60, max, noNaN: true })));
  fc.assert(
    fc.property(hoursLeft, (hours) => {
      const promised = hoursIn(formatForecast(hours));
      expect(promised).toBeLessThanOrEqual(hours * 1.2 + 0.5 / 60);
      if (hours < 48) expect(promised - hours).toBeLessThanOrEqual(0.5);
    }),
    { numRuns: 3000 },
  );
});

it.each([
  { rate: 0.0999, text: "less than 0.1 credits an hour" },
  { rate: 0.1, text: "about 0.1 credits an hour" },
  { rate: 0.996, text: "about 1 credit an hour" },
  { rate: 4.79, text: "about 4.8 credits an hour" },
  { rate: 38.31, text: "about 38 credits an hour" },
  { rate: 12_345, text: "about 12,000 credits an hour" },
])("a rate of $rate has two significant figures: $text", ({ rate, text }) => {
  expect(formatRate(rate)).toBe(text);
});

it("a date is a time without its hour, and a clock's is one without its date", () => {
  const at = Date.parse("2026-11-23T23:30:00Z");
  expect(formatDate(at, "UTC")).toBe("Mon 23 Nov 2026");
  expect(formatDate(at, "Europe/Berlin")).toBe("Tue 24 Nov 2026");
  expect(formatClock(at, "Europe/Berlin")).toBe("00:30 (CET)");
});

it.each([
  { at: "2026-10-25T00:30:00Z", zone: "Europe/Berlin", text: "02:30 (CEST)" },
  { at: "2026-10-25T01:30:00Z", zone: "Europe/Berlin", text: "02:30 (CET)" },
  { at: "2026-07-01T12:00:00Z", zone: "UTC", text: "12:00 (UTC)" },
  { at: "2026-11-01T05:30:00Z", zone: "America/New_York", text: "01:30 (GMT-4)" },
  { at: "2026-11-01T06:30:00Z", zone: "America/New_York", text: "01:30 (GMT-5)" },
  // Its clocks go back by half an hour.
  { at: "2026-04-04T14:45:00Z", zone: "Australia/Lord_Howe", text: "01:45 (GMT+11)" },
  { at: "2026-04-04T15:15:00Z", zone: "Australia/Lord_Howe", text: "01:45 (GMT+10:30)" },
])("$at in $zone is $text", ({ at, zone, text }) => {
  expect(formatTime(Date.parse(at), zone)).toMatch(/^\w{3} \d{1,2} \w{3} 2026, /);
  expect(formatTime(Date.parse(at), zone).replace(/^.*, /, "")).toBe(text);
});

it.each([
  { what: "two balances", balances: [0, 700], chart: "▁▇" },
  { what: "a fall from the highest one", balances: [800, 700, 400, 100, 0], chart: "▇▆▅▂▁" },
  { what: "unknown ones between them", balances: [100, null, null, 50], chart: "▇▔▔▅" },
  { what: "balances below zero", balances: [-50, -20, null], chart: "▁▁▔" },
  { what: "a debt beside credits", balances: [-50, 70], chart: "▁▇" },
  { what: "a single balance", balances: [null, 5], chart: null },
  { what: "nothing", balances: [], chart: null },
])("the chart of $what is $chart", ({ balances, chart }) => {
  expect(sparkline(balances)).toBe(chart);
});
