import { describe, expect, it } from "vitest";
import type { Report } from "../../../lambda/invocation.ts";
import {
  type ExitCode,
  exitCodeOf,
  exitCodeOfOutcome,
  type Outcome,
  renderMessage,
  renderOutcomes,
  renderReport,
  type Style,
  worstExitCode,
} from "../../../local/check/view.ts";
import { LOCAL_CONFIG } from "../../../local/config.ts";

const plain: Style = (_, text) => text;

const report: Report = {
  account: "kie",
  checkedAt: "2026-11-23T05:00:00.000Z",
  credits: 5000,
  level: "ok",
  runway: null,
  failure: null,
  alert: null,
  audience: null,
  need: null,
};

const config = { apiKeyParameter: null, usdPerCredit: 0.005, timeZone: "UTC" };
const render = (part: Partial<Report>, own = config) =>
  `\n${renderReport({ ...report, ...part }, own, plain)}\n`;

const unauthorized = { reason: "unauthorized", detail: "code 401", permanent: true, consecutive: 1 } as const;

describe("the exit code of a report", () => {
  const rows: [title: string, part: Partial<Report>, code: ExitCode][] = [
    ["ok", {}, 0],
    ["warning", { level: "warning" }, 1],
    ["critical", { level: "critical" }, 2],
    ["empty", { level: "empty", credits: 0 }, 2],
    ["a need met at a warning", { level: "warning", need: { credits: 1, enough: true } }, 1],
    ["a need not met", { need: { credits: 9000, enough: false } }, 2],
    ["a failure, whatever level is remembered", { credits: null, failure: unauthorized }, 3],
    ["a failure with nothing remembered", { credits: null, level: null, failure: unauthorized }, 3],
  ];
  it.each(rows)("%s", (_, part, code) => expect(exitCodeOf({ ...report, ...part })).toBe(code));
});

describe("the worst exit code", () => {
  const rows: [codes: ExitCode[], worst: ExitCode][] = [
    [[0], 0],
    [[1, 0], 1],
    [[3, 1, 0], 3],
    [[3, 2, 1], 2],
    [[], 3],
  ];
  it.each(rows)("of %j is %d", (codes, worst) => expect(worstExitCode(codes)).toBe(worst));
});

describe("a report", () => {
  it("is short while all is well", () => {
    expect(render({})).toBe(`
Account  kie
Level    OK
Credits  5,000, worth about $25.00
Runway   unknown: less than 6 h of readings, or nothing was used
`);
  });

  it("shows all that is known", () => {
    expect(
      render(
        {
          credits: 212.5,
          level: "critical",
          runway: { creditsPerHour: 33.1, hoursLeft: 6.4, emptyAt: "2026-11-23T11:24:00.000Z" },
          alert: {
            kind: "raised",
            severity: "critical",
            subject: "[Kie credits: kie] CRITICAL",
            messageId: "1",
          },
          audience: { emails: 1, phones: 1, others: 0, pending: 1 },
          need: { credits: 1530, enough: false },
        },
        { ...config, timeZone: "Europe/Berlin" },
      ),
    ).toBe(`
Account   kie
Level     CRITICAL
Credits   212.5, worth about $1.06
Runway    about 6 h at 33.1 credits an hour, until Mon 23 Nov 2026, 12:24 (Europe/Berlin)
Need      1,530: not enough, 1,317.5 missing
Alert     raised, told: [Kie credits: kie] CRITICAL
Audience  2 confirmed, 1 pending
`);
  });

  it("says what a failure means and how to mend it", () => {
    expect(
      render({
        credits: null,
        failure: { reason: "server-error", detail: "code 500", permanent: false, consecutive: 3 },
        alert: { kind: "blind", severity: "warning", subject: "[Kie credits: kie] BLIND", messageId: null },
      }),
    ).toBe(`
Account  kie
Level    UNKNOWN, last known: ok
Failure  server-error: code 500 (transient, 3 times in a row)
Meaning  Kie answers, but with an error of its own. Jobs may fail too.
To do    Wait, and check again.
         If it lasts, ask Kie's support.
Alert    blind, would be told: [Kie credits: kie] BLIND
`);
  });

  it("names the parameter of a deployed function's key", () => {
    const missing = {
      reason: "missing-key",
      detail: "there is no key",
      permanent: true,
      consecutive: 1,
    } as const;
    const text = renderReport(
      { ...report, credits: null, level: null, failure: missing },
      { ...config, apiKeyParameter: "/kie-credit-alert/kie/api-key" },
      plain,
    );
    expect(text).toContain("Level    UNKNOWN, last known: nothing yet");
    expect(text).toContain("--name /kie-credit-alert/kie/api-key");
  });

  it("says when nobody is told", () => {
    expect(render({ audience: { emails: 0, phones: 0, others: 0, pending: 2 } })).toContain(
      "0 confirmed, 2 pending: nobody is told",
    );
  });

  it("says that a need is met", () => {
    expect(render({ need: { credits: 1500, enough: true } })).toContain("Need     1,500: enough\n");
  });

  it("colours the level", () => {
    const marked: Style = (format, text) => `<${[format].flat().join(" ")}>${text}</>`;
    expect(renderReport({ ...report, level: "warning" }, config, marked)).toContain(
      "<yellow bold>WARNING</>",
    );
  });
});

describe("what deployed functions answered", () => {
  const outcome = (account: string, part: Partial<Report>): Outcome => ({
    config: { ...LOCAL_CONFIG, account },
    report: { ...report, account, ...part },
    error: null,
  });
  const broken: Outcome = {
    config: { ...LOCAL_CONFIG, account: "video" },
    report: null,
    error: { type: "AwsCallError", message: "sns:Publish failed\n  since it is denied" },
  };

  it("is the report where there is one account", () => {
    const one = outcome("kie", {});
    expect(renderOutcomes([one], plain)).toBe(renderReport(report, LOCAL_CONFIG, plain));
  });

  it("is a table of several, and what went wrong with any", () => {
    const alert = { kind: "raised", severity: "critical", subject: "CRITICAL", messageId: "1" } as const;
    const runway = { creditsPerHour: 33.1, hoursLeft: 6.4, emptyAt: "2026-11-23T11:24:00.000Z" };
    expect(
      `\n${renderOutcomes(
        [
          outcome("kie", { credits: 0, level: "empty", runway, alert, need: { credits: 5, enough: false } }),
          outcome("music-2", {
            need: { credits: 5, enough: true },
            audience: { emails: 0, phones: 0, others: 0, pending: 1 },
          }),
          outcome("speech", { credits: null, failure: unauthorized }),
          broken,
        ],
        plain,
      )}\n`,
    ).toBe(`
Account  Level    Credits  Runway  Need        Alert
kie      EMPTY    0        6 h     not enough  raised, told
music-2  OK       5,000    -       enough      -
speech   UNKNOWN  -        -       -           -
video    UNKNOWN  -        -       -           -

Audience  0 confirmed, 1 pending: nobody is told

Account  speech
Level    UNKNOWN, last known: ok
Failure  unauthorized: code 401 (permanent)
Meaning  The key was revoked or mistyped, or it has an IP whitelist.
To do    Look at the key on https://kie.ai/api-key.
         If it has an IP whitelist, add this machine's address.
         Set the environment variable KIE_API_KEY to the key.

Account  video
Level    UNKNOWN, since the check broke off
Error    AwsCallError: sns:Publish failed
           since it is denied
To do    Find out more: npm run doctor
`);
  });

  it("has the columns aligned in colours too", () => {
    const marked: Style = (_, text) => `<>${text}</>`;
    const lines = renderOutcomes([outcome("kie", {}), outcome("music-2", {})], marked).split("\n");
    expect(lines[1]).toBe("kie      <>OK</>     5,000    -       -");
  });

  it("is unknown where a check broke off", () => {
    expect([broken, outcome("kie", { level: "warning" })].map(exitCodeOfOutcome)).toEqual([3, 1]);
  });
});

describe("a message", () => {
  const message = {
    subject: "[Kie credits: kie] WARNING: 900 credits left",
    texts: {
      email: "The credits of kie are running low.\n",
      sms: "kie WARNING: 900 credits left.",
      machine: '{"version":1,"samples":[["2026-11-23T05:00:00.000Z",900]]}',
    },
    attributes: { sms: "yes" },
  };

  it("is shown as each channel gets it", () => {
    expect(renderMessage(message, plain)).toBe(
      `── Email ───────────────────────────────────────────────────────────────
Subject: [Kie credits: kie] WARNING: 900 credits left

The credits of kie are running low.

── SMS ─────────────────────────────────────────────────────────────────
kie WARNING: 900 credits left.

── JSON, for programs ──────────────────────────────────────────────────
{
  "version": 1,
  "samples": [["2026-11-23T05:00:00.000Z",900]]
}
`,
    );
  });

  it("has no SMS where none is sent", () => {
    const text = renderMessage({ ...message, attributes: {} }, plain);
    expect(text).toContain("(not sent: SMS is for critical news)");
    expect(text).not.toContain(message.texts.sms);
  });
});
