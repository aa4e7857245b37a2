import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { CreditAlert } from "./account.ts";
import { CreditDashboard } from "./dashboard.ts";
import { memoryParameterOf, type Settings } from "./settings.ts";
import { AlertTopic } from "./topic.ts";
import { Webhook } from "./webhook.ts";

export interface CreditAlertStackProps extends StackProps {
  readonly settings: Settings;
}

/**
 * One topic for all, one dashboard if it is wanted, a {@link CreditAlert} for each account, and a {@link Webhook} for
 * each webhook.
 */
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
      webhooks: settings.webhooks.map(({ name }) => name),
      consoleOnly: false,
      ...(topicKey && { encryptionKey: topicKey }),
    });
    new CfnOutput(this, "TopicArn", { description: "Where the alerts go", value: topic.topicArn });

    const webhooks = new Construct(this, "Webhooks");
    for (const webhook of settings.webhooks) {
      new Webhook(webhooks, webhook.name, {
        webhook,
        topic,
        ...(apiKeyEncryptionKey && { encryptionKey: apiKeyEncryptionKey }),
        logRetention: settings.logRetentionDays,
      });
    }

    const creditAlerts = settings.accounts.map((account, index) => {
      const creditAlert = new CreditAlert(this, account.name, {
        account,
        memoryParameter: memoryParameterOf(account.name),
        consoleOnly: false,
        tellsAudience: index === 0,
        emitsMetrics: settings.dashboard,
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
        value: `https://${this.region}.console.aws.amazon.com/cloudwatch/home?region=${this.region}#dashboards/dashboard/${dashboard.dashboardName}`,
      });
    }
  }
}
