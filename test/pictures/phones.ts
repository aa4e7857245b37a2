/** Messages as a phone and a chat show them. Pure. */
import type { Message } from "../../lambda/messages/message.ts";
import { writePost } from "../../lambda/webhook/kinds.ts";
import { readNotices } from "../../lambda/webhook/notice.ts";
import type { Page } from "./chromium.ts";

/** CSS pixels. So narrow that letters can be read where the picture is as narrow as a phone. */
const PHONE_PX = 264;
const CHAT_PX = 364;
const GAP_PX = 16;
const BORDER_PX = 2;

/** The topic's display name, which SNS puts before each SMS. */
const NAME = "Kie alert";
/** Whom phones name where a country has senders with names, and the AWS account has none of its own. */
const SENDER = "NOTICE";

/** The phones' own fonts, then those that stand in for them. All are proportional. */
const FONTS = `Roboto, "SF Pro Text", "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif`;

/** A message with the time at which it came. */
interface Received {
  readonly message: Message;
  readonly time: string;
}

/** SMS on a phone, and a message in a chat beside it. */
export function phonesPage(texts: readonly Received[], post: Received): Page {
  const bubbles = texts.map(
    ({ message, time }) =>
      `<time>${time}</time><p class="sms">${linked(`${NAME.toUpperCase()}> ${message.texts.sms}`)}</p>`,
  );
  // The border's grey is seen on white and on black.
  const html = `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: ${GAP_PX}px; box-sizing: border-box; display: flex; gap: ${GAP_PX}px;
      border: ${BORDER_PX}px solid #8b949e; background: #d0d7de; font: 17px/1.35 ${FONTS}; color: #1f2328; }
    section { box-sizing: border-box; background: #fff; flex: none; }
    h1 { font-size: 18px; margin: 0 0 12px; padding-bottom: 10px; border-bottom: 1px solid #d1d9e0; }
    p { margin: 0; text-wrap: pretty; }
    time { color: #59636e; font-size: 14px; white-space: nowrap; }
    a { color: #0969da; white-space: nowrap; }
    .phone { width: ${PHONE_PX}px; border: 6px solid #1f2328; border-radius: 32px; padding: 16px 12px; text-align: center; }
    .sms { background: #e9e9eb; border-radius: 18px; padding: 10px 14px; margin: 6px 0 16px; text-align: left; }
    .chat { width: ${CHAT_PX}px; border-radius: 12px; padding: 16px; }
    .post { display: flex; gap: 8px; }
    .post p { white-space: pre-wrap; margin-top: 6px; }
    i { flex: none; width: 32px; border-radius: 8px; font: bold 20px/32px ${FONTS}; height: 32px; background: #8250df;
      color: #fff; text-align: center; }
    small { background: #e9e9eb; border-radius: 4px; padding: 1px 4px; font-size: 11px; }
  </style>
  <section class="phone"><h1>${SENDER}</h1>${bubbles.join("")}</section>
  <section class="chat"><h1># alerts</h1><div class="post"><i>K</i>
    <div><b>${NAME}</b> <small>APP</small><br><time>${post.time}</time><p>${linked(postOf(post.message))}</p></div></div></section>`;
  return { html, widthPx: PHONE_PX + CHAT_PX + 3 * GAP_PX + 2 * BORDER_PX };
}

/** What the webhook's function posts to a chat, once SNS has called it. */
function postOf({ subject, texts }: Message): string {
  const [notice] = readNotices({ Records: [{ Sns: { Subject: subject, Message: texts.document } }] });
  if (!notice) throw new Error(`Nothing is posted of ${subject}`);
  return JSON.parse(writePost("discord", notice, new URL("https://discord.com")).body).content;
}

/** As phones and chats do. */
function linked(text: string): string {
  return escapeXml(text).replaceAll(/(https:\/\/|\bkie\.ai\/)[\w./-]*\w/g, "<a>$&</a>");
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
