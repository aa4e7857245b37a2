/** The real app, deployed with the CDK's command line; and what was deployed, run under this Node. */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  CloudFormationClient,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from "@aws-sdk/client-cloudformation";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { unzipSync } from "fflate";
import cdkJson from "../../cdk.json" with { type: "json" };
import { ALARMS } from "../../infra/alarms.ts";
import { type FunctionConfig, readConfig } from "../../lambda/config.ts";
import type { Moto } from "./moto.ts";
import type { OwnAnswer, Passing } from "./wiretap.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STACK = "KieCreditAlert";

type Env = Readonly<Record<string, string>>;

/**
 * Deploys to a fresh AWS account, from a folder of its own.
 *
 * @param project - the folder, which gets the project's cdk.json and these settings beside it
 * @returns all that was printed
 */
export async function deploy(env: Env, project: string, settings: unknown): Promise<string> {
  writeCdkJson(project);
  writeFileSync(join(project, "settings.json"), JSON.stringify(settings));
  const cdk = async (...args: string[]) => {
    const { stdout, stderr } = await promisify(execFile)(join(ROOT, "node_modules/.bin/cdk"), args, {
      cwd: project,
      env: { ...process.env, ...env },
    });
    return stdout + stderr;
  };
  return (await cdk("bootstrap")) + (await cdk("deploy", "--require-approval", "never"));
}

/**
 * Makes a folder a project of the real app.
 *
 * @param before - what the shell runs before the app: `env > environment.txt &&`
 */
export function writeCdkJson(project: string, before = ""): void {
  const app = `${before} ${process.execPath} ${join(ROOT, "local/run.mjs")} infra/app.ts`;
  writeFileSync(join(project, "cdk.json"), JSON.stringify({ ...cdkJson, app }));
}

/**
 * What setup and the doctor run in, with a project for their home.
 *
 * @param awsUrl - where calls to AWS go: the emulator, or a wiretap before it
 */
export function setupEnvironment(moto: Moto, awsUrl: string, project: string): Env {
  return {
    PATH: process.env["PATH"] ?? "",
    ...moto.env,
    AWS_ENDPOINT_URL: awsUrl,
    // The emulator finds the template by a host named localhost only.
    AWS_ENDPOINT_URL_S3: moto.url,
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: moto.url,
    HOME: project,
    TZ: "Europe/Berlin",
  };
}

/** A function as AWS has it. */
export interface DeployedCode {
  readonly name: string;
  readonly environment: Env;
  /** Where its code was unpacked to. */
  readonly folder: string;
  /** The modes of the files in its zip, in octal. */
  readonly modes: readonly string[];
}

/** A function that checks. */
export interface DeployedFunction extends DeployedCode {
  readonly config: FunctionConfig;
}

/**
 * Reads a check back. See {@link readCode}.
 *
 * @param account - needed if the stack has several functions
 */
export async function readFunction(moto: Moto, folder: string, account = ""): Promise<DeployedFunction> {
  const code = await readCode(moto, folder, account);
  return { ...code, config: readConfig(code.environment) };
}

/**
 * Reads environment and code of a deployed function back. The code's address is the emulator's own bucket,
 * and its hash what the function has.
 *
 * @param beginning - of its logical id
 */
export async function readCode({ client }: Moto, folder: string, beginning: string): Promise<DeployedCode> {
  const cloudFormation = new CloudFormationClient(client);
  const { StackResourceSummaries = [] } = await cloudFormation.send(
    new ListStackResourcesCommand({ StackName: STACK }),
  );
  const found = StackResourceSummaries.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === "AWS::Lambda::Function" && LogicalResourceId?.startsWith(beginning),
  );
  const name = String(found?.PhysicalResourceId);
  const { Configuration } = await new LambdaClient(client).send(
    new GetFunctionCommand({ FunctionName: name }),
  );

  const { TemplateBody = "" } = await cloudFormation.send(new GetTemplateCommand({ StackName: STACK }));
  const key = JSON.parse(TemplateBody).Resources[String(found?.LogicalResourceId)].Properties.Code.S3Key;
  const bucket = `cdk-hnb659fds-assets-123456789012-${client.region}`;
  const { Body } = await new S3Client({ ...client, forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: bucket, Key: key }),
  );
  const zip = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const hash = createHash("sha256").update(zip).digest("base64");
  if (hash !== Configuration?.CodeSha256) throw new Error(`${bucket}/${key} is not what ${name} runs`);

  for (const [path, content] of Object.entries(unzipSync(zip))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return { name, environment: Configuration.Environment?.Variables ?? {}, folder, modes: modesIn(zip) };
}

/** As the central directory has them, 4.3.12 of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
function modesIn(zip: Uint8Array): string[] {
  const bytes = Buffer.from(zip);
  const modes: string[] = [];
  for (let at = bytes.indexOf("PK\x01\x02"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 4)) {
    modes.push(((bytes.readUInt32LE(at + 38) >>> 16) & 0o777).toString(8));
  }
  return modes;
}

/** What one run of the function's code came to. */
export interface Invocation {
  /** What the handler returned; undefined if it threw. */
  readonly report: unknown;
  /** All that the process wrote, as Lambda would take it to the log. */
  readonly log: string;
}

/**
 * Runs the deployed code once, in a process of its own, with the deployed environment and `env` over it. Its pauses
 * take no time. Of an error it logs the type and the stack, as Lambda does:
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/LogPatch.js
 */
export async function invoke(
  deployed: Pick<DeployedFunction, "environment" | "folder">,
  env: Env,
  event: unknown,
): Promise<Invocation> {
  const script = `
    require("node:timers/promises").setTimeout = async () => {};
    Promise.try(() => require("./index.js").handler(${JSON.stringify(event)}))
      .then((report) => process.send(report ?? null), (error) =>
        console.error("errorType: " + error.constructor.name + "\\n" + error.stack))
      .then(() => process.disconnect());`;
  const child = spawn(process.execPath, ["--input-type=commonjs", "--eval", script], {
    cwd: deployed.folder,
    env: { ...deployed.environment, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let report: unknown;
  child.on("message", (message) => {
    report = message;
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
    });
  }
  await once(child, "close");
  return { report, log };
}

export const DASHBOARD =
  "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/KieCreditAlert";

/** cloudformation:DescribeStacks: the emulator's CloudFormation knows no outputs. */
export async function addOutputs({ url }: Moto, { path, headers, body }: Passing): Promise<OwnAnswer | null> {
  if (!body.startsWith("Action=DescribeStacks&")) return null;
  const answer = await fetch(url + path, { method: "POST", headers, body });
  const output = `<OutputKey>DashboardAddress</OutputKey><OutputValue>${DASHBOARD}</OutputValue>`;
  const xml = await answer.text();
  return {
    status: answer.status,
    body: xml.replace("</StackStatus>", `</StackStatus><Outputs><member>${output}</member></Outputs>`),
  };
}

/**
 * cloudwatch:DescribeAlarms of these functions and their topic: the emulator's CloudFormation knows no alarms.
 *
 * @param isTold - whether all are in the state that they tell; else they are OK
 */
export function describeAlarms(
  deployed: readonly DeployedFunction[],
  isTold = false,
  webhooks: readonly DeployedCode[] = [],
) {
  const topicArn = deployed[0]?.config.topicArn ?? "";
  const owners = {
    account: deployed.flatMap(({ name, config }) => [name, config.account]),
    topic: [topicArn.split(":").at(-1)],
    webhook: webhooks.map(({ name }) => name),
  };
  return Object.values(ALARMS).flatMap(({ metricName, watches, tells }) =>
    owners[watches].map((Value) => ({
      MetricName: metricName,
      Dimensions: [{ Name: "owner", Value }],
      ActionsEnabled: true,
      StateValue: isTold ? tells : "OK",
      [tells === "ALARM" ? "AlarmActions" : "InsufficientDataActions"]: [topicArn],
    })),
  );
}
