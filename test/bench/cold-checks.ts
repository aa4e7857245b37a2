/** Whole cold checks: a fresh process for each, with stand-ins for SSM, SNS and Kie on loopback. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { App, Stack } from "aws-cdk-lib";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { CHECK, LOCK_FILE } from "../../infra/bundle.ts";
import { credits, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { assetsIn } from "../infra/run-app.ts";
import { startAwsStandIn } from "../support/aws-stand-in.ts";
import { DEPLOYED_CONFIG, environmentOf } from "../support/settings.ts";
import { synthesize } from "./growth.ts";

/** A quiet check finds nothing new; one that tells publishes, and writes the memory twice. */
const CREDITS = { quiet: 5000, telling: 212 } as const;

/** From the bundle's import to the report. Connections are kept alive, as in Lambda, so the process is ended. */
const SCRIPT = `
  const [startedAt, atStart] = [performance.now(), process.cpuUsage()];
  require(process.argv[1]).handler({}).then(({ alert }) => {
    const { user, system } = process.cpuUsage(atStart);
    const taken = { ms: performance.now() - startedAt, processorMs: (user + system) / 1000 };
    process.stdout.write("\\n" + JSON.stringify({ taken, isTold: alert !== null }), () => process.exit());
  });`;

/** By the clock, and by the processor, of all threads. */
interface Taken {
  readonly ms: number;
  readonly processorMs: number;
}

/** What a check took in each round. */
export interface ColdChecks {
  readonly check: keyof typeof CREDITS;
  readonly deployed: Taken[];
  /** By the bundle that NodejsFunction makes by itself: not minified, and the SDK left to the runtime. */
  readonly defaults: Taken[];
}

/**
 * Measures both bundles side by side, round by round.
 *
 * @param folder - where they are synthesized
 */
export async function measureColdChecks(folder: string, rounds: number): Promise<readonly ColdChecks[]> {
  synthesize(join(folder, "deployed"), 1);
  synthesizeDefaults(join(folder, "defaults"));
  const aws = await startAwsStandIn();
  // Its pauses are no part of a cold check.
  aws.isHasty = false;
  const kie = await startKieStandIn(credits(CREDITS.quiet));

  async function run(name: "deployed" | "defaults"): Promise<{ taken: Taken; isTold: boolean }> {
    const bundle = join(assetsIn(join(folder, name))[0] ?? "", "index.js");
    const args = ["--input-type=commonjs", "--eval", SCRIPT, bundle];
    const env = processEnv(aws.url, kie.url);
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  }

  const found: ColdChecks[] = [
    { check: "quiet", deployed: [], defaults: [] },
    { check: "telling", deployed: [], defaults: [] },
  ];
  try {
    aws.parameters.set(DEPLOYED_CONFIG.apiKeyParameter, "0123456789abcdef0123456789abcdef");
    // The first checks make the memory, and warm up the file system's cache.
    for (const name of ["defaults", "deployed"] as const) await run(name);
    const memory = aws.parameters.get(DEPLOYED_CONFIG.memoryParameter) ?? "";
    for (let round = 0; round < rounds; round++) {
      for (const row of found) {
        kie.answer(credits(CREDITS[row.check]));
        const names = ["deployed", "defaults"] as const;
        for (const name of round % 2 === 0 ? names : names.toReversed()) {
          aws.parameters.set(DEPLOYED_CONFIG.memoryParameter, memory);
          const { taken, isTold } = await run(name);
          if (isTold !== (row.check === "telling"))
            throw new Error(`${name}: this was no ${row.check} check`);
          row[name].push(taken);
        }
      }
    }
  } finally {
    await Promise.all([aws.close(), kie.close()]);
  }
  return found;
}

function synthesizeDefaults(outdir: string): void {
  const app = new App({ outdir });
  new NodejsFunction(new Stack(app, "Bench"), "Function", {
    entry: CHECK,
    depsLockFilePath: LOCK_FILE,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
  });
  app.synth();
}

/** An environment like Lambda's, with nothing else in it. */
function processEnv(awsUrl: string, kieUrl: string) {
  return {
    ...environmentOf(),
    KIE_BASE_URL: kieUrl,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    // Where a bundle without the SDK finds it, as in Lambda.
    NODE_PATH: fileURLToPath(new URL("../../node_modules", import.meta.url)),
  };
}
