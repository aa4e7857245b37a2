/**
 * The smallest stand-in for Lambda's runtime: loads a bundle, runs one check, and prints what that took as its last
 * line. Made plain JavaScript before use, so that no stripping of types is measured.
 */
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Report } from "../../lambda/report.ts";

/** What one cold check took. */
export interface Taken {
  readonly report: Pick<Report, "account" | "credits" | "level" | "alert">;
  /** From import to report. */
  readonly ms: number;
  /** Processor time for the same, user and system, of all threads. */
  readonly processorMs: number;
  /** The highest resident set of the process since its start, Node itself included, in MB of 1,000,000 bytes. */
  readonly peakMB: number;
}

const [, , bundle = ""] = process.argv;

const startedAt = performance.now();
const processorAtStart = process.cpuUsage();
// As Lambda does: CommonJS by require, which takes less than import() would.
const { handler } = bundle.endsWith(".mjs")
  ? await import(pathToFileURL(bundle).href)
  : createRequire(import.meta.url)(bundle);
const report = await handler({});
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(processorAtStart);

const peakMB = (peakKiB() * 1024) / 1e6;
const taken: Taken = { report, ms, processorMs: (user + system) / 1_000, peakMB };
writeSync(1, `\n${JSON.stringify(taken)}\n`);
// Connections are kept alive, as they are in Lambda, and would keep the process alive too.
process.exit(0);

/** On Linux not what the process tells of its resources: that counts the larger process that it was forked from. */
function peakKiB(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}
