import { describe, expect, it } from "vitest";
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
      "no answer in time",
      error("TimeoutError", "", { $metadata: {} }),
      "unusable",
      /sns:ListTopics: TimeoutError/,
    ],
  ];
  it.each(rows)("is told in one line: %s", async (_, thrown, kind, told) => {
    const problem = await problemOf(thrown);
    expect(problem).toBeInstanceOf(AwsProblem);
    expect(problem).toMatchObject({ kind, message: expect.stringMatching(told) });
    expect((problem as Error).message).not.toContain("\n");
  });

  it("is nothing that a mistake of ours is taken for", async () => {
    const mistake = new TypeError("x is not a function");
    expect(await problemOf(mistake)).toBe(mistake);
    expect(await problemOf("text")).toBe("text");
  });
});
