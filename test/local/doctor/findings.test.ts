import { describe, expect, it } from "vitest";
import { failed } from "../../../lambda/policy/reading.ts";
import { AwsProblem } from "../../../local/aws-problem.ts";
import { CommandError } from "../../../local/command.ts";
import {
  exitCodeOfFindings,
  find,
  intervalMinutes,
  judgeCode,
  judgeCredentials,
  judgeErrorsAlarm,
  judgeFunctions,
  judgeHeartbeat,
  judgeKey,
  judgeKeyParameter,
  judgeLogs,
  judgeRule,
  judgeSandbox,
  judgeSilenceAlarm,
  judgeSpending,
  judgeStack,
  judgeSubscriptions,
  type Mark,
  type Subscription,
  shortEndpoint,
  type Verdict,
} from "../../../local/doctor/findings.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const NAME = "/kie-credit-alert/kie/api-key";
const KEY = "canary-0123456789abcdef0123456789abcdef";

type Row = [title: string, verdict: Verdict, mark: Mark, text: string | RegExp, mend?: RegExp];

/** What isn't fine always says how to mend it, what is fine never does, and nothing shows the key. */
function judges(rows: readonly Row[]): void {
  it.each(rows)("%s", (_, verdict, mark, text, mend = /./) => {
    expect(verdict).toMatchObject({ mark, text: expect.stringMatching(text) });
    if (mark === "fine") expect(verdict.mend).toEqual([]);
    else expect(verdict.mend.join("\n")).toMatch(mend);
    expect(JSON.stringify(verdict)).not.toContain("canary");
  });
}

describe("credentials and functions", () => {
  judges([
    [
      "are named",
      judgeCredentials({ account: "123456789012", who: "user/me", region: "eu-central-1" }),
      "fine",
      /^AWS account 123456789012 as user\/me, region eu-central-1$/,
    ],
    ["are listed", judgeFunctions([{ name: "one" }, { name: "two" }]), "fine", /^one, two$/],
  ]);
});

describe("the stack", () => {
  const stack = (status: string) => judgeStack({ status, changedAt: NOW }, "UTC");
  judges([
    ["is fine when it was made", stack("CREATE_COMPLETE"), "fine", /Mon 23 Nov 2026, 05:00 \(UTC\)$/],
    ["is fine when it was changed", stack("UPDATE_COMPLETE"), "fine", /./],
    ["is being changed", stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), "warning", /being changed/],
    [
      "runs as before its last deployment",
      stack("UPDATE_ROLLBACK_COMPLETE"),
      "warning",
      /failed/,
      /npm run deploy/,
    ],
    ["was never made", stack("ROLLBACK_COMPLETE"), "cross", /^ROLLBACK_COMPLETE/, /cdk deploy/],
    ["is stuck", stack("UPDATE_ROLLBACK_FAILED"), "cross", /^UPDATE_ROLLBACK_FAILED/],
  ]);
});

describe("the code", () => {
  const [one, other] = ["1".repeat(64), "2".repeat(64)];
  judges([
    ["is what this checkout builds", judgeCode([one], one), "fine", /builds, 1{12}$/],
    [
      "is another one",
      judgeCode([other], one),
      "warning",
      /^deployed is 2{12}, but .* 1{12}$/,
      /npm run deploy/,
    ],
    ["is another one in part", judgeCode([one, other], one), "warning", /1{12}, 2{12}, but/],
    ["is none that is known", judgeCode([], one), "warning", /none that is known/],
    ["can't be compared", judgeCode([one], null), "warning", /can't be built/, /npm run synth/],
  ]);
});

describe("subscriptions", () => {
  const email: Subscription = { protocol: "email", endpoint: "me@example.com", isConfirmed: true };
  const sms: Subscription = { protocol: "sms", endpoint: "+15551234567", isConfirmed: true };
  const pending = { ...email, isConfirmed: false };
  judges([
    [
      "are confirmed",
      judgeSubscriptions([email, sms]),
      "fine",
      /^2 confirmed \(email m…@example\.com, sms …67\)$/,
    ],
    [
      "are pending in part",
      judgeSubscriptions([email, pending]),
      "warning",
      /, 1 pending \(email m…@example\.com\)$/,
      /^Open the link/,
    ],
    [
      "are pending",
      judgeSubscriptions([pending]),
      "cross",
      /^0 confirmed, 1 pending .*nobody is told$/,
      /^Open/,
    ],
    ["are none", judgeSubscriptions([]), "cross", /^0 confirmed: nobody is told$/, /-c email=/],
    ["are phones only, which hear no alarm", judgeSubscriptions([sms]), "warning", /alarms tell by email/],
  ]);

  it.each([
    ["me@example.com", "m…@example.com"],
    ["+15551234567", "…67"],
    ["https://hooks.example/T000/secret?token=secret", "hooks.example"],
    ["arn:aws:sqs:us-east-1:123456789012:alerts", "alerts"],
  ])("are shown shortened: %s", (endpoint, shown) => expect(shortEndpoint(endpoint)).toBe(shown));
});

describe("the SMS sandbox", () => {
  const phones = ["+15551234567", "+4915112345678"];
  judges([
    ["was left", judgeSandbox({ isInSandbox: false, verified: [] }, phones), "fine", /out of it/],
    [
      "lets verified phones hear",
      judgeSandbox({ isInSandbox: true, verified: phones }, phones),
      "fine",
      /every/,
    ],
    [
      "lets no other phone hear",
      judgeSandbox({ isInSandbox: true, verified: ["+15551234567"] }, phones),
      "cross",
      /not verified: …78, /,
      /verify-sms-sandbox-phone-number/,
    ],
    [
      "may keep unknown phones from hearing",
      judgeSandbox({ isInSandbox: true, verified: [] }, null),
      "warning",
      /./,
    ],
  ]);
});

describe("the spending on SMS", () => {
  judges([
    ["is low", judgeSpending({ limit: 10, spent: 7.99 }), "fine", /^\$7\.99 of \$10\.00 for this month$/],
    [
      "nears the limit",
      judgeSpending({ limit: 10, spent: 8 }),
      "warning",
      /^\$8\.00 of/,
      /MonthlySpendLimit/,
    ],
    [
      "is at the limit",
      judgeSpending({ limit: 1, spent: 1 }),
      "cross",
      /no more SMS are sent/,
      /AWS Support/,
    ],
  ]);
});

describe("the key's parameter", () => {
  const judge = (type: string, value: string) => judgeKeyParameter({ type, value }, NAME);
  judges([
    ["is there", judge("SecureString", `${KEY}\n`), "fine", /a SecureString$/],
    [
      "is missing",
      judgeKeyParameter(null, NAME),
      "cross",
      /^there is no \/kie/,
      /put-parameter --type SecureString/,
    ],
    [
      "is no secret",
      judge("String", KEY),
      "cross",
      /is a String/,
      /new key.*\n.*delete-parameter.*\n.*put-parameter/,
    ],
    ["is empty", judge("SecureString", " \n"), "cross", /is empty$/, /--overwrite$/],
  ]);
});

describe("the key", () => {
  const judge = (reading: Parameters<typeof judgeKey>[0]) => judgeKey(reading, "api.kie.ai", NAME);
  judges([
    ["works", judge({ kind: "credits", credits: 5000 }), "fine", /5,000 credits, says api\.kie\.ai$/],
    ["works for an empty account", judge({ kind: "credits", credits: 0 }), "fine", /: 0 credits/],
    [
      "is refused",
      judge(failed("unauthorized", "code 401")),
      "cross",
      /^unauthorized: code 401$/,
      /put-parameter/,
    ],
    [
      "can't be tried now",
      judge(failed("timeout", "no answer")),
      "warning",
      /^timeout: /,
      /^Kie is slow or down/,
    ],
    ["can't be tried from here", judge(null), "warning", /not tried/, /--deployed --dry-run$/],
  ]);
});

describe("the rule", () => {
  const rule = { name: "rule-1", isEnabled: true, schedule: "rate(15 minutes)" };
  judges([
    ["is enabled", judgeRule([rule]), "fine", /^enabled, every 15 min$/],
    [
      "has a schedule of its own",
      judgeRule([{ ...rule, schedule: "cron(0 * * * ? *)" }]),
      "fine",
      /every cron/,
    ],
    [
      "is disabled",
      judgeRule([{ ...rule, isEnabled: false }]),
      "cross",
      /^disabled/,
      /enable-rule --name rule-1$/,
    ],
    ["is one of two", judgeRule([{ ...rule, isEnabled: false }, rule]), "fine", /^enabled/],
    ["is missing", judgeRule([]), "cross", /there is none/, /npm run deploy/],
  ]);

  it.each([
    ["rate(1 minute)", 1],
    ["rate(15 minutes)", 15],
    ["rate(1 hour)", 60],
    ["rate(2 hours)", 120],
    ["rate(1 day)", 1440],
    ["cron(0 * * * ? *)", null],
  ])("has an interval: %s", (schedule, minutes) => {
    expect(intervalMinutes({ ...rule, schedule })).toBe(minutes);
  });
});

describe("the heartbeat", () => {
  const some = { checks: 3, failed: 0, lastAt: NOW, hasLastFailed: false };
  const none = { checks: 0, failed: 0, lastAt: null, hasLastFailed: false };
  const old = { hours: 0.75, isNew: false, timeZone: "UTC" };
  judges([
    [
      "is there",
      judgeHeartbeat(some, old),
      "fine",
      /^3 checks in 45 min, the last one Mon 23 Nov 2026, 05:00 \(UTC\)$/,
    ],
    ["is there once", judgeHeartbeat({ ...some, checks: 1 }, old), "fine", /^1 check in/],
    ["was blind once", judgeHeartbeat({ ...some, failed: 1 }, old), "fine", /; 1 got no reading$/],
    [
      "is blind",
      judgeHeartbeat({ ...some, failed: 1, hasLastFailed: true }, old),
      "warning",
      /, got no reading$/,
    ],
    [
      "has stopped",
      judgeHeartbeat(none, old),
      "cross",
      /^no check came to its end in 45 min$/,
      /npm run check/,
    ],
    ["has yet to begin", judgeHeartbeat(none, { ...old, isNew: true }), "warning", /is new$/],
  ]);
});

describe("the alarms", () => {
  const alarm = (state: string) => ({ state, hasActions: true, configuredAt: NOW });
  const silent = { ...alarm("OK"), hasActions: false };
  const [before, after] = [NOW - 1, NOW + 1];
  judges([
    ["on errors is quiet", judgeErrorsAlarm(alarm("OK"), "logs"), "fine", /^OK: /],
    ["on errors rings", judgeErrorsAlarm(alarm("ALARM"), "logs"), "cross", /^ALARM: /, /aws logs tail logs$/],
    ["on errors knows nothing", judgeErrorsAlarm(alarm("INSUFFICIENT_DATA"), "logs"), "warning", /^INSUFF/],
    [
      "on errors tells nobody",
      judgeErrorsAlarm(silent, "logs"),
      "warning",
      /actions are off/,
      /npm run deploy/,
    ],
    ["on errors is missing", judgeErrorsAlarm(null, "logs"), "cross", /there is none/, /npm run deploy/],
    ["on silence is quiet", judgeSilenceAlarm(alarm("OK"), before), "fine", /^OK: /],
    [
      "on silence rings",
      judgeSilenceAlarm(alarm("INSUFFICIENT_DATA"), after),
      "cross",
      /have stopped$/,
      /--dry-run$/,
    ],
    ["on silence is new", judgeSilenceAlarm(alarm("INSUFFICIENT_DATA"), before), "warning", /is new$/],
    ["on silence tells nobody", judgeSilenceAlarm(silent, before), "warning", /actions are off/],
    ["on silence is missing", judgeSilenceAlarm(null, before), "cross", /there is none/],
    [
      "that rings is broken, whether or not anybody is told",
      judgeErrorsAlarm({ ...silent, state: "ALARM" }, "logs"),
      "cross",
      /^ALARM: /,
    ],
  ]);
});

describe("the logs", () => {
  judges([
    ["are kept for a time", judgeLogs({ retentionDays: 30 }, "logs"), "fine", /^logs, kept for 30 days$/],
    ["are kept for a day", judgeLogs({ retentionDays: 1 }, "logs"), "fine", /for 1 day$/],
    [
      "are kept for ever",
      judgeLogs({ retentionDays: null }, "logs"),
      "warning",
      /for ever/,
      /put-retention-policy/,
    ],
    ["are lost", judgeLogs(null, "logs"), "warning", /^there is no logs/, /npm run deploy/],
  ]);
});

describe("what AWS says instead of showing it", () => {
  const never = () => {
    throw new Error("there is nothing to judge");
  };
  const verdictOn = (problem: CommandError) => find("Logs", { problem }, never);
  judges([
    [
      "is no more than a warning where it is denied",
      verdictOn(new AwsProblem("denied", "logs:DescribeLogGroups is denied.")),
      "warning",
      /^unknown: logs:DescribeLogGroups is denied\.$/,
      /^Allow it/,
    ],
  ]);

  it("is a warning where AWS had some other trouble, which says nothing of what was looked at", () => {
    expect(verdictOn(new AwsProblem("other", "it failed."))).toEqual({
      subject: "Logs",
      mark: "warning",
      text: "unknown: it failed.",
      mend: ["Look again in a while."],
    });
  });

  it("is a cross where it is anything else", () => {
    expect(verdictOn(new AwsProblem("missing", "it is gone."))).toMatchObject({
      mark: "cross",
      text: "it is gone.",
    });
    expect(verdictOn(new CommandError("no function"))).toMatchObject({ mark: "cross" });
  });

  it("is nothing where it was seen", () => {
    expect(find("Logs", { seen: { retentionDays: 30 } }, (seen) => judgeLogs(seen, "logs"))).toMatchObject({
      subject: "Logs",
      mark: "fine",
    });
  });
});

describe("the exit code of findings", () => {
  const rows: [marks: Mark[], code: number][] = [
    [["fine", "fine"], 0],
    [["fine", "warning"], 1],
    [["cross", "warning", "fine"], 2],
    [[], 0],
  ];
  it.each(rows)("of %j is %d", (marks, code) => {
    expect(exitCodeOfFindings(marks.map((mark) => ({ subject: "Logs", mark, text: "", mend: [] })))).toBe(
      code,
    );
  });
});
