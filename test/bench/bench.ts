/**
 * `npm run bench`: cold checks, how the stack grows, and the forecast. Absolute times mean nothing on shared machines,
 * their ratios within one run do. The exit code is 1 if a limit is broken.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { measureColdChecks } from "./cold-checks.ts";
import { DRAIN_FACTOR, type ForecastRow, measureForecast, median } from "./forecast.ts";
import { synthesize } from "./growth.ts";

const ROUNDS = 25;
const MAX_TO_DEFAULTS = 0.8;

const SYNTHESES = 3;
const ACCOUNT_COUNTS = [1, 5, 20, 40];

const MAX_DRAIN_MINUTES = 30;
const MAX_FALSE_SURGES = 0.6;

/**
 * Prints what a cold check takes, and returns a line for each limit that is broken. The processor's time is judged: the
 * clock also counts how long a busy machine lets a check wait.
 */
async function benchColdChecks(folder: string): Promise<string[]> {
  const checks = await measureColdChecks(folder, ROUNDS);
  const rows = checks.flatMap(({ check, deployed, defaults }) =>
    (["processorMs", "ms"] as const).map((by) => {
      const ours = median(deployed.map((taken) => taken[by]));
      const theirs = median(defaults.map((taken) => taken[by]));
      return { check, by, ours, theirs, ratio: ours / theirs };
    }),
  );
  print(
    `A cold check, from import to report: medians of ${ROUNDS} rounds under Node ${process.version}`,
    ["check", "by", "as deployed", "by the CDK's defaults", "ratio"],
    rows.map(({ check, by, ours, theirs, ratio }) => [
      check,
      by === "ms" ? "the clock" : "the processor",
      `${ours.toFixed(0)} ms`,
      `${theirs.toFixed(0)} ms`,
      ratio.toFixed(2),
    ]),
  );
  return rows
    .filter(({ by, ratio }) => by === "processorMs" && !(ratio <= MAX_TO_DEFAULTS))
    .map(
      ({ check, ratio }) =>
        `a ${check} check: ${ratio.toFixed(3)} of the CDK's defaults, expected at most ${MAX_TO_DEFAULTS}`,
    );
}

/** Prints how the stack, and the time to synthesize it, grow. */
function benchGrowth(folder: string): void {
  const rows = ACCOUNT_COUNTS.map((accounts) => {
    const runs = Array.from({ length: SYNTHESES }, (_, run) =>
      synthesize(join(folder, `${accounts}-accounts-${run}`), accounts),
    );
    return { accounts, seconds: median(runs.map(({ ms }) => ms / 1_000)), ...runs[0] };
  });
  print(
    `Synthesizing the stack: medians of ${SYNTHESES} runs`,
    ["accounts", "time", "bundles", "resources", "template"],
    rows.map(({ accounts, seconds, bundles, resources, templateBytes = Number.NaN }) => [
      accounts,
      `${seconds.toFixed(1)} s`,
      bundles,
      resources,
      `${(templateBytes / 1_000).toFixed(0)} kB`,
    ]),
  );
}

/** Prints how the forecast does on generated demand, and returns a line for each limit that is broken. */
function benchForecast(): string[] {
  const judged = measureForecast();
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
  const cells = (row: ForecastRow) => [
    percent(row.tooLate),
    percent(row.tooEarly),
    row.error.toFixed(2),
    row.falseSurges.toFixed(2),
    `${row.drainMinutes.toFixed(0)} min`,
    percent(row.drainLeft),
  ];
  print(
    [
      "The forecast on generated demand, beside a mean of the last 24 hours. Critical is told too late under 3 hours",
      "before the end, too early over 18 hours. Error: the median of abs(ln(forecast / truth)). Surges are false over",
      `18 hours before the end, counted in 30 days. A drain is ${DRAIN_FACTOR} times the mean.`,
    ].join("\n"),
    ["demand", "forecast", "too late", "too early", "error", "false surges", "drain told after", "left"],
    judged.flatMap(({ demand, product, dayMean }) => [
      [demand, "product", ...cells(product)],
      [demand, "24-hour mean", ...cells(dayMean)],
    ]),
  );
  return judged.flatMap(({ demand, product, dayMean }) => {
    const limits = {
      "told too late as often as by the mean": product.tooLate < dayMean.tooLate,
      "a drain left no more than by the mean": product.drainLeft > dayMean.drainLeft,
      [`a drain was told after over ${MAX_DRAIN_MINUTES} minutes`]: product.drainMinutes <= MAX_DRAIN_MINUTES,
      [`over ${MAX_FALSE_SURGES} false surges`]: product.falseSurges <= MAX_FALSE_SURGES,
    };
    return Object.entries(limits).flatMap(([problem, holds]) =>
      holds ? [] : [`${demand} demand: ${problem}`],
    );
  });
}

function print(title: string, head: string[], rows: unknown[][]): void {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows.map((row) => row.map(String)));
  console.log(`${title}\n${table}\n`);
}

const folder = mkdtempSync(join(tmpdir(), "bench-"));
try {
  const broken = await benchColdChecks(folder);
  benchGrowth(folder);
  broken.push(...benchForecast());
  for (const line of broken) console.error(`Over the limit: ${line}`);
  if (broken.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
