/** Adapter: logs and metrics, through Powertools. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE, type MetricName } from "../config.ts";
import type { Report } from "../report.ts";

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

    /**
     * One line for each report, and one set of metrics; the sample count of `CheckFailed` is the heartbeat.
     *
     * @param options.emitMetrics - false for a dry run or a test: if only those ran, nobody would be told
     */
    record(report: Report, { emitMetrics }: { readonly emitMetrics: boolean }): void {
      logger.info("checked", { report });
      if (!emitMetrics) return;
      const { credits, runway, failure, audience } = report;
      const measure = (name: MetricName, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
      measure("CheckFailed", failure === null ? 0 : 1);
      if (credits !== null) measure("Credits", credits);
      if (runway?.hoursLeft != null) measure("HoursLeft", runway.hoursLeft);
      if (audience !== null) {
        measure("ConfirmedSubscribers", audience.emails + audience.phones + audience.others);
      }
      metrics.publishStoredMetrics();
    },
  };
}
