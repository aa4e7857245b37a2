/** Messages as phones show them. Pure. */
import type { Message } from "../../lambda/messages/message.ts";
import type { Page } from "./chromium.ts";

/** CSS pixels: a common phone. */
const PHONE_PX = 390;
const GAP_PX = 24;

/** The phones' own fonts, then those that stand in for them. All are proportional. */
const FONTS = `Roboto, "SF Pro Text", "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif`;

/** A message with the time at which it came. */
interface Received {
  readonly message: Message;
  readonly time: string;
}

/** An email on one phone, SMS on another beside it. */
export function phonesPage(email: Received, texts: readonly Received[]): Page {
  const bubbles = texts.map(
    ({ message, time }) => `<small>${time}</small><p class="sms">${linked(message.texts.sms)}</p>`,
  );
  const html = `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: ${GAP_PX}px; box-sizing: border-box; display: flex; gap: ${GAP_PX}px; align-items: flex-start;
      background: #d0d7de; font: 16px/1.4 ${FONTS}; color: #1f2328; }
    section { width: ${PHONE_PX}px; box-sizing: border-box; background: #fff; border-radius: 28px; padding: 20px; flex: none; }
    h1 { font-size: 20px; line-height: 1.25; margin: 0 0 12px; }
    .from { color: #59636e; font-size: 14px; border-bottom: 1px solid #d1d9e0; padding-bottom: 12px; margin-bottom: 14px; }
    .from b { color: #1f2328; }
    .email { white-space: pre-wrap; overflow-wrap: anywhere; }
    small { display: block; text-align: center; color: #59636e; margin: 12px 0 6px; }
    .sms { background: #e9e9eb; border-radius: 18px; padding: 10px 14px; margin: 0 40px 0 0; overflow-wrap: anywhere; }
    a { color: #0969da; }
  </style>
  <section><h1>${escapeXml(email.message.subject)}</h1>
    <div class="from"><b>Kie alert</b> no-reply@sns.amazonaws.com<br>to me, ${email.time}</div>
    <div class="email">${linked(email.message.texts.email.trimEnd())}</div></section>
  <section>${bubbles.join("")}</section>`;
  return { html, widthPx: 2 * PHONE_PX + 3 * GAP_PX };
}

/** As mail programs do. */
function linked(text: string): string {
  return escapeXml(text).replaceAll(/(https:\/\/|\bkie\.ai\/)[\w./-]*\w/g, "<a>$&</a>");
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
