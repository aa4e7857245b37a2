/** The product set up in an emulator of AWS, so that what setup and doctor print is real. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { credits, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { start } from "../support/command.ts";
import {
  type DeployedFunction,
  describeAlarms,
  invoke,
  readFunction,
  setupEnvironment,
  writeCdkJson,
} from "../support/deployment.ts";
import { type Moto, startMoto } from "../support/moto.ts";
import { startAtTerminal } from "../support/terminal.ts";
import { type OwnAnswer, startWiretap } from "../support/wiretap.ts";

const EMAIL = "me@example.com";
const PHONE = "+4915112345667";
const KEY = "0123456789abcdef0123456789abcdef";

/** Questions of setup, and what somebody types; all others get Enter alone. */
const ANSWERS = [
  ["The Kie API key of kie", KEY],
  ["A Slack, Discord", ""],
  ["Emails that get every message", EMAIL],
  ["Phones that get an SMS", PHONE],
  ["Time zone", ""],
  ["Warning at or below", ""],
  ["Critical at or below", ""],
  ["A dashboard with graphs?", ""],
  ["Is this right?", ""],
  ["Bootstrap?", ""],
  ["Deploy?", ""],
  ["Send everybody a test message?", ""],
] as const;

/** How the steps of setup begin that the picture shows. */
const SHOWN = /^(◇ {2}(The Kie API key|Emails|Deploy\?)|◆ {2}(Deploying|First check)|└)/;

/**
 * Runs setup in a new AWS account, and the doctor after it.
 *
 * @param columns - of the terminal that setup runs at
 */
export async function runSetupAndDoctor(columns: number): Promise<{ setup: string; doctor: string }> {
  const moto = await startMoto();
  const kie = await startKieStandIn(credits(12_400));
  const folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
  let deployed: DeployedFunction | undefined;
  const aws = await startWiretap(moto.url, async (passing) => {
    const { path, headers, body } = passing;
    if (/^\/2015-03-31\/functions\/[^/]+\/invocations/.test(path)) {
      deployed ??= await readDeployment(moto, join(folder, "code"));
      const env = { ...moto.env, KIE_BASE_URL: kie.url };
      const { report } = await invoke(deployed, env, JSON.parse(body || "{}"));
      return { body: JSON.stringify(report) };
    }
    return (
      (deployed && headers["x-amz-target"]?.endsWith(".DescribeAlarms")
        ? { body: JSON.stringify({ MetricAlarms: describeAlarms([deployed]) }) }
        : null) ?? answerXml(body)
    );
  });
  try {
    writeCdkJson(folder);
    const env = setupEnvironment(moto, aws.url, folder);
    const terminal = startAtTerminal("local/setup/setup.ts", ["--base-url", kie.url], env, {
      columns,
      cwd: folder,
    });
    for (const [question, answer] of ANSWERS) {
      await terminal.shows(question);
      terminal.type(`${answer}\r`);
    }
    const { code, screen } = await terminal.ended();
    if (code !== 0) throw new Error(screen);
    const doctor = start(
      "local/doctor/doctor.ts",
      ["--base-url", kie.url],
      { ...env, FORCE_COLOR: "1" },
      folder,
    );
    const { stdout, stderr } = await doctor.outcome;
    if (stderr !== "") throw new Error(stderr);
    // The stand-in's address would only puzzle.
    return { setup: cutSetup(screen), doctor: stdout.replaceAll(new URL(kie.url).host, "api.kie.ai") };
  } finally {
    await aws.close();
    await moto.stop();
    await kie.close();
    rmSync(folder, { recursive: true });
  }
}

/** What matters of what setup writes; a line of dots for the rest. In clack's colours, since they are not recorded. */
function cutSetup(screen: string): string {
  // A question is written again with each key that is typed, and once more when it is answered.
  const steps = screen
    .trimEnd()
    .replaceAll(/◆ {2}(.+)\n[^◇]*(?=◇ {2}\1\n)/g, "")
    .split("\n│\n");
  const shown = steps.map((step) => (SHOWN.test(step) ? step : "..."));
  const paint = (...[format, text]: Parameters<typeof styleText>) =>
    styleText(format, text, { validateStream: false });
  return shown
    .filter((step, index) => step !== "..." || shown[index - 1] !== "...")
    .join("\n")
    .replaceAll(/^[◇◆]/gm, (sign) => paint("green", sign))
    .replaceAll(/^[│└]/gm, (bar) => paint("dim", bar));
}

/** The function; and what the emulator's CloudFormation does not make: subscriptions, and a metric from the log. */
async function readDeployment({ client, ...moto }: Moto, folder: string): Promise<DeployedFunction> {
  const deployed = await readFunction({ client, ...moto }, folder);
  const sns = new SNSClient(client);
  const TopicArn = deployed.config.topicArn;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: EMAIL }));
  const Attributes = { FilterPolicy: JSON.stringify({ sms: ["yes"] }) };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sms", Endpoint: PHONE, Attributes }));
  const Dimensions = [{ Name: "FunctionName", Value: deployed.name }];
  const MetricData = [{ MetricName: "Invocations", Dimensions, Value: 1, Timestamp: new Date() }];
  await new CloudWatchClient(client).send(new PutMetricDataCommand({ Namespace: "AWS/Lambda", MetricData }));
  return deployed;
}

/** Calls that the emulator does not know, or not for lack of a change set. */
function answerXml(body: string): OwnAnswer | null {
  const results: Readonly<Record<string, string>> = {
    DeleteChangeSet: "",
    GetSMSSandboxAccountStatus: "<IsInSandbox>false</IsInSandbox>",
    ListOriginationNumbers: "<PhoneNumbers/>",
  };
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? "";
  const result = results[action];
  if (result === undefined) return null;
  return { body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
}
