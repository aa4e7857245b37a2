import { describe, expect, it } from "vitest";
import type { Report } from "../../../lambda/invocation.ts";
import { readAnswer } from "../../../local/check/deployed.ts";

const report: Report = {
  account: "kie",
  checkedAt: "2026-11-23T05:00:00.000Z",
  credits: 212.5,
  level: "critical",
  runway: { creditsPerHour: 33.1, hoursLeft: 6.4, emptyAt: "2026-11-23T11:24:00.000Z" },
  failure: null,
  alert: { kind: "raised", severity: "critical", subject: "CRITICAL", messageId: "1" },
  audience: { emails: 1, phones: 1, others: 0, pending: 0 },
  need: { credits: 1530, enough: false },
};

describe("the answer of a function", () => {
  it("is its report", () => {
    expect(readAnswer(false, JSON.stringify(report))).toEqual({ report, error: null });
  });

  const errors: [title: string, payload: string, type: string, message: string][] = [
    [
      "that threw",
      '{"errorType":"AwsCallError","errorMessage":"denied","trace":[]}',
      "AwsCallError",
      "denied",
    ],
    ["that ran out of time", '{"errorMessage":"Task timed out"}', "Error", "Task timed out"],
    ["that was ended", "", "Error", ""],
  ];
  it.each(errors)("%s is its error", (_, payload, type, message) => {
    expect(readAnswer(true, payload)).toEqual({ report: null, error: { type, message } });
  });

  it.each([["null"], ["{}"], [JSON.stringify({ ...report, level: "unheard-of" })]])(
    "that nobody knows is an error and no reading: %s",
    (payload) => {
      expect(readAnswer(false, payload)).toMatchObject({
        report: null,
        error: { type: "UnknownReport", message: expect.stringContaining("npm run deploy") },
      });
    },
  );
});
