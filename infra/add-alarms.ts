/** Makes alarms of their entries. */
import { Alarm, type CreateAlarmOptions, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { AlarmKind } from "./alarms.ts";

/** An alarm of one account or topic. */
export interface AlarmEntry extends CreateAlarmOptions {
  readonly kind: AlarmKind;
  /**
   * Its construct's id.
   *
   * @default that of its kind
   */
  readonly id?: string;
  /** In plain words what has happened, and what to do. */
  readonly alarmDescription: string;
  /** Of the name that its kind has. */
  readonly metric: IMetric;
}

/**
 * Makes the alarms, each with one action: it tells the topic. None has an OK action, since each first deployment would
 * set it off, and where a webhook is dead, its failed delivery would raise the next alarm.
 */
export function addAlarms(scope: Construct, topic: ITopic, entries: readonly AlarmEntry[]): Alarm[] {
  return entries.map(({ kind, id = kind.id, ...props }) => {
    const alarm = new Alarm(scope, id, props);
    const action = new SnsAction(topic);
    if (kind.tells === "ALARM") alarm.addAlarmAction(action);
    else alarm.addInsufficientDataAction(action);
    return alarm;
  });
}
