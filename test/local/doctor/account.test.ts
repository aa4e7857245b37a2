import { describe, expect, it } from "vitest";
import { failed, type Reading } from "../../../lambda/policy/reading.ts";
import type { Aws } from "../../../local/aws.ts";
import type { DeployedFunction } from "../../../local/deployed/functions.ts";
import {
  type Checks,
  intervalMinutes,
  judgeChecks,
  judgeKey,
  judgeKeyParameter,
  judgeRules,
  readAccount,
  silentHoursOf,
} from "../../../local/doctor/account.ts";
import { createCloudWatchStandIn } from "../../support/cloudwatch-stand-in.ts";
import { judges, KEY } from "./judges.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const MUSIC = { account: "music", apiKeyParameter: "/kie-credit-alert/music/api-key", consoleOnly: false };

describe("the key's parameter", () => {
  const judge = (type: string | null, value: string) => judgeKeyParameter({ type, value }, MUSIC);
  judges([
    { title: "is there", verdict: judge("SecureString", `${KEY}\n`), mark: "fine", text: /a SecureString$/ },
    {
      title: "is missing",
      verdict: judge(null, ""),
      mark: "error",
      text: /^there is no \/kie-credit-alert\/music/,
      fix: /^Store a key: npm run setup$/,
    },
    {
      title: "is not encrypted",
      verdict: judge("String", KEY),
      mark: "error",
      text: /is a String/,
      fix: /new key.*npm run setup -- --new-key music$/,
    },
    {
      title: "is empty",
      verdict: judge("SecureString", " \n"),
      mark: "error",
      text: /is empty$/,
      fix: /^Store a key: npm run setup$/,
    },
  ]);
});

describe("the key", () => {
  const judge = (reading: Reading | null, isReadable = true) =>
    judgeKey({ isReadable, reading }, "api.kie.ai", MUSIC);
  judges([
    {
      title: "works",
      verdict: judge({ kind: "credits", credits: 5000 }),
      mark: "fine",
      text: /5,000 credits, says api\.kie\.ai$/,
    },
    {
      title: "works for an empty account",
      verdict: judge({ kind: "credits", credits: 0 }),
      mark: "fine",
      text: /: 0 credits/,
    },
    {
      title: "is refused",
      verdict: judge(failed("unauthorized", "code 401")),
      mark: "error",
      text: /^unauthorized: code 401$/,
      fix: /npm run setup -- --new-key music /,
    },
    {
      title: "can't be tried now",
      verdict: judge(failed("timeout", "no answer")),
      mark: "warning",
      text: /^timeout: /,
      fix: /^Kie is slow or down/,
    },
    {
      title: "can't be tried from here",
      verdict: judge(null, false),
      mark: "warning",
      text: /not tried/,
      fix: /--deployed --dry-run$/,
    },
  ]);

  it("is replaced in AWS's console by whoever has no commands of ours", () => {
    const seen = { isReadable: true, reading: failed("unauthorized", "code 401") };
    const { fix } = judgeKey(seen, "api.kie.ai", { ...MUSIC, consoleOnly: true }) ?? { fix: [] };
    expect(fix.join("\n")).toMatch(/in the AWS console/);
    expect(fix.join("\n")).not.toMatch(/npm run/);
  });

  it("is nothing to tell of if its parameter is missing, which is told already", () => {
    expect(judge(null)).toBeNull();
  });
});

describe("the rule", () => {
  const rule = { name: "rule-1", isEnabled: true, schedule: "rate(15 minutes)" };
  const disabled = { ...rule, name: "rule-2", isEnabled: false };
  judges([
    { title: "is enabled", verdict: judgeRules([rule]), mark: "fine", text: /^enabled, every 15 min$/ },
    {
      title: "may have a schedule of its own",
      verdict: judgeRules([{ ...rule, schedule: "cron(0 * * * ? *)" }]),
      mark: "fine",
      text: /every cron/,
    },
    {
      title: "is disabled",
      verdict: judgeRules([disabled]),
      mark: "error",
      text: /^disabled/,
      fix: /^aws events enable-rule --name rule-2$/,
    },
    {
      title: "may have a disabled one beside it",
      verdict: judgeRules([disabled, rule]),
      mark: "fine",
      text: /^enabled/,
    },
    {
      title: "is one of two, so that each check runs twice",
      verdict: judgeRules([rule, { ...rule, name: "rule-3" }]),
      mark: "warning",
      text: /^2 are enabled/,
      fix: /disable-rule --name rule-1\n.*disable-rule --name rule-3$/,
    },
    {
      title: "is missing",
      verdict: judgeRules([]),
      mark: "error",
      text: /there is none/,
      fix: /npx cdk deploy/,
    },
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

  it.each([
    { title: "three intervals", schedule: "rate(15 minutes)", hours: 0.75 },
    { title: "three intervals of a day", schedule: "rate(1 day)", hours: 72 },
    { title: "20 minutes at least, since metrics come late", schedule: "rate(1 minute)", hours: 1 / 3 },
    { title: "three default intervals if it is no rate", schedule: "cron(0 * * * ? *)", hours: 0.75 },
  ])("without a check makes silence after $title", ({ schedule, hours }) => {
    expect(silentHoursOf([{ ...rule, schedule }])).toBeCloseTo(hours);
  });
});

describe("the checks", () => {
  const some = { checks: 3, lastAt: NOW, failingSince: null };
  const never = { ...some, checks: 0, lastAt: null };
  const judge = (checks: Checks, isNew = false) => judgeChecks(checks, { hours: 0.75, isNew }, "UTC");
  judges([
    {
      title: "run",
      verdict: judge(some),
      mark: "fine",
      text: /^3 in 45 min, the last one Mon 23 Nov 2026, 05:00 \(UTC\)$/,
    },
    {
      title: "get no reading",
      verdict: judge({ ...some, failingSince: NOW - 3_600_000 }),
      mark: "warning",
      text: /, but no reading since Mon 23 Nov 2026, 04:00 \(UTC\)$/,
    },
    {
      title: "have stopped",
      verdict: judge({ ...some, checks: 0 }),
      mark: "error",
      text: /^none in 45 min, the last one Mon 23 Nov 2026, 05:00 \(UTC\)$/,
      fix: /npm run check/,
    },
    {
      title: "never started",
      verdict: judge(never),
      mark: "error",
      text: /^no check has ever started$/,
      fix: /npm run check/,
    },
    {
      title: "have yet to begin after a deployment",
      verdict: judge(never, true),
      mark: "warning",
      text: /, but the deployment is new$/,
      fix: /Run one now/,
    },
  ]);
});

describe("the last checks", () => {
  const UNITS = [
    ["minute", 1],
    ["hour", 60],
    ["day", 1440],
  ] as const;
  const scheduleOf = (minutes: number) => {
    const [unit, size] = UNITS.findLast(([, length]) => minutes % length === 0) ?? UNITS[0];
    return `rate(${minutes / size} ${unit}${minutes === size ? "" : "s"})`;
  };

  it.each([1, 5, 15, 60, 240, 360, 420, 479, 480, 481, 700, 719, 720, 721, 1439, 1440])(
    "are asked of CloudWatch in no more values than it gives, with a check every %i min",
    async (minutes) => {
      const cloudWatch = createCloudWatchStandIn();
      const rule = { RuleNames: ["rule"], State: "ENABLED", ScheduleExpression: scheduleOf(minutes) };
      const aws = { cloudWatch, ssm: { send: async () => ({}) }, events: { send: async () => rule } };
      const { checks } = await readAccount(
        aws as unknown as Aws,
        { arn: "arn", config: MUSIC } as DeployedFunction,
        "http://127.0.0.1:1",
      );
      expect(checks).toMatchObject({ checks: 0, lastAt: null });
      expect(cloudWatch.touched).toHaveLength(2);
    },
  );
});
