import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClients } from "../../local/aws.ts";
import { problemWithRegion } from "../../local/aws-environment.ts";
import { main as doctor } from "../../local/doctor/doctor.ts";
import { run, start } from "../support/command.ts";
import { CREDENTIALS } from "../support/credentials.ts";
import { LOCALHOST_PEM, LOCALHOST_TLS } from "../support/hosts.ts";
import { startWiretap, type Wiretap } from "../support/wiretap.ts";

const PROFILES = ["default", "prod", "dev"]
  .map(
    (name) =>
      `[${name}]\naws_access_key_id = KEY-OF-${name}\naws_secret_access_key = x\nregion = eu-${name}-1\n`,
  )
  .join("");

const here = process.cwd();
let folder: string;
let aws: Wiretap;
/** The access key and the region of the last call. */
let asked: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "aws-environment-"));
  mkdirSync(join(folder, ".aws"));
  writeFileSync(join(folder, ".aws/credentials"), PROFILES);
  aws = await startWiretap("", async ({ headers }) => {
    const [, key, region] = /Credential=([^/]+)\/\d+\/([^/]+)/.exec(headers["authorization"] ?? "") ?? [];
    asked = `${key} ${region}`;
    return {
      body: "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    };
  });
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(here);
  vi.unstubAllEnvs();
  await aws.close();
  rmSync(folder, { recursive: true });
});

/** Whom a call is signed by, and for which region; or why none was made. */
async function askedBy(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  for (const name of Object.keys(process.env))
    if (/^(AWS|CDK|AMAZON)_/.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ HOME: folder, AWS_ENDPOINT_URL: aws.url, ...env }))
    vi.stubEnv(name, value);
  try {
    await createClients().sts.send(new GetCallerIdentityCommand());
    return asked;
  } catch (error) {
    return String(error);
  } finally {
    for (const name of Object.keys(process.env))
      if (/^(AWS|CDK|AMAZON)_/.test(name)) delete process.env[name];
  }
}

const KEYS = { AWS_ACCESS_KEY_ID: "MINE", AWS_SECRET_ACCESS_KEY: "x" };

describe("our clients are who the CDK is", () => {
  it.each<[title: string, env: Record<string, string>, asked: string]>([
    ["no variable", {}, "KEY-OF-default eu-default-1"],
    ["AWS_PROFILE", { AWS_PROFILE: "prod" }, "KEY-OF-prod eu-prod-1"],
    ["AWS_DEFAULT_PROFILE", { AWS_DEFAULT_PROFILE: "prod" }, "KEY-OF-prod eu-prod-1"],
    ["both", { AWS_PROFILE: "dev", AWS_DEFAULT_PROFILE: "prod" }, "KEY-OF-dev eu-dev-1"],
    ["keys before a profile", { ...KEYS, AWS_PROFILE: "prod" }, "MINE eu-prod-1"],
    ["keys before AWS_DEFAULT_PROFILE", { ...KEYS, AWS_DEFAULT_PROFILE: "prod" }, "MINE eu-prod-1"],
    [
      "a region before the profile's",
      { AWS_PROFILE: "prod", AWS_REGION: "us-east-1" },
      "KEY-OF-prod us-east-1",
    ],
    ["AWS_DEFAULT_REGION", { AWS_DEFAULT_REGION: "us-east-1" }, "KEY-OF-default us-east-1"],
    [
      "the names of old",
      { AMAZON_ACCESS_KEY_ID: "OLD", AMAZON_SECRET_ACCESS_KEY: "x", AMAZON_REGION: "us-west-2" },
      "OLD us-west-2",
    ],
    ["CDK_PROFILE", { CDK_PROFILE: "prod" }, "KEY-OF-prod eu-prod-1"],
    ["a profile with a CR, as WSL leaves it", { AWS_PROFILE: "prod\r" }, "KEY-OF-prod eu-prod-1"],
    [
      "blanks and CRs around all of them",
      {
        AWS_ACCESS_KEY_ID: "MINE\r",
        AWS_SECRET_ACCESS_KEY: " x\n",
        AWS_SESSION_TOKEN: "t\r",
        AWS_REGION: "eu-central-1 ",
      },
      "MINE eu-central-1",
    ],
  ])("with %s", async (_, env, expected) => {
    expect(await askedBy(env)).toBe(expected);
  });

  it.each<
    [title: string, files: Record<string, string>, env: Record<string, string>, asked: string | RegExp]
  >([
    ["cdk.json names a profile", { "cdk.json": '{ "profile": "prod" }' }, {}, "KEY-OF-prod eu-prod-1"],
    ["~/.cdk.json names a profile", { ".cdk.json": '{ "profile": "dev" }' }, {}, "KEY-OF-dev eu-dev-1"],
    [
      "both do",
      { "cdk.json": '{ "profile": "prod" }', ".cdk.json": '{ "profile": "dev" }' },
      {},
      "KEY-OF-prod eu-prod-1",
    ],
    ["cdk.json names a region", { "cdk.json": '{ "region": "eu-west-1" }' }, {}, "KEY-OF-default eu-west-1"],
    ["it can't be read", { "cdk.json": "{" }, {}, "KEY-OF-default eu-default-1"],
    [
      "the same as AWS_PROFILE",
      { "cdk.json": '{ "profile": "prod" }' },
      { AWS_PROFILE: "prod" },
      "KEY-OF-prod eu-prod-1",
    ],
    [
      "another one than AWS_PROFILE",
      { ".cdk.json": '{ "profile": "dev" }' },
      { AWS_PROFILE: "prod" },
      /The CDK takes the profile dev, as ~\/\.cdk\.json says, but AWS_PROFILE is prod\. Take one of them out/,
    ],
    [
      "a profile, and there are keys",
      { "cdk.json": '{ "profile": "prod" }' },
      KEYS,
      /The CDK takes the profile prod, as cdk\.json says, but AWS_ACCESS_KEY_ID is set\./,
    ],
    [
      "another region than AWS_REGION",
      { "cdk.json": '{ "region": "eu-west-1" }' },
      { AWS_REGION: "us-east-1" },
      /The CDK takes the region eu-west-1, as cdk\.json says, but AWS_REGION is us-east-1\./,
    ],
  ])("if %s", async (_, files, env, expected) => {
    const told = await askedBy(env, files);
    if (typeof expected === "string") expect(told).toBe(expected);
    else expect(told).toMatch(expected);
  });
});

describe("a value that is none", () => {
  it.each([
    ["eu-central-1a", "that is a zone, expected its region: eu-central-1"],
    ["us_east_1", "expected a region, such as eu-central-1"],
    ["eu central 1", "expected a region, such as eu-central-1"],
    ["Frankfurt", "expected a region, such as eu-central-1"],
  ])("of AWS_REGION is named in one line: %s", async (region, problem) => {
    const { code, stderr } = await run(doctor, [], { ...CREDENTIALS, AWS_REGION: region, HOME: folder });
    expect({ code, stderr }).toEqual({ code: 3, stderr: `AWS_REGION is "${region}": ${problem}\n` });
  });

  it.each([
    "us-gov-west-1",
    "cn-north-1",
    "ap-southeast-7",
    "eusc-de-east-1",
    "us-iso-east-1",
    "mx-central-1",
  ])("is no region that there is: %s", (region) => expect(problemWithRegion(region)).toBeUndefined());

  it("of a key is named, and not repeated", async () => {
    const env = { ...CREDENTIALS, AWS_SESSION_TOKEN: "first line\nsecond", HOME: folder };
    const { code, stderr } = await run(doctor, [], env);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: "AWS_SESSION_TOKEN has a blank or a line break in it. Copy it again.\n",
    });
  });
});

describe("AWS_CA_BUNDLE", () => {
  const PATH = process.env["PATH"] ?? "";

  it("is trusted by the commands, as by the CDK", async () => {
    const server = createServer(LOCALHOST_TLS, (_, response) => {
      response.end(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>42</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
      );
    });
    await new Promise<void>((listening) => {
      server.listen(0, "localhost", listening);
    });
    const { port } = server.address() as AddressInfo;
    const bundle = join(folder, "bundle.pem");
    writeFileSync(bundle, String(readFileSync(LOCALHOST_PEM)));
    const env = { PATH, HOME: folder, ...CREDENTIALS, AWS_ENDPOINT_URL: `https://localhost:${port}` };
    const file = "local/doctor/doctor.ts";
    const without = await start(file, [], env, folder).outcome;
    const { stdout } = await start(file, [], { ...env, AWS_CA_BUNDLE: bundle }, folder).outcome;
    server.close();
    expect(without.stdout).toMatch(/✖ Credentials +AWS can't be reached/);
    expect(stdout).toMatch(/✔ Credentials +AWS account 42 as/);
  });

  it.each([
    ["is not there", null, "ENOENT: .*"],
    ["has no certificate", "a file of another kind", "no certificate in .*"],
    ["is empty", "", "no certificate in .*"],
    ["is damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "(?!no certificate).*"],
  ])("that %s is named", async (_, text, problem) => {
    const bundle = join(folder, "other.pem");
    if (text !== null) writeFileSync(bundle, text);
    const env = { ...CREDENTIALS, HOME: folder, AWS_CA_BUNDLE: bundle };
    const { code, stderr } = await run(doctor, [], env);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(new RegExp(`^AWS_CA_BUNDLE can't be read: ${problem}\n$`)),
    });
  });
});
