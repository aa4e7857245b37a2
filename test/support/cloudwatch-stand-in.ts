/** CloudWatch's GetMetricStatistics, by hand: it has no values, and refuses what CloudWatch refuses. */
import type { GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";

const MAX_VALUES = 1_440;
const DAY_MS = 86_400_000;

export interface CloudWatchStandIn {
  readonly send: (command: GetMetricStatisticsCommand) => Promise<{ readonly Datapoints: [] }>;
  /** How many periods each call touched. */
  readonly touched: number[];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
export function createCloudWatchStandIn(): CloudWatchStandIn {
  const touched: number[] = [];
  return {
    touched,
    async send({ input }) {
      const [from, to] = [Number(input.StartTime), Number(input.EndTime)];
      const ageDays = (Date.now() - from) / DAY_MS;
      // The start is rounded down, and more so the longer ago it is.
      const rounding = ageDays < 15 ? 60_000 : ageDays < 63 ? 300_000 : 3_600_000;
      const periodMs = Number(input.Period) * 1_000;
      const start = Math.floor((Math.floor(from / rounding) * rounding) / periodMs);
      const values = Math.ceil(to / periodMs) - start;
      touched.push(values);
      if (values <= MAX_VALUES) return { Datapoints: [] };
      const message = `You have requested up to ${values} datapoints, which exceeds the limit of ${MAX_VALUES}.`;
      throw Object.assign(new Error(message), {
        name: "InvalidParameterCombination",
        $fault: "client",
        $metadata: {},
      });
    },
  };
}
