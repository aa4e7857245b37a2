import { describe, expect, it } from "vitest";
import { ALERT_KINDS } from "../../../lambda/policy/alert.ts";
import { type Step, simulate } from "../../../local/demo/simulation.ts";

async function live(seed: number, days: number): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const step of simulate({ seed, days })) steps.push(step);
  return steps;
}

const checksOf = (steps: readonly Step[]) => steps.filter((step) => step.kind === "check");
const kindsOf = (steps: readonly Step[]) => checksOf(steps).flatMap(({ report }) => report.alert?.kind ?? []);

const WHOLE_STORY = [
  ...["test", "all-clear"],
  ...["raised", "raised", "eased", "raised", "reminder", "raised", "recovered"],
  ...["audience", "no-reading", "reading-again"],
  ...["surge", "no-reading", "still-no-reading", "reading-again"],
  ...["raised", "reminder", "recovered"],
];

describe("the story", () => {
  it("goes from a test message to a recovery", async () => {
    expect(kindsOf(await live(1, 10))).toEqual(WHOLE_STORY);
  });

  it.each([0, 2, 3, 4, 5, 6, 7, 8])("tells every kind of alert, whatever the seed: %d", async (seed) => {
    expect(new Set(kindsOf(await live(seed, 10)))).toEqual(new Set(ALERT_KINDS));
  });

  it("warns by runway before it warns by credits", async () => {
    const first = checksOf(await live(1, 3)).find(({ report }) => report.alert?.kind === "raised");
    expect(first?.report.level).toBe("warning");
    expect(first?.report.credits).toBeGreaterThan(1_000);
    expect(first?.report.runway?.hoursLeft).toBeLessThanOrEqual(24);
  });

  it("shows a check every quarter of an hour, and one by hand", async () => {
    expect(checksOf(await live(1, 10))).toHaveLength(10 * 96 + 1);
  });

  it("has estimates from its first day on, since the stack was deployed a week before", async () => {
    const [first] = checksOf(await live(1, 1));
    expect(first?.report.runway?.isFirstEstimate).toBe(false);
  });

  it("bothers nobody with half an hour of maintenance", async () => {
    const steps = checksOf(await live(1, 1));
    const failed = steps.filter(({ report }) => report.failure !== null);
    expect(failed.map(({ report }) => [report.failure?.reason, report.alert])).toEqual([
      ["maintenance", null],
      ["maintenance", null],
    ]);
  });

  it("tells of a job that runs away within half an hour, while the credits are still plenty", async () => {
    const steps = await live(1, 6);
    const began = steps.find((step) => step.kind === "happening" && step.text.includes("runs away"));
    const told = checksOf(steps).find(({ report }) => report.alert?.kind === "surge");
    expect((told?.at ?? 0) - (began?.at ?? 0)).toBeLessThanOrEqual(30 * 60_000);
    expect(told?.report.level).toBe("ok");
  });

  it("holds nothing back", async () => {
    const held = checksOf(await live(1, 10)).filter(({ report }) => report.alert?.messageId === null);
    expect(held).toEqual([]);
  });

  it("is the same for the same seed, and another one for another", async () => {
    const [once, again, other] = await Promise.all([live(7, 2), live(7, 2), live(8, 2)]);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });
});
