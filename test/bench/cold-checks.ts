/** Whole cold checks: a fresh process for each, against stand-ins for SSM, SNS and Kie on loopback. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Environment } from "../../lambda/config.ts";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws-stand-in.ts";
import { ENVIRONMENT } from "../support/settings.ts";
import type { ColdCheck } from "./loader.ts";

const NODE_MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** A quiet check finds nothing new; an alerting one publishes and remembers. */
export const CREDITS = { quiet: 5000, alerting: 212 } as const;
export type Scenario = keyof typeof CREDITS;

export interface World {
  readonly aws: AwsStandIn;
  readonly kie: KieStandIn;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const aws = await startAwsStandIn();
  const kie = await startKieStandIn(credits(CREDITS.quiet));
  return {
    aws,
    kie,
    async close() {
      await aws.close();
      await kie.close();
    },
  };
}

/** The memory of an account that was well a quarter of an hour ago, with a day of samples. */
function remembered(now: number): string {
  const samples = Array.from({ length: 48 }, (_, index) => [
    now - (48 - index) * 1_800_000 + 900_000,
    CREDITS.quiet + 48 - index,
  ]);
  return JSON.stringify({
    version: 1,
    level: "ok",
    told: null,
    failing: null,
    blind: null,
    samples,
  });
}

/** Runs one check in a process of its own, with an environment like Lambda's and nothing else in it. */
export async function checkCold(
  { aws, kie }: World,
  loader: string,
  bundle: string,
  scenario: Scenario,
): Promise<ColdCheck> {
  aws.parameters
    .set(ENVIRONMENT.API_KEY_PARAMETER, "0123456789abcdef0123456789abcdef")
    .set(ENVIRONMENT.MEMORY_PARAMETER, remembered(Date.now()));
  kie.answer(credits(CREDITS[scenario]));
  const environment: Environment = { ...ENVIRONMENT, KIE_BASE_URL: kie.url };
  const lambda = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "test",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    // Where a bundle without the SDK finds it: Lambda's runtime has one beside it and names it here too.
    NODE_PATH: NODE_MODULES,
  };
  const child = spawn(process.execPath, [loader, bundle], {
    env: { ...environment, ...lambda },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [told = "", output] = await Promise.all([
    textOf(child.stdio[3]),
    Promise.all([textOf(child.stdout), textOf(child.stderr)]),
    new Promise((ended) => {
      child.on("close", ended);
    }),
  ]);
  if (told === "") throw new Error(`${bundle} made no report:\n${output.join("")}`);
  const check: ColdCheck = JSON.parse(told);
  if ((check.report.alert !== null) !== (scenario === "alerting")) {
    throw new Error(`${bundle} made no ${scenario} check: ${JSON.stringify(check.report)}`);
  }
  return check;
}

/**
 * Measures bundles side by side, round by round, each round in another order.
 *
 * @returns the checks of each bundle, one a round
 */
export async function measureChecks(
  loader: string,
  bundles: Readonly<Record<string, string>>,
  scenario: Scenario,
  rounds: number,
): Promise<Record<string, ColdCheck[]>> {
  const world = await startWorld();
  const checks: Record<string, ColdCheck[]> = Object.fromEntries(
    Object.keys(bundles).map((name) => [name, []]),
  );
  const names = Object.keys(bundles);
  try {
    // The first round only warms up the stand-ins and the file system's cache.
    for (let round = 0; round <= rounds; round++) {
      for (const index of names.keys()) {
        const name = names[(index + round) % names.length] ?? "";
        const check = await checkCold(world, loader, bundles[name] ?? "", scenario);
        if (round > 0) checks[name]?.push(check);
      }
    }
  } finally {
    await world.close();
  }
  return checks;
}

async function textOf(stream: unknown): Promise<string> {
  let text = "";
  for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString("utf8");
  return text;
}
