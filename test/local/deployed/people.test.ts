import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { CommandError } from "../../../local/command.ts";
import { shortEndpoint, subscribeCommand, subscriptionsFinding } from "../../../local/deployed/people.ts";
import type { Subscription } from "../../../local/deployed/subscriptions.ts";
import type { Subscriber } from "../../../local/deployed/template.ts";
import { judges } from "../doctor/judges.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const HOUR_MS = 3_600_000;
const TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts";

const wantedEmail: Subscriber = { protocol: "email", endpoint: "me@example.com" };
const wantedPhone: Subscriber = { protocol: "sms", endpoint: "+491511234567", filter: { sms: ["yes"] } };
const email: Subscription = { protocol: "email", endpoint: "Me@example.com", arn: `${TOPIC}:1` };
const phone: Subscription = { protocol: "sms", endpoint: "+491511234567", arn: `${TOPIC}:2` };
const pending: Subscription = { ...email, arn: null };
const webhook: Subscription = {
  protocol: "https",
  endpoint: "https://hooks.example/secret",
  arn: `${TOPIC}:3`,
};

const judge = (
  subscriptions: readonly Subscription[],
  wanted: readonly Subscriber[] | null = [wantedEmail],
  changedAt = NOW - HOUR_MS,
) => {
  const template = wanted === null ? new CommandError("denied") : { subscribers: wanted };
  return subscriptionsFinding({ subscriptions, template, state: { changedAt } }, TOPIC, "UTC", NOW);
};

describe("subscriptions", () => {
  judges([
    {
      title: "that are all confirmed are fine, whatever the case of their letters",
      verdict: judge([email, phone], [wantedEmail, wantedPhone]),
      mark: "fine",
      text: /^2 confirmed \(email M…@example\.com, sms …67\)$/,
    },
    {
      title: "of programs that are not in the settings are shown, and fine",
      verdict: judge([email, webhook]),
      mark: "fine",
      text: /^2 confirmed \(.*\), 1 of them not in settings\.json \(https hooks\.example\)$/,
    },
    {
      title: "that settings could name, but do not, deserve a look",
      verdict: judge([email, phone]),
      mark: "warning",
      text: /^2 confirmed \(.*\), 1 of them not in settings\.json \(sms …67\)$/,
      fix: /: add them to it, or unsubscribe them:\naws sns unsubscribe --subscription-arn \S+:2$/,
    },
    {
      title: "are compared with nothing if the template is unknown",
      verdict: judge([email, webhook], null),
      mark: "fine",
      text: /^2 confirmed \([^)]*\)$/,
    },
    {
      title: "that are pending wait until 48 h after the deployment",
      verdict: judge([webhook, pending]),
      mark: "warning",
      text: /, 1 pending \(email M…@example\.com\) until Wed 25 Nov 2026, 04:00 \(UTC\), 48 h after the deployment$/,
      fix: /npm run confirm\n.*npm run setup, or\naws sns subscribe .* Me@example\.com$/,
    },
    {
      title: "that are pending since after the deployment wait for 48 h at most",
      verdict: judge([webhook, pending], [wantedEmail], NOW - 49 * HOUR_MS),
      mark: "warning",
      text: /, 1 pending \(.*\) for 48 h at most$/,
    },
    {
      title: "that are all pending tell nobody",
      verdict: judge([pending]),
      mark: "error",
      text: /^0 confirmed, 1 pending .*: nobody is told$/,
      fix: /^Copy the link/,
    },
    {
      title: "of programs that are pending confirm by themselves, and their addresses stay hidden",
      verdict: judge([email, { ...webhook, arn: null }]),
      mark: "warning",
      text: /, 1 pending \(https hooks\.example\) until /,
      fix: /^hooks\.example has to confirm by itself: it opens the SubscribeURL that SNS has posted to it$/,
    },
    {
      title: "that are missing are an error, with the line that brings them back",
      verdict: judge([webhook], [wantedEmail]),
      mark: "error",
      text: /, 1 missing \(email m…@example\.com\)$/,
      fix: /npm run setup, or\naws sns subscribe --topic-arn arn:aws:sns:us-east-1:123456789012:alerts --protocol email --notification-endpoint me@example\.com$/,
    },
    {
      title: "that are all missing tell nobody",
      verdict: judge([], [wantedEmail, wantedPhone]),
      mark: "error",
      text: /^0 confirmed, 2 missing \(email m…@example\.com, sms …67\): nobody is told$/,
      fix: /--protocol sms --notification-endpoint \+491511234567 --attributes '\{"FilterPolicy":"\{\\"sms\\":\[\\"yes\\"\]\}"\}'$/,
    },
    {
      title: "that were never wanted are an error too",
      verdict: judge([], []),
      mark: "error",
      text: /^0 confirmed: nobody is told$/,
      fix: /settings\.json/,
    },
    {
      title: "of phones only hear no alarm",
      verdict: judge([phone], [wantedPhone]),
      mark: "warning",
      text: /alarms reach no phone$/,
    },
  ]);

  it("are brought back by a line that a shell takes as it is meant", () => {
    const line = subscribeCommand(TOPIC, { ...wantedPhone, endpoint: "o'neil+x@example.com; id" });
    const words = execFileSync("bash", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" }).split("\n");
    expect(words).toContain("o'neil+x@example.com; id");
    expect(words).toContain('{"FilterPolicy":"{\\"sms\\":[\\"yes\\"]}"}');
  });

  it.each([
    ["me@example.com", "m…@example.com"],
    ["+15551234567", "…67"],
    ["https://hooks.example/T000/secret?token=secret", "hooks.example"],
    ["arn:aws:sqs:us-east-1:123456789012:alerts", "alerts"],
  ])("are shown shortened: %s", (endpoint, shown) => expect(shortEndpoint(endpoint)).toBe(shown));
});
