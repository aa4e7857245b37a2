/** What this checkout would deploy. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_STACK } from "../config.ts";
import { assetsIn } from "./looks.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Builds the function's code as a deployment does, by running the CDK app with what cdk.json says.
 *
 * @returns the asset's hash, which the settings don't change; null where the app ends with an error
 */
export async function buildAsset(): Promise<string | null> {
  const out = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
  const { context } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")) as { context: unknown };
  const app = spawn(process.execPath, ["infra/app.ts"], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: "ignore",
  });
  const tidyUp = () => {
    app.kill();
    rmSync(out, { recursive: true, force: true });
  };
  // Ctrl-C ends this process at once, and then there is nobody else to do it.
  process.once("exit", tidyUp);
  try {
    const [code] = await once(app, "close");
    if (code !== 0) return null;
    const [asset = null] = assetsIn(readFileSync(join(out, `${DEFAULT_STACK}.template.json`), "utf8"));
    return asset;
  } finally {
    process.off("exit", tidyUp);
    tidyUp();
  }
}
