/**
 * What a check costs, measured side by side in one run: absolute times mean nothing on shared machines, their ratios
 * do. `npm run bench` measures cold checks, the bundle and how the stack grows, and fails if a limit is broken;
 * `npm run bench -- forecast` judges the forecast on generated demand.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { Argument, Command, InvalidArgumentError } from "commander";
import { type ColdCheck, makeBundles, measureChecks } from "./cold-checks.ts";
import { runForecastBench } from "./forecast.ts";
import { synthesize } from "./growth.ts";
import { linesIfOver } from "./limits.ts";

const SYNTHESES = 3;
const ACCOUNT_COUNTS = [1, 5, 20, 40];

/** Prints what checks cost, and returns a line for each limit that is broken. */
async function benchChecks(folder: string, rounds: number): Promise<string[]> {
  const { loader, bundles } = makeBundles(folder);
  const broken: string[] = [];
  const rows: string[][] = [];
  for (const scenario of ["quiet", "alerting"] as const) {
    const checks = await measureChecks(loader, bundles, scenario, rounds);
    const { deployed, defaults, floor } = {
      deployed: mediansOf(checks.deployed),
      defaults: mediansOf(checks.defaults),
      floor: mediansOf(checks.floor),
    };
    broken.push(
      ...linesIfOver(scenario, "toDefaults", deployed.ms / defaults.ms),
      ...linesIfOver(scenario, "toFloor", deployed.ms / floor.ms),
      ...linesIfOver(scenario, "peakMB", deployed.peakMB),
    );
    for (const [bundle, medians] of Object.entries({ deployed, defaults, floor })) {
      const { ms, processorMs, peakMB, highestMB } = medians;
      const absolute = [ms, processorMs, peakMB, highestMB].map((value) => value.toFixed(1));
      const ratios = [deployed.ms / ms, deployed.processorMs / processorMs].map((ratio) => ratio.toFixed(2));
      rows.push([scenario, bundle, ...absolute, ...ratios]);
    }
  }
  console.log(
    `Cold checks, from import to report: medians of ${rounds} rounds under Node ${process.version}`,
  );
  print(
    ["check", "bundle", "ms", "processor ms", "peak MB", "highest", "deployed : this", "by processor"],
    rows,
  );
  const bundleKB = statSync(bundles.deployed).size / 1000;
  console.log(`The deployed bundle without its map: ${bundleKB.toFixed(1)} kB\n`);
  return [...broken, ...linesIfOver("bundle", "bundleKB", bundleKB)];
}

/** Prints how synthesizing grows. */
function benchGrowth(folder: string): void {
  const rounds = Array.from({ length: SYNTHESES }, (_, round) =>
    ACCOUNT_COUNTS.map((accounts) => synthesize(join(folder, `${accounts}-accounts-${round}`), accounts)),
  );
  const seconds = ACCOUNT_COUNTS.map((_, index) =>
    medianOf(rounds.map((round) => (round[index]?.ms ?? Number.NaN) / 1000)),
  );
  const rows = ACCOUNT_COUNTS.map((accounts, index) => {
    const { bundles, resources, templateBytes } = rounds[0]?.[index] ?? {};
    const time = seconds[index] ?? Number.NaN;
    const ratio = time / (seconds[0] ?? Number.NaN);
    const templateKB = (templateBytes ?? Number.NaN) / 1000;
    return [accounts, time.toFixed(1), ratio.toFixed(2), bundles, resources, templateKB.toFixed(0)].map(
      String,
    );
  });
  console.log(`Synthesizing the stack: medians of ${SYNTHESES} runs; the ratio is to the first line's time`);
  print(["accounts", "s", "ratio", "bundles", "resources", "template kB"], rows);
}

function mediansOf(checks: readonly ColdCheck[]) {
  return {
    ms: medianOf(checks.map(({ ms }) => ms)),
    processorMs: medianOf(checks.map(({ processorMs }) => processorMs)),
    // Two peaks, 6 MB apart: the higher one if V8 optimizes a loop of the SDK meanwhile, mostly on a busy machine.
    peakMB: medianOf(checks.map(({ peakMB }) => peakMB)),
    highestMB: Math.max(...checks.map(({ peakMB }) => peakMB)),
  };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function print(head: string[], rows: string[][]): void {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  console.log(`${table}\n`);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1 to 9999.");
  return Number(text);
}

const command = new Command("npm run bench --")
  .description("Measures side by side, in one run, what a check costs.")
  .addArgument(
    new Argument("[part]", "forecast: judges the forecast on generated demand").choices(["forecast"]),
  )
  .option("--rounds <number>", "rounds of cold checks", wholeNumber, 25)
  .parse();

if (command.args[0] === "forecast") console.log(runForecastBench());
else {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const broken = await benchChecks(folder, command.opts<{ rounds: number }>().rounds);
    benchGrowth(folder);
    for (const line of broken) console.error(`Too much: ${line}`);
    if (broken.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
