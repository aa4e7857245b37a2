import { CfnCondition, CfnOutput, Duration, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { CreditAlert } from "./account.ts";
import { CreditDashboard } from "./dashboard.ts";
import type { Settings } from "./settings.ts";
import { AlertTopic } from "./topic.ts";

export interface CreditAlertStackProps extends StackProps {
  readonly settings: Settings;
}

/** One topic and one dashboard for all, and a {@link CreditAlert} for each account. */
export class CreditAlertStack extends Stack {
  constructor(scope: Construct, id: string, props: CreditAlertStackProps) {
    super(scope, id, { description: "Tells you before your prepaid Kie.ai credits run out", ...props });
    const { settings } = props;
    const interval = Duration.minutes(settings.everyMinutes);
    const topicKey = settings.topicKmsKeyArn && Key.fromKeyArn(this, "TopicKey", settings.topicKmsKeyArn);
    const apiKeyEncryptionKey =
      settings.apiKeyKmsKeyArn && Key.fromKeyArn(this, "ApiKeyEncryptionKey", settings.apiKeyKmsKeyArn);

    const { topic } = new AlertTopic(this, "Alerts", {
      emails: settings.emails,
      phones: settings.phones,
      ...(topicKey && { encryptionKey: topicKey }),
    });
    new CfnOutput(this, "TopicArn", { description: "Where the alerts go", value: topic.topicArn });

    const creditAlerts = settings.accounts.map((account, index) => {
      const creditAlert = new CreditAlert(this, account.name, {
        account,
        tellsAudience: index === 0,
        interval,
        topic,
        ...(topicKey && { topicKey }),
        ...(apiKeyEncryptionKey && { apiKeyEncryptionKey }),
        logRetention: settings.logRetentionDays,
      });
      new CfnOutput(creditAlert, "FunctionName", {
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
   * Which partition it is, is known at deployment only. Conditions, since a mapping would fail the whole deployment in
   * a partition that it doesn't list.
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
