import { SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../../../local/confirm/confirm.ts";
import { confirmSubscription, subscribeAgain } from "../../../local/deployed/confirmation.ts";
import { readConfirmationLink } from "../../../local/deployed/link.ts";
import { type Outcome, run } from "../../support/command.ts";
import { linkOf, type SnsStandIn, startSnsStandIn, subscribe, tokenOf } from "../../support/sns-stand-in.ts";
import { hasTerminals, startAtTerminal } from "../../support/terminal.ts";

const ME = "me@example.com";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

let sns: SnsStandIn;
beforeEach(async () => {
  sns = await startSnsStandIn();
});
afterEach(() => sns.close());

/** Runs the command without a terminal. No output may hold a token. */
async function confirm(text: string, ...args: string[]): Promise<Outcome> {
  // No region: the link has it.
  const env = { AWS_ENDPOINT_URL: sns.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const told = await run(main, args, env, { input: text });
  expect(told.stdout + told.stderr).not.toContain(tokenOf(0).slice(0, 20));
  return told;
}

describe("npm run confirm", () => {
  it("confirms so that no link can unsubscribe, and says so", async () => {
    const token = subscribe(sns, ME);
    expect(await confirm(`${linkOf(token)}\n`)).toEqual({
      code: 0,
      stdout:
        "✔ Confirmed: me@example.com hears the alerts.\nFrom now on no link in a mail can unsubscribe this address, only somebody with access to the AWS account.\n",
      stderr: "",
    });
    expect(sns.subscriptions.get(token)).toMatchObject({ isConfirmed: true, isAuthenticated: true });
    expect(sns.calls).toEqual(["ListStackResources", "ConfirmSubscription", "GetSubscriptionAttributes"]);
  });

  it("says where a link belongs that is given as an argument, without its text", async () => {
    const { code, stderr } = await run(main, [linkOf(subscribe(sns, ME))], {});
    expect(stderr).toMatch(
      /^error: too many .* but got 1\. Run it alone, and paste the link when it asks\.\n/,
    );
    expect(stderr).not.toContain("sns.");
    expect(code).toBe(3);
  });

  it.skipIf(!hasTerminals())(
    "asks again at a terminal, and finds a link in a mail of many lines",
    async () => {
      const token = subscribe(sns, ME);
      const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
      const terminal = startAtTerminal("local/confirm/confirm.ts", [], {
        ...keys,
        AWS_ENDPOINT_URL: sns.url,
      });
      await terminal.shows("Paste the link");
      terminal.type("Subject: AWS Notification\rDear you\r");
      await terminal.shows("There is no link in this.");
      await terminal.shows("Paste the link");
      terminal.type(
        `Subject: AWS Notification\r\r${"a line\r".repeat(20)}${linkOf(token)}\r${"more\r".repeat(20)}`,
      );
      await terminal.shows("Confirmed: me@example.com hears the alerts.");
      expect((await terminal.ended()).code).toBe(0);
    },
  );

  it("may be run twice with the same link", async () => {
    sns.usedTokenCode = "InvalidParameter";
    const token = subscribe(sns, ME);
    expect((await confirm(linkOf(token))).code).toBe(0);
    expect(await confirm(linkOf(token))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✔ Confirmed/),
    });
  });

  it.each([null, "InvalidParameter", "NotFound", "AuthorizationError"])(
    "says that something confirmed it already, and changes nothing unasked (SNS says of the token: %s)",
    async (code) => {
      sns.usedTokenCode = code;
      const token = subscribe(sns, ME, { isConfirmed: true });
      const { code: exitCode, stdout } = await confirm(`${linkOf(token)}\nPlease do not reply to this mail`);
      expect(stdout).toMatch(/^⚠ me@example\.com was confirmed already, by a click or by a mail filter/);
      expect(stdout).toMatch(/Nothing was changed\. .* npm run confirm -- --yes/);
      expect(exitCode).toBe(1);
      expect(sns.subscriptions.has(token)).toBe(true);
    },
  );

  it("finds the whole address behind which other text was pasted", async () => {
    const others = [subscribe(sns, "me@example.co", { isConfirmed: true })];
    const token = subscribe(sns, ME, { isConfirmed: true });
    sns.usedTokenCode = "NotFound";
    const { stdout } = await confirm(`${linkOf(token)}\nmore`, "--yes");
    expect(stdout).toContain("me@example.com is subscribed again");
    expect(others.map((one) => sns.subscriptions.has(one))).toEqual([true]);
  });

  it("subscribes again with --yes, in the same way as before, and takes the new link", async () => {
    const attributes = {
      FilterPolicy: '{"sms":["yes"]}',
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:x"}',
    };
    const old = subscribe(sns, ME, { isConfirmed: true, attributes });
    const { code, stdout } = await confirm(linkOf(old), "--yes");
    expect(stdout).toMatch(
      /is subscribed again, and hears nothing until it is confirmed\.\nAWS sends a new email\./,
    );
    expect(code).toBe(1);
    expect(sns.subscriptions.has(old)).toBe(false);
    const [[token, subscription] = ["", undefined]] = sns.subscriptions;
    expect(subscription).toMatchObject({ protocol: "email", endpoint: ME, isConfirmed: false, attributes });
    expect((await confirm(linkOf(token))).code).toBe(0);
  });

  it("waits for SNS to forget the old subscription, since no email comes before", async () => {
    const old = subscribe(sns, ME, { isConfirmed: true });
    sns.forgetsLate = 3;
    const { code, stdout } = await confirm(linkOf(old), "--yes");
    expect(stdout).toMatch(
      /SNS still has the old subscription of me@example\.com: trying again.*AWS sends a new/s,
    );
    expect(code).toBe(1);
    expect([...sns.subscriptions.values()]).toMatchObject([{ endpoint: ME, isConfirmed: false }]);
  });

  it("says that no email comes if SNS does not forget the old subscription", async () => {
    const old = subscribe(sns, ME, { isConfirmed: true });
    sns.forgetsLate = 1_000;
    const { code, stdout, stderr } = await confirm(linkOf(old), "--yes");
    expect(stderr).toMatch(
      /no new link, so that me@example\.com hears nothing\. .* up to three days: .* another address/,
    );
    expect(stdout).not.toContain("AWS sends a new email");
    expect(code).toBe(3);
  });

  it.each([
    { title: "an unknown token", setUp: () => {} },
    { title: "a token of a subscription that is still pending", setUp: () => subscribe(sns, ME) },
    {
      title: "a token whose address is subscribed for another person",
      setUp: () => subscribe(sns, "you@example.com", { isConfirmed: true }),
    },
  ])("says what to do with $title", async ({ setUp }) => {
    setUp();
    const { code, stdout } = await confirm(linkOf(tokenOf(999)));
    expect(stdout).toMatch(/^⚠ AWS does not take this link: it is older than two days/);
    expect(stdout).toMatch(/For a new email: npm run setup/);
    expect(code).toBe(1);
  });

  it("refuses a link for another topic, and calls nothing by it", async () => {
    const topic = "arn:aws:sns:us-east-1:123456789012:others";
    const { code, stderr } = await confirm(linkOf(subscribe(sns, ME), ME, topic));
    expect(stderr).toBe(`This link is for the topic ${topic}, but the alerts go to ${sns.topicArn}.\n`);
    expect(code).toBe(3);
    expect(sns.calls).toEqual(["ListStackResources"]);
  });

  it("refuses what is no link", async () => {
    const { code, stderr, stdout } = await confirm("y\n");
    expect(stderr).toMatch(
      /^There is no link in this\.\nIn the email "AWS Notification - Subscription Confirmation" from no-reply@sns\./,
    );
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(sns.calls).toEqual([]);
  });

  it("names the permission that is missing", async () => {
    sns.refusals.set("ConfirmSubscription", "AuthorizationError");
    const { code, stderr } = await confirm(linkOf(subscribe(sns, ME)));
    expect(stderr).toMatch(/^sns:ConfirmSubscription is denied: .*\[token\]/);
    expect(code).toBe(3);
  });

  it("names every option in --help", async () => {
    const { code, stdout } = await confirm("", "--help");
    expect(stdout).toMatch(/npm run confirm -- \[options\].*--yes/s);
    expect(code).toBe(0);
  });
});

describe("a confirmation", () => {
  const client = () =>
    new SNSClient({ endpoint: sns.url, region: "us-east-1", credentials: CREDENTIALS, maxAttempts: 1 });

  it.each(["InternalError", "Throttled", "AuthorizationError", "NotFound", "InvalidParameter"])(
    "shows no token if SNS quotes it in an error: %s",
    async (refusal) => {
      sns.refusals.set("ConfirmSubscription", refusal);
      const token = subscribe(sns, ME);
      const told = await confirmSubscription(client(), readConfirmationLink(linkOf(token))).catch(String);
      expect(JSON.stringify(told)).not.toContain(token);
    },
  );

  it("shows no token if there is no connection", async () => {
    const away = new SNSClient({
      endpoint: "http://127.0.0.1:1",
      region: "us-east-1",
      credentials: CREDENTIALS,
      maxAttempts: 1,
    });
    const link = readConfirmationLink(linkOf(tokenOf(1)));
    const error = await confirmSubscription(away, link).catch((problem: unknown) => problem);
    expect(error).toMatchObject({ name: "CommandError", message: expect.stringMatching(/can't be reached/) });
    expect(error).not.toHaveProperty("cause");
  });

  it("that can't be read back says that it is confirmed all the same", async () => {
    sns.refusals.set("GetSubscriptionAttributes", "AuthorizationError");
    const link = readConfirmationLink(linkOf(subscribe(sns, ME)));
    await expect(confirmSubscription(client(), link)).rejects.toThrow(
      /^The subscription is confirmed\. Whether a link can end it is unknown: sns:GetSubscriptionAttributes is denied/,
    );
  });

  it.each([
    ["email", { RawMessageDelivery: "false" }, {}],
    ["email", { FilterPolicyScope: "MessageBody" }, {}],
    [
      "email-json",
      { FilterPolicy: "{}", FilterPolicyScope: "MessageBody" },
      { FilterPolicy: "{}", FilterPolicyScope: "MessageBody" },
    ],
    [
      "https",
      { RawMessageDelivery: "true", DeliveryPolicy: "{}" },
      { RawMessageDelivery: "true", DeliveryPolicy: "{}" },
    ],
    ["email", { DeliveryPolicy: "{}", RedrivePolicy: "{}" }, { RedrivePolicy: "{}" }],
  ])("keeps of the old subscription what a new one takes: %s %j", async (protocol, attributes, kept) => {
    const token = subscribe(sns, ME, { protocol, isConfirmed: true, attributes });
    expect(await confirmSubscription(client(), readConfirmationLink(linkOf(token)))).toMatchObject({
      kind: "unprotected",
      subscription: { attributes: expect.objectContaining(kept) },
    });
    await confirm(linkOf(token), "--yes");
    expect([...sns.subscriptions.values()]).toMatchObject([{ isConfirmed: false, attributes: kept }]);
  });

  it("that was undone and can't be made again says that the address hears nothing", async () => {
    sns.refusals.set("Subscribe", "AuthorizationError");
    const arn = `${sns.topicArn}:1`;
    const old = { arn, topicArn: sns.topicArn, protocol: "email", endpoint: ME, attributes: {} };
    const prompts = { sleep: async () => {}, warn: () => {} };
    await expect(subscribeAgain(prompts, client(), old)).rejects.toThrow(
      /me@example\.com hears nothing.* npm run setup\. /,
    );
    expect(sns.calls).toEqual(["Unsubscribe", "Subscribe"]);
  });
});
