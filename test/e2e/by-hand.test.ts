import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { credits, type KieStandIn, kieError, startKieStandIn } from "../../local/kie-stand-in.ts";
import { type Outcome, start } from "../support/command.ts";
import { type DeployedFunction, deploy, invoke, readFunction, writeCdkJson } from "../support/deployment.ts";
import { hasMoto, type Moto, startMoto } from "../support/moto.ts";
import { type OwnAnswer, type Passing, startWiretap, type Wiretap } from "../support/wiretap.ts";

const KEY = "canary-0123456789abcdef0123456789abcdef";

describe.skipIf(!hasMoto())("what is asked by hand of a deployed stack with two accounts", () => {
  let moto: Moto;
  let kie: KieStandIn;
  let folder: string;
  let aws: Wiretap;
  let deployed: Record<string, DeployedFunction>;
  /** What AWS would answer to a call; each test may add some. */
  let answers: ((passing: Passing) => OwnAnswer | Promise<OwnAnswer | null> | null)[];
  /** All that was printed. */
  const said: string[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    kie = await startKieStandIn(credits(5000));
    folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
    writeCdkJson(folder, { accounts: [{ name: "music-2" }, { name: "video" }], timeZone: "Europe/Berlin" });
    await deploy(moto.env, join(folder, "cdk.out"), { email: "me@example.com" }, folder);
    aws = await startWiretap(moto.url, async (passing) => {
      for (const answer of answers) {
        const own = await answer(passing);
        if (own !== null) return own;
      }
      return null;
    });
    deployed = {
      "music-2": await readFunction(moto, join(folder, "music"), "music"),
      video: await readFunction(moto, join(folder, "video"), "video"),
    };
    const ssm = new SSMClient(moto.client);
    for (const account of ["music-2", "video"]) {
      const Name = `/kie-credit-alert/${account}/api-key`;
      await ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value: KEY }));
    }
  });
  beforeEach(() => {
    kie.answer(credits(5000));
    answers = [runFunction];
  });
  afterAll(async () => {
    await aws?.close();
    await moto?.stop();
    await kie?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** lambda:Invoke: the emulator would need Docker, so the deployed code is run under this Node. */
  async function runFunction({ path, body }: Passing): Promise<OwnAnswer | null> {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(path)?.[1];
    const called = Object.values(deployed).find((one) => one.name === decodeURIComponent(name ?? ""));
    if (called === undefined) return null;
    const { report, log } = await invoke(
      called,
      { ...moto.env, KIE_BASE_URL: kie.url },
      JSON.parse(body || "{}"),
    );
    said.push(log);
    if (report !== undefined) return { body: JSON.stringify(report) };
    const [, errorType, errorMessage] = /^(\w+Error): (.*)$/m.exec(log) ?? [];
    return {
      headers: { "x-amz-function-error": "Unhandled" },
      body: JSON.stringify({ errorType, errorMessage, trace: [] }),
    };
  }

  const env = (): Record<string, string> => ({ ...moto.env, AWS_ENDPOINT_URL: aws.url, HOME: folder });

  async function check(...args: string[]): Promise<Outcome> {
    const outcome = await start("local/check.ts", ["--deployed", ...args], env()).outcome;
    said.push(outcome.stdout, outcome.stderr);
    return outcome;
  }

  describe("check --deployed", () => {
    it("gives a table of several accounts, and the worst of their exit codes", async () => {
      kie.answer(credits(5000), credits(900));
      const { code, stdout, stderr } = await check("--dry-run");
      expect(stdout).toMatch(/^Account {2}Level +Credits {2}Runway {2}Alert\nmusic-2 .*\nvideo .*\n$/);
      expect(stdout).toMatch(/ OK +5,000 +- +-\n/);
      expect(stdout).toMatch(/ WARNING +900 +- +raised, would be told\n/);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    });

    it("gives the report of the one account asked for", async () => {
      const { code, stdout, stderr } = await check("--account", "video", "--need", "1530");
      expect(stdout).toBe(`Account   video
Level     OK
Credits   5,000, worth about $25.00
Runway    unknown: less than 6 h of readings, or nothing was used
Need      1,530: enough
Audience  0 confirmed, 0 pending: nobody is told
`);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });

    it("sends a test message through the topic", async () => {
      const { code, stdout } = await check("--account", "video", "--test");
      expect(stdout).toContain("Alert     test, told: [Kie credits: video] TEST, OK: 5,000 credits left\n");
      expect(code).toBe(0);
    });

    it("has the exit code of what is needed and not there", async () => {
      expect((await check("--need", "5001", "--dry-run")).code).toBe(2);
    });

    it("prints one report as JSON, or a list of several", async () => {
      const one = await check("--json", "--account", "video");
      expect(JSON.parse(one.stdout)).toMatchObject({ account: "video", credits: 5000, level: "ok" });
      const both = await check("--json");
      expect(JSON.parse(both.stdout)).toMatchObject([{ account: "music-2" }, { account: "video" }]);
    });

    it("shows what a failure means, with the name of the deployed parameter", async () => {
      kie.answer(kieError(401, `no access with ${KEY}`));
      const { code, stdout } = await check("--account", "video", "--dry-run");
      expect(stdout).toContain("Level     UNKNOWN, last known: ok\n");
      expect(stdout).toContain("--name /kie-credit-alert/video/api-key --value YOUR_KEY");
      expect(code).toBe(3);
    });

    it("shows the error of a check that broke off, beside the others", async () => {
      answers.unshift(({ path }) =>
        path.includes(encodeURIComponent(deployed["video"]?.name ?? "?")) && path.endsWith("/invocations")
          ? {
              headers: { "x-amz-function-error": "Unhandled" },
              body: JSON.stringify({ errorType: "AwsCallError", errorMessage: "ssm:GetParameters failed" }),
            }
          : null,
      );
      const { code, stdout } = await check();
      expect(stdout).toMatch(/^music-2 +OK /m);
      expect(stdout).toMatch(/^video +UNKNOWN +- +- +-$/m);
      expect(stdout).toContain("Error    AwsCallError: ssm:GetParameters failed\n");
      expect(code).toBe(3);

      const { stdout: json } = await check("--json", "--account", "video");
      expect(JSON.parse(json)).toEqual({
        account: "video",
        error: { type: "AwsCallError", message: "ssm:GetParameters failed" },
      });
    });

    it("shows that a function may not be called", async () => {
      answers.unshift(({ path }) =>
        path.endsWith("/invocations")
          ? {
              status: 403,
              headers: { "x-amzn-errortype": "AccessDeniedException" },
              body: JSON.stringify({ Message: "User: me is not authorized" }),
            }
          : null,
      );
      const { code, stdout, stderr } = await check("--account", "video");
      expect(stdout).toMatch(
        /Error +AwsProblem: lambda:InvokeFunction of \S+ is denied: User: me is not authorized/,
      );
      expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    });

    it("names an account that there is not, and those there are", async () => {
      const { code, stderr } = await check("--account", "vidoe");
      expect(stderr).toBe('--account: got "vidoe", but the stack watches music-2, video\n');
      expect(code).toBe(3);
    });

    it("says in one line that there is no such stack", async () => {
      const { code, stdout, stderr } = await check("--stack", "Other");
      expect(stderr).toMatch(/^There is no stack Other in this AWS account and region\. Deploy it .*\n$/);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    });

    it("ends at once and quietly on Ctrl-C", async () => {
      let asked = false;
      answers.unshift(({ path }) => {
        asked ||= path.endsWith("/invocations");
        return asked ? new Promise<null>(() => {}) : null;
      });
      const { process, outcome } = start("local/check.ts", ["--deployed"], env());
      await vi.waitUntil(() => asked, { timeout: 20_000 });
      process.kill("SIGINT");
      expect(await outcome).toEqual({ code: 130, stdout: "", stderr: "" });
    });
  });

  it("has shown the key to nobody", () => {
    expect(said.length).toBeGreaterThan(20);
    expect([...said, ...aws.sent].join("\n")).not.toContain(KEY);
  });
});
