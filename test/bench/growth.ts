/** How synthesizing grows with the number of accounts. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import cdkJson from "../../cdk.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Synthesis {
  readonly accounts: number;
  /** The whole run of the CDK app, its start and esbuild included. */
  readonly ms: number;
  readonly templateBytes: number;
  readonly resources: number;
  /** How many bundles the functions share. */
  readonly bundles: number;
  /** What was written. */
  readonly folder: string;
}

/** Runs the CDK app as `cdk synth` does, for some number of accounts. */
export function synthesizeApp(folder: string, accounts: number): Synthesis {
  mkdirSync(folder, { recursive: true });
  const settings = join(folder, "settings.json");
  const names = Array.from({ length: accounts }, (_, index) => ({ name: `kie-${index}` }));
  writeFileSync(settings, JSON.stringify({ emails: ["me@example.com"], accounts: names }));
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["infra/app.ts"], {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, settings }),
    },
  });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`The app ended with ${status}:\n${stderr}`);
  const template = join(folder, "KieCreditAlert.template.json");
  return {
    accounts,
    ms,
    templateBytes: statSync(template).size,
    resources: Object.keys(JSON.parse(readFileSync(template, "utf8")).Resources).length,
    bundles: readdirSync(folder).filter((name) => name.startsWith("asset.")).length,
    folder,
  };
}

/** @returns for each number of accounts one synthesis a round */
export function measureGrowth(folder: string, counts: readonly number[], rounds: number): Synthesis[][] {
  // The first one fills the file system's cache.
  synthesizeApp(join(folder, "growth-warm-up"), counts[0] ?? 1);
  const byRound = Array.from({ length: rounds }, (_, round) =>
    counts.map((accounts) => synthesizeApp(join(folder, `growth-${accounts}-${round}`), accounts)),
  );
  return counts.map((_, index) => byRound.flatMap((round) => round[index] ?? []));
}
