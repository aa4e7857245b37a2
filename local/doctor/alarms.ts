/** The alarms, which are found by whom they tell. */
import { type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { ALARMS, type AlarmKind } from "../../infra/alarms.ts";
import { type Aws, readPages } from "../aws.ts";
import { DEPLOY, error, type Finding, fine, judged, type Seen, type Verdict, warning } from "../findings.ts";

/** @throws AwsProblem */
export function readAlarms({ cloudWatch }: Aws): Promise<readonly MetricAlarm[]> {
  return readPages(
    "cloudwatch:DescribeAlarms",
    paginateDescribeAlarms({ client: cloudWatch }, { AlarmTypes: ["MetricAlarm"] }),
    ({ MetricAlarms }) => MetricAlarms,
  );
}

/**
 * @param topicArn - the topic that they tell
 * @param owners - the values of dimensions by which an account's or a topic's alarms are known
 * @param newSince - from when on an alarm is too new to know anything, in epoch milliseconds
 */
export function judgeAlarms(
  watches: AlarmKind["watches"],
  alarms: Seen<readonly MetricAlarm[]>,
  topicArn: string,
  owners: readonly string[],
  newSince: number,
): readonly (Finding | null)[] {
  return Object.values(ALARMS)
    .filter((kind) => kind.watches === watches)
    .map((kind) =>
      judged(kind.subject, alarms, (all) => {
        const isOwn = ({ MetricName, Dimensions, AlarmActions, InsufficientDataActions }: MetricAlarm) =>
          MetricName === kind.metricName &&
          Dimensions?.some(({ Value = "" }) => owners.includes(Value)) &&
          (kind.tells === "ALARM" ? AlarmActions : InsufficientDataActions)?.includes(topicArn);
        return judgeAlarm(kind, all.find(isOwn) ?? null, newSince);
      }),
    );
}

/** @param alarm - null if there is none that tells the topic */
export function judgeAlarm(
  { tells, quiet, loud, fix }: Pick<AlarmKind, "tells" | "quiet" | "loud" | "fix">,
  alarm: MetricAlarm | null,
  newSince: number,
): Verdict {
  if (alarm === null) return error("there is none that tells the topic", DEPLOY);
  const { StateValue: state = "unknown", AlarmConfigurationUpdatedTimestamp: configuredAt } = alarm;
  const isNew = state === "INSUFFICIENT_DATA" && Number(configuredAt ?? 0) > newSince;
  if (state === tells && !isNew) return error(`${state}: ${loud}`, fix);
  if (!alarm.ActionsEnabled) return warning(`${state}, but its actions are off: nobody is told`, DEPLOY);
  if (state === "OK") return fine(`OK: ${quiet}`);
  return warning(`${state}: nothing is known yet`, "Look again after two intervals.");
}
