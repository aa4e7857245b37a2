/** Rows on the alarms, which are found by whom they tell. */
import { paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import type { MetricName } from "../../lambda/config.ts";
import { type Aws, readPages } from "../aws.ts";
import { DEPLOY, error, fine, type Row, row, TRY_A_CHECK, type Verdict, warning } from "../findings.ts";

/** An alarm that tells the topic. */
export interface Alarm {
  readonly metric: string;
  /** The values of its dimensions. */
  readonly dimensions: readonly string[];
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA` */
  readonly state: string;
  /** The states that it tells. */
  readonly tells: readonly string[];
  /** Whether its actions are switched on. */
  readonly hasActions: boolean;
  /** Epoch milliseconds. */
  readonly configuredAt: number;
}

interface Expected {
  readonly subject: string;
  readonly metric: string;
  /** What OK means. */
  readonly quiet: string;
  /** What a state that is told means. */
  readonly loud: string;
  readonly fix: string;
}

/** The alarms of each account. A new alarm is one more row, here or below. */
const ACCOUNT_ALARMS: readonly Expected[] = [
  {
    subject: "Errors alarm",
    metric: "AsyncEventsDropped",
    quiet: "no check was given up",
    loud: "checks are given up after their retries",
    fix: TRY_A_CHECK,
  },
  {
    subject: "Silence alarm",
    metric: "CheckFailed" satisfies MetricName,
    quiet: "checks finish",
    loud: "no check finishes",
    fix: TRY_A_CHECK,
  },
];

const TOPIC_ALARMS: readonly Expected[] = [
  {
    subject: "Undelivered",
    metric: "NumberOfNotificationsFailed",
    quiet: "SNS gave up no message",
    loud: "SNS gave up messages to a subscriber",
    fix: "Send a test and ask everybody: npm run check -- --deployed --test",
  },
];

/** All alarms that act on a topic. */
export async function lookAtAlarms({ cloudWatch }: Aws, topicArn: string): Promise<readonly Alarm[]> {
  const all = await readPages(
    "cloudwatch:DescribeAlarms",
    paginateDescribeAlarms({ client: cloudWatch }, { AlarmTypes: ["MetricAlarm"] }),
    ({ MetricAlarms }) => MetricAlarms,
  );
  return all
    .map((alarm) => ({
      metric: alarm.MetricName ?? "",
      dimensions: (alarm.Dimensions ?? []).map(({ Value = "" }) => Value),
      state: alarm.StateValue ?? "unknown",
      tells: [
        ...(alarm.AlarmActions?.includes(topicArn) ? ["ALARM"] : []),
        ...(alarm.InsufficientDataActions?.includes(topicArn) ? ["INSUFFICIENT_DATA"] : []),
      ],
      hasActions: alarm.ActionsEnabled ?? false,
      configuredAt: alarm.AlarmConfigurationUpdatedTimestamp?.getTime() ?? 0,
    }))
    .filter(({ tells }) => tells.length > 0);
}

/**
 * @param owners - the values of dimensions by which an account's or a topic's alarms are known
 * @param newSince - from when on an alarm is too new to know anything, in epoch milliseconds
 */
export function alarmRows(
  of: "account" | "topic",
  alarms: () => Promise<readonly Alarm[]>,
  owners: readonly string[],
  newSince: () => Promise<number>,
): readonly Row[] {
  return (of === "account" ? ACCOUNT_ALARMS : TOPIC_ALARMS).map((expected) =>
    row({
      subject: expected.subject,
      look: async () => ({ alarms: await alarms(), since: await newSince() }),
      judge: ({ alarms, since }) =>
        judgeAlarm(
          expected,
          alarms.find(
            ({ metric, dimensions }) =>
              metric === expected.metric && dimensions.some((value) => owners.includes(value)),
          ) ?? null,
          since,
        ),
    }),
  );
}

/** @param alarm - null if there is none that tells the topic */
export function judgeAlarm(
  { quiet, loud, fix }: Pick<Expected, "quiet" | "loud" | "fix">,
  alarm: Alarm | null,
  newSince: number,
): Verdict {
  if (alarm === null) return error("there is none that tells the topic", DEPLOY);
  const { state, tells, hasActions, configuredAt } = alarm;
  const isNew = state === "INSUFFICIENT_DATA" && configuredAt > newSince;
  if (tells.includes(state) && !isNew) return error(`${state}: ${loud}`, fix);
  if (!hasActions) return warning(`${state}, but its actions are off: nobody is told`, DEPLOY);
  if (state === "OK") return fine(`OK: ${quiet}`);
  return warning(`${state}: nothing is known yet`, "Look again after two intervals.");
}
