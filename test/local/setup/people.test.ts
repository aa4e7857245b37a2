import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseSettings } from "../../../infra/settings.ts";
import { createClients } from "../../../local/aws.ts";
import {
  awaitConfirmations,
  saySmsStatus,
  subscribeMissing,
  subscribersOf,
} from "../../../local/setup/people.ts";
import { stubAws } from "../../support/credentials.ts";
import { linkOf, type SnsStandIn, startSnsStandIn, subscribe, tokenOf } from "../../support/sns-stand-in.ts";
import { createScript } from "./script.ts";

const EMAIL = "me@example.com";
const PHONE = "+4915112345667";
const QUESTION = "Paste the link";

let sns: SnsStandIn;
beforeEach(async () => {
  sns = await startSnsStandIn();
  stubAws(sns.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sns.close();
});

const wait = ({ prompts }: ReturnType<typeof createScript>) =>
  awaitConfirmations(prompts, createClients(), sns.topicArn);

describe("waiting for a confirmation", () => {
  it("ends when the link is pasted, after which no link in a mail can unsubscribe", async () => {
    const token = subscribe(sns, EMAIL);
    const script = createScript({ [QUESTION]: linkOf(token) });
    expect(await wait(script)).toMatchObject([{ endpoint: EMAIL, arn: expect.any(String) }]);
    expect(sns.subscriptions.get(token)).toMatchObject({ isConfirmed: true, isAuthenticated: true });
    expect(script.said()).toMatch(
      /no link in a mail can unsubscribe this address, .*\nme@example\.com has confirmed/,
    );
    expect(script.said()).not.toContain(token);
  });

  it("names the email by what it can be found by", async () => {
    subscribe(sns, EMAIL);
    const script = createScript({ [QUESTION]: "" });
    await wait(script);
    expect(script.said()).toContain(
      'To me@example.com: "AWS Notification - Subscription Confirmation" from no-reply@sns.amazonaws.com.',
    );
  });

  it("goes on as soon as somebody has clicked the link", async () => {
    const token = subscribe(sns, EMAIL);
    const script = createScript({});
    const prompts = {
      ...script.prompts,
      // As at a terminal where nobody types.
      askLink: (_: string, signal?: AbortSignal) =>
        new Promise<null>((resolve) => {
          signal?.addEventListener("abort", () => resolve(null));
          const subscription = sns.subscriptions.get(token);
          if (subscription) subscription.isConfirmed = true;
        }),
    };
    const [subscription] = await awaitConfirmations(prompts, createClients(), sns.topicArn);
    expect(subscription?.arn).toMatch(/^arn:/);
    expect(script.said()).toContain(`${EMAIL} has confirmed`);
  });

  it("asks again after what is no link, a link for another topic, and one that SNS refuses", async () => {
    const token = subscribe(sns, EMAIL);
    const elsewhere = linkOf(token, EMAIL, "arn:aws:sns:us-east-1:123456789012:other");
    const script = createScript({ [QUESTION]: ["hello", elsewhere, linkOf(tokenOf(99)), linkOf(token)] });
    await wait(script);
    expect(script.said()).toMatch(
      /There is no link in this.*for the topic arn:\S+:other, but.*does not take this link.*no link in a mail/s,
    );
  });

  it("has a new email sent if that is asked for", async () => {
    subscribe(sns, EMAIL);
    await wait(createScript({ [QUESTION]: ["again", ""] }));
    expect(sns.calls.filter((call) => call === "Subscribe")).toHaveLength(1);
  });

  it("offers to subscribe again what a click has confirmed, since a link in each mail can end that", async () => {
    const token = subscribe(sns, EMAIL, { isConfirmed: true });
    subscribe(sns, "other@example.com");
    const script = createScript({ [QUESTION]: [linkOf(token), ""], Subscribe: true });
    await wait(script);
    expect(script.said()).toContain(`${EMAIL} was confirmed already, by a click`);
    expect(sns.calls).toContain("Unsubscribe");
  });

  it("changes nothing of what a click has confirmed if that is declined", async () => {
    const token = subscribe(sns, EMAIL, { isConfirmed: true });
    subscribe(sns, "other@example.com");
    await wait(createScript({ [QUESTION]: [linkOf(token), ""], Subscribe: false }));
    expect(sns.subscriptions.has(token)).toBe(true);
  });

  it("is not for a webhook, which confirms by itself or never", async () => {
    subscribe(sns, "https://example.com/hook", { protocol: "https" });
    const script = createScript({});
    await wait(script);
    expect(script.asked).toEqual([]);
  });

  it("is not done if nobody can answer", async () => {
    subscribe(sns, EMAIL);
    const { prompts } = createScript({});
    const aws = createClients();
    expect(await awaitConfirmations({ ...prompts, isAttended: false }, aws, sns.topicArn)).toMatchObject([
      { endpoint: EMAIL, arn: null },
    ]);
  });
});

it("only those are subscribed whom SNS does not have, phones with their filter", async () => {
  subscribe(sns, EMAIL.toUpperCase());
  const script = createScript({});
  const wanted = subscribersOf(parseSettings({ emails: [EMAIL], phones: [PHONE] }, ""));
  await subscribeMissing(script.prompts, createClients(), sns.topicArn, wanted);
  expect(script.said()).toBe(`Subscribed again: ${PHONE}`);
  expect([...sns.subscriptions.values()].at(-1)).toMatchObject({
    endpoint: PHONE,
    attributes: { FilterPolicy: '{"sms":["yes"]}' },
  });
});

it("somebody whose old subscription SNS still has is not said to be subscribed", async () => {
  sns.ended.push({
    arn: `${sns.topicArn}:0`,
    protocol: "email",
    endpoint: EMAIL,
    isConfirmed: true,
    isAuthenticated: false,
    attributes: {},
  });
  sns.forgetsLate = 1_000;
  const script = createScript({});
  const wanted = subscribersOf(parseSettings({ emails: [EMAIL] }, ""));
  await subscribeMissing(script.prompts, createClients(), sns.topicArn, wanted);
  expect(script.said()).toMatch(/me@example\.com hears nothing: .* up to three days: .* another address/);
  expect(script.said()).not.toContain("Subscribed again");
});

describe("before a phone is deployed, SNS is asked for SMS", () => {
  async function say(): Promise<string> {
    const script = createScript({});
    await saySmsStatus(script.prompts, createClients(), "eu-central-2");
    return script.said();
  }

  it("and an account in the sandbox is told so", async () => {
    sns.isInSandbox = true;
    expect(await say()).toMatch(
      /^SMS from eu-central-2: .* in the SMS sandbox, where only phones that you verify/,
    );
  });

  it("and one out of it, too", async () => {
    expect(await say()).toBe("SMS from eu-central-2: the AWS account is out of the sandbox");
  });

  it("and if SNS does not say, as in a region without SMS, it is told where there is SMS", async () => {
    sns.refusals.set("GetSMSSandboxAccountStatus", "InvalidAction");
    expect(await say()).toMatch(
      /^SMS from eu-central-2: unknown\. sns:GetSMSSandboxAccountStatus failed: .*sns-supported-regions-countries\.html/,
    );
  });
});
