import { describe, expect, it } from "vitest";
import { type Step, simulate } from "../../../local/demo/simulation.ts";

async function live(seed: number, days: number): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const step of simulate({ seed, days })) steps.push(step);
  return steps;
}

const checksOf = (steps: readonly Step[]) => steps.filter((step) => step.kind === "check");
const kindsOf = (steps: readonly Step[]) => checksOf(steps).flatMap(({ report }) => report.alert?.kind ?? []);

const WHOLE_STORY = [
  ...["test", "raised", "raised", "eased", "raised", "raised", "reminder", "recovered"],
  ...["blind", "sighted", "blind", "still-blind", "sighted"],
  ...["raised", "reminder", "recovered"],
];

describe("the story", () => {
  it.each([0, 1, 4])("tells every kind of alert, whatever the seed: %d", async (seed) => {
    expect(kindsOf(await live(seed, 10))).toEqual(WHOLE_STORY);
  });

  it("warns by runway before it warns by credits", async () => {
    const first = checksOf(await live(1, 3)).find(({ report }) => report.alert?.kind === "raised");
    expect(first?.report.level).toBe("warning");
    expect(first?.report.credits).toBeGreaterThan(1_000);
    expect(first?.report.runway?.hoursLeft).toBeLessThanOrEqual(24);
  });

  it("makes a check every half hour, and one by hand", async () => {
    expect(checksOf(await live(1, 10))).toHaveLength(481);
  });

  it("bothers nobody with an hour of maintenance", async () => {
    const steps = checksOf(await live(1, 1));
    const failed = steps.filter(({ report }) => report.failure !== null);
    expect(failed.map(({ report }) => [report.failure?.reason, report.alert])).toEqual([
      ["maintenance", null],
      ["maintenance", null],
    ]);
  });

  it("is told again after its end", async () => {
    expect(kindsOf(await live(1, 20))).toEqual([...WHOLE_STORY, ...WHOLE_STORY]);
  });

  it("is the same for the same seed, and another one for another", async () => {
    const [once, again, other] = await Promise.all([live(7, 2), live(7, 2), live(8, 2)]);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });
});
