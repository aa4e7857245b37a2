/** The results as people read them. */
import Table from "cli-table3";
import type { Results } from "./bench.ts";
import type { Spread } from "./statistics.ts";

export function printTables(results: Results): void {
  console.log(`Node ${results.node}, ${results.rounds} rounds: median (half of all values lie between).\n`);

  console.log(
    "Cold checks, from import to report. The ratios are the deployed bundle's to each, round by round.",
  );
  print(
    ["check", "bundle", "ms", "processor ms", "peak MB", "deployed : this", "by processor"],
    results.coldChecks.map((row) => [
      row.scenario,
      row.bundle,
      spread(row.ms, 1),
      spread(row.processorMs, 1),
      row.peakMB.median.toFixed(1),
      spread(row.deployedMsRatio, 2),
      row.deployedProcessorRatio.median.toFixed(2),
    ]),
  );

  console.log("Round trips of one check");
  print(
    ["check", "in sequence", "in all"],
    results.roundTrips.map(({ scenario, inSequence, all }) => [scenario, inSequence, all]),
  );

  console.log(`The deployed bundle: ${kB(results.bundleBytes)}. What is in it, before it is minified:`);
  print(
    ["package", "size"],
    results.packages.map(({ name, bytes }) => [name, kB(bytes)]),
  );

  console.log("Synthesizing the stack; the ratio is to the first line's time");
  print(
    ["accounts", "ms", "ratio", "bundles", "resources", "template"],
    results.growth.map((row) => [
      row.accounts,
      spread(row.ms, 0),
      spread(row.msRatio, 2),
      row.bundles,
      row.resources,
      kB(row.templateBytes),
    ]),
  );

  console.log(`The policy decides ${results.decisionsPerSecond.toLocaleString("en-US")} times a second.`);
}

function print(head: string[], rows: readonly (string | number)[][]): void {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  console.log(`${table}\n`);
}

function spread({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
