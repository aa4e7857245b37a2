import { describe, expect, it } from "vitest";
import { type Finding, simulate } from "./simulate.ts";
import { BROKEN_VARIANTS } from "./variants.ts";

describe("the simulator notices a check that", () => {
  it.each(BROKEN_VARIANTS)("$mistake", async (variant) => {
    const isEnough = ({ invariant }: Finding) => invariant === variant.breaks;
    const { findings } = await simulate({ seed: variant.seed, checks: 20_000, isEnough, variant });
    expect(findings.at(-1)?.invariant).toBe(variant.breaks);
  });

  it("breaks any of the seven invariants", () => {
    expect(new Set(BROKEN_VARIANTS.map(({ breaks }) => breaks))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  });
});
