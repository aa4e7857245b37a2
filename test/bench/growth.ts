/** How the stack, and the time to synthesize it, grow with the number of accounts. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assetsIn, runApp } from "../infra/run-app.ts";

export interface Synthesis {
  /** The whole run of the CDK app, its start and esbuild included. */
  readonly ms: number;
  readonly resources: number;
  readonly templateBytes: number;
  /** How many bundles the functions share. */
  readonly bundles: number;
}

/** Runs the CDK app as `cdk synth` does, into a new folder. */
export function synthesize(folder: string, accountCount: number): Synthesis {
  mkdirSync(folder);
  const settings = join(folder, "settings.json");
  const accounts = Array.from({ length: accountCount }, (_, index) => ({ name: `kie-${index}` }));
  writeFileSync(settings, JSON.stringify({ emails: ["me@example.com"], accounts }));
  const startedAt = performance.now();
  const { status, stderr } = runApp(folder, { settings });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`The app ended with ${status}:\n${stderr}`);
  const template = join(folder, "KieCreditAlert.template.json");
  return {
    ms,
    resources: Object.keys(JSON.parse(readFileSync(template, "utf8")).Resources).length,
    templateBytes: statSync(template).size,
    bundles: assetsIn(folder).length,
  };
}
