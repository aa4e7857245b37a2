import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTemplate, main } from "../../infra/template.ts";
import { readConfig } from "../../lambda/config.ts";
import { BROWSER_MARK } from "../../local/config.ts";
import { run } from "../support/command.ts";
import { DEPLOYED_CONFIG } from "../support/settings.ts";
import { assetsIn, runApp } from "./run-app.ts";
import { synthesize } from "./synthesize.ts";

interface Parameter {
  readonly Type: string;
  readonly Default?: string;
  readonly Description: string;
  readonly AllowedPattern: string;
  readonly ConstraintDescription: string;
}

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: unknown;
  /** Those that are looked at; each kind of resource has some of them. */
  readonly Properties: {
    readonly Code: { readonly ZipFile: string };
    readonly Environment: { readonly Variables: unknown };
    readonly Handler: string;
    readonly Runtime: string;
    readonly Endpoint: string;
    readonly Protocol: string;
    readonly Policies: unknown;
    readonly AlarmDescription: string;
  };
}

const text = buildTemplate();
const template = JSON.parse(text) as {
  readonly Description: string;
  readonly Metadata: { readonly "AWS::CloudFormation::Interface": Interface };
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Conditions: unknown;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Description: string; readonly Value: unknown }>>;
};
interface Interface {
  readonly ParameterGroups: readonly { readonly Parameters: readonly string[] }[];
  readonly ParameterLabels: Readonly<Record<string, unknown>>;
}

const resources = Object.entries(template.Resources);
const ofType = (type: string) =>
  resources.map(([, resource]) => resource).filter(({ Type }) => Type === type);
const [lambda = expect.unreachable()] = ofType("AWS::Lambda::Function");
const code: string = lambda.Properties.Code.ZipFile;

/** A part of a template as CloudFormation makes it of these values: references to them and joins are gone. */
function fill(node: unknown, values: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(node)) return node.map((each) => fill(each, values));
  if (typeof node !== "object" || node === null) return node;
  if ("Ref" in node && Object.hasOwn(values, String(node.Ref))) return values[String(node.Ref)];
  if ("Fn::Join" in node) {
    const [, parts] = fill(node["Fn::Join"], values) as [string, unknown[]];
    const merged: unknown[] = [];
    for (const part of parts) {
      if (typeof part === "string" && typeof merged.at(-1) === "string")
        merged.push(`${merged.pop()}${part}`);
      else merged.push(part);
    }
    return merged.length === 1 ? merged[0] : { "Fn::Join": ["", merged] };
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, fill(value, values)]));
}

const FILLED_IN = {
  Email: "me@example.com",
  Phone: "+4915112345667",
  WarningCredits: "2000",
  CriticalCredits: "500",
  TimeZone: "Europe/Berlin",
  ApiKeyParameter: "/keys/kie",
};

/** The function's environment, as it is once the topic has its ARN. */
function configOf(values: Partial<typeof FILLED_IN> = {}): Record<string, string> {
  const [topic = ""] = resources.find(([, { Type }]) => Type === "AWS::SNS::Topic") ?? [];
  const all = {
    ...FILLED_IN,
    ...values,
    "AWS::StackName": "My-Stack",
    [topic]: DEPLOYED_CONFIG.topicArn,
  };
  return fill(lambda.Properties.Environment.Variables, all) as Record<string, string>;
}

describe("the template", () => {
  it("is ASCII, and leaves a fifth of the 1,000,000 bytes that CloudFormation takes", () => {
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text.length).toBeLessThan(800_000);
  });

  it("needs nothing but an AWS account: no asset, no bootstrap, no file beside it", () => {
    expect(Object.keys(template).toSorted()).toEqual(
      ["Conditions", "Description", "Metadata", "Outputs", "Parameters", "Resources"].toSorted(),
    );
    expect(Object.keys(template.Parameters)).toEqual(Object.keys(FILLED_IN));
    const rest = JSON.stringify({ ...template, Resources: fill(template.Resources, {}) }).replaceAll(
      JSON.stringify(code),
      "",
    );
    expect(rest).not.toMatch(/S3Bucket|S3Key|cdk-|bootstrap|CDKMetadata/i);
  });

  it("has no token that the CDK left, and nothing that CloudFormation would replace", () => {
    expect(text).not.toMatch(/\{Token\[|\{\{resolve:/);
  });

  it("names our commands nowhere but in the code", () => {
    expect(text.replace(JSON.stringify(code), "")).not.toMatch(/npm run|npx/);
  });

  it("says where it is from, by which the local commands know the stack, and which version it is", () => {
    expect(template.Description).toContain(BROWSER_MARK);
    expect(template.Description).toMatch(/version \d+\.\d+\.\d+$/);
  });

  it.each([
    ["--help", 0],
    ["--out=x", 1],
  ])("has no options: %s", async (option, code) => {
    const stdout =
      "npm run template: writes kie-credit-alert.template.json, for docs/browser.md. It has no options.\n";
    expect(await run(async (args, io) => main(args, io), [option])).toEqual({ code, stdout, stderr: "" });
  });

  it("says what to do next", () => {
    const outputs = Object.entries(template.Outputs).map(([name, { Value }]) => [
      name,
      fill(Value, FILLED_IN),
    ]);
    expect(outputs).toEqual([
      [
        "Step1",
        {
          "Fn::Join": [
            "",
            expect.arrayContaining([
              expect.stringContaining("to me@example.com copy the link, do not click it"),
              expect.stringMatching(/#\/subscriptions .* Confirm subscription, and paste the link$/),
            ]),
          ],
        },
      ],
      ["Step2", { "Fn::Join": ["", expect.arrayContaining(["?tab=testing"])] }],
      ["Step3", expect.stringContaining("choose Update on this stack")],
    ]);
  });
});

describe("the bundle in it", () => {
  let out: string;
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), "template-"));
  });
  afterAll(() => rmSync(out, { recursive: true }));

  it("is byte for byte the one that the CDK deploys", () => {
    const { stderr } = runApp(out, { settings: "settings.example.json" });
    const [folder] = assetsIn(out);
    const bytes = readFileSync(join(folder ?? expect.unreachable(stderr), "index.js"));
    expect(Buffer.from(code, "utf8").equals(bytes)).toBe(true);
  });

  it("runs as CloudFormation stores it: as index.js, a CommonJS module", () => {
    expect(lambda.Properties.Handler).toBe("index.handler");
    expect(lambda.Properties.Runtime).toMatch(/^nodejs/);
    expect(code).toMatch(/^"use strict";/);
    expect(code).not.toMatch(/^(import|export) /m);
  });
});

describe("what it deploys", () => {
  const app = synthesize({
    emails: [FILLED_IN.Email],
    phones: [FILLED_IN.Phone],
    dashboard: false,
    warningCredits: Number(FILLED_IN.WarningCredits),
    criticalCredits: Number(FILLED_IN.CriticalCredits),
    timeZone: FILLED_IN.TimeZone,
    accounts: [{ name: "kie", apiKeyParameter: FILLED_IN.ApiKeyParameter }],
  });

  it("is what the CDK deploys for these settings, but for the code, the memory, and words that name a command", () => {
    // A stack by this name has the memory of the CDK's.
    const values = { ...FILLED_IN, "AWS::StackName": "kie" };
    const comparable = (all: Readonly<Record<string, Resource>>) =>
      Object.entries(all)
        .map(([id, { Condition: _, DependsOn: __, ...resource }]) => {
          const { Code, AlarmDescription, ...Properties } = fill(
            resource.Properties,
            values,
          ) as Resource["Properties"];
          const isPerson = resource.Type === "AWS::SNS::Subscription";
          return { id: isPerson ? Properties.Endpoint : id, ...resource, Properties };
        })
        .toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const withoutFlag = JSON.stringify(comparable(template.Resources)).replace(
      String.raw`\"consoleOnly\":true`,
      String.raw`\"consoleOnly\":false`,
    );
    expect(JSON.parse(withoutFlag)).toEqual(comparable(app.resources as Readonly<Record<string, Resource>>));
  });

  it("subscribes a phone only if there is one", () => {
    expect(template.Conditions).toEqual({
      HasPhone: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "Phone" }, ""] }] },
    });
    const conditions = resources.map(([, { Condition, Properties }]) => [Properties.Protocol, Condition]);
    expect(conditions.filter(([, condition]) => condition !== undefined)).toEqual([["sms", "HasPhone"]]);
    expect(ofType("AWS::SNS::Subscription").map(({ Properties }) => Properties.Endpoint)).toEqual([
      { Ref: "Email" },
      { Ref: "Phone" },
    ]);
  });

  it("has a memory by the stack's name, which the role may read and write", () => {
    expect(readConfig(configOf()).memoryParameter).toBe("/kie-credit-alert/My-Stack/memory");
    const [role] = ofType("AWS::IAM::Role").map(({ Properties }) =>
      JSON.stringify(
        fill(Properties.Policies, {
          ...FILLED_IN,
          "AWS::StackName": "My-Stack",
        }),
      ),
    );
    expect(role?.match(/:parameter[^"]*/g)).toEqual([
      ":parameter/keys/kie",
      ":parameter/kie-credit-alert/My-Stack/memory",
      ":parameter/kie-credit-alert/My-Stack/memory",
    ]);
  });

  it("works by what is filled in, and by the defaults in all else", () => {
    expect(readConfig(configOf())).toMatchObject({
      ...DEPLOYED_CONFIG,
      memoryParameter: expect.any(String),
      warningCredits: 2000,
      criticalCredits: 500,
      timeZone: "Europe/Berlin",
      apiKeyParameter: "/keys/kie",
      consoleOnly: true,
    });
  });

  it("refuses by itself what CloudFormation can't compare: critical that is not below warning", () => {
    expect(() => readConfig(configOf({ CriticalCredits: "2000" }))).toThrow(
      /criticalCredits: .*expected less than the warning threshold, 2000/,
    );
  });
});

describe("what people fill in", () => {
  /** CloudFormation matches the whole value. */
  const takes = (name: string, value: string) =>
    new RegExp(`^(?:${template.Parameters[name]?.AllowedPattern})$`).test(value);

  it("is asked in groups, each with a label, a description, a rule in words, and a default but for the email", () => {
    const { ParameterGroups, ParameterLabels } = template.Metadata["AWS::CloudFormation::Interface"];
    const names = Object.keys(FILLED_IN);
    expect(ParameterGroups.flatMap(({ Parameters }) => Parameters)).toEqual(names);
    expect(Object.keys(ParameterLabels)).toEqual(names);
    for (const [name, { Type, Default, Description, ConstraintDescription }] of Object.entries(
      template.Parameters,
    )) {
      expect(Type).toBe("String");
      expect(Description.length).toBeGreaterThan(20);
      expect(ConstraintDescription).toMatch(/^must be .*\.$/);
      expect(Default === undefined, name).toBe(name === "Email");
      expect(takes(name, Default ?? "me@example.com"), name).toBe(true);
    }
  });

  it("is by default what the settings are by default", () => {
    const defaults = Object.entries(template.Parameters).map(([name, { Default = "" }]) => [name, Default]);
    expect(readConfig(configOf(Object.fromEntries(defaults)))).toMatchObject({
      ...DEPLOYED_CONFIG,
      memoryParameter: expect.any(String),
      consoleOnly: true,
    });
  });

  it.each([
    { name: "Email", good: ["me@example.com", "a.b+c_d@sub.example-x.co.uk", "ME@EXAMPLE.COM"] },
    { name: "Phone", good: ["", "+15551234567", "+4915112345667", "+123456789012345"] },
    { name: "WarningCredits", good: ["1", "1000", "999999999"] },
    { name: "CriticalCredits", good: ["0", "300", "999999999"] },
    {
      name: "TimeZone",
      good: ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone.includes("/"))],
    },
    {
      name: "ApiKeyParameter",
      good: ["/kie-credit-alert/kie/api-key", "/k", "/a.b/c-d/E_f", "/memory", "/a/memory"],
    },
  ])("may be, as $name, $good.0", ({ name, good }) => {
    expect(good.filter((value) => !takes(name, value))).toEqual([]);
  });

  it.each([
    {
      name: "Email",
      bad: [
        "",
        "me",
        "me@example",
        "me@",
        "a b@example.com",
        'a"@example.com',
        "a@example.com,b@example.com",
      ],
    },
    { name: "Phone", bad: ["015551234567", "+0155512345", "+1 555 123", "+1555", "+1234567890123456", "0"] },
    {
      name: "WarningCredits",
      bad: ["", "0", "0300", "-1", "+1", "1.5", "1e3", "1,000", "1000 ", "1000000000", "NaN", "1\n"],
    },
    { name: "CriticalCredits", bad: ["", "00", "0300", "-1", "0.5", "1e3", "0x10", "1_000", "null", "1}"] },
    {
      name: "TimeZone",
      bad: [
        "",
        "utc",
        "CET",
        "+02:00",
        "Etc/GMT+5",
        "Etc/GMT-5",
        "ETC/UTC",
        "Europe/berlin",
        "Europe",
        "Europe/Ber lin",
        'UTC","sms":"all',
        "Europe/\\",
      ],
    },
    {
      name: "ApiKeyParameter",
      bad: [
        "",
        "kie",
        "/",
        "/a/",
        "/aws/a",
        "/SSM/a",
        "/a b",
        '/a"',
        "/kie-credit-alert/My-Stack/memory",
        "/kie-credit-alert/stack/My-Stack/memory",
        "/kie-credit-alert/webhooks/team",
        "0123456789abcdef0123456789abcdef",
      ],
    },
  ])("may not be, as $name: $bad", ({ name, bad }) => {
    expect(bad.filter((value) => takes(name, value))).toEqual([]);
  });

  it("reaches the function as it is, whatever the patterns let through", () => {
    const value = (name: string) =>
      fc
        // fast-check knows no lookahead.
        .stringMatching(
          new RegExp(template.Parameters[name]?.AllowedPattern.replace(/\(\?![^)]*\)/, "") ?? ""),
        )
        .filter((each) => takes(name, each));
    fc.assert(
      fc.property(
        value("WarningCredits"),
        value("CriticalCredits"),
        value("TimeZone"),
        (WarningCredits, CriticalCredits, TimeZone) => {
          const { CONFIG = "" } = configOf({ WarningCredits, CriticalCredits, TimeZone });
          const { warningCredits, criticalCredits, timeZone } = JSON.parse(CONFIG);
          expect([String(warningCredits), String(criticalCredits), timeZone]).toEqual([
            WarningCredits,
            CriticalCredits,
            TimeZone,
          ]);
        },
      ),
    );
  });
});
