import { describe } from "vitest";
import { judgeCredentials, judgeStack } from "../../../local/doctor/deployment.ts";
import { judges } from "./judges.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");

describe("credentials", () => {
  judges([
    {
      title: "are named",
      verdict: judgeCredentials({ account: "123456789012", who: "user/me", region: "eu-central-1" }),
      mark: "fine",
      text: /^AWS account 123456789012 as user\/me, region eu-central-1$/,
    },
  ]);
});

describe("a stack", () => {
  const stack = (status: string, failure: string | null = null, isFromBrowser = false) =>
    judgeStack({ status, changedAt: NOW, failure, isFromBrowser }, "UTC");
  judges([
    {
      title: "that was made is fine",
      verdict: stack("CREATE_COMPLETE"),
      mark: "fine",
      text: /Mon 23 Nov 2026, 05:00 \(UTC\)$/,
    },
    { title: "that was changed is fine", verdict: stack("UPDATE_COMPLETE"), mark: "fine", text: /./ },
    {
      title: "may be changing now",
      verdict: stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
      mark: "warning",
      text: /being changed/,
    },
    {
      title: "runs as before if its last deployment failed",
      verdict: stack("UPDATE_ROLLBACK_COMPLETE"),
      mark: "warning",
      text: /failed/,
      fix: /npx cdk deploy/,
    },
    {
      title: "says why its last deployment failed",
      verdict: stack("UPDATE_ROLLBACK_COMPLETE", "Phone: no SMS here"),
      mark: "warning",
      text: /the last deployment failed, since Phone: no SMS here, and the one before it runs$/,
    },
    ...["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"].map((status) => ({
      title: `that was never made is an error, with why: ${status}`,
      verdict: stack(status, "Phone: no SMS here"),
      mark: "error" as const,
      text: /: it was never deployed, since Phone: no SMS here$/,
      fix: /npm run setup/,
    })),
    {
      title: "whose deployment was never started is an error",
      verdict: stack("REVIEW_IN_PROGRESS"),
      mark: "error",
      text: /never deployed$/,
      fix: /npm run setup/,
    },
    {
      title: "that is being rolled back is looked at later",
      verdict: stack("ROLLBACK_IN_PROGRESS", "Phone: no SMS here"),
      mark: "warning",
      text: /being changed, since Phone/,
    },
    {
      title: "that was deleted in part is an error",
      verdict: stack("DELETE_FAILED"),
      mark: "error",
      text: /not deleted as a whole$/,
    },
    {
      title: "from the template for the browser that was never made is made anew there",
      verdict: stack("ROLLBACK_COMPLETE", "Phone: no SMS here", true),
      mark: "error",
      text: /it was never deployed, since Phone: no SMS here$/,
      fix: /^Delete it in CloudFormation's console, and make it anew/,
    },
    {
      title: "from the template for the browser says so, and where things are done",
      verdict: stack("CREATE_COMPLETE", null, true),
      mark: "fine",
      text: /from the template for the browser; .* in AWS's console$/,
    },
    {
      title: "that is stuck is an error",
      verdict: stack("UPDATE_ROLLBACK_FAILED"),
      mark: "error",
      text: /^UPDATE_ROLLBACK_FAILED/,
    },
  ]);
});
