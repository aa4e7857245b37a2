import type { ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WEBHOOK_KINDS, type WebhookKind } from "../../../lambda/fields.ts";
import { writeMessage } from "../../../lambda/messages/message.ts";
import { ALERT_KINDS, SEVERITIES } from "../../../lambda/policy/alert.ts";
import { failed } from "../../../lambda/policy/reading.ts";
import { kindOf, writePost } from "../../../lambda/webhook/kinds.ts";
import { type Notice, readNotices } from "../../../lambda/webhook/notice.ts";
import { postNotice, readAddress, WebhookError } from "../../../lambda/webhook/post.ts";
import { LOCALHOST_TLS, listen } from "../../support/hosts.ts";
import { MARKERS, startWebhookStandIns, type WebhookStandIns } from "../../support/webhook-stand-ins.ts";
import { contextOf } from "../messages/happening.ts";

const TEXT = [
  "CRITICAL: 212 credits left, about 6 h",
  "The account kie is at its limit of 300 credits.",
  "Top up: https://kie.ai/billing",
].join("\n");

let services: WebhookStandIns;
beforeEach(async () => {
  services = await startWebhookStandIns();
});
afterEach(() => services.close());

/** What SNS calls the function with. */
function event(Message: string, Subject: string | null = "[Kie credits: kie] CRITICAL") {
  return {
    Records: [
      { EventSource: "aws:sns", EventVersion: "1.0", Sns: { Type: "Notification", Subject, Message } },
    ],
  };
}

const documentOf = (text: string, severity = "critical") =>
  JSON.stringify({ version: 2, account: "kie", alert: { kind: "raised", severity }, text });

const ALARM = {
  AlarmName: "KieCreditAlert-kieErrors",
  AlarmDescription: 'A scheduled check of the Kie account "kie" failed. What to do: npm run doctor.',
  AWSAccountId: "123456789012",
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [1.0] was >= 1.0",
  OldStateValue: "OK",
  Trigger: { MetricName: "AsyncEventsDropped" },
};

/** Posts what SNS delivers to the stand-in of a kind, and gives what arrived. */
async function post(kind: WebhookKind, Message: string, Subject?: string | null) {
  for (const notice of readNotices(event(Message, Subject)))
    await postNotice(services.addressOf(kind), kind, notice);
  return services.arrivals.at(-1) ?? expect.unreachable();
}

/** As people read it, without the characters that have no width. */
const read = (shown: string) => shown.replaceAll("\u200b", "");

const CHATS = WEBHOOK_KINDS.filter((kind) => kind !== "json");

describe.each(CHATS)("%s", (kind) => {
  it("takes an alert, and shows its text", async () => {
    expect(read((await post(kind, documentOf(TEXT))).shown)).toBe(TEXT);
  });

  it.each(ALERT_KINDS)("takes our message of the kind %s, and shows its text for chats", async (alert) => {
    const names = failed("unexpected-response", 'code 500: "<!channel> @everyone &lt; try\nagain"');
    const isUnknown = alert === "no-reading" || alert === "still-no-reading";
    const { texts } = writeMessage(
      contextOf({ kind: alert, reading: isUnknown ? names : 212, level: "critical" }),
    );
    const { shown, notified } = await post(kind, texts.document);
    expect(read(shown)).toBe(JSON.parse(texts.document).text);
    expect(notified).toEqual([]);
  });

  it("takes an alarm of CloudWatch, in its words", async () => {
    const { shown } = await post(kind, JSON.stringify(ALARM));
    expect(shown).toBe(`ALARM: ${ALARM.AlarmName}\n${ALARM.AlarmDescription}`);
  });

  it("shows anything else as it is", async () => {
    for (const text of ["Hello\nfrom me", '{"hello":"from me"}', "[1]", "null"])
      expect(read((await post(kind, text)).shown)).toContain(text);
  });

  it("notifies nobody, and shows names as they are", async () => {
    const names =
      "<!channel> @everyone @here @channel <users/all> <@123> @somebody &lt; <at>you</at> *b* [a](b)";
    const text = `WARNING: ${names}\nCode 500: "${names}"`;
    const { shown, notified } = await post(kind, documentOf(text));
    expect(notified).toEqual([]);
    expect(read(shown)).toBe(text);
  });

  it("leaves links as they are, and notifies nobody by one", async () => {
    for (const link of [
      "https://medium.com/@bob/post",
      "http://a.test/x?to=a@b.test#@c",
      "https://a.test/(@d)",
    ]) {
      const { shown, notified } = await post(kind, documentOf(`WARNING\nSee ${link}, or (${link}).`));
      expect(notified).toEqual([]);
      expect(shown).toBe(`WARNING\nSee ${link}, or (${link}).`);
    }
    const everybody = ["everyone", "here", "channel", "all", "channel_"]
      .map((name) => `https://a.test/@${name}/x`)
      .join(" ");
    const text = `WARNING\n${everybody} https://a.test/<!channel> https://a.test,@bob https://@carol`;
    const { shown, notified } = await post(kind, documentOf(text));
    expect(notified).toEqual([]);
    expect(read(shown)).toBe(text);
  });

  it("takes whatever may be published, cut to what it takes", async () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme", minLength: 1_500, maxLength: 3_000 }),
      fc.constantFrom(
        " ",
        "\n",
        "@",
        "<",
        "&".repeat(5_000),
        "\u00e9\n".repeat(3_000),
        "\ud83d\ude80".repeat(2_000),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        anyText,
        fc.constantFrom(...SEVERITIES),
        fc.boolean(),
        async (text, severity, isOurs) => {
          const { notified } = await post(kind, isOurs ? documentOf(text, severity) : text, null);
          expect(notified).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("json", () => {
  it("takes our document and other JSON as they are", async () => {
    for (const text of [documentOf(TEXT), '{"hello":"from me"}'])
      expect((await post("json", text)).body).toBe(text);
  });

  it("takes an alarm and plain text as an object with subject and text", async () => {
    const { body } = await post("json", JSON.stringify({ ...ALARM, AlarmDescription: null }));
    const subject = `ALARM: ${ALARM.AlarmName}`;
    expect(JSON.parse(body)).toEqual({ subject, text: `${subject}\n${ALARM.NewStateReason}` });
    expect(JSON.parse((await post("json", "Hello", "Hi")).body)).toEqual({ subject: "Hi", text: "Hello" });
  });
});

describe("ntfy", () => {
  it.each([
    { severity: "critical", priority: "5", tags: "rotating_light" },
    { severity: "warning", priority: "4", tags: "warning" },
    { severity: "info", priority: "3", tags: "information_source" },
  ])(
    "of $severity has priority $priority, and opens what there is to do",
    async ({ severity, ...expected }) => {
      const { headers, body } = await post("ntfy", documentOf(TEXT, severity));
      expect(headers).toMatchObject({
        ...expected,
        click: "https://kie.ai/billing",
        title: TEXT.split("\n")[0],
      });
      expect(body).toBe(TEXT.split("\n").slice(1).join("\n"));
    },
  );

  it.each([
    ["https://medium.com/@bob/post", "https://medium.com/@bob/post"],
    ["https://a.test/@everyone/post", "https://a.test/@everyone/post"],
    ["https://a.test/b?c=(d)", "https://a.test/b?c=(d)"],
    ["(see https://a.test/b?c=(d)). Or", "https://a.test/b?c=(d)"],
    ["(https://a.test/b), https://c.test", "https://a.test/b"],
    ["<https://a.test/>", "https://a.test/"],
    ['"https://a.test/b":', "https://a.test/b"],
    ["https://a.test/#alarm/My~alarm?~(x)", "https://a.test/#alarm/My~alarm?~(x)"],
    ["https://a.test/A_(b)_c.", "https://a.test/A_(b)_c"],
    ["https://a.test/(b", "https://a.test/"],
    ["https://a.test/\u00e9", "https://a.test/"],
    ["https:// a.test", undefined],
  ])("opens the link of %s", async (words, link) => {
    expect((await post("ntfy", documentOf(`Kie OK\n${words}`))).headers["click"]).toBe(link);
  });

  it("leaves out no word in the middle: a headline that is too long for a title stands in the body", async () => {
    const title = "H".repeat(200);
    expect(await post("ntfy", documentOf(`${title}\nrest`))).toMatchObject({
      headers: { title },
      body: "rest",
    });
    for (const headline of [`${title}H`, "word ".repeat(100).trim()]) {
      const { headers, body } = await post("ntfy", documentOf(`${headline}\nrest`));
      expect(headers).not.toHaveProperty("title");
      expect(body).toBe(`${headline}\nrest`);
    }
  });

  it("has a title in other letters than ASCII, and opens nothing without a link", async () => {
    const { shown, headers } = await post("ntfy", documentOf("Résumé 🚀\nAll of it."));
    expect(headers["title"]).toMatch(/^=\?UTF-8\?B\?[\w+/]+=*\?=$/);
    expect(shown).toBe("Résumé 🚀\nAll of it.");
    expect(headers).not.toHaveProperty("click");
  });
});

describe("an alarm", () => {
  it("that is over says OK and why, not what failed and what to do", async () => {
    const over = { ...ALARM, NewStateValue: "OK", NewStateReason: "Threshold Crossed: no datapoints" };
    const { headers, body } = await post("ntfy", JSON.stringify(over));
    expect(headers).toMatchObject({ title: `OK: ${ALARM.AlarmName}`, priority: "3" });
    expect(body).toBe("Threshold Crossed: no datapoints");
  });

  it.each<[is: string, description: string | null | undefined, NewStateReason: string, expected: string]>([
    ["missing", undefined, "because", "\nbecause"],
    ["null", null, "because", "\nbecause"],
    ["empty", "", "because", "\nbecause"],
    ["blank", " \n ", "because", "\nbecause"],
    ["between blank lines", "\n\nDo this.\n", "because", "\nDo this."],
    ["blank, and so is the reason", " ", " ", ""],
  ])("whose description is %s has no blank lines", (_is, AlarmDescription, NewStateReason, expected) => {
    const Message = JSON.stringify({ ...ALARM, AlarmDescription, NewStateReason });
    expect(readNotices(event(Message))[0]?.text).toBe(`ALARM: ${ALARM.AlarmName}${expected}`);
  });
});

it.each([{}, { Records: [{ Sns: {} }] }, "text", null])(
  "an event that is not of SNS is refused: %j",
  (input) => {
    expect(() => readNotices(input)).toThrow("Invalid event:");
  },
);

describe("the kind", () => {
  it.each<[string, WebhookKind]>([
    ["https://hooks.slack.com/services/T0/B0/x", "slack"],
    ["https://discord.com/api/webhooks/1/x", "discord"],
    ["https://canary.discord.com/api/webhooks/1/x", "discord"],
    ["https://discordapp.com/api/webhooks/1/x", "discord"],
    ["https://api.telegram.org/bot1:x/sendMessage?chat_id=1", "telegram"],
    ["https://api.telegram.org/bot1:x/sendMessage/?chat_id=1", "telegram"],
    ["https://api.telegram.org/bot1:x/sendmessage?chat_id=1", "telegram"],
    ["https://ntfy.sh/topic", "ntfy"],
    ["https://contoso.webhook.office.com/webhookb2/x", "teams"],
    ["https://prod-12.westeurope.logic.azure.com:443/workflows/x", "teams"],
    ["https://default1.a.environment.api.powerplatform.com:443/powerautomate/x", "teams"],
    ["https://chat.googleapis.com/v1/spaces/x/messages?key=k&token=t", "google-chat"],
    ["https://HOOKS.SLACK.COM/services/x", "slack"],
    ["https://hooks.slack.com./services/x", "slack"],
    ["https://contoso.webhook.office.com.:443/webhookb2/x", "teams"],
    ["https://ntfy.sh../x", "json"],
    ["https://hooks.slack.com.example.com/x", "json"],
    ["https://evilntfy.sh/x", "json"],
    ["https://example.com/hooks.slack.com", "json"],
  ])("of %s is %s", (address, kind) => {
    expect(kindOf(new URL(address))).toBe(kind);
    expect(readAddress(` ${address}\n`, null).kind).toBe(kind);
    // A name in the settings wins.
    expect(readAddress(address, "json").kind).toBe("json");
  });
});

it("Telegram is asked for all that its address says, such as a topic of a group", () => {
  const address = new URL(
    "https://api.telegram.org/bot1:x/sendMessage?chat_id=-1&message_thread_id=7&text=old&disable_notification=true",
  );
  const { url, body } = writePost("telegram", { text: "Kie OK", severity: "info", document: "{}" }, address);
  expect(url.href).toBe("https://api.telegram.org/bot1:x/sendMessage");
  expect(JSON.parse(body)).toEqual({
    chat_id: "-1",
    message_thread_id: "7",
    disable_notification: "true",
    text: "Kie OK",
  });
});

describe("an address that is none says so, and shows nothing of itself", () => {
  it.each([
    ["", "The address is not an https: address"],
    ["x2markertoken", "The address is not an https: address"],
    ["http://example.com/x2markertoken", "The address is not an https: address"],
    ["ftp://127.0.0.1/x2markertoken", "The address is not an https: address"],
    ["https://exa mple.com/x2markertoken", "The address is not an https: address"],
    [
      "https://api.telegram.org/bot1:x2markertoken/sendMessage",
      "The address at api.telegram.org has no chat_id",
    ],
    ...["getUpdates", "sendPhoto", "sendMessageDraft", "x/sendMessage/getMe", ""].map((method) => [
      `https://api.telegram.org/bot1:x2markertoken/${method}?chat_id=5`,
      "The address at api.telegram.org must end in /sendMessage before the ?",
    ]),
  ])("%s", (address, message) => {
    expect(() => readAddress(address, null)).toThrow(new WebhookError(message));
  });
});

const NOTICE: Notice = { text: TEXT, severity: "critical", document: "{}" };

/** All that a post's failure shows: Lambda logs the text, the stack and the fields of an error. */
async function failureOf(address: string, kind: WebhookKind, timeoutMs?: number): Promise<Error> {
  const error = await postNotice(address, kind, NOTICE, timeoutMs).then(
    () => expect.unreachable(),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(WebhookError);
  const shown = `${error.stack} ${JSON.stringify(error, Object.getOwnPropertyNames(error))} ${String(error.cause)}`;
  for (const marker of MARKERS) expect(shown).not.toContain(marker);
  return error;
}

describe.each(WEBHOOK_KINDS)(
  "a failure of %s names the host and what was said, and nothing of the address:",
  (kind) => {
    const host = () => new URL(services.addressOf(kind)).host;

    it.each([400, 404, 410, 429, 500, 503])("HTTP %i", async (status) => {
      services.troubles.push((response, path) => {
        response
          .writeHead(status, { "retry-after": "1" })
          .end(`no luck\r\n${path} ${decodeURIComponent(path)}`);
      });
      const { message } = await failureOf(services.addressOf(kind), kind);
      expect(message).toMatch(new RegExp(`^${host()} answered ${status}: "no luck .*\\[address\\]`));
    });

    it("an answer without a word, or with too many", async () => {
      services.troubles.push((response) => response.writeHead(502).end());
      services.troubles.push((response, path) => response.writeHead(500).end(path.repeat(5_000)));
      services.troubles.push((response) => response.writeHead(500).end(`${"x".repeat(119)}🚫🚫🚫`));
      expect((await failureOf(services.addressOf(kind), kind)).message).toBe(`${host()} answered 502`);
      expect((await failureOf(services.addressOf(kind), kind)).message).toBe(`${host()} answered 500`);
      const { message } = await failureOf(services.addressOf(kind), kind);
      expect(message).toMatch(/"x{119}\.\.\."$/);
    });

    it("a redirect, which is not followed", async () => {
      services.troubles.push((response, path) => response.writeHead(307, { location: path }).end());
      expect((await failureOf(services.addressOf(kind), kind)).message).toBe(`${host()} answered 307`);
      expect(services.arrivals).toEqual([]);
    });

    it("no answer, and a refusal that never ends", async () => {
      services.troubles.push(() => {});
      services.troubles.push((response) => response.writeHead(503).write("o"));
      for (const _ of [1, 2]) {
        const { message } = await failureOf(services.addressOf(kind), kind, 100);
        expect(message).toBe(`No whole answer from ${host()} within 100 ms`);
      }
    });

    it("a connection that breaks", async () => {
      services.troubles.push((response) => response.destroy());
      expect((await failureOf(services.addressOf(kind), kind)).message).toBe(`${host()}: socket hang up`);
    });

    it("nobody who listens", async () => {
      const address = services.addressOf(kind);
      await services.close();
      expect((await failureOf(address, kind)).message).toBe(
        `${new URL(address).host}: connect ECONNREFUSED ${new URL(address).host}`,
      );
      services = await startWebhookStandIns();
    });

    it("a certificate that nobody trusts", async () => {
      const host = await listen(createHttpsServer(LOCALHOST_TLS, (_request, response) => response.end()));
      const { pathname, search } = new URL(services.addressOf(kind));
      const { message } = await failureOf(`https://localhost:${host.port}${pathname}${search}`, kind);
      expect(message).toMatch(new RegExp(`^localhost:${host.port}: .*certificate`));
      await host.close();
    });
  },
);

/** Posted again it would come twice, and the alarm would be a false one. */
it.each<[does: string, trouble: (response: ServerResponse) => void]>([
  ["never ends", (response) => response.write("o")],
  [
    "breaks off",
    (response) => {
      response.write("o");
      setTimeout(() => response.destroy(), 20);
    },
  ],
  [
    "is too short",
    (response) => response.setHeader("content-length", 9).write("o", () => response.destroy()),
  ],
  ["is packed badly", (response) => response.setHeader("content-encoding", "gzip").end("ok")],
  ["is too long", (response) => response.end("x".repeat(200_000))],
  ["says that it failed", (response) => response.end('{"ok":false}')],
])("a 2xx has taken the message, though its body %s", async (_does, trouble) => {
  for (const status of [200, 202]) {
    services.troubles.push((response) => {
      response.statusCode = status;
      trouble(response);
    });
    await postNotice(services.addressOf("slack"), "slack", NOTICE, 200);
  }
});

it("a host that quotes the address in pieces, or coded, gives nothing away", async () => {
  const secret = "x2markertoken/with%20blank%2Fand";
  services.troubles.push((response) => {
    response
      .writeHead(404)
      .end("x2markertoken | with blank/and | with%20blank%2Fand | 2markertoke | user-secret | %%");
  });
  const address = services
    .addressOf("slack")
    .replace("http://", "http://user-secret:pw@")
    .replace("x2markertoken", secret);
  const { message } = await failureOf(address, "slack");
  expect(message).toContain("answered 404");
  expect(message).not.toMatch(/marker|blank|user-secret/);
});
