/** Why a level is what it is, for tests. */
import type { Cause } from "../../lambda/policy/levels.ts";

export const byCredits = (threshold: number, withinMargin = false): Cause => ({
  by: "credits",
  threshold,
  withinMargin,
});
export const byRunway = (limitHours: number, withinMargin = false): Cause => ({
  by: "runway",
  limitHours,
  withinMargin,
});
