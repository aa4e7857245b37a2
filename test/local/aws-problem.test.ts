import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClients } from "../../local/aws.ts";
import { AwsProblem } from "../../local/aws-problem.ts";

/** An error as the SDK throws it. */
function error(name: string, message: string, fields: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { name, ...fields });
}

/** What a service answered. */
const answered = (name: string, message: string) =>
  error(name, message, { $metadata: { httpStatusCode: 400 }, $fault: "client" });

async function problemOf(thrown: unknown): Promise<unknown> {
  return Promise.reject(thrown)
    .catch(AwsProblem.thrower("sns:ListTopics"))
    .catch((problem) => problem);
}

describe("a problem with AWS", () => {
  const rows: [title: string, thrown: Error, kind: string, told: RegExp][] = [
    ["no region", new Error("Region is missing"), "unusable", /^No AWS region is set\. Set AWS_REGION/],
    [
      "no credentials",
      error("CredentialsProviderError", "Could not load credentials from any providers"),
      "unusable",
      /from any providers\. Set AWS_PROFILE, or/,
    ],
    [
      "an expired login",
      error("TokenProviderError", "Token is expired"),
      "unusable",
      /Token is expired\. Set AWS_PROFILE, or/,
    ],
    [
      "an expired token",
      answered("ExpiredTokenException", "It has expired."),
      "unusable",
      /^AWS refuses the/,
    ],
    ["an unknown key", answered("InvalidClientTokenId", "Not valid"), "unusable", /^AWS refuses the/],
    [
      "a denied call",
      answered("AccessDeniedException", "not authorized"),
      "denied",
      /^sns:ListTopics is denied/,
    ],
    [
      "a denied call of SNS",
      answered("AuthorizationErrorException", "not authorized"),
      "denied",
      /is denied/,
    ],
    [
      "what is not there",
      answered("ResourceNotFoundException", "gone"),
      "missing",
      /failed: ResourceNotFound/,
    ],
    [
      "any other answer",
      answered("ThrottlingException", "Rate exceeded"),
      "other",
      /Throttling.*exceeded\.$/,
    ],
    [
      "no connection",
      error("Error", "connect ECONNREFUSED 127.0.0.1:9", { code: "ECONNREFUSED", $metadata: {} }),
      "unusable",
      /^AWS can't be reached: sns:ListTopics: ECONNREFUSED: /,
    ],
    [
      "a region that is none",
      new Error('Region not accepted: region="us_east_1" is not a valid hostname component.'),
      "unusable",
      /^Region not accepted: .* Set AWS_REGION to a region such as eu-central-1/,
    ],
    [
      "a key that nobody knows, or a region that is not enabled",
      answered("UnrecognizedClientException", "The security token included in the request is invalid."),
      "unusable",
      /The key is wrong or was deleted, or the region me-south-1 is not enabled in this AWS account/,
    ],
    [
      "an AWS account that is not active yet",
      answered("SubscriptionRequiredException", "The AWS Access Key Id needs a subscription for the service"),
      "unusable",
      /^This AWS account is not active yet: SubscriptionRequired.* https:\/\/portal\.aws\.amazon\.com\/billing\/signup,/,
    ],
    [
      "such an account in the words of other services",
      answered("OptInRequired", "You are not subscribed to this service."),
      "unusable",
      /^This AWS account is not active yet: /,
    ],
    [
      "a clock that is wrong",
      answered("SignatureDoesNotMatch", "Signature expired: 20261128T1 is now earlier than 20261128T2"),
      "unusable",
      /This machine's clock says \d{4}-\d\d-\d\dT\d\d:\d\d UTC: if that is wrong, set it\.$/,
    ],
    [
      "a clock that is wrong, by TLS",
      error("Error", "certificate is not yet valid", { code: "CERT_NOT_YET_VALID", $metadata: {} }),
      "unusable",
      /^AWS can't be reached: .* This machine's clock says/,
    ],
    [
      "a request from another time",
      answered("RequestExpired", "Request has expired."),
      "unusable",
      /This machine's clock says/,
    ],
    [
      "TLS that something opens",
      error("Error", "self-signed certificate in certificate chain", {
        code: "SELF_SIGNED_CERT_IN_CHAIN",
        $metadata: {},
      }),
      "unusable",
      /^AWS can't be reached: .*: set NODE_EXTRA_CA_CERTS to the file of that certificate\.$/,
    ],
    [
      "a certificate whose issuer nobody knows",
      error("Error", "unable to get local issuer certificate", {
        code: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        $metadata: {},
      }),
      "unusable",
      /set NODE_EXTRA_CA_CERTS/,
    ],
    [
      "no answer in time",
      error("TimeoutError", "", { $metadata: {} }),
      "unusable",
      /sns:ListTopics: TimeoutError/,
    ],
  ];
  beforeEach(() => vi.stubEnv("AWS_REGION", "me-south-1"));
  afterEach(() => vi.unstubAllEnvs());

  it.each(rows)("is told in one line: %s", async (_, thrown, kind, told) => {
    const problem = await problemOf(thrown);
    expect(problem).toBeInstanceOf(AwsProblem);
    expect(problem).toMatchObject({ kind, message: expect.stringMatching(told) });
    expect((problem as Error).message).not.toContain("\n");
  });

  it.each(["HTTPS_PROXY", "http_proxy"])("names the switch that %s needs", async (name) => {
    vi.stubEnv(name, "http://proxy:8080");
    const thrown = error("Error", "getaddrinfo ENOTFOUND sts", { code: "ENOTFOUND", $metadata: {} });
    const advice = `${name} is set, which Node takes only with NODE_USE_ENV_PROXY=1: set that, too.`;
    expect(await problemOf(thrown)).toHaveProperty("message", expect.stringContaining(advice));
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    expect(await problemOf(thrown)).toHaveProperty("message", expect.stringMatching(/Check the connection/));
  });

  it("is nothing that a mistake of ours is taken for", async () => {
    const mistake = new TypeError("x is not a function");
    expect(await problemOf(mistake)).toBe(mistake);
    expect(await problemOf("text")).toBe("text");
  });
});

describe("a profile that gives no credentials", () => {
  const CONFIG = `
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile base]
aws_access_key_id = a
aws_secret_access_key = b
[profile process]
credential_process = /nowhere/at-all --secret hunter2
[profile "with blanks"]
region = us-east-1
`;
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "profiles-"));
    mkdirSync(join(home, ".aws"));
    writeFileSync(join(home, ".aws/config"), CONFIG);
    vi.stubEnv("HOME", home);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_REGION", "us-east-1");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  it.each([
    [
      "mfa",
      /These commands can't ask for the code of a profile with MFA\. .*eval "\$\(aws configure export-credentials/,
    ],
    [
      "nope",
      /There is no profile nope in \S+config or \S+credentials\. Set AWS_PROFILE to one that is there/,
    ],
    [
      "process",
      /The credential_process of the profile process failed: run its line in \S+config yourself\.$/,
    ],
    ["with blanks", /AWS_PROFILE is with blanks\. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID/],
  ])("is told with what to do: %s", async (profile, told) => {
    vi.stubEnv("AWS_PROFILE", profile);
    const thrown = await createClients()
      .sts.send(new GetCallerIdentityCommand())
      .catch((problem: unknown) => problem);
    const problem = await problemOf(thrown);
    expect(problem).toMatchObject({ kind: "unusable", message: expect.stringMatching(told) });
    expect(String(problem)).not.toContain("hunter2");
  });
});
