/** Runs the app as the CDK's command line does. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import cdkJson from "../../cdk.json" with { type: "json" };

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * @param out - the folder to write to
 * @param context - what stands behind `-c`
 * @param checkout - the folder of cdk.json
 * @param umask - of the process, in octal
 */
export function runApp(
  out: string,
  context: Record<string, unknown>,
  checkout: string = ROOT,
  umask: string = "022",
) {
  return spawnSync("sh", ["-c", `umask ${umask}; exec ${cdkJson.app}`], {
    cwd: checkout,
    encoding: "utf8",
    env: {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
    },
  });
}

/** The folders of the assets that were bundled. */
export function assetsIn(out: string): string[] {
  return readdirSync(out)
    .filter((name) => name.startsWith("asset."))
    .map((name) => join(out, name));
}
