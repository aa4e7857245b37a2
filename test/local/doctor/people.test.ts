import { describe, expect, it } from "vitest";
import type { Subscription } from "../../../local/deployed/subscriptions.ts";
import { judgeUnsubscribing } from "../../../local/doctor/people.ts";
import { judges } from "./judges.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts";

const email: Subscription = { protocol: "email", endpoint: "Me@example.com", arn: `${TOPIC}:1` };

describe("a link that unsubscribes", () => {
  judges([
    {
      title: "does nothing to an email that was confirmed by a signed call",
      verdict: judgeUnsubscribing([{ ...email, isAuthenticated: true }], TOPIC),
      mark: "fine",
      text: /no link/,
    },
    {
      title: "ends the subscription of an email that was confirmed by a click",
      verdict: judgeUnsubscribing([{ ...email, isAuthenticated: false }], TOPIC),
      mark: "warning",
      text: /mail filters open links \(email M…@example\.com\)$/,
      fix: /npm run confirm.*\naws sns unsubscribe --subscription-arn \S+:1\naws sns subscribe .* Me@example\.com$/,
    },
  ]);

  it("is nothing to tell of if there is no confirmed email", () => {
    expect(judgeUnsubscribing([], TOPIC)).toBeNull();
  });
});
