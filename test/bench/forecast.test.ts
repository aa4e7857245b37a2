import { expect, it } from "vitest";
import { measureForecast } from "./forecast.ts";

it("on every demand critical is told late less often, and a drain sooner, than by a mean of 24 hours", () => {
  const rows = measureForecast();
  const mean = new Map(rows.filter(({ forecast }) => forecast !== "product").map((row) => [row.demand, row]));
  expect([...mean.keys()]).toEqual(["steady", "daily", "weekly", "bursty", "campaign"]);
  for (const row of rows.filter(({ forecast }) => forecast === "product")) {
    expect(row.tooLate, row.demand).toBeLessThan(mean.get(row.demand)?.tooLate ?? 0);
    expect(row.drainMinutes, row.demand).toBeLessThanOrEqual(30);
    expect(row.drainLeft, row.demand).toBeGreaterThan(mean.get(row.demand)?.drainLeft ?? 1);
    expect(row.falseSurges, row.demand).toBeLessThan(0.5);
  }
});
