import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { ALARMS, type AlarmKind } from "../../../infra/alarms.ts";
import { judgeAlarm, judgeAlarms } from "../../../local/doctor/alarms.ts";
import { synthesize } from "../../infra/synthesize.ts";
import { judges } from "./judges.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const words = { quiet: "checks finish", loud: "no check finishes", fix: "Try one." };
const ok: MetricAlarm = {
  StateValue: "OK",
  ActionsEnabled: true,
  AlarmConfigurationUpdatedTimestamp: new Date(NOW),
};
const ringing: MetricAlarm = { ...ok, StateValue: "ALARM" };
const withoutData: MetricAlarm = { ...ok, StateValue: "INSUFFICIENT_DATA" };
const judge = (alarm: MetricAlarm | null, tells: AlarmKind["tells"] = "ALARM", newSince = NOW) =>
  judgeAlarm({ ...words, tells }, alarm, newSince);

describe("an alarm", () => {
  judges([
    { title: "in OK is fine", verdict: judge(ok), mark: "fine", text: /^OK: checks finish$/ },
    {
      title: "in a state that it tells is an error",
      verdict: judge(ringing),
      mark: "error",
      text: /^ALARM: no check finishes$/,
      fix: /^Try one\.$/,
    },
    {
      title: "that tells of missing data is an error without them",
      verdict: judge(withoutData, "INSUFFICIENT_DATA"),
      mark: "error",
      text: /^INSUFFICIENT_DATA: no check finishes$/,
    },
    {
      title: "that is new may lack data",
      verdict: judge(withoutData, "INSUFFICIENT_DATA", NOW - 1),
      mark: "warning",
      text: /nothing is known yet$/,
      fix: /intervals/,
    },
    {
      title: "that does not tell of missing data may lack them at any age",
      verdict: judge(withoutData),
      mark: "warning",
      text: /nothing is known yet$/,
    },
    {
      title: "whose actions are off tells nobody",
      verdict: judge({ ...ok, ActionsEnabled: false }),
      mark: "warning",
      text: /^OK, but its actions are off: nobody is told$/,
      fix: /npx cdk deploy/,
    },
    {
      title: "that rings is an error, whether or not its actions are on",
      verdict: judge({ ...ringing, ActionsEnabled: false }),
      mark: "error",
      text: /^ALARM: /,
    },
    {
      title: "that does not tell the topic is as good as none",
      verdict: judge(null),
      mark: "error",
      text: /none that tells the topic/,
      fix: /npx cdk deploy/,
    },
  ]);
});

/** An alarm of the template, as CloudWatch describes it once it is deployed. References become their names. */
const deployed = (properties: MetricAlarm, StateValue: MetricAlarm["StateValue"]): MetricAlarm =>
  JSON.parse(
    JSON.stringify({ ActionsEnabled: true, ...properties, StateValue }),
    (_, value) => value?.Ref ?? value?.["Fn::GetAtt"]?.[0] ?? value,
  );

describe("what the doctor says about the stack's own alarms", () => {
  const stack = synthesize({
    accounts: [{ name: "music" }, { name: "video" }],
    webhooks: [{ name: "team" }],
  });
  const properties = stack
    .idsOf("AWS::CloudWatch::Alarm")
    .map((id) => stack.resources[id]?.Properties as MetricAlarm);
  const topic = stack.idOf("AWS::SNS::Topic");

  /** What is found if all alarms are in a state, or in the one that they tell. */
  const findings = (state: "OK" | "told", topicArn = topic) => {
    const alarms = properties.map((each) => {
      const told = each.AlarmActions ? "ALARM" : "INSUFFICIENT_DATA";
      return deployed(each, state === "OK" ? "OK" : told);
    });
    return [
      ...judgeAlarms("topic", alarms, topicArn, [topic], NOW),
      ...["music", "video"].flatMap((account) =>
        judgeAlarms(
          "account",
          alarms,
          topicArn,
          [stack.idOf("AWS::Lambda::Function", account), account],
          NOW,
        ),
      ),
      ...judgeAlarms("webhook", alarms, topicArn, [stack.idOf("AWS::Lambda::Function", "Webhooksteam")], NOW),
    ];
  };

  it("is that each is there, and fine while nothing happens", () => {
    const words = findings("OK").map((finding) => `${finding?.subject}: ${finding?.mark}, ${finding?.text}`);
    const { undelivered, errors, silence, unposted } = ALARMS;
    const ofAccount = [errors, silence];
    expect(words).toEqual(
      [undelivered, ...ofAccount, ...ofAccount, unposted].map(
        ({ subject, quiet }) => `${subject}: fine, OK: ${quiet}`,
      ),
    );
    expect(words).toHaveLength(properties.length);
  });

  it("is what has happened, in the state that the alarm tells people", () => {
    for (const finding of findings("told")) {
      const kind = Object.values(ALARMS).find(({ subject }) => subject === finding?.subject);
      expect(finding).toMatchObject({
        mark: "error",
        text: `${kind?.tells}: ${kind?.loud}`,
        fix: [kind?.fix],
      });
    }
  });

  it("is that there is none if they tell another topic", () => {
    const texts = findings("told", "other").map((finding) => finding?.text);
    expect(new Set(texts)).toEqual(new Set(["there is none that tells the topic"]));
  });
});
