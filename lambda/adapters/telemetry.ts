/** Adapter: logs and metrics, through Powertools. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { type FunctionConfig, METRIC_NAMESPACE, type MetricName } from "../config.ts";
import type { Report } from "../report.ts";

/** Logs to standard output, and, if they are wanted, metrics in CloudWatch's embedded metric format, by account. */
export function createTelemetry({ account, emitsMetrics }: Pick<FunctionConfig, "account" | "emitsMetrics">) {
  const logger = new Logger({ serviceName: "kie-credit-alert", persistentKeys: { account } });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  // Powertools adds its service as a dimension, and metrics with another set of dimensions are other metrics.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ account });

  return {
    warn(message: string): void {
      logger.warn(message);
    },

    /** One line for each report, and what is known of the metrics. */
    record(report: Report): void {
      logger.info("checked", { report });
      const { credits, runway } = report;
      if (!emitsMetrics || credits === null) return;
      const measure = (name: MetricName, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
      measure("Credits", credits);
      if (runway?.hoursLeft != null) measure("HoursLeft", runway.hoursLeft);
      metrics.publishStoredMetrics();
    },
  };
}
