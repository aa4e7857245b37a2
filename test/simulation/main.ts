/** `npm run simulate`: the simulator by hand, with a progress bar and a table. */
import { Presets, SingleBar } from "cli-progress";
import Table from "cli-table3";
import { InvalidArgumentError, program } from "commander";
import { describeFinding, type Summary, simulate } from "./simulate.ts";

const options = program
  .name("npm run simulate --")
  .description("Lets the real check live through simulated years with every fault that the world has.")
  .option("--seed <number>", "the first world's seed", wholeNumber, 1)
  .option("--checks <number>", "how many checks", wholeNumber, 100_000)
  .parse()
  .opts<{ seed: number; checks: number }>();

const bar = new SingleBar(
  { format: "{bar} {percentage} % | {value} of {total} checks | {eta_formatted} left" },
  Presets.shades_classic,
);
bar.start(options.checks, 0);
const started = performance.now();
const summary = await simulate({ ...options, progressed: (checks) => bar.update(checks) });
const seconds = (performance.now() - started) / 1_000;
bar.stop();
for (const finding of summary.findings) console.log(describeFinding(finding));
for (const table of tablesOf(summary, seconds)) console.log(table);
process.exitCode = summary.findings.length > 0 ? 1 : 0;

function tablesOf({ checks, faulty, faults, alerts, findings }: Summary, seconds: number): string[] {
  const whole: [string, string][] = [
    ["checks", grouped(checks)],
    ["checks with a fault", `${grouped(faulty)} (${((100 * faulty) / checks).toFixed(1)} %)`],
    ["checks per second", grouped(Math.round(checks / seconds))],
    ["violations", grouped(findings.length)],
  ];
  return [
    tableOf("simulation", whole),
    tableOf("faults by kind", sorted(faults)),
    tableOf("alerts by kind", sorted(alerts)),
  ];
}

function tableOf(title: string, rows: readonly [string, string][]): string {
  const table = new Table({
    head: [title, ""],
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
    colAligns: ["left", "right"],
    colWidths: [36, 20],
    style: { head: [], border: [] },
  });
  table.push(...rows);
  return table.toString();
}

function sorted(counts: ReadonlyMap<string, number>): [string, string][] {
  return [...counts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([kind, count]) => [kind, grouped(count)]);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  return Number(text);
}
