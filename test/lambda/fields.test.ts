import { expect, it } from "vitest";
import * as z from "zod";
import { decimal } from "../../lambda/fields.ts";

const option = decimal(z.number());

it.each([
  ["1530", 1530],
  ["0.5", 0.5],
  ["0.005", 0.005],
  ["1530.25", 1530.25],
  ["1530.125", 1530.125],
  ["-1", -1],
])("an option takes %s", (text, number) => {
  expect(option.parse(text)).toBe(number);
});

it.each(["1,530", "60h", "60 h", "+5", "1e3", "1_000", ".5", "5.", "1.000.000", "many", " 5", ""])(
  "an option does not take %j for a number, and says how to write one",
  (text) => {
    expect(option.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([
      "expected a number such as 1530 or 0.5, without commas and units",
    ]);
  },
);

it.each([
  ["1.530", "1.53 or 1530"],
  ["8.000", "8 or 8000"],
  ["100.000", "100 or 100000"],
  ["-1.000", "-1 or -1000"],
])("an option does not guess what %s means", (text, meant) => {
  expect(option.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([
    `expected ${meant}, since it may mean either`,
  ]);
});
