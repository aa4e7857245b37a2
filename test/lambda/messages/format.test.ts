import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  formatDate,
  formatDollars,
  formatForecast,
  formatHours,
  formatNumber,
  formatRate,
  formatTime,
  sparkline,
} from "../../../lambda/messages/format.ts";

const amounts = fc.integer({ min: -1e13, max: 1e13 }).map((hundredths) => hundredths / 100);

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

it("numbers of two decimals are written as Intl writes them", () => {
  const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2, signDisplay: "negative" });
  fc.assert(fc.property(amounts, (value) => formatNumber(value) === numbers.format(value)));
});

it("dollars and cents are written as Intl writes them", () => {
  const dollars = new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: "USD",
    signDisplay: "negative",
  });
  fc.assert(fc.property(amounts, (value) => formatDollars(value) === dollars.format(value)));
});

it("a time in UTC is written like that of any other zone", () => {
  const moments = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31T23:59:59Z") });
  fc.assert(
    fc.property(moments, (date) => {
      const at = date.getTime();
      return formatTime(at, "UTC") === formatTime(at, "Etc/GMT").replace("(Etc/GMT)", "(UTC)");
    }),
  );
});

it.each([
  { hours: 0, length: "0 min", forecast: "about 1 min" },
  { hours: 1.49, length: "89 min", forecast: "about 89 min" },
  { hours: 1.5, length: "2 h", forecast: "about 2 h" },
  { hours: 6.4, length: "6 h", forecast: "about 6 h" },
  { hours: 47.9, length: "48 h", forecast: "about 48 h" },
  { hours: 48, length: "2 days", forecast: "2 to 3 days" },
  { hours: 95.9, length: "4 days", forecast: "3 to 4 days" },
  { hours: 167.9, length: "7 days", forecast: "6 to 7 days" },
  { hours: 168, length: "7 days", forecast: "about 7 days" },
  { hours: 219, length: "9 days", forecast: "about 9 days" },
  { hours: 365 * 24, length: "365 days", forecast: "about 365 days" },
  { hours: 366 * 24, length: "366 days", forecast: "more than a year" },
])("$hours hours are $length, and $forecast as a forecast", ({ hours, length, forecast }) => {
  expect(formatHours(hours)).toBe(length);
  expect(formatForecast(hours)).toBe(forecast);
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

it("a date is a time without its hour", () => {
  const at = Date.parse("2026-11-23T23:30:00Z");
  expect(formatDate(at, "UTC")).toBe("Mon 23 Nov 2026");
  expect(formatDate(at, "Europe/Berlin")).toBe("Tue 24 Nov 2026");
});

it.each([
  { at: "2026-10-25T00:30:00Z", zone: "Europe/Berlin", text: "02:30 CEST (Europe/Berlin)" },
  { at: "2026-10-25T01:30:00Z", zone: "Europe/Berlin", text: "02:30 CET (Europe/Berlin)" },
  { at: "2026-10-24T23:59:00Z", zone: "Europe/Berlin", text: "01:59 (Europe/Berlin)" },
  { at: "2026-10-25T02:00:00Z", zone: "Europe/Berlin", text: "03:00 (Europe/Berlin)" },
  { at: "2026-03-29T01:30:00Z", zone: "Europe/Berlin", text: "03:30 (Europe/Berlin)" },
  { at: "2026-11-01T05:30:00Z", zone: "America/New_York", text: "01:30 GMT-4 (America/New_York)" },
  { at: "2026-11-01T06:30:00Z", zone: "America/New_York", text: "01:30 GMT-5 (America/New_York)" },
  // Its clocks go back by half an hour.
  { at: "2026-04-04T14:45:00Z", zone: "Australia/Lord_Howe", text: "01:45 GMT+11 (Australia/Lord_Howe)" },
  { at: "2026-04-04T15:15:00Z", zone: "Australia/Lord_Howe", text: "01:45 GMT+10:30 (Australia/Lord_Howe)" },
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
