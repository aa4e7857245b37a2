import { stripVTControlCharacters, styleText } from "node:util";
import { describe, expect, it } from "vitest";
import type { AlertKind, Severity } from "../../../lambda/policy/alert.ts";
import { DEFAULT_POLICY } from "../../../lambda/policy/rules.ts";
import type { Report } from "../../../lambda/report.ts";
import type { Step } from "../../../local/demo/simulation.ts";
import {
  deliveriesOf,
  highlightsOf,
  renderChart,
  renderChat,
  renderDelivery,
  renderLegend,
  renderProgress,
  renderStory,
  type Scene,
} from "../../../local/demo/view.ts";
import { REPORT } from "../../support/report.ts";

const START = Date.UTC(2026, 10, 2);
const HOUR_MS = 3_600_000;

const scene: Scene = { start: START, days: 2, policy: DEFAULT_POLICY, columns: 50, style: (_, text) => text };

const EMAIL = `A sentence that is too long for one line of the box: it goes on below.

Lasts: about 8 h at the pace of the last 24 h, until Wed 4 Nov 2026, 09:59 (UTC)
- Go to https://example.com/${"a".repeat(60)}
`;

const CHAT = JSON.stringify({
  text: "CRITICAL: 212 credits left, about 6 h\nTop up, or raise the threshold if it is too early: https://kie.ai/billing",
});

function check(hour: number, part: Partial<Report>, sms?: "yes"): Step {
  const report: Report = { ...REPORT, credits: 2_000, usd: 10, ...part };
  const message = report.alert && {
    subject: report.alert.subject,
    texts: { email: EMAIL, sms: "The SMS.", document: CHAT },
    attributes: sms ? { sms } : {},
  };
  return { kind: "check", at: START + hour * HOUR_MS, report, message };
}

const alert = (kind: AlertKind, severity: Severity) => ({
  kind,
  severity,
  subject: `Kie ${kind.toUpperCase()}: 212 credits left, about 6 h`,
  messageId: "1",
  held: null,
});

const failure = { reason: "timeout", detail: "", permanent: false, since: "2026-11-02T12:00:00Z" } as const;

const steps: Step[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((hour) => check(hour, { credits: 2_000 - 200 * hour })),
  check(8, { credits: 250, level: "critical", alert: alert("raised", "critical") }, "yes"),
  ...[9, 10, 11].map((hour) => check(hour, { credits: 0, level: "empty" })),
  ...[12, 13, 14].map((hour) => check(hour, { credits: null, level: "empty", failure })),
  {
    kind: "happening",
    at: START + 15 * HOUR_MS,
    text: "A top-up of very many credits, for the whole campaign",
  },
  check(15, { alert: alert("recovered", "info") }),
  check(16, { credits: null, failure }),
];

describe("the chart", () => {
  it("shows balance, thresholds, gaps and marks, and leaves room for what is to come", () => {
    expect(`\n${renderChart(steps, scene)}\n`).toMatchInlineSnapshot(`
      "
      credits        a     b
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
        level  ······CEEE??·?
               Mon 2 Nov           Tue 3 Nov
      "
    `);
  });

  it("stacks marks that fall into one column", () => {
    const at = [1.3, 1.4, 1.5].map((hour) => check(hour, { alert: alert("raised", "critical") }));
    expect(renderChart(at, scene).split("\n").slice(0, 3)).toEqual([
      "          c",
      "          b",
      "credits   a",
    ]);
  });
});

it("the progress line shows when, how far and how well", () => {
  expect(renderProgress(steps.slice(0, 10), scene)).toBe("━────  Mon  2 Nov 09:00  EMPTY  0 credits");
  expect(renderProgress(steps, scene)).toBe("━━───  Mon  2 Nov 16:00  BALANCE UNKNOWN");
  expect(renderProgress([], scene)).toBe("");
});

it("the legend tells levels apart without colours", () => {
  expect(renderLegend(scene)).toContain("· ok  w warning  C critical  E empty  ? balance unknown");
});

describe("the story in lines", () => {
  it("has what happened, wrapped, and what was told on which channel, cut to the width", () => {
    expect(renderStory(steps, scene).split("\n")).toEqual([
      "Mon 2 Nov",
      "  08:00  a  email+SMS  RAISED: 212 credits left, …",
      "  15:00  A top-up of very many credits, for the",
      "         whole campaign",
      "  15:00  b  email      RECOVERED: 212 credits lef…",
    ]);
  });

  it("begins each day with its date", () => {
    const onTwoDays = [23, 24].map((hour) => check(hour, { alert: alert("test", "info") }));
    expect(renderStory(onTwoDays, { ...scene, columns: 80 }).split("\n")).toEqual([
      "Mon 2 Nov",
      "  23:00  a  email      TEST: 212 credits left, about 6 h",
      "Tue 3 Nov",
      "  00:00  b  email      TEST: 212 credits left, about 6 h",
    ]);
  });
});

describe("the messages in full", () => {
  const highlights = (...alerts: readonly Report["alert"][]) =>
    highlightsOf(deliveriesOf(alerts.map((each, hour) => check(hour, { alert: each })))).map(
      ({ mark }) => mark,
    );
  const [test, critical] = [alert("test", "info"), alert("raised", "critical")];

  it("are the first all-clear, the first critical level and the first surge; or the first three", () => {
    const [surge, allClear] = [alert("surge", "critical"), alert("all-clear", "info")];
    const warning = alert("raised", "warning");
    expect(highlights(test, warning, critical, critical, surge, allClear)).toEqual(["f", "c", "e"]);
    expect(highlights(test, test, test, test)).toEqual(["a", "b", "c"]);
  });
});

describe("a delivery", () => {
  const rendered = deliveriesOf(steps).map((delivery) => `\n${renderDelivery(delivery, scene)}\n`);

  it("is framed as inbox and phone show it, and wrapped with hanging indents", () => {
    expect(rendered[0]).toMatchInlineSnapshot(`
      "
      ╭ a  Inbox, Mon  2 Nov 08:00 ────────────────────╮
      │ Kie RAISED: 212 credits left, about 6 h        │
      │                                                │
      │ A sentence that is too long for one line of    │
      │ the box: it goes on below.                     │
      │                                                │
      │ Lasts: about 8 h at the pace of the last 24    │
      │   h, until Wed 4 Nov 2026, 09:59 (UTC)         │
      │ - Go to https://example.com/aaaaaaaaaaaaaaaa   │
      │   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa │
      ╰────────────────────────────────────────────────╯
                ┏ a  Phone, Mon  2 Nov 08:00 ━━━━━━━━━━┓
                ┃ The SMS.                             ┃
                ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
      "
    `);
  });

  it("has a frame of its own in a chat", () => {
    const [delivery] = deliveriesOf(steps);
    if (delivery === undefined) return expect.unreachable();
    expect(`\n${renderChat(delivery, scene)}\n`).toMatchInlineSnapshot(`
      "
      ┌ a  Chat, Mon  2 Nov 08:00 ─────────────────────┐
      │ CRITICAL: 212 credits left, about 6 h          │
      │ Top up, or raise the threshold if it is too    │
      │   early: https://kie.ai/billing                │
      └────────────────────────────────────────────────┘
      "
    `);
  });

  it("is on no phone if no SMS is sent", () => {
    expect(rendered[1]).toContain("b  Inbox, Mon  2 Nov 15:00");
    expect(rendered[1]).not.toContain("Phone");
  });

  it("has as many columns in colours as without", () => {
    const inColours: Scene = {
      ...scene,
      style: (format, text) => styleText(format, text, { validateStream: false }),
    };
    const coloured = deliveriesOf(steps).map((delivery) => renderDelivery(delivery, inColours));
    expect(coloured[0]).toContain("\u001b");
    expect(coloured.map((text) => `\n${stripVTControlCharacters(text)}\n`)).toEqual(rendered);
  });
});
