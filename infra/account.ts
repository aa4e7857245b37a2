import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  type CfnFunction,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { ParameterTier, StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { type Environment, METRIC_NAMESPACE, type MetricName } from "../lambda/config.ts";
import { INITIAL_DOCUMENT } from "../lambda/policy/memory.ts";
import { HANDLER } from "./bundle.ts";
import { type AccountSettings, memoryParameterOf } from "./settings.ts";

/** Two looks at Kie of 30 s each with 2 s between them, and four calls to AWS of up to 15 s around them. */
const TIMEOUT = Duration.seconds(150);

/** Lambda's own limit for what waits to be run. */
const MAX_EVENT_AGE = Duration.hours(6);

const RETRIES = 2;

/** Metrics reach CloudWatch through the logs, now and then minutes late: no reason to cry. */
const MIN_ALARM_PERIOD = Duration.minutes(5);

const SILENT_PERIODS = 3;

export interface CreditAlertProps {
  readonly account: AccountSettings;
  /** What `bundle` wrote. */
  readonly code: Code;
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
  readonly apiKeyKey?: IKey;
  readonly logRetention: RetentionDays;
}

/** One account under watch: the check, what it may do, when it runs, what it remembers, and who watches it. */
export class CreditAlert extends Construct {
  readonly account: AccountSettings;
  readonly function: LambdaFunction;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: CreditAlertProps) {
    super(scope, id);
    const { account, interval, topic, topicKey, apiKeyKey } = props;
    const { policy } = account;
    const stack = Stack.of(this);
    this.account = account;

    const memory = new StringParameter(this, "Memory", {
      // Beside the key, to be found by hand.
      parameterName: memoryParameterOf(account.name),
      description: `What the check of the Kie account "${account.name}" remembers`,
      // Never changes: CloudFormation then leaves alone what the function writes.
      stringValue: INITIAL_DOCUMENT,
      // Free, and all that the document needs, whatever the region's default tier is.
      tier: ParameterTier.STANDARD,
    });
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const apiKeyArn = stack.formatArn({
      service: "ssm",
      resource: "parameter",
      resourceName: account.apiKeyParameter.slice(1),
    });
    const environment = {
      ACCOUNT: account.name,
      API_KEY_PARAMETER: account.apiKeyParameter,
      MEMORY_PARAMETER: memory.parameterName,
      TOPIC_ARN: topic.topicArn,
      WARNING_CREDITS: String(policy.warningCredits),
      CRITICAL_CREDITS: String(policy.criticalCredits),
      WARNING_HOURS: String(policy.warningHours),
      CRITICAL_HOURS: String(policy.criticalHours),
      WARNING_REMINDER_HOURS: String(policy.warningReminderHours),
      CRITICAL_REMINDER_HOURS: String(policy.criticalReminderHours),
      USD_PER_CREDIT: String(account.usdPerCredit),
      TIME_ZONE: account.timeZone,
      SMS: account.sms,
    } satisfies Environment;
    const statements = [
      // API_KEY_PARAMETER and MEMORY_PARAMETER. No GetParameterHistory, which grantRead() has: that is old keys.
      new PolicyStatement({ actions: ["ssm:GetParameters"], resources: [apiKeyArn, memory.parameterArn] }),
      new PolicyStatement({ actions: ["ssm:PutParameter"], resources: [memory.parameterArn] }),
      ...(apiKeyKey
        ? [
            new PolicyStatement({
              actions: ["kms:Decrypt"],
              resources: [apiKeyKey.keyArn],
              conditions: {
                StringEquals: {
                  "kms:ViaService": `ssm.${stack.region}.${stack.urlSuffix}`,
                  "kms:EncryptionContext:PARAMETER_ARN": apiKeyArn,
                },
              },
            }),
          ]
        : []),
      // TOPIC_ARN
      new PolicyStatement({
        actions: ["sns:Publish", "sns:GetTopicAttributes"],
        resources: [topic.topicArn],
      }),
      ...(topicKey
        ? [
            new PolicyStatement({
              actions: ["kms:GenerateDataKey", "kms:Decrypt"],
              resources: [topicKey.keyArn],
              conditions: { StringEquals: { "kms:ViaService": `sns.${stack.region}.${stack.urlSuffix}` } },
            }),
          ]
        : []),
      // The group is there already, so that the function needn't make one.
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    ];

    this.function = new LambdaFunction(this, "Function", {
      description: `Watches the credits of the Kie account "${account.name}"`,
      code: props.code,
      handler: HANDLER,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // A check takes at most 70 MB, and 128 MB cost least: an estimated $2.2 for a million checks, 256 MB $3.1 and
      // 512 MB $5.0, since time to compute costs the same at any size and time to wait costs by size. But 128 MB
      // come with a 14th of a processor, on which a check alone takes the better part of a second, and connecting
      // to three hosts by TLS nears the second that the clients give it. Twice of it is a quarter of a cent a month.
      memorySize: 256,
      timeout: TIMEOUT,
      environment,
      // Inline, so that the function waits for its permissions and the rule for the function.
      role: new Role(this, "Role", {
        assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
        inlinePolicies: { Check: new PolicyDocument({ statements }) },
      }),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      retryAttempts: RETRIES,
      maxEventAge: shorter(interval, MAX_EVENT_AGE),
    });

    // The CDK writes a DependsOn beside the reference to the role, which cfn-lint finds one too many.
    (this.function.node.defaultChild as CfnFunction).addMetadata("cfn-lint", {
      config: { ignore_checks: ["W3005"] },
    });

    new Rule(this, "Rule", {
      description: `Checks the credits of the Kie account "${account.name}"`,
      schedule: Schedule.rate(interval),
      targets: [
        new LambdaTarget(this.function, {
          event: RuleTargetInput.fromObject({}),
          // The next check is as good as a late one: what is stale is dropped, not piled up.
          retryAttempts: RETRIES,
          maxEventAge: interval,
        }),
      ],
    });

    this.alarms = [this.errors(props, logGroup), this.silence(props, logGroup)];
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

  private errors({ interval, topic }: CreditAlertProps, logGroup: LogGroup): Alarm {
    const alarm = new Alarm(this, "Errors", {
      // A new alarm tells of its first OK as well, so the words must hold for both.
      alarmDescription: [
        `ALARM: the check of the Kie account "${this.account.name}" breaks off with an error,`,
        "so that nobody may be told when the credits run low.",
        `What to do: read the latest errors in the log group ${logGroup.logGroupName},`,
        'look for the cause with "npm run doctor", and see the balance with "npm run check",',
        "which needs nothing that is deployed.",
        "OK: no check breaks off; there is nothing to do.",
      ].join(" "),
      metric: this.function.metricErrors({ period: alarmPeriod(interval), statistic: Stats.SUM }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      // The last two intervals: checks that fail one after the other are one alarm, though one may start late.
      evaluationPeriods: 2,
      datapointsToAlarm: 1,
      // No runs, no errors: those have an alarm of their own.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  }

  /**
   * Acts on the change from OK to INSUFFICIENT_DATA. A new alarm begins in INSUFFICIENT_DATA, and beginning is no
   * change: a deployment sets nothing off, where missing data that count as breaching do so within a minute.
   * There is no OK action, which each deployment would set off with the first check.
   *
   * A new period makes a new alarm, by its id: the old one is OK, and where a day becomes 15 minutes, its last check
   * is hours too old for what it then looks at. That would be a change, and a false cry.
   */
  private silence({ interval, topic }: CreditAlertProps, logGroup: LogGroup): Alarm {
    const period = alarmPeriod(interval);
    const alarm = new Alarm(this, `Silence${period.toMinutes()}Minutes`, {
      alarmDescription: [
        `INSUFFICIENT_DATA: no check of the Kie account "${this.account.name}" came to its end for`,
        `${SILENT_PERIODS} intervals or more, so that nobody is told when the credits run low.`,
        "What to do: see that the stack's EventBridge rule is enabled and that its function is there,",
        `read the latest lines in the log group ${logGroup.logGroupName},`,
        'look for the cause with "npm run doctor", and see the balance with "npm run check",',
        "which needs nothing that is deployed.",
      ].join(" "),
      // Each check that comes to its end counts one, whatever it found.
      metric: this.metric("CheckFailed", period).with({ statistic: Stats.SAMPLE_COUNT }),
      // Never so: where there is a sample, there is at least one. The alarm is OK or without data.
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: SILENT_PERIODS,
      treatMissingData: TreatMissingData.MISSING,
    });
    alarm.addInsufficientDataAction(new SnsAction(topic));
    return alarm;
  }
}

/**
 * An alarm's period: the interval between checks. Periods of whole minutes are all that CloudWatch takes, and
 * three of them stay within what it evaluates: a day for periods under an hour, else seven.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
function alarmPeriod(interval: Duration): Duration {
  return interval.toSeconds() < MIN_ALARM_PERIOD.toSeconds() ? MIN_ALARM_PERIOD : interval;
}

function shorter(one: Duration, other: Duration): Duration {
  return one.toSeconds() < other.toSeconds() ? one : other;
}
