/** The kinds of webhooks: by which host each is known, and what is posted there. Pure. */
import { cut } from "../adapters/quote.ts";
import type { WebhookKind } from "../fields.ts";
import type { Severity } from "../policy/alert.ts";
import type { Notice } from "./notice.ts";

/** One POST. */
export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Row {
  /** The hosts that speak this, with all below them. */
  readonly hosts: readonly string[];
  /** What an address must have besides its host; null if it has all. */
  problemOf?(address: URL): string | null;
  /** The notice's text mentions nobody, and has {@link MAX_TEXT_CHARACTERS} at most. `link` is the first one in it. */
  write(notice: Notice & { readonly link: string | undefined }, address: URL): Post;
}

/** What Discord takes; all others take more: https://docs.discord.com/developers/resources/webhook#execute-webhook */
const MAX_TEXT_CHARACTERS = 2_000;

/** ntfy takes 4,096 bytes, and makes a file of more (https://docs.ntfy.sh/publish/#limitations). UTF-8 has up to three for one. */
const MAX_NTFY_CHARACTERS = 1_300;

const MAX_TITLE_CHARACTERS = 200;

/** https://docs.ntfy.sh/publish/#message-priority and #tags-emojis */
const NTFY: Readonly<Record<Severity, { readonly Priority: string; readonly Tags: string }>> = {
  critical: { Priority: "5", Tags: "rotating_light" },
  warning: { Priority: "4", Tags: "warning" },
  info: { Priority: "3", Tags: "information_source" },
};

const KINDS: Readonly<Record<WebhookKind, Row>> = {
  // https://docs.slack.dev/messaging/formatting-message-text#escaping. Mattermost and Rocket.Chat take the same.
  slack: {
    hosts: ["hooks.slack.com"],
    write: ({ text }, url) => json(url, { text: escapeForSlack(text) }),
  },
  discord: {
    hosts: ["discord.com", "discordapp.com"],
    write: ({ text }, url) => json(url, { content: text, allowed_mentions: { parse: [] } }),
  },
  // https://core.telegram.org/bots/api#sendmessage
  telegram: {
    hosts: ["api.telegram.org"],
    problemOf({ pathname, searchParams }) {
      // Another method takes the POST, too.
      if (!/\/sendMessage\/?$/i.test(pathname)) return "must end in /sendMessage before the ?";
      return searchParams.get("chat_id") ? null : "has no chat_id";
    },
    write({ text }, address) {
      const url = new URL(address);
      url.search = "";
      return json(url, { ...Object.fromEntries(address.searchParams), text });
    },
  },
  ntfy: {
    hosts: ["ntfy.sh"],
    write({ text, severity, link }, url) {
      const [headline = "", ...lines] = text.split("\n");
      const rest = lines.join("\n").trim();
      const hasTitle = rest !== "" && headline.length <= MAX_TITLE_CHARACTERS;
      return {
        url,
        headers: {
          "content-type": "text/plain; charset=utf-8",
          ...(hasTitle && { Title: headerValue(headline) }),
          ...NTFY[severity],
          ...(link !== undefined && { Click: link }),
        },
        body: cut(hasTitle ? rest : text, MAX_NTFY_CHARACTERS),
      };
    },
  },
  // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
  teams: {
    hosts: ["webhook.office.com", "logic.azure.com", "powerplatform.com"],
    write: ({ text }, url) => json(url, { type: "message", attachments: [cardOf(text)] }),
  },
  // https://developers.google.com/workspace/chat/quickstart/webhooks
  "google-chat": {
    hosts: ["chat.googleapis.com"],
    write: ({ text }, url) => json(url, { text }),
  },
  json: {
    hosts: [],
    write: ({ document }, url) => ({ url, headers: JSON_HEADERS, body: document }),
  },
};

/** The kind that an address's host tells. */
export function kindOf(address: URL): WebhookKind {
  // A name may end in the dot of DNS's root.
  const name = address.hostname.replace(/\.$/, "");
  const speaks = (host: string) => name === host || name.endsWith(`.${host}`);
  const known = Object.entries(KINDS).find(([, { hosts }]) => hosts.some(speaks));
  return (known?.[0] as WebhookKind | undefined) ?? "json";
}

/** What an address of a kind lacks: `has no chat_id`. Null if it has all. */
export function problemOf(kind: WebhookKind, address: URL): string | null {
  return KINDS[kind].problemOf?.(address) ?? null;
}

/** What to post at an address. */
export function writePost(kind: WebhookKind, notice: Notice, address: URL): Post {
  const whole = cut(notice.text, MAX_TEXT_CHARACTERS);
  const text = cut(withoutMentions(whole), MAX_TEXT_CHARACTERS);
  return KINDS[kind].write({ ...notice, text, link: whole.match(LINK)?.[0] }, address);
}

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" };

function json(url: URL, value: unknown): Post {
  return { url, headers: JSON_HEADERS, body: JSON.stringify(value) };
}

/** A card may have 28 KB. */
const MAX_CARD_LINES = 20;

/** An Adaptive Card with a block for each line, since Teams joins the lines of one block. */
function cardOf(text: string) {
  const all = text.split("\n").filter((line) => line.trim() !== "");
  const rest = all.slice(MAX_CARD_LINES);
  const lines = [...all.slice(0, MAX_CARD_LINES), ...(rest.length > 0 ? [rest.join(" ")] : [])];
  return {
    contentType: "application/vnd.microsoft.card.adaptive",
    content: {
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.2",
      body: lines.map((line, index) => ({
        type: "TextBlock",
        text: line,
        wrap: true,
        ...(index === 0 && { weight: "Bolder" }),
      })),
    },
  };
}

/** Slack takes these three for its own signs. */
function escapeForSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A bracket belongs to a link if the one that closes it does. */
const LINK = /https?:\/\/([!#-'*-;=?-~]|\([!#-'*-;=?-~]*\))*([\w/]|\([!#-'*-;=?-~]*\))/gi;

/**
 * `@everyone` (Discord, Mattermost), `<!channel>` (Slack) and `<users/all>` (Google Chat) notify everybody, and
 * `@name` somebody (Telegram). None does with a character without width in it. A link would not work with one; in its
 * path only Mattermost looks for names.
 */
function withoutMentions(text: string): string {
  const names = /@(?=(all|channel|everyone|here)(?![a-z\d]))|(?<=^https?:\/\/[^/]*)@/gi;
  return text.replace(new RegExp(`${LINK.source}|[@<]`, "gi"), (found) =>
    found.replace(found.length > 1 ? names : /[@<]/, "$&\u200b"),
  );
}

/** HTTP headers are ASCII; ntfy reads RFC 2047 in them (https://docs.ntfy.sh/releases, 2.4.0). */
function headerValue(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}
