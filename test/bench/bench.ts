/**
 * What a check costs, measured side by side in one run: absolute times mean nothing on shared machines, their ratios
 * do. `npm run bench -- --help` tells how.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { bundleByDefaults, bundleHelper, deployedBundle, packagesOf } from "./bundles.ts";
import { measureChecks, type Scenario } from "./cold-checks.ts";
import { measureGrowth } from "./growth.ts";
import type { ColdCheck } from "./loader.ts";
import { measurePolicy } from "./policy-speed.ts";
import { countRoundTrips } from "./round-trips.ts";
import { ratios, type Spread, spreadOf } from "./statistics.ts";
import { printTables } from "./tables.ts";

const SCENARIOS: readonly Scenario[] = ["quiet", "alerting"];

/** One bundle in one scenario. The ratios are those of the deployed bundle to this one, round by round. */
export interface Row {
  readonly scenario: Scenario;
  readonly bundle: string;
  readonly ms: Spread;
  readonly processorMs: Spread;
  readonly peakMB: Spread;
  readonly deployedMsRatio: Spread;
  readonly deployedProcessorRatio: Spread;
}

export interface GrowthRow {
  readonly accounts: number;
  readonly ms: Spread;
  /** To the smallest number of accounts, round by round. */
  readonly msRatio: Spread;
  readonly bundles: number;
  readonly resources: number;
  readonly templateBytes: number;
}

export interface Results {
  readonly node: string;
  readonly rounds: number;
  readonly coldChecks: readonly Row[];
  readonly roundTrips: readonly { scenario: Scenario; all: number; inSequence: number }[];
  readonly bundleBytes: number;
  readonly packages: readonly { name: string; bytes: number }[];
  readonly growth: readonly GrowthRow[];
  readonly decisionsPerSecond: number;
}

interface Options {
  readonly rounds: number;
  readonly synthRounds: number;
  readonly accounts: number[];
  readonly beside: Record<string, string>;
  readonly json: boolean;
}

async function measure(folder: string, options: Options): Promise<Results> {
  const deployed = deployedBundle(folder);
  const loader = await bundleHelper(folder, "loader", "esm");
  const bundles = {
    deployed,
    "by defaults": bundleByDefaults(folder),
    // Importing node:http as an ES module loads Node's fetch, and requiring it doesn't.
    floor: await bundleHelper(folder, "floor", "esm"),
    "floor as CommonJS": await bundleHelper(folder, "floor", "cjs"),
    ...options.beside,
  };
  const coldChecks: Row[] = [];
  const roundTrips = [];
  for (const scenario of SCENARIOS) {
    const checks = await measureChecks(loader, bundles, scenario, options.rounds);
    for (const [bundle, own] of Object.entries(checks)) {
      coldChecks.push(rowOf(scenario, bundle, own, checks["deployed"] ?? []));
    }
    roundTrips.push({ scenario, ...(await countRoundTrips(loader, deployed, scenario)) });
  }
  return {
    node: process.version,
    rounds: options.rounds,
    coldChecks,
    roundTrips,
    bundleBytes: statSync(deployed).size,
    packages: await packagesOf(),
    growth: growthOf(folder, options),
    decisionsPerSecond: Math.round(measurePolicy()),
  };
}

function rowOf(
  scenario: Scenario,
  bundle: string,
  own: readonly ColdCheck[],
  deployed: readonly ColdCheck[],
): Row {
  const ms = (checks: readonly ColdCheck[]) => checks.map((check) => check.ms);
  const processorMs = (checks: readonly ColdCheck[]) => checks.map((check) => check.processorMs);
  return {
    scenario,
    bundle,
    ms: spreadOf(ms(own)),
    processorMs: spreadOf(processorMs(own)),
    peakMB: spreadOf(own.map(({ peakMB }) => peakMB)),
    deployedMsRatio: spreadOf(ratios(ms(deployed), ms(own))),
    deployedProcessorRatio: spreadOf(ratios(processorMs(deployed), processorMs(own))),
  };
}

function growthOf(folder: string, { accounts, synthRounds }: Options): GrowthRow[] {
  const measured = measureGrowth(folder, accounts, synthRounds);
  const smallest = measured[0]?.map(({ ms }) => ms) ?? [];
  return measured.flatMap((syntheses) => {
    const [first] = syntheses;
    if (first === undefined) return [];
    const { accounts, bundles, resources, templateBytes } = first;
    const ms = syntheses.map(({ ms }) => ms);
    const msRatio = spreadOf(ratios(ms, smallest));
    return { accounts, ms: spreadOf(ms), msRatio, bundles, resources, templateBytes };
  });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  return Number(text);
}

const command = new Command("npm run bench --")
  .description("Measures cold checks, the bundle, and how the stack grows, side by side in one run.")
  .option("--rounds <number>", "rounds of cold checks", wholeNumber, 15)
  .option("--synth-rounds <number>", "rounds of synthesizing", wholeNumber, 3)
  .option(
    "--accounts <numbers>",
    "numbers of accounts to synthesize",
    (text) => text.split(",").map(wholeNumber),
    [1, 5, 20, 40],
  )
  .option(
    "--beside <name=file>",
    "another bundle to measure beside, such as the one before a change; can be repeated",
    (text, others: Record<string, string>) => {
      const [name = "", file = ""] = text.split("=");
      if (name === "" || file === "") throw new InvalidArgumentError("Expected name=file.");
      return { ...others, [name]: file };
    },
    {},
  )
  .option("--json", "print everything as one JSON document", false)
  .parse();

const folder = mkdtempSync(join(tmpdir(), "bench-"));
try {
  const options = command.opts<Options>();
  const results = await measure(folder, options);
  if (options.json) console.log(JSON.stringify(results, null, 2));
  else printTables(results);
} finally {
  rmSync(folder, { recursive: true });
}
