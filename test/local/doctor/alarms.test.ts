import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { ALARMS } from "../../../infra/alarms.ts";
import { type Alarm, alarmsOf, judgeAlarm, judgeAlarms } from "../../../local/doctor/alarms.ts";
import { synthesize } from "../../infra/synthesize.ts";
import { judges } from "./judges.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const words = { quiet: "checks finish", loud: "no check finishes", fix: "Try one." };
const onAlarm: Alarm = {
  metricName: "Errors",
  dimensions: ["kie"],
  state: "OK",
  tells: ["ALARM"],
  hasActions: true,
  configuredAt: NOW,
};
const onSilence: Alarm = { ...onAlarm, state: "INSUFFICIENT_DATA", tells: ["INSUFFICIENT_DATA"] };
const judge = (alarm: Alarm | null, newSince = NOW) => judgeAlarm(words, alarm, newSince);

describe("an alarm", () => {
  judges([
    { title: "in OK is fine", verdict: judge(onAlarm), mark: "fine", text: /^OK: checks finish$/ },
    {
      title: "in a state that it tells is an error",
      verdict: judge({ ...onAlarm, state: "ALARM" }),
      mark: "error",
      text: /^ALARM: no check finishes$/,
      fix: /^Try one\.$/,
    },
    {
      title: "that tells of missing data is an error without them",
      verdict: judge(onSilence),
      mark: "error",
      text: /^INSUFFICIENT_DATA: no check finishes$/,
    },
    {
      title: "that is new may lack data",
      verdict: judge(onSilence, NOW - 1),
      mark: "warning",
      text: /nothing is known yet$/,
      fix: /intervals/,
    },
    {
      title: "that does not tell of missing data may lack them at any age",
      verdict: judge({ ...onAlarm, state: "INSUFFICIENT_DATA" }),
      mark: "warning",
      text: /nothing is known yet$/,
    },
    {
      title: "whose actions are off tells nobody",
      verdict: judge({ ...onAlarm, hasActions: false }),
      mark: "warning",
      text: /^OK, but its actions are off: nobody is told$/,
      fix: /npx cdk deploy/,
    },
    {
      title: "that rings is an error, whether or not its actions are on",
      verdict: judge({ ...onAlarm, state: "ALARM", hasActions: false }),
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
  const findings = (state: "OK" | "told") => {
    const all = properties.map((each) => {
      const told = each.AlarmActions ? "ALARM" : "INSUFFICIENT_DATA";
      return deployed(each, state === "OK" ? "OK" : told);
    });
    const alarms = alarmsOf(all, topic);
    expect(alarms).toHaveLength(properties.length);
    return [
      ...judgeAlarms("topic", alarms, [topic], NOW),
      ...["music", "video"].flatMap((account) =>
        judgeAlarms("account", alarms, [stack.idOf("AWS::Lambda::Function", account), account], NOW),
      ),
      ...judgeAlarms("webhook", alarms, [stack.idOf("AWS::Lambda::Function", "Webhooksteam")], NOW),
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
});
