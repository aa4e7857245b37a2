import { describe } from "vitest";
import { type Alarm, judgeAlarm } from "../../../local/doctor/alarms.ts";
import { judges } from "./judges.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const words = { quiet: "checks finish", loud: "no check finishes", fix: "Try one." };
const onAlarm: Alarm = {
  metric: "Errors",
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
      fix: /npm run deploy/,
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
      fix: /npm run deploy/,
    },
  ]);
});
