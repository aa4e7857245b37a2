import { CfnCondition, CfnOutput, Duration, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { CreditAlert } from "./account.ts";
import { CreditDashboard } from "./dashboard.ts";
import type { Settings } from "./settings.ts";
import { AlertTopic } from "./topic.ts";

export interface CreditAlertStackProps extends StackProps {
  readonly settings: Settings;
  /** The code of all functions: what `bundle` wrote. */
  readonly code: Code;
}

/** One topic and one dashboard for all, and a watch for each account. */
export class CreditAlertStack extends Stack {
  constructor(scope: Construct, id: string, props: CreditAlertStackProps) {
    super(scope, id, { description: "Tells you before your prepaid Kie.ai credits run out", ...props });
    const { settings, code } = props;
    const interval = Duration.minutes(settings.everyMinutes);
    const topicKey = settings.topicKmsKeyArn && Key.fromKeyArn(this, "TopicKey", settings.topicKmsKeyArn);
    const apiKeyKey = settings.apiKeyKmsKeyArn && Key.fromKeyArn(this, "ApiKeyKey", settings.apiKeyKmsKeyArn);

    const { topic } = new AlertTopic(this, "Alerts", {
      emails: settings.emails,
      phones: settings.phones,
      ...(topicKey && { encryptionKey: topicKey }),
    });
    new CfnOutput(this, "TopicArn", { description: "Where the alerts go", value: topic.topicArn });

    const creditAlerts = settings.accounts.map((account) => {
      const creditAlert = new CreditAlert(this, account.name, {
        account,
        code,
        interval,
        topic,
        ...(topicKey && { topicKey }),
        ...(apiKeyKey && { apiKeyKey }),
        logRetention: settings.logRetentionDays,
      });
      new CfnOutput(this, functionOutputKey(account.name), {
        description: `The function that checks the Kie account "${account.name}"`,
        value: creditAlert.function.functionName,
      });
      return creditAlert;
    });

    if (settings.dashboard) {
      const { dashboard } = new CreditDashboard(this, "Dashboard", { creditAlerts, interval });
      new CfnOutput(this, "DashboardAddress", {
        description: "The credits at a glance",
        value: `https://${this.region}.${this.consoleHost()}/cloudwatch/home?region=${this.region}#dashboards/dashboard/${dashboard.dashboardName}`,
      });
    }
  }

  /**
   * Which partition it is, is known at deployment only. Conditions, since a mapping fails the whole deployment in a
   * partition that it doesn't list, and an address is not worth that.
   */
  private consoleHost(): string {
    const isIn = (partition: string, id: string) =>
      new CfnCondition(this, id, { expression: Fn.conditionEquals(this.partition, partition) }).logicalId;
    const elsewhere = Fn.conditionIf(
      isIn("aws-us-gov", "IsGovCloud"),
      "console.amazonaws-us-gov.com",
      "console.aws.amazon.com",
    );
    return Fn.conditionIf(isIn("aws-cn", "IsChina"), "console.amazonaws.cn", elsewhere).toString();
  }
}

/**
 * The key of the stack output that holds the name of an account's function: `FunctionName` and the account.
 * Output keys are letters and digits, so a hyphen is written as X, which no account's name has. The functions
 * of a stack are therefore all outputs that begin with `FunctionName`.
 */
export function functionOutputKey(account: string): string {
  return `FunctionName${account.replaceAll("-", "X")}`;
}
