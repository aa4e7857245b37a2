import { describe, expect, it, vi } from "vitest";
import { parseSettings } from "../../../infra/settings.ts";
import { createClients } from "../../../local/aws.ts";
import { deploy, findDeployed, summaryOf } from "../../../local/setup/deploy.ts";
import { stubAws } from "../../support/credentials.ts";
import { startSetupStandIn } from "./aws.ts";
import { createScript } from "./script.ts";

const IDENTITY = { account: "123456789012", who: "user/me", region: "eu-central-1" };

describe("the summary before a deployment", () => {
  it("is five lines: where, checks, messages, watch, cost", () => {
    const settings = parseSettings(
      { emails: ["a@example.com", "b@example.com"], phones: ["+4915112345667"] },
      "",
    );
    expect(summaryOf(settings, IDENTITY)).toBe(
      [
        "Where: AWS account 123456789012, region eu-central-1, stack KieCreditAlert",
        "Checks: 1 function (kie), every 15 min. Each may read its key, keep its memory, write its log and publish to the topic; nothing else",
        "Messages: a topic that tells 2 emails and 1 phone",
        "Watch: alarms of AWS that tell you if a check fails or stops",
        "Cost: nothing within AWS's free allowances, else about $0.32 a month for one account (docs/cost.md)",
      ].join("\n"),
    );
  });

  it("names every account, and a dashboard if there will be one", () => {
    const settings = parseSettings({ accounts: [{ name: "music" }, { name: "video" }], dashboard: true }, "");
    expect(summaryOf(settings, IDENTITY)).toMatch(/^Checks: 2 functions \(music, video\), /m);
    expect(summaryOf(settings, IDENTITY)).toContain("fails or stops; a dashboard\n");
    expect(summaryOf(settings, IDENTITY)).toContain("else about $3.92 a month for one account (docs");
  });

  it("names the price of webhooks, if there are any", () => {
    const settings = parseSettings({ webhooks: [{ name: "team" }] }, "");
    expect(summaryOf(settings, IDENTITY)).toContain(
      "$0.32 a month for one account, and $0.10 for each webhook (docs",
    );
  });
});

describe("what is deployed here", () => {
  const Resources = {
    One: {
      Type: "AWS::SNS::Subscription",
      Properties: { Protocol: "email", Endpoint: "boss@example.com" },
    },
  };

  async function look(statuses: readonly string[], isExpected: boolean, answers = {}, isAttended = true) {
    const aws = await startSetupStandIn(statuses, { Resources });
    stubAws(aws.url);
    const script = createScript(answers);
    const result = await findDeployed(
      { ...script.prompts, isAttended },
      createClients(),
      IDENTITY,
      isExpected,
    ).catch((error: Error) => error.message);
    vi.unstubAllEnvs();
    await aws.close();
    return { result, asked: script.asked, said: script.said() };
  }

  const WARNING =
    "No stack KieCreditAlert in 123456789012, eu-central-1, while settings.json names people. If it is deployed elsewhere, stop here, and set AWS_REGION or AWS_PROFILE: a second copy would tell everything twice. If it never was, or a first setup was stopped, go on.";

  it.each([["CREATE_COMPLETE"], ["UPDATE_ROLLBACK_COMPLETE"], ["UPDATE_IN_PROGRESS"]])(
    "is who is told, and nothing is asked: %s",
    async (status) => {
      expect(await look([status], true)).toEqual({ result: ["boss@example.com"], asked: [], said: "" });
    },
  );

  it.each([["ROLLBACK_COMPLETE"], ["REVIEW_IN_PROGRESS"], ["DELETE_IN_PROGRESS"]])(
    "is nobody, and nothing is asked, where a first deployment did not finish: %s",
    async (status) => {
      expect(await look([status], true)).toEqual({ result: [], asked: [], said: "" });
    },
  );

  it("is nobody at a first setup, which is asked nothing", async () => {
    expect(await look([], false)).toEqual({ result: [], asked: [], said: "" });
  });

  it("may be elsewhere if the settings name people, and Enter alone ends setup", async () => {
    expect(await look([], true)).toEqual({
      result:
        "Nothing was changed. Deployed elsewhere? Set AWS_REGION or AWS_PROFILE, then npm run setup. Never deployed? npm run setup, and answer Yes.",
      asked: ["Deploy here?"],
      said: WARNING,
    });
  });

  it("may be nothing yet, too, as somebody says who was stopped", async () => {
    expect(await look([], true, { "Deploy here?": true })).toMatchObject({ result: [], said: WARNING });
  });

  it("may be elsewhere if nobody can be asked, too, and that is a warning", async () => {
    expect(await look([], true, {}, false)).toEqual({ result: [], asked: [], said: WARNING });
  });
});

describe("a deployment", () => {
  const DECLINED = "Nothing is deployed. npm run setup goes on from here.";
  const subscription = (Protocol: string, Endpoint: string) => ({
    Type: "AWS::SNS::Subscription",
    Properties: { Protocol, Endpoint },
  });
  const template = {
    Resources: { One: subscription("email", "boss@example.com"), Two: subscription("sms", "+4915112345667") },
  };

  async function deployHere(
    statuses: readonly string[],
    isAttended = true,
    denied: readonly string[] = [],
    answers = {},
    functions = {},
  ) {
    const aws = await startSetupStandIn(statuses, template, functions);
    aws.world.failures = [
      ["Two", "Invalid parameter: PhoneNumber"],
      ["One", "Resource creation cancelled"],
    ];
    for (const call of denied) aws.denied.add(call);
    stubAws(aws.url);
    const script = createScript({ Deploy: false, ...answers });
    const settings = parseSettings({ emails: ["me@example.com", "BOSS@example.com"] }, "");
    const problem = await deploy({ ...script.prompts, isAttended }, createClients(), IDENTITY, settings).then(
      () => null,
      (error: Error) => error.message,
    );
    vi.unstubAllEnvs();
    await aws.close();
    return { problem, asked: script.asked, problems: script.problems, said: script.said() };
  }

  it("that would unsubscribe somebody asks first, and Enter alone declines", async () => {
    const { problem, asked, said } = await deployHere(["UPDATE_COMPLETE"]);
    expect(said).toContain("a deployment would remove: +4915112345667.");
    expect({ problem, asked }).toEqual({
      problem: DECLINED,
      asked: ['Type "remove" to remove them. Enter alone removes nobody, and ends setup'],
    });
  });

  it("unsubscribes somebody for no other word than remove", async () => {
    const answers = { Type: ["y", "yes", " Remove "] };
    const { problem, asked, problems } = await deployHere(["UPDATE_COMPLETE"], true, [], answers);
    expect(problems).toEqual(["expected remove, or nothing", "expected remove, or nothing"]);
    expect({ problem, last: asked.at(-1) }).toEqual({
      problem: DECLINED,
      last: expect.stringMatching(/^Deploy\? /),
    });
  });

  it("that would unsubscribe somebody is refused if nobody can be asked", async () => {
    const { problem, asked } = await deployHere(["UPDATE_COMPLETE"], false);
    expect(problem).toMatch(
      /would remove: \+4915112345667\. Take the settings\.json that it was deployed with/,
    );
    expect(asked).toEqual([]);
  });

  it("is not made if AWS does not say who would be unsubscribed", async () => {
    const { problem, asked } = await deployHere(["UPDATE_COMPLETE"], true, ["GetTemplate"]);
    expect(problem).toMatch(/^cloudformation:GetTemplate of KieCreditAlert is denied: /);
    expect(asked).toEqual([]);
  });

  const config = (value: object) => ({ CONFIG: JSON.stringify(value) });
  it.each([
    ["an account", config({ kind: "check", account: "video" }), "the account video"],
    ["an account of a version without kinds", config({ account: "video" }), "the account video"],
    ["an account of version 0.2.0", { ACCOUNT: "video", CRITICAL_CREDITS: "300" }, "the account video"],
    ["a webhook", config({ kind: "webhook", name: "team" }), "the webhook team"],
  ])("that would remove %s asks first, whatever else its function lacks", async (_, variables, lost) => {
    const functions = { Mine: config({ kind: "check", account: "kie" }), Theirs: variables };
    const { problem, said, asked } = await deployHere(["UPDATE_COMPLETE"], true, [], {}, functions);
    expect(said).toContain(`a deployment would remove: +4915112345667, ${lost}.`);
    expect({ problem, asked }).toEqual({
      problem: DECLINED,
      asked: [expect.stringMatching(/^Type "remove"/)],
    });
  });

  it.each([
    ["may not be read", ["GetFunction"], config({ account: "kie" }), "is denied: "],
    ["does not say whose it is", [], {}, "The function Mine does not say which account or webhook it is for"],
    ["has a configuration that is none", [], { CONFIG: "{", ACCOUNT: "kie" }, "does not say which account"],
  ])("is not made if a function %s", async (_, denied, variables, text) => {
    const { problem, asked } = await deployHere(["UPDATE_COMPLETE"], true, denied, {}, { Mine: variables });
    expect(problem).toContain(text);
    expect(asked).toEqual([]);
  });

  it.each(["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])(
    "takes nobody away if the first one failed, and says why it did: %s",
    async (status) => {
      const { problem, asked, said } = await deployHere([status]);
      expect({ problem, asked }).toEqual({ problem: DECLINED, asked: [expect.stringMatching(/^Deploy\? /)] });
      expect(said).toContain("The deployment before this one failed: Two: Invalid parameter: PhoneNumber\n");
    },
  );

  it("goes on unattended if the first one failed", async () => {
    expect((await deployHere(["ROLLBACK_COMPLETE"], false)).asked).toEqual([
      expect.stringMatching(/^Deploy\? /),
    ]);
  });

  it.each([["REVIEW_IN_PROGRESS"], ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"], []])(
    "that is the first takes nobody away: %s",
    async (...statuses) => {
      const { problem, asked } = await deployHere(statuses);
      expect({ problem, asked }).toEqual({ problem: DECLINED, asked: [expect.stringMatching(/^Deploy\? /)] });
    },
  );
});
