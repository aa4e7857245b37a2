import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClients } from "../../../local/aws.ts";
import { CommandError } from "../../../local/command.ts";
import { ensureBootstrap } from "../../../local/setup/bootstrap.ts";
import { stubAws } from "../../support/credentials.ts";
import { startSetupStandIn } from "./aws.ts";
import { createScript } from "./script.ts";

const IDENTITY = { account: "123456789012", who: "user/me", region: "eu-central-1" };
const PARAMETER = "/cdk-bootstrap/hnb659fds/version";
const SETTING = "@aws-cdk/core:bootstrapQualifier";

type Aws = Awaited<ReturnType<typeof startSetupStandIn>>;

describe("the bootstrap", () => {
  const here = process.cwd();
  let folder: string;
  let aws: Aws;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(here);
    vi.unstubAllEnvs();
    await aws.close();
    rmSync(folder, { recursive: true });
  });

  /** @param cdk - what the CDK does, and the lines that it writes */
  async function bootstrap(
    statuses: readonly string[],
    arrange: (aws: Aws) => void = () => {},
    answers = {},
    cdk: (log: (line: string) => void) => void = () => {},
  ) {
    aws = await startSetupStandIn(statuses);
    arrange(aws);
    stubAws(aws.url);
    vi.stubEnv("HOME", folder);
    const script = createScript(answers);
    const ran: string[] = [];
    const problem = await ensureBootstrap(script.prompts, createClients(), IDENTITY, async (args, log) => {
      ran.push(args.join(" "));
      cdk(log);
    }).then(
      () => null,
      (error: Error) => error.message,
    );
    return { problem, ran, asked: script.asked, said: script.said(), calls: aws.calls };
  }
  const isThere = ({ parameters }: Aws) => {
    parameters.set(PARAMETER, { Type: "String", Value: "25" });
  };

  it("is left as it is if it is there", async () => {
    const { problem, said, ran, asked } = await bootstrap(["CREATE_COMPLETE"], isThere);
    expect({ problem, ran, asked }).toEqual({ problem: null, ran: [], asked: [] });
    expect(said).toMatch(/^CDK: already set up in 123456789012, eu-central-1$/);
  });

  it("is waited for if an earlier setup was stopped in the middle of it", async () => {
    const { said, calls } = await bootstrap(
      ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"],
      isThere,
    );
    expect(said).toMatch(/^Waiting: CDKToolkit is being changed/);
    expect(calls).toEqual([
      "DescribeStacks",
      "DescribeStacks",
      "DescribeStacks",
      "GetParameter",
      "HeadBucket",
    ]);
  });

  it("is explained before it is done, and may be declined", async () => {
    const { problem, said } = await bootstrap([], () => {}, { Bootstrap: false });
    expect(said).toContain("lets CloudFormation change anything in this AWS account");
    expect(said).toContain("needs the credentials of an administrator");
    expect(problem).toBe("Nothing is deployed. npm run setup goes on from here.");
  });

  it("is done if there is none", async () => {
    const { problem, ran } = await bootstrap(
      [],
      () => {},
      {},
      () => isThere(aws),
    );
    expect({ problem, ran }).toEqual({ problem: null, ran: ["bootstrap aws://123456789012/eu-central-1"] });
  });

  it("is left to the CDK if nobody may look", async () => {
    const { problem, ran, asked } = await bootstrap(["CREATE_COMPLETE"], ({ denied }) => {
      denied.add("GetParameter").add("DescribeStacks");
    });
    expect({ problem, ran, asked }).toEqual({ problem: null, ran: [], asked: [] });
  });

  it("counts as there if nobody may look at its bucket", async () => {
    const { problem, said } = await bootstrap(["CREATE_COMPLETE"], (one) => {
      isThere(one);
      one.denied.add("HeadBucket");
    });
    expect(problem).toBeNull();
    expect(said).toMatch(/^CDK: already set up in 123456789012, eu-central-1$/);
  });

  it("that has another qualifier is named, with both ways out, before anything is done", async () => {
    const { problem, ran, said } = await bootstrap(["CREATE_COMPLETE"], ({ world }) => {
      world.qualifier = "corp1";
    });
    expect(problem).toMatch(/qualifier corp1, but this app asks for hnb659fds\./);
    expect(problem).toContain(
      `Put "${SETTING}": "corp1" into "context" of cdk.json, then npm run setup again.`,
    );
    expect(problem).toContain(
      "cdk bootstrap --qualifier hnb659fds --toolkit-stack-name CDKToolkit-hnb659fds",
    );
    expect({ ran, said }).toEqual({ ran: [], said: "" });
  });

  it.each([
    ["cdk.json", { context: { [SETTING]: "corp1" } }],
    ["cdk.context.json", { [SETTING]: "corp1" }],
    [".cdk.json", { context: { [SETTING]: "corp1" } }],
  ])("is looked for under the qualifier of %s", async (file, content) => {
    writeFileSync(join(folder, file), JSON.stringify(content));
    const { problem, said } = await bootstrap(["CREATE_COMPLETE"], ({ parameters, world }) => {
      world.qualifier = "corp1";
      parameters.set("/cdk-bootstrap/corp1/version", { Type: "String", Value: "25" });
    });
    expect(problem).toBeNull();
    expect(said).toMatch(/^CDK: already set up in 123456789012, eu-central-1$/);
  });

  it("whose bucket is gone is named, with the way out", async () => {
    const { problem, said } = await bootstrap(["CREATE_COMPLETE"], (one) => {
      isThere(one);
      one.world.hasBucket = false;
    });
    expect(problem).toMatch(
      /bucket cdk-hnb659fds-assets-123456789012-eu-central-1 is gone, .* aws cloudformation delete-stack --stack-name CDKToolkit$/,
    );
    expect(said).not.toContain("already set up");
  });

  it("is no circle if its parameter is gone", async () => {
    const { problem, ran } = await bootstrap(["UPDATE_COMPLETE"]);
    expect(ran).toHaveLength(1);
    expect(problem).toMatch(/its parameter \/cdk-bootstrap\/hnb659fds\/version is not, .* delete-stack/);
  });

  it("is done anew over one from before there were qualifiers", async () => {
    const { problem, ran } = await bootstrap(
      ["CREATE_COMPLETE"],
      ({ world }) => {
        world.qualifier = null;
      },
      {},
      () => isThere(aws),
    );
    expect(problem).toBeNull();
    expect(ran).toHaveLength(1);
  });

  it("that may not make roles says who may", async () => {
    const fail = (log: (line: string) => void) => {
      log("User: arn:aws:iam::1:user/me is not authorized to perform: iam:CreateRole");
      throw new CommandError("cdk bootstrap ended with exit code 1.");
    };
    const { problem } = await bootstrap([], () => {}, {}, fail);
    expect(problem).toMatch(
      /^cdk bootstrap ended with exit code 1\. It makes IAM roles, .* an administrator/,
    );
  });

  it("that fails for another reason says nothing of administrators", async () => {
    const fail = (log: (line: string) => void) => {
      log("Rate exceeded");
      throw new CommandError("cdk bootstrap ended with exit code 1.");
    };
    expect((await bootstrap([], () => {}, {}, fail)).problem).toBe("cdk bootstrap ended with exit code 1.");
  });
});
