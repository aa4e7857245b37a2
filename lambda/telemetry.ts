/** Adapter: logs and metrics, through Powertools. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Report } from "./invocation.ts";

export const METRIC_NAMESPACE = "KieCreditAlert";

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

    /** One line and one set of metrics for each check; `CheckFailed` is there every time, as the heartbeat. */
    checked(report: Report): void {
      logger.info("checked", { report });
      const { credits, runway, failure, audience } = report;
      metrics.addMetric("CheckFailed", MetricUnit.Count, failure === null ? 0 : 1);
      if (credits !== null) metrics.addMetric("Credits", MetricUnit.Count, credits);
      if (runway !== null) metrics.addMetric("HoursLeft", MetricUnit.Count, runway.hoursLeft);
      if (audience !== null) metrics.addMetric("ConfirmedSubscribers", MetricUnit.Count, audience.confirmed);
      metrics.publishStoredMetrics();
    },
  };
}
