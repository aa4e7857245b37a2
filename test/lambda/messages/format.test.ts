import * as fc from "fast-check";
import { expect, it } from "vitest";
import { formatDollars, formatNumber, formatTime } from "../../../lambda/messages/format.ts";

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
