import { Duration, Stack } from "aws-cdk-lib";
import { type Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { METRIC_NAMESPACE, type MetricName } from "../lambda/config.ts";
import { type AlarmEntry, addAlarms } from "./add-alarms.ts";
import { ALARMS } from "./alarms.ts";
import { CHECK } from "./bundle.ts";
import { addFunction, allow, allowDecrypt, parameterArn, RETRIES, via } from "./function.ts";
import type { AccountSettings } from "./settings.ts";

/**
 * The longest that a check may wait: 15 s to read key and memory; two looks at Kie of 30 s each, with 10 s between
 * them; and up to seven more calls to AWS of 15 s each. That is 190 s, and the rest is for starting.
 */
const TIMEOUT = Duration.seconds(240);

/** Lambda's first retry comes after a minute, its second two minutes later. */
const MIN_EVENT_AGE = Duration.minutes(5);

/** Lambda's own limit for what waits to be run. */
const MAX_EVENT_AGE = Duration.hours(6);

/** Metrics reach CloudWatch some minutes late. */
const MIN_ALARM_PERIOD = Duration.minutes(5);

export interface CreditAlertProps {
  readonly account: AccountSettings;
  /** Name of the parameter where the check keeps its memory. */
  readonly memoryParameter: string;
  /** Whether people have AWS's console alone, and none of our commands. */
  readonly consoleOnly: boolean;
  /** Whether this account tells that the topic lost a subscriber: of several on one topic only the first. */
  readonly tellsAudience: boolean;
  /** Whether the check measures what the dashboard shows. */
  readonly emitsMetrics: boolean;
  /** Time between checks: whole minutes, at most a day. */
  readonly interval: Duration;
  /** Where alerts and alarms go. */
  readonly topic: ITopic;
  /**
   * The customer key that encrypts the topic.
   *
   * @default none: the topic is not encrypted
   */
  readonly topicKey?: IKey;
  /**
   * The customer key that encrypts the parameter with the API key.
   *
   * @default none: the AWS-managed key, which needs no grant
   */
  readonly apiKeyEncryptionKey?: IKey;
  readonly logRetention: RetentionDays;
}

/** One account under watch: the check, what it may do, when it runs, and the alarms that watch it. */
export class CreditAlert extends Construct {
  readonly account: AccountSettings;
  readonly function: LambdaFunction;
  readonly alarms: readonly Alarm[];
  private readonly consoleOnly: boolean;

  constructor(scope: Construct, id: string, props: CreditAlertProps) {
    super(scope, id);
    const { account, interval, topic } = props;
    const { name, ...settings } = account;
    this.account = account;
    this.consoleOnly = props.consoleOnly;
    const { function: check, logGroup } = addFunction(this, {
      description: `Watches the credits of the Kie account "${account.name}"`,
      entry: CHECK,
      config: {
        kind: "check",
        account: name,
        memoryParameter: props.memoryParameter,
        topicArn: topic.topicArn,
        tellsAudience: props.tellsAudience,
        emitsMetrics: props.emitsMetrics,
        consoleOnly: props.consoleOnly,
        ...settings,
      },
      timeout: TIMEOUT,
      maxEventAge: shorter(eventAge(interval), MAX_EVENT_AGE),
      logRetention: props.logRetention,
      policy: "Check",
      permissions: permissions(Stack.of(this), props),
    });
    this.function = check;

    new Rule(this, "Rule", {
      description: `Checks the credits of the Kie account "${account.name}"`,
      schedule: Schedule.rate(interval),
      targets: [
        new LambdaTarget(this.function, {
          event: RuleTargetInput.fromObject({}),
          // A stale check is dropped: the next one is as good.
          retryAttempts: RETRIES,
          maxEventAge: eventAge(interval),
        }),
      ],
    });

    const period = longer(interval, MIN_ALARM_PERIOD);
    this.alarms = addAlarms(this, topic, [this.errors(period, logGroup), this.silence(period, logGroup)]);
  }

  /** A metric that the check reports. */
  metric(name: MetricName, period: Duration): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: name,
      dimensionsMap: { account: this.account.name },
      period,
      statistic: Stats.AVERAGE,
    });
  }

  /** The end of an alarm's description. */
  private whatToDo(...steps: readonly string[]): string[] {
    return [
      `What to do: ${steps.join(", ")},`,
      this.consoleOnly
        ? "and let the function check once, on its Test tab in Lambda's console, with the event {}."
        : 'look for the cause with "npm run doctor", and see the balance with "npm run check", which needs nothing that is deployed.',
    ];
  }

  private errors(period: Duration, logGroup: LogGroup): AlarmEntry {
    return {
      kind: ALARMS.errors,
      alarmDescription: [
        `A scheduled check of the Kie account "${this.account.name}" failed, and so did its retries.`,
        "While checks fail, nobody is told when the credits run low.",
        ...this.whatToDo(
          `Read the latest errors in CloudWatch's console, log group ${logGroup.logGroupName}`,
        ),
      ].join(" "),
      metric: this.function.metric(ALARMS.errors.metricName, { period, statistic: Stats.SUM }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      // The last two intervals: checks that fail one after the other are one alarm, even if one starts late.
      evaluationPeriods: 2,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
  }

  /**
   * Acts on the change from OK to INSUFFICIENT_DATA. A new alarm starts in INSUFFICIENT_DATA, and starting is not a
   * transition, so a deployment fires nothing. If missing data counted as breaching, it would fire within a minute.
   *
   * A new period makes a new alarm, by its id. The old one is OK, and when a day becomes 15 minutes, its last check is
   * hours too old for what it then looks at: that would be a transition, and a false alarm.
   */
  private silence(period: Duration, logGroup: LogGroup): AlarmEntry {
    return {
      kind: ALARMS.silence,
      id: `${ALARMS.silence.id}${period.toMinutes()}Minutes`,
      alarmDescription: [
        `About three missed checks of the Kie account "${this.account.name}": nothing starts its function.`,
        "Meanwhile nobody is told when the credits run low.",
        ...this.whatToDo(
          "See in EventBridge's console that the stack's rule is enabled, and in Lambda's that its function is there",
          `read the latest lines in CloudWatch's, log group ${logGroup.logGroupName}`,
        ),
      ].join(" "),
      metric: this.function.metric(ALARMS.silence.metricName, { period, statistic: Stats.SUM }),
      // Never true: if there is a value, it is at least one. The alarm is OK or without data.
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      // Data are missing only if CloudWatch finds none in more periods than these, such as in five for three:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
      evaluationPeriods: period.toMinutes() < 60 ? 2 : 1,
      treatMissingData: TreatMissingData.MISSING,
    };
  }
}

/** All that the function may do, beside logging. */
function permissions(
  stack: Stack,
  { account, memoryParameter, topic, topicKey, apiKeyEncryptionKey }: CreditAlertProps,
): PolicyStatement[] {
  const memoryArn = parameterArn(stack, memoryParameter);
  return [
    // apiKeyParameter and memoryParameter, in any version. No GetParameterHistory, since that has old keys.
    allow(["ssm:GetParameters"], [parameterArn(stack, account.apiKeyParameter), memoryArn]),
    // No resource of the template: the function makes the parameter, so that no deployment overwrites it.
    allow(["ssm:PutParameter"], [memoryArn]),
    ...allowDecrypt(stack, apiKeyEncryptionKey, account.apiKeyParameter),
    // topicArn
    allow(["sns:Publish", "sns:ListSubscriptionsByTopic"], [topic.topicArn]),
    ...(topicKey
      ? [
          allow(["kms:GenerateDataKey", "kms:Decrypt"], [topicKey.keyArn], {
            StringEquals: { "kms:ViaService": via(stack, "sns") },
          }),
        ]
      : []),
  ];
}

/** A check that waits longer than until the next one is stale; but its retries must fit in. */
function eventAge(interval: Duration): Duration {
  return longer(interval, MIN_EVENT_AGE);
}

function longer(one: Duration, other: Duration): Duration {
  return one.toSeconds() > other.toSeconds() ? one : other;
}

function shorter(one: Duration, other: Duration): Duration {
  return one.toSeconds() < other.toSeconds() ? one : other;
}
