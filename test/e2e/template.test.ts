import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from "@aws-sdk/client-cloudformation";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../lambda/config.ts";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { main as doctorMain } from "../../local/doctor/doctor.ts";
import { main as setupMain } from "../../local/setup/setup.ts";
import { run } from "../support/command.ts";
import { invoke } from "../support/deployment.ts";
import { hasMoto, isInstalled, type Moto, startMoto } from "../support/moto.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KEY = "0123456789abcdef0123456789abcdef";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
  const command = [join(ROOT, "local/run.mjs"), "infra/template.ts"];
  const said = execFileSync(process.execPath, command, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(said).toMatch(
    /^kie-credit-alert\.template\.json is written\. Upload it in CloudFormation's console/,
  );
  file = join(folder, "kie-credit-alert.template.json");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!isInstalled("cfn-lint", "pip install cfn-lint"))("the template for the browser", () => {
  it("is one that cfn-lint finds nothing in", () => {
    // Without this project's configuration.
    execFileSync("cfn-lint", [file], { cwd: folder });
  });
});

describe.skipIf(!hasMoto())("the template for the browser, deployed as the console does", () => {
  let moto: Moto;
  let kie: KieStandIn;
  let sqs: SQSClient;
  let ssm: SSMClient;
  let cloudFormation: CloudFormationClient;
  let queue: string;

  beforeAll(async () => {
    moto = await startMoto();
    kie = await startKieStandIn(credits(5000));
    sqs = new SQSClient(moto.client);
    ssm = new SSMClient(moto.client);
    cloudFormation = new CloudFormationClient(moto.client);
    await ssm.send(
      new PutParameterCommand({ Name: "/kie-credit-alert/kie/api-key", Type: "SecureString", Value: KEY }),
    );
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "alerts" }));
    queue = String(QueueUrl);
    // The console uploads the file to a bucket of its own.
    const s3 = new S3Client({ ...moto.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "uploads" }));
    await s3.send(
      new PutObjectCommand({ Bucket: "uploads", Key: "template.json", Body: readFileSync(file) }),
    );
  });
  afterAll(async () => {
    await moto?.stop();
    await kie?.close();
  });

  /** Creates a stack, and takes the function's code from what CloudFormation has. */
  async function createStack(StackName: string, values: Readonly<Record<string, string>>) {
    await cloudFormation.send(
      new CreateStackCommand({
        StackName,
        TemplateURL: `${moto.url}/uploads/template.json`,
        Capabilities: ["CAPABILITY_IAM"],
        Parameters: Object.entries(values).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
      }),
    );
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const { StackResourceSummaries = [] } = await cloudFormation.send(
      new ListStackResourcesCommand({ StackName }),
    );
    const FunctionName = StackResourceSummaries.find(
      ({ ResourceType }) => ResourceType === "AWS::Lambda::Function",
    )?.PhysicalResourceId;
    const { Environment, Handler } = await new LambdaClient(moto.client).send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const { TemplateBody = "" } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
    const { kieFunction13874E8A: deployed } = JSON.parse(TemplateBody).Resources;
    const code = join(folder, StackName);
    mkdirSync(code);
    writeFileSync(join(code, "index.js"), deployed.Properties.Code.ZipFile);
    const environment = Environment?.Variables ?? {};
    return { stack, Handler, environment, folder: code };
  }

  const check = (deployed: { readonly environment: Record<string, string>; readonly folder: string }) =>
    invoke(deployed, { ...moto.env, KIE_BASE_URL: kie.url }, {});

  it("checks with the key, tells by what was filled in, and remembers it by the stack's name", async () => {
    const deployed = await createStack("My-Stack", {
      Email: "me@example.com",
      Phone: "+4915112345667",
      WarningCredits: "2000",
      CriticalCredits: "500",
      TimeZone: "Europe/Berlin",
    });
    expect(deployed.stack?.StackStatus).toBe("CREATE_COMPLETE");
    expect(deployed.Handler).toBe("index.handler");
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }),
    );
    // The emulator's CloudFormation knows no subscriptions.
    await new SNSClient(moto.client).send(
      new SubscribeCommand({
        TopicArn: readConfig(deployed.environment).topicArn,
        Protocol: "sqs",
        Endpoint: Attributes?.["QueueArn"],
      }),
    );

    const well = await check(deployed);
    expect(well.report, well.log).toMatchObject({ account: "kie", credits: 5000, level: "ok", alert: null });
    expect(kie.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);

    kie.answer(credits(480));
    const low = await check(deployed);
    expect(low.report, low.log).toMatchObject({ level: "critical", alert: { kind: "raised" } });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue }));
    expect(JSON.parse(Messages[0]?.Body ?? "").Subject).toBe("Kie CRITICAL: 480 credits left");
    expect(await memories()).toEqual(["/kie-credit-alert/My-Stack/memory"]);
  });

  it("shares no memory with a second stack, which has the defaults", async () => {
    const deployed = await createStack("Second", { Email: "me@example.com" });
    const { report, log } = await check(deployed);
    expect(report, log).toMatchObject({ credits: 480, level: "warning" });
    expect(await memories()).toEqual([
      "/kie-credit-alert/My-Stack/memory",
      "/kie-credit-alert/Second/memory",
    ]);
  });

  it("tells of critical that is not below warning by an error, which the Errors alarm tells", async () => {
    const deployed = await createStack("Wrong", { Email: "me@example.com", CriticalCredits: "1000" });
    const { report, log } = await check(deployed);
    expect(report).toBeUndefined();
    expect(log).toContain("criticalCredits: got 1000, expected less than the warning threshold, 1000");
  });

  it("is known to the doctor by the name KieCreditAlert, and setup does not deploy over it", async () => {
    await createStack("KieCreditAlert", { Email: "me@example.com" });
    const env = { ...moto.env, HOME: folder };
    const doctor = await run(doctorMain, ["--base-url", kie.url], env);
    expect(doctor.stdout, doctor.stderr).toMatch(
      /Stack +CREATE_COMPLETE, .*from the template for the browser/,
    );
    expect(doctor.stdout).toContain("1 missing (email m…@example.com)");
    // The emulator has no alarms, and for others the remedy is a deployment.
    expect(doctor.stdout).toMatch(/Errors alarm +there is none.*\n.*choose Update on the stack/);
    expect(doctor.stdout).not.toContain("npx cdk deploy");

    const setup = await run(setupMain, ["--yes", "--email", "other@example.com"], env, { cwd: folder });
    expect(setup).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^The stack KieCreditAlert here is from/),
    });
  });

  async function memories() {
    const { Parameters = [] } = await ssm.send(
      new GetParametersByPathCommand({ Path: "/kie-credit-alert", Recursive: true }),
    );
    return Parameters.map(({ Name = "" }) => Name)
      .filter((name) => name.endsWith("/memory"))
      .toSorted();
  }
});
