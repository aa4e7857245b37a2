/** How an alarm is described, and what makes one of it. */
import { Alarm, type CreateAlarmOptions, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

/** One alarm. */
export interface AlarmEntry extends CreateAlarmOptions {
  /** Its construct's id. */
  readonly id: string;
  /** The state that is told to people. */
  readonly tells: "ALARM" | "INSUFFICIENT_DATA";
  /** In plain words what has happened, and what to do. */
  readonly alarmDescription: string;
  readonly metric: IMetric;
}

/**
 * Makes the alarms, each with one action: it tells the topic. None has an OK action, since each first deployment would
 * set it off, and where a webhook is dead, its failed delivery would raise the next alarm.
 */
export function addAlarms(scope: Construct, topic: ITopic, entries: readonly AlarmEntry[]): Alarm[] {
  return entries.map(({ id, tells, ...props }) => {
    const alarm = new Alarm(scope, id, props);
    const action = new SnsAction(topic);
    if (tells === "ALARM") alarm.addAlarmAction(action);
    else alarm.addInsufficientDataAction(action);
    return alarm;
  });
}
