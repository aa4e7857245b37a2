/** Adapter: logs and metrics, through Powertools. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE, type MetricName } from "../config.ts";
import { confirmedIn, type Report } from "../invocation.ts";

/** Logs to standard output, and metrics in CloudWatch's embedded metric format, by account. */
export function createTelemetry(account: string) {
  const logger = new Logger({ serviceName: "kie-credit-alert", persistentKeys: { account } });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  // Powertools adds its service as a dimension, and metrics with another set of dimensions are other metrics.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ account });

  return {
    warn(message: string): void {
      logger.warn(message);
    },

    /** One line for each report, and one set of metrics where it is no rehearsal; `CheckFailed` is the heartbeat. */
    checked(report: Report, isRehearsal: boolean): void {
      logger.info("checked", { report });
      if (isRehearsal) return;
      const { credits, runway, failure, audience } = report;
      const measure = (name: MetricName, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
      measure("CheckFailed", failure === null ? 0 : 1);
      if (credits !== null) measure("Credits", credits);
      if (runway !== null) measure("HoursLeft", runway.hoursLeft);
      if (audience !== null) measure("ConfirmedSubscribers", confirmedIn(audience));
      metrics.publishStoredMetrics();
    },
  };
}
