import { describe, expect, it } from "vitest";
import { ALERT_KINDS, HOLDS } from "../../../lambda/policy/alert.ts";
import { readAnswer } from "../../../local/deployed/functions.ts";
import { REPORT } from "../../support/report.ts";
import { ONE_EMAIL, RUNWAY, TEST_ALERT, UNAUTHORIZED } from "../check/outcomes.ts";

describe("the answer of a function", () => {
  it.each([
    { title: "all that is known", report: { ...REPORT, runway: RUNWAY, audience: ONE_EMAIL } },
    { title: "no reading", report: { ...REPORT, ...UNAUTHORIZED, level: null } },
    ...ALERT_KINDS.map((kind) => ({
      title: `the kind ${kind}`,
      report: { ...REPORT, alert: { ...TEST_ALERT, kind } },
    })),
    ...HOLDS.map((held) => ({
      title: `held as ${held}`,
      report: { ...REPORT, alert: { ...TEST_ALERT, messageId: null, held } },
    })),
  ])("is its report: $title", ({ report }) => {
    expect(readAnswer(false, JSON.stringify(report))).toEqual({ report, error: null });
  });

  it.each([
    {
      title: "that threw",
      payload: '{"errorType":"AwsCallError","errorMessage":"denied","trace":[]}',
      error: { type: "AwsCallError", message: "denied" },
    },
    {
      title: "that ran out of time",
      payload: '{"errorMessage":"Task timed out"}',
      error: { type: "Error", message: "Task timed out" },
    },
    { title: "that was ended", payload: "", error: { type: "Error", message: "" } },
    {
      title: "that answers in no known form",
      payload: "x".repeat(600),
      error: { type: "Error", message: "x".repeat(500) },
    },
  ])("$title is its error", ({ payload, error }) => {
    expect(readAnswer(true, payload)).toEqual({ report: null, error });
  });

  it.each([
    { title: "null", payload: "null" },
    { title: "no JSON", payload: "report" },
    { title: "an empty object", payload: "{}" },
    { title: "the report of version 1", payload: JSON.stringify({ ...REPORT, version: 1 }) },
    { title: "an unknown level", payload: JSON.stringify({ ...REPORT, level: "unheard-of" }) },
  ])("that this version does not know is an error, not a reading: $title", ({ payload }) => {
    expect(readAnswer(false, payload)).toEqual({
      report: null,
      error: {
        type: "UnknownReport",
        message: "its report is of another version of this tool. Deploy again with npm run deploy.",
      },
    });
  });
});
