import { describe, expect, it } from "vitest";
import type { Report } from "../../../lambda/invocation.ts";
import { DEFAULT_POLICY } from "../../../lambda/policy/policy.ts";
import type { Step } from "../../../local/demo/simulation.ts";
import {
  deliveriesOf,
  renderChart,
  renderDelivery,
  renderProgress,
  renderStory,
  type Scene,
} from "../../../local/demo/view.ts";

const START = Date.UTC(2026, 10, 2);
const HOUR_MS = 3_600_000;

const scene: Scene = { start: START, days: 2, policy: DEFAULT_POLICY, columns: 50, style: (_, text) => text };

function check(hour: number, part: Partial<Report>, sms?: "yes"): Step {
  const report: Report = {
    account: "kie",
    checkedAt: "",
    credits: 2_000,
    level: "ok",
    runway: null,
    failure: null,
    alert: null,
    audience: null,
    need: null,
    ...part,
  };
  const message = report.alert && {
    subject: report.alert.subject,
    texts: { email: "The email.\n", sms: "The SMS.", machine: "{}" },
    attributes: sms ? { sms } : {},
  };
  return { kind: "check", at: START + hour * HOUR_MS, report, message };
}

const alert = (kind: "raised" | "recovered", severity: "critical" | "info") => ({
  kind,
  severity,
  subject: `[Kie credits: kie] ${kind}`,
  messageId: "1",
});

const failure = { reason: "timeout", detail: "", permanent: false, consecutive: 1 } as const;

const steps: Step[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((hour) => check(hour, { credits: 2_000 - 200 * hour })),
  check(8, { credits: 250, level: "critical", alert: alert("raised", "critical") }, "yes"),
  ...[9, 10, 11].map((hour) => check(hour, { credits: 0, level: "empty" })),
  ...[12, 13, 14].map((hour) => check(hour, { credits: null, level: "empty", failure })),
  { kind: "happening", at: START + 15 * HOUR_MS, text: "A top-up" },
  check(15, { alert: alert("recovered", "info") }),
  check(16, { credits: null, failure }),
];

describe("the chart", () => {
  it("shows balance, thresholds, gaps and marks, and leaves room for what is to come", () => {
    expect(`\n${renderChart(steps, scene)}\n`).toMatchInlineSnapshot(`
      "
                     a     b
        2,000 ┤            █░
              ┤▆           █░
              ┤█▅          █░
              ┤██▃         █░
              ┤███▂        █░
        1,000 ┤████┄┄┄┄┄┄┄┄█░┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              ┤█████       █░
              ┤█████       █░
              ┤█████▅      █░
              ┤██████      █░
          300 ┤██████▄┄┄┄┄┄█░┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
              ┤███████▁▁▁░░█░
              └┬───────────────────┬───────────────────
               Mon 2 Nov           Tue 3 Nov
      "
    `);
  });

  it("stacks marks that fall into one column", () => {
    const at = [1.3, 1.4, 1.5].map((hour) => check(hour, { alert: alert("raised", "critical") }));
    expect(renderChart(at, scene).split("\n").slice(0, 3)).toEqual([
      "          c",
      "          b",
      "          a",
    ]);
  });
});

describe("the progress line", () => {
  it("shows when, how far and how well", () => {
    expect(renderProgress(steps.slice(0, 10), scene)).toBe("━━━━━━━━━━  Mon  2 Nov 09:00  EMPTY  0 credits");
  });

  it("shows that there is no reading", () => {
    expect(renderProgress(steps, scene)).toBe("━━━━━━━━━━  Mon  2 Nov 16:00  NO READING");
  });

  it("is empty before the first check", () => {
    expect(renderProgress([], scene)).toBe("");
  });
});

describe("the story in lines", () => {
  it("has what happened, and what was told on which channel", () => {
    expect(renderStory(steps, scene).split("\n")).toEqual([
      "  a  Mon  2 Nov 08:00  email+SMS  raised       [Kie credits: kie] raised",
      "     Mon  2 Nov 15:00  A top-up",
      "  b  Mon  2 Nov 15:00  email      recovered    [Kie credits: kie] recovered",
    ]);
  });
});

describe("a delivery", () => {
  const rendered = deliveriesOf(steps).map((delivery) => `\n${renderDelivery(delivery, scene)}\n`);

  it("is framed as inbox and phone show it", () => {
    expect(rendered[0]).toMatchInlineSnapshot(`
      "
      ╭ a  Inbox, Mon  2 Nov 08:00 ────────────────────╮
      │ [Kie credits: kie] raised                      │
      │                                                │
      │ The email.                                     │
      ╰────────────────────────────────────────────────╯
                ┏ a  Phone, Mon  2 Nov 08:00 ━━━━━━━━━━┓
                ┃ The SMS.                             ┃
                ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
      "
    `);
  });

  it("is on no phone where no SMS is sent", () => {
    expect(rendered[1]).toMatchInlineSnapshot(`
      "
      ╭ b  Inbox, Mon  2 Nov 15:00 ────────────────────╮
      │ [Kie credits: kie] recovered                   │
      │                                                │
      │ The email.                                     │
      ╰────────────────────────────────────────────────╯
      "
    `);
  });
});
