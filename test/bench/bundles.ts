/** The bundles that are measured beside each other, made in a folder for the time of one run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { build } from "esbuild";
import { BUNDLING, ENTRY } from "../../infra/bundle.ts";
import { synthesizeApp } from "./growth.ts";

/** The bundle as the stack deploys it: the asset of the synthesized app. */
export function deployedBundle(folder: string): string {
  const asset = assetOf(synthesizeApp(join(folder, "deployed"), 1).folder, "KieCreditAlert");
  return join(asset, "index.js");
}

/**
 * The same handler, bundled as NodejsFunction does where it is told nothing: CommonJS, not minified, and the SDK
 * left to the runtime.
 */
export function bundleByDefaults(folder: string): string {
  const outdir = join(folder, "defaults");
  const app = new App({ outdir });
  const stack = new Stack(app, "Bench");
  new NodejsFunction(stack, "Function", {
    entry: ENTRY,
    depsLockFilePath: fileURLToPath(new URL("../../package-lock.json", import.meta.url)),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
  });
  app.synth();
  return join(assetOf(outdir, "Bench"), "index.js");
}

/** The loader and the floor, as plain JavaScript. */
export async function bundleHelper(
  folder: string,
  name: "loader" | "floor",
  format: "esm" | "cjs",
): Promise<string> {
  const outfile = join(folder, `${name}.${format === "esm" ? "mjs" : "cjs"}`);
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    format,
    platform: "node",
    target: "node24",
    logLevel: "error",
  });
  return outfile;
}

/** What the deployed bundle is made of: bytes by package before minifying, the largest first; our own files are one. */
export async function packagesOf(): Promise<{ readonly name: string; readonly bytes: number }[]> {
  const { mainFields = [], externalModules = [], define = {} } = BUNDLING;
  const {
    metafile: { outputs },
  } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    metafile: true,
    minifySyntax: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields,
    external: externalModules,
    define,
  });
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "kie-credit-alert";
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** The folder of the one function's code, in a synthesized app. */
function assetOf(outdir: string, stack: string): string {
  const { files } = JSON.parse(readFileSync(join(outdir, `${stack}.assets.json`), "utf8")) as {
    files: Record<string, { source: { path: string; packaging: string } }>;
  };
  const code = Object.values(files).find(({ source }) => source.packaging === "zip");
  if (code === undefined) throw new Error(`${outdir} has no code`);
  return join(outdir, code.source.path);
}
