import { describe, expect, it } from "vitest";
import { judgeAddress, judgeSubscription } from "../../../local/doctor/webhooks.ts";
import { WEBHOOK_CONFIG } from "../../support/settings.ts";
import { judges } from "./judges.ts";

const TOKEN = "x2markertoken";
const judge = (type: string | null, value = "", webhookKind = WEBHOOK_CONFIG.webhookKind) =>
  judgeAddress({ type, value }, { ...WEBHOOK_CONFIG, webhookKind });
const NEW_ADDRESS = /^Store a new address: npm run setup -- --webhook team$/;

describe("the address of a webhook", () => {
  judges([
    {
      title: "is fine as a SecureString with an address of its kind, of which only the host is shown",
      verdict: judge("SecureString", `https://hooks.slack.com/services/${TOKEN}\n`, null),
      mark: "fine",
      text: /^\/kie-credit-alert\/webhooks\/team, a SecureString: slack at hooks\.slack\.com$/,
    },
    {
      title: "may be missing",
      verdict: judge(null),
      mark: "error",
      text: /^there is no \/kie-credit-alert\/webhooks\/team$/,
      fix: NEW_ADDRESS,
    },
    {
      title: "may be there for everybody to read",
      verdict: judge("String", `https://hooks.slack.com/services/${TOKEN}`),
      mark: "error",
      text: /team is a String, which is not encrypted$/,
      fix: NEW_ADDRESS,
    },
    {
      title: "may be none",
      verdict: judge("SecureString", `http://hooks.slack.com/${TOKEN}`),
      mark: "error",
      text: /team: The address is not an https: address$/,
      fix: NEW_ADDRESS,
    },
    {
      title: "may lack what its kind needs",
      verdict: judge("SecureString", `https://api.telegram.org/bot1:${TOKEN}/sendMessage`, "telegram"),
      mark: "error",
      text: /team: The address at api\.telegram\.org has no chat_id$/,
      fix: NEW_ADDRESS,
    },
  ]);

  it("is never shown", () => {
    for (const type of ["SecureString", "String", "StringList"])
      for (const start of ["https://hooks.slack.com/", "http://example.com/", "", "https://user:"])
        expect(JSON.stringify(judge(type, start + TOKEN))).not.toContain(TOKEN);
  });
});

describe("the subscription of a webhook", () => {
  const arn = "arn:aws:lambda:us-east-1:123456789012:function:KieCreditAlert-WebhooksteamFunction-x";
  const topicArn = "arn:aws:sns:us-east-1:123456789012:alerts";
  const own = { protocol: "lambda", endpoint: arn, arn: `${topicArn}:1` };
  judges([
    { title: "is there", verdict: judgeSubscription([own], arn, topicArn), mark: "fine", text: /hears/ },
    {
      title: "was removed by hand, which no deployment undoes",
      verdict: judgeSubscription([{ ...own, endpoint: "me@example.com" }], arn, topicArn),
      mark: "error",
      text: /nothing is posted/,
      fix: /--protocol lambda --notification-endpoint arn:aws:lambda:/,
    },
  ]);
});
