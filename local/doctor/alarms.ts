/** The alarms, which are found by whom they tell. */
import { type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { ALARMS, type AlarmKind } from "../../infra/alarms.ts";
import { type Aws, readPages } from "../aws.ts";
import { DEPLOY, error, type Finding, fine, judged, type Seen, type Verdict, warning } from "../findings.ts";

/** An alarm that tells the topic. */
export interface Alarm {
  readonly metricName: string;
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

/**
 * All alarms that tell a topic.
 *
 * @throws AwsProblem
 */
export async function readAlarms({ cloudWatch }: Aws, topicArn: string): Promise<readonly Alarm[]> {
  const all = await readPages(
    "cloudwatch:DescribeAlarms",
    paginateDescribeAlarms({ client: cloudWatch }, { AlarmTypes: ["MetricAlarm"] }),
    ({ MetricAlarms }) => MetricAlarms,
  );
  return alarmsOf(all, topicArn);
}

/** Those that tell the topic. */
export function alarmsOf(all: readonly MetricAlarm[], topicArn: string): readonly Alarm[] {
  return all
    .map((alarm) => ({
      metricName: alarm.MetricName ?? "",
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
export function judgeAlarms(
  watches: AlarmKind["watches"],
  alarms: Seen<readonly Alarm[]>,
  owners: readonly string[],
  newSince: number,
): readonly (Finding | null)[] {
  return Object.values(ALARMS)
    .filter((kind) => kind.watches === watches)
    .map((kind) =>
      judged(kind.subject, alarms, (all) => {
        const isOwn = ({ metricName, dimensions }: Alarm) =>
          metricName === kind.metricName && dimensions.some((value) => owners.includes(value));
        return judgeAlarm(kind, all.find(isOwn) ?? null, newSince);
      }),
    );
}

/** @param alarm - null if there is none that tells the topic */
export function judgeAlarm(
  { quiet, loud, fix }: Pick<AlarmKind, "quiet" | "loud" | "fix">,
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
