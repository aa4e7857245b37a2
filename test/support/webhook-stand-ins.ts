/** Stand-ins for chat services on loopback: they refuse what the services are documented and seen to refuse. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import type { WebhookKind } from "../../lambda/fields.ts";
import { listen } from "./hosts.ts";

export interface Arrival {
  readonly kind: WebhookKind;
  /** What people see, with what the service makes of its signs. */
  readonly shown: string;
  /** Whom the service would notify by name. */
  readonly notified: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookStandIns {
  readonly arrivals: readonly Arrival[];
  /** An address of a kind, each part of whose path and query is a marker of its own. */
  addressOf(kind: WebhookKind): string;
  /** What the next calls get instead of an answer, in turn. */
  readonly troubles: ((response: ServerResponse, path: string, body: string) => void)[];
  close(): Promise<void>;
}

/** The markers in the addresses. */
export const MARKERS = [
  "T0markerteam",
  "B1markerhook",
  "x2markertoken",
  "k3markerkey",
  "v4markervalue",
  "-1005556667778",
];
const [TEAM, HOOK, TOKEN, KEY, VALUE, CHAT] = MARKERS;

const PATHS: Readonly<Record<WebhookKind, string>> = {
  slack: `/${TEAM}/${HOOK}/${TOKEN}`,
  discord: `/${TEAM}/${HOOK}/${TOKEN}?${KEY}=${VALUE}`,
  telegram: `/bot123456789:${TOKEN}/sendMessage?chat_id=${CHAT}&${KEY}=${VALUE}`,
  ntfy: `/${TOKEN}?${KEY}=${VALUE}`,
  teams: `/${TEAM}/${HOOK}/${TOKEN}?${KEY}=${VALUE}`,
  "google-chat": `/${TEAM}/${HOOK}?${KEY}=${VALUE}&token=${TOKEN}`,
  json: `/${HOOK}?${KEY}=${VALUE}`,
};

/** The refusal's status and text; or what people see, and whom it notifies. */
type Verdict = readonly [status: number, text: string] | Pick<Arrival, "shown" | "notified">;

type Service = (body: string, headers: IncomingHttpHeaders, url: URL) => Verdict;

const SERVICES: Readonly<Record<WebhookKind, Service>> = {
  // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
  slack(body) {
    const { text } = readJson(body) ?? {};
    if (readJson(body) === null) return [400, "invalid_payload"];
    if (typeof text !== "string" || text === "") return [400, "no_text"];
    const shown = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    // The second ones are Mattermost's.
    return { shown, notified: text.match(/<[!@#][^>]*>|@(channel|all|here)(?![a-z\d])/gi) ?? [] };
  },
  // https://docs.discord.com/developers/resources/webhook#execute-webhook
  discord(body, { "content-type": type }) {
    const { content, allowed_mentions: allowed, ...others } = readJson(body) ?? {};
    if (!type?.startsWith("application/json") || typeof content !== "string" || content.trim() === "")
      return [400, '{"message": "Cannot send an empty message", "code": 50006}'];
    if (content.length > 2_000) return [400, '{"content": ["Must be 2000 or fewer in length."]}'];
    if (typeof allowed !== "object") return [400, '{"allowed_mentions": ["Expected an object/dictionary."]}'];
    const unknown = Object.keys({ ...allowed, ...others }).filter((name) => name !== "parse");
    if (unknown.length > 0) return [400, '{"message": "Invalid Form Body", "code": 50035}'];
    const isQuiet = (allowed as { parse?: unknown[] }).parse?.length === 0;
    const mentions = content.match(/@(everyone|here)|<@[&!]?\d+>/g) ?? [];
    return { shown: content, notified: isQuiet ? [] : mentions };
  },
  // https://core.telegram.org/bots/api#making-requests
  telegram(body, _headers, { pathname, searchParams }) {
    const refuse = (status: number, description: string): Verdict => [
      status,
      JSON.stringify({ ok: false, error_code: status, description }),
    ];
    const { chat_id = searchParams.get("chat_id"), text = searchParams.get("text") } = readJson(body) ?? {};
    if (!/^\/bot\d+:[\w-]+\/sendMessage$/.test(pathname)) return refuse(404, "Not Found");
    if (!chat_id) return refuse(400, "Bad Request: chat_id is empty");
    if (chat_id !== CHAT) return refuse(400, "Bad Request: chat not found");
    if (typeof text !== "string" || text.trim() === "")
      return refuse(400, "Bad Request: message text is empty");
    if (text.length > 4_096) return refuse(400, "Bad Request: message is too long");
    // What stands in a link is no name.
    return { shown: text, notified: text.replace(/https?:\/\/[\w.]+\/\S*/g, "").match(/@\w+/g) ?? [] };
  },
  // https://docs.ntfy.sh/publish: a long message becomes a file, and an empty one "triggered".
  ntfy(body, { title, priority = "3", click, tags }) {
    if (!/^[1-5]$/.test(String(priority)))
      return [400, '{"code":40007,"http":400,"error":"invalid request: priority invalid"}'];
    if (Buffer.byteLength(body) > 4_096 || body === "" || tags === undefined)
      return [400, "not what is wanted"];
    if (click !== undefined) new URL(String(click));
    const lines = title === undefined ? [body] : [decodeHeader(String(title)), body];
    return { shown: lines.join("\n"), notified: [] };
  },
  // A flow takes the POST, and then fails for itself where there is no card; here it is refused.
  teams(body) {
    const { type, attachments } = (readJson(body) ?? {}) as { type?: string; attachments?: unknown[] };
    if (type !== "message" || !Array.isArray(attachments) || attachments.length !== 1)
      return [400, "the result of the evaluation of 'foreach' expression is of type 'Null'"];
    if (Buffer.byteLength(body) > 28 * 1024) return [413, "RequestEntityTooLarge"];
    const [card] = attachments as [{ contentType: string; content: Record<string, unknown> }];
    const blocks = card.content["body"] as { type: string; text: string; wrap: boolean }[];
    const isCard = card.contentType === "application/vnd.microsoft.card.adaptive";
    if (!isCard || card.content["type"] !== "AdaptiveCard" || blocks.length === 0)
      return [400, "Property 'type' must be 'AdaptiveCard'"];
    if (blocks.some((block) => block.type !== "TextBlock" || block.text === "" || block.text.includes("\n")))
      return [400, "a line that is not shown"];
    return { shown: blocks.map((block) => block.text).join("\n"), notified: [] };
  },
  // https://developers.google.com/workspace/chat/quickstart/webhooks
  "google-chat"(body) {
    const { text, ...others } = readJson(body) ?? {};
    const unknown = Object.keys(others)[0];
    if (typeof text !== "string" || text === "" || text.length > 4_096 || unknown !== undefined)
      return [400, '{"error":{"code":400,"message":"Message cannot be empty.","status":"INVALID_ARGUMENT"}}'];
    return { shown: text, notified: text.match(/<users\/[^>]*>/g) ?? [] };
  },
  json(body, { "content-type": type }) {
    if (!type?.startsWith("application/json") || readJson(body) === null) return [400, "Bad Request"];
    return { shown: body, notified: [] };
  },
};

/** What each answers to a good one. */
const THANKS: Readonly<Record<WebhookKind, readonly [number, string]>> = {
  slack: [200, "ok"],
  discord: [204, ""],
  telegram: [200, '{"ok":true,"result":{}}'],
  ntfy: [200, '{"id":"1","event":"message"}'],
  teams: [202, ""],
  "google-chat": [200, '{"name":"spaces/1/messages/1"}'],
  json: [200, ""],
};

/** All of them on one free port of this machine. */
export async function startWebhookStandIns(): Promise<WebhookStandIns> {
  const arrivals: Arrival[] = [];
  const troubles: WebhookStandIns["troubles"] = [];
  const server = createServer(async (request, response) => {
    const body = await readText(request);
    const path = request.url ?? "";
    const trouble = troubles.shift();
    if (trouble !== undefined) {
      trouble(response, path, body);
      return;
    }
    const [, kind = "", ...rest] = path.split("/");
    const service = SERVICES[kind as WebhookKind];
    const url = new URL(`http://localhost/${rest.join("/")}`);
    const verdict = request.method === "POST" ? service(body, request.headers, url) : ([405, ""] as const);
    if ("shown" in verdict)
      arrivals.push({ kind: kind as WebhookKind, ...verdict, headers: request.headers, body });
    const [status, said] = "shown" in verdict ? THANKS[kind as WebhookKind] : verdict;
    response.writeHead(status).end(said);
  });
  const { url, close } = await listen(server);
  return {
    arrivals,
    troubles,
    addressOf: (kind) => `${url}/${kind}${PATHS[kind]}`,
    close,
  };
}

function readJson(body: string): Record<string, unknown> | null {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** RFC 2047 as Go's mime.WordDecoder reads it. */
function decodeHeader(text: string): string {
  const [, base64] = /^=\?UTF-8\?B\?(.*)\?=$/.exec(text) ?? [];
  return base64 === undefined ? text : Buffer.from(base64, "base64").toString();
}
