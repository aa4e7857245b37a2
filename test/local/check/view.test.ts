import { stripVTControlCharacters, styleText } from "node:util";
import { describe, expect, it } from "vitest";
import type { Message } from "../../../lambda/messages/message.ts";
import { HOLDS } from "../../../lambda/policy/alert.ts";
import type { Report } from "../../../lambda/report.ts";
import { renderMessage, renderOutcomes, renderSnooze } from "../../../local/check/view.ts";
import type { Style } from "../../../local/command.ts";
import { REPORT } from "../../support/report.ts";
import {
  failedCheck,
  NOBODY,
  ONE_EMAIL,
  outcomeOf,
  overlappedCheck,
  RUNWAY,
  TEST_ALERT,
  UNAUTHORIZED,
} from "./outcomes.ts";

const plain: Style = (_, text) => text;
const LAPTOP = { apiKeyParameter: null };
const RAISED = { ...TEST_ALERT, kind: "raised", severity: "critical", subject: "CRITICAL" } as const;

/** The rows of one outcome, without the first line and the empty one after it. */
function rowsOf(part: Partial<Report>, config = {}): string {
  const [, , ...rows] = renderOutcomes([outcomeOf(part, config)], plain).split("\n");
  return `\n${rows.join("\n")}\n`;
}

describe("a report", () => {
  it("begins with the line for monitoring plugins, uncoloured", () => {
    const marked: Style = (_, text) => `<>${text}</>`;
    expect(renderOutcomes([outcomeOf()], marked)).toMatch(
      /^KIE OK - 5,000 credits \| credits=5000;1000;300;0\n\n<>/,
    );
  });

  it("is short while all is well", () => {
    expect(rowsOf({})).toBe(`
Account  kie
Level    OK
Credits  5,000 (about $25.00)
Use      not known yet, it takes 6 h of readings
`);
  });

  it("of a laptop says what it takes to know the use", () => {
    expect(rowsOf({}, LAPTOP)).toContain(
      "Use      not known yet, it takes 6 h of readings (kept with --memory)\n",
    );
  });

  it("shows all that is known", () => {
    const part: Partial<Report> = {
      credits: 212.5,
      usd: 1.06,
      level: "critical",
      runway: { ...RUNWAY, isFirstEstimate: true },
      alert: RAISED,
      audience: { emails: 1, phones: 1, others: 1, pending: 1 },
      need: { credits: 1530, enough: false },
    };
    expect(rowsOf(part, { timeZone: "Europe/Berlin" })).toBe(`
Account   kie
Level     CRITICAL
Credits   212.5 (about $1.06)
Use       about 33 credits an hour
Lasts     about 6 h at the pace of the last 24 h, until Mon 23 Nov 2026, 12:24 (CET); a first estimate, since less than 24 h are known
Need      1,530: not enough, 1,317.5 missing
Alert     raised, told: CRITICAL
Audience  1 email, 1 phone and 1 other; 1 waits for its link
`);
  });

  it("says that nothing is used", () => {
    const runway = { ...RUNWAY, creditsPerHour: 0, hoursLeft: null, emptyAt: null };
    expect(rowsOf({ runway })).toContain("Use      none, no credits were used\n");
  });

  it("of an empty account says neither what is used nor how long the credits last", () => {
    expect(rowsOf({ credits: 0, usd: 0, level: "empty", runway: RUNWAY })).toBe(`
Account  kie
Level    EMPTY
Credits  0
`);
  });

  it("says what the balance is enough for, and shows the last 48 hours", () => {
    const jobs = [
      { name: "Veo 3 fast", credits: 65, count: 13 },
      { name: "Suno song", credits: 12, count: 70 },
    ];
    expect(rowsOf({ credits: 850, usd: 4.25, jobs, chart: [null, 1700, 1200, 850] })).toContain(`
Credits     850 (about $4.25)
Use         not known yet, it takes 6 h of readings
Enough for  13 × Veo 3 fast, or 70 × Suno song
Chart       ▔▇▆▅
            Credits over the last 48 h, highest about 1,700 (▔ is unknown)
`);
  });

  it("says what a failure means, since when, and how to fix it", () => {
    const failure = {
      reason: "server-error",
      detail: "code 500",
      permanent: false,
      since: "2026-11-23T04:00:00.000Z",
    } as const;
    const alert = { ...TEST_ALERT, kind: "no-reading", subject: "BALANCE UNKNOWN", messageId: null } as const;
    expect(rowsOf({ credits: null, usd: null, failure, alert }, LAPTOP)).toBe(`
Account  kie
Level    UNKNOWN, last known: ok
Failure  server-error, code 500
Since    Mon 23 Nov 2026, 04:00 (UTC)
Meaning  Kie answers, but with an error of its own. Jobs may fail too.
To do    Wait, and check again.
         If it lasts, ask Kie's support.
Alert    no-reading, would be told: BALANCE UNKNOWN
`);
  });

  it("names the parameter of a deployed function's key", () => {
    const text = rowsOf({ ...UNAUTHORIZED, level: null });
    expect(text).toContain("Level    UNKNOWN, last known: nothing yet\n");
    expect(text).toContain("SecureString /kie-credit-alert/kie/api-key");
  });

  it("says that a need is met", () => {
    expect(rowsOf({ need: { credits: 1500, enough: true } })).toContain("Need     1,500: enough\n");
  });

  it("colours the level", () => {
    const marked: Style = (format, text) => `<${[format].flat().join(" ")}>${text}</>`;
    expect(renderOutcomes([outcomeOf({ level: "warning" })], marked)).toContain("<yellow bold>WARNING</>");
  });

  it("of a laptop without a key is two lines", () => {
    const failure = {
      reason: "missing-key",
      detail: "there is no key",
      permanent: true,
      since: REPORT.checkedAt,
    } as const;
    const outcome = outcomeOf({ credits: null, usd: null, level: null, failure }, LAPTOP);
    expect(renderOutcomes([outcome], plain)).toBe(
      "KIE UNKNOWN - there is no key\n" +
        "Run it again with a key that works. At a terminal it asks for one, unless KIE_API_KEY is set. Keys are made on https://kie.ai/api-key",
    );
    const deployed = outcomeOf({ credits: null, usd: null, level: null, failure });
    expect(renderOutcomes([deployed], plain)).toContain("\nAccount  kie\n");
  });
});

describe("an alert in a report", () => {
  const rows: { title: string; part: Partial<Report>; text: string }[] = [
    { title: "that was sent is told", part: { alert: RAISED }, text: "raised, told: CRITICAL" },
    {
      title: "that was not sent would be told",
      part: { alert: { ...RAISED, messageId: null } },
      text: "raised, would be told: CRITICAL",
    },
    {
      title: "that is a test names those who get it",
      part: { alert: TEST_ALERT, audience: { emails: 1, phones: 1, others: 0, pending: 0 } },
      text: "test, sent to 1 email and 1 phone: TEST",
    },
    {
      title: "that is a test for nobody says so",
      part: { alert: TEST_ALERT, audience: NOBODY },
      text: "test, sent to nobody: TEST",
    },
    {
      title: "that is a test names nobody if SNS does not say",
      part: { alert: TEST_ALERT },
      text: "test, sent: TEST",
    },
    {
      title: "held since nobody listens says why",
      part: { alert: { ...RAISED, messageId: null, held: "nobody-listens" }, audience: NOBODY },
      text: "raised is due, but nobody confirmed would get it: CRITICAL",
    },
  ];
  it.each(rows)("$title", ({ part, text }) => expect(rowsOf(part)).toMatch(new RegExp(`Alert +${text}\n`)));

  it.each(HOLDS)("held as %s is never told", (held) => {
    const text = rowsOf({ alert: { ...RAISED, messageId: null, held } });
    expect(text).toContain("raised is due, but ");
    expect(text).not.toContain("told");
  });

  it("is never told beside an audience of nobody", () => {
    for (const alert of [TEST_ALERT, { ...RAISED, messageId: null, held: "nobody-listens" as const }]) {
      expect(rowsOf({ alert, audience: NOBODY })).not.toMatch(/\btold\b/);
    }
  });
});

describe("the audience", () => {
  it.each([
    { title: "one email", audience: ONE_EMAIL, text: "1 email" },
    {
      title: "several, and several that wait",
      audience: { emails: 2, phones: 3, others: 0, pending: 2 },
      text: "2 emails and 3 phones; 2 wait for their links",
    },
    { title: "nobody, and two that wait", audience: NOBODY, text: "nobody; 2 wait for their links" },
    { title: "nobody at all", audience: { ...NOBODY, pending: 0 }, text: "nobody" },
  ])("is shown: $title", ({ audience, text }) => {
    expect(rowsOf({ audience })).toContain(`Audience  ${text}\n`);
  });
});

describe("the outcomes of several accounts", () => {
  it("are a line, a table, the audience, and in full what has no reading", () => {
    const outcomes = [
      outcomeOf({
        credits: 0,
        usd: 0,
        level: "empty",
        runway: RUNWAY,
        alert: RAISED,
        need: { credits: 5, enough: false },
      }),
      outcomeOf(
        { need: { credits: 5, enough: true }, audience: { ...ONE_EMAIL, pending: 1 } },
        { account: "music-2" },
      ),
      outcomeOf(UNAUTHORIZED, { account: "speech", ...LAPTOP }),
      failedCheck("video"),
    ];
    expect(`\n${renderOutcomes(outcomes, plain)}\n`).toBe(`
KIE CRITICAL - kie CRITICAL: 0 credits, not enough for 5; music-2 OK: 5,000 credits, enough for 5; speech UNKNOWN: Kie refuses the key; video UNKNOWN: the check failed | kie_credits=0;1000;300;0 kie_hours_left=6.4;24;8 music-2_credits=5000;1000;300;0

Account  Level    Credits  Lasts  Need        Alert
kie      EMPTY    0        -      not enough  raised, told
music-2  OK       5,000    -      enough      -
speech   UNKNOWN  -        -      -           -
video    UNKNOWN  -        -      -           -

Audience  1 email; 1 waits for its link

Account  speech
Level    UNKNOWN, last known: ok
Failure  unauthorized, code 401
Meaning  The key was revoked or mistyped.
To do    Look at the key, or make a new one: https://kie.ai/api-key
         Run it again with a key that works. At a terminal it asks for one, unless KIE_API_KEY is set.

Account  video
Level    UNKNOWN: the check failed
Error    AwsCallError: sns:Publish failed
           since it is denied | here
To do    Find out more: npm run doctor
`);
  });

  it("say in the first line alone that another check is under way", () => {
    const line = "another check told something at the same time, try again in a minute";
    expect(renderOutcomes([overlappedCheck("kie")], plain)).toBe(`KIE UNKNOWN - ${line}`);
    const [first, , ...rows] = renderOutcomes([outcomeOf(), overlappedCheck("video")], plain).split("\n");
    expect(first).toBe(
      `KIE UNKNOWN - kie OK: 5,000 credits; video UNKNOWN: ${line} | kie_credits=5000;1000;300;0`,
    );
    expect(rows).toEqual([
      "Account  Level    Credits  Lasts  Alert",
      "kie      OK       5,000    -      -",
      "video    UNKNOWN  -        -      -",
    ]);
  });

  it("have the columns aligned in colours too", () => {
    const coloured: Style = (format, text) => styleText(format, text, { validateStream: false });
    const outcomes = [outcomeOf(), failedCheck("music-2")];
    expect(renderOutcomes(outcomes, coloured)).toContain("\u001b");
    expect(stripVTControlCharacters(renderOutcomes(outcomes, coloured))).toBe(
      renderOutcomes(outcomes, plain),
    );
  });
});

describe("a snooze", () => {
  const TOMORROW = "2026-11-24T05:00:00.000Z";
  it.each([
    { title: "that was ended", hours: 0, snoozedUntil: null, text: "kie: reminders are on." },
    {
      title: "of a day",
      hours: 24,
      snoozedUntil: TOMORROW,
      text: "kie: no reminders for 24 h, until Tue 24 Nov 2026, 05:00 (UTC), unless it gets worse.",
    },
    {
      title: "that the alert of the same check ends",
      hours: 24,
      snoozedUntil: null,
      text: "kie: not snoozed, since what was told right now ended it. Snooze again if you know of it.",
    },
  ])("$title is said", ({ hours, snoozedUntil, text }) => {
    expect(renderSnooze(hours, { ...REPORT, snoozedUntil }, "UTC")).toBe(text);
  });
});

describe("a message", () => {
  const message: Message = {
    subject: "Kie WARNING: 900 credits left",
    texts: {
      email:
        "The credits of kie are running low.\n\nNext reminder, if nothing changes: in about 24 h.\nBye.\n",
      sms: "kie WARNING: 900 credits left.",
      document: '{"version":2}',
    },
    attributes: { sms: "yes" },
  };
  const shown = { hasReminders: true, withDocument: true };

  it("is shown as each channel gets it", () => {
    expect(renderMessage(message, shown, plain)).toBe(
      `── Email ───────────────────────────────────────────────────────────────
Subject: Kie WARNING: 900 credits left

The credits of kie are running low.

Next reminder, if nothing changes: in about 24 h.
Bye.

── SMS ─────────────────────────────────────────────────────────────────
kie WARNING: 900 credits left.

── JSON, for programs ──────────────────────────────────────────────────
{"version":2}`,
    );
  });

  it("promises no reminder if nothing is remembered, and shows the document only if asked", () => {
    const text = renderMessage(message, { hasReminders: false, withDocument: false }, plain);
    expect(text).toContain("running low.\n\nBye.\n");
    expect(text).not.toContain("version");
  });

  it("has no SMS if none is sent", () => {
    const text = renderMessage({ ...message, attributes: {} }, shown, plain);
    expect(text).toContain("(no SMS: phones get critical news only)");
    expect(text).not.toContain(message.texts.sms);
  });
});
