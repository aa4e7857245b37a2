/** Whole cold checks: a fresh process for each, against stand-ins for SSM, SNS and Kie on loopback. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { App, Stack } from "aws-cdk-lib";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { buildSync } from "esbuild";
import { ENTRY, LOCK_FILE } from "../../infra/bundle.ts";
import { NO_USE, observe } from "../../lambda/policy/forecast.ts";
import { FRESH_MEMORY, serializeMemory } from "../../lambda/policy/memory.ts";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { assetsIn } from "../infra/run-app.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws-stand-in.ts";
import { DEPLOYED_CONFIG, environmentOf } from "../support/settings.ts";
import { synthesize } from "./growth.ts";
import type { Taken } from "./loader.ts";

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A quiet check finds nothing new; an alerting one publishes. */
const CREDITS = { quiet: 5000, alerting: 212 } as const;
export type Scenario = keyof typeof CREDITS;

export interface ColdCheck extends Taken {
  /** What was asked of AWS, in order. */
  readonly calls: readonly string[];
}

type Bundles = Readonly<Record<"deployed" | "defaults" | "floor", string>>;

/** Makes what is measured beside each other, and the loader to measure it with. */
export function makeBundles(folder: string): { readonly loader: string; readonly bundles: Bundles } {
  const entryPoints = [pathOf("loader.ts"), pathOf("floor.ts")];
  const options = { bundle: true, minify: true, platform: "node", target: "node24" } as const;
  buildSync({ ...options, entryPoints, format: "esm", outExtension: { ".js": ".mjs" }, outdir: folder });
  const deployed = join(folder, "deployed");
  synthesize(deployed, 1);
  return {
    loader: join(folder, "loader.mjs"),
    bundles: {
      deployed: codeIn(deployed),
      defaults: codeIn(synthesizeDefaults(join(folder, "defaults"))),
      floor: join(folder, "floor.mjs"),
    },
  };
}

/** The same handler as NodejsFunction bundles it by itself: not minified, and the SDK left to the runtime. */
function synthesizeDefaults(outdir: string): string {
  const app = new App({ outdir });
  new NodejsFunction(new Stack(app, "Bench"), "Function", {
    entry: ENTRY,
    depsLockFilePath: LOCK_FILE,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
  });
  app.synth();
  return outdir;
}

function codeIn(outdir: string): string {
  const [asset] = assetsIn(outdir);
  if (asset === undefined) throw new Error(`${outdir} has no code`);
  return join(asset, "index.js");
}

/** The memory of an account that has been well for a week, as a check every 15 minutes has it. */
function rememberedAt(now: number): string {
  let use = NO_USE;
  for (let minutes = 7 * 24 * 60; minutes > 0; minutes -= 15) {
    use = observe(use, { at: now - minutes * 60_000, credits: CREDITS.quiet + minutes });
  }
  const { seen, told } = FRESH_MEMORY;
  const audience = { emails: 1, phones: 1, others: 0 };
  const memory = {
    ...FRESH_MEMORY,
    seen: { ...seen, level: "ok", use },
    told: { ...told, level: "ok", audience, anythingAt: now },
  } as const;
  return serializeMemory(memory);
}

interface World {
  readonly aws: AwsStandIn;
  readonly kie: KieStandIn;
}

/** Runs one check in a process of its own, with an environment like Lambda's and nothing else in it. */
async function checkCold({ aws, kie }: World, loader: string, bundle: string, scenario: Scenario) {
  aws.calls.length = 0;
  aws.parameters
    .set(DEPLOYED_CONFIG.apiKeyParameter, "0123456789abcdef0123456789abcdef")
    .set(DEPLOYED_CONFIG.memoryParameter, rememberedAt(Date.now()));
  kie.answer(credits(CREDITS[scenario]));
  const env = {
    ...environmentOf(),
    KIE_BASE_URL: kie.url,
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "test",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    // Where a bundle without the SDK finds it: Lambda's runtime has one beside it and names it here too.
    NODE_PATH: pathOf("../../node_modules"),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [loader, bundle], { env });
  const taken: Taken = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  if ((taken.report.alert !== null) !== (scenario === "alerting")) {
    throw new Error(`${bundle} made no ${scenario} check: ${JSON.stringify(taken.report)}`);
  }
  return { ...taken, calls: aws.calls.map(({ action }) => action) };
}

/**
 * Measures bundles side by side, round by round, each round in another order.
 *
 * @returns the checks of each bundle, one a round
 */
export async function measureChecks<Name extends string>(
  loader: string,
  bundles: Readonly<Record<Name, string>>,
  scenario: Scenario,
  rounds: number,
): Promise<Record<Name, ColdCheck[]>> {
  const names = Object.keys(bundles) as Name[];
  const checks = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, ColdCheck[]>;
  const world = { aws: await startAwsStandIn(), kie: await startKieStandIn(credits(CREDITS.quiet)) };
  try {
    // The first round only warms up the stand-ins and the file system's cache.
    for (let round = 0; round <= rounds; round++) {
      const turn = round % names.length;
      for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
        const check = await checkCold(world, loader, bundles[name], scenario);
        if (round > 0) checks[name].push(check);
      }
    }
  } finally {
    await Promise.all([world.aws.close(), world.kie.close()]);
  }
  return checks;
}
