/** The product set up in an emulator of AWS, so that what setup and doctor print is real. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { credits, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { start } from "../support/command.ts";
import {
  addOutputs,
  type DeployedFunction,
  describeAlarms,
  invoke,
  readFunction,
  setupEnvironment,
  writeCdkJson,
} from "../support/deployment.ts";
import { type Moto, startMoto } from "../support/moto.ts";
import { type OwnAnswer, startWiretap } from "../support/wiretap.ts";

const EMAIL = "me@example.com";
const PHONE = "+4915112345667";
const OPTIONS = ["--email", EMAIL, "--phone", PHONE];
/** As people would type it. */
export const SETUP_LINE = `npm run setup -- --yes ${OPTIONS.join(" ")}`;

/** Runs setup in a new AWS account, and the doctor after it. */
export async function runSetupAndDoctor(): Promise<{ setup: string; doctor: string }> {
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
        : null) ??
      (await addOutputs(moto, passing)) ??
      answerXml(body)
    );
  });
  try {
    writeCdkJson(folder);
    const env = { ...setupEnvironment(moto, aws.url, folder), FORCE_COLOR: "1" };
    const run = async (file: string, ...args: readonly string[]) => {
      const { process: child, outcome } = start(
        file,
        args,
        { ...env, KIE_API_KEY: "0123456789abcdef0123456789abcdef" },
        folder,
      );
      child.stdin?.end();
      const { stdout, stderr } = await outcome;
      if (stderr !== "") throw new Error(stderr);
      return stdout;
    };
    return {
      setup: await run("local/setup/setup.ts", "--yes", "--base-url", kie.url, ...OPTIONS),
      // The stand-in's address would only puzzle.
      doctor: (await run("local/doctor/doctor.ts", "--base-url", kie.url)).replaceAll(
        new URL(kie.url).host,
        "api.kie.ai",
      ),
    };
  } finally {
    await aws.close();
    await moto.stop();
    await kie.close();
    rmSync(folder, { recursive: true });
  }
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
