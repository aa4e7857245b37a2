/** The link in the email by which SNS asks for a confirmation. Pure. */

import { CommandError } from "../command.ts";
import { CONFIRMATION_EMAIL } from "../config.ts";

export interface ConfirmationLink {
  readonly topicArn: string;
  /** A secret: whoever has it can confirm the subscription. */
  readonly token: string;
  /** The address that is subscribed; null in a link that was sent to a webhook. */
  readonly endpoint: string | null;
}

/** A mail filter may wrap a link that another one has wrapped. */
const MAX_WRAPPERS = 5;

/** Filters whose address is a number in a list of theirs, and the link is nowhere in it. */
const HIDING = [
  ["Mimecast", /\.mimecast(protect)?\.com$/],
  ["Proofpoint Essentials", /^url\.emailprotection\.link$/],
] as const;

/**
 * Finds the link in what was pasted: the link itself (of the confirmation page, or a webhook's SubscribeURL) or a
 * mail filter's link around it, whole or broken into lines, quoted, or as it stands in the mail's source.
 *
 * @throws CommandError that does not repeat what was pasted
 */
export function readConfirmationLink(text: string): ConfirmationLink {
  const unquoted = text.replaceAll(/^[ \t]*(>[ \t]*)+(?=\S)/gm, "");
  const links = [text, unquoted, decodeQuotedPrintable(text), decodeQuotedPrintable(unquoted)].flatMap(
    linksIn,
  );
  for (const link of links) {
    const found = unwrap(link, MAX_WRAPPERS);
    if (found !== null) return found;
  }
  throw new CommandError([...whyNot(links), ADVICE].join("\n"));
}

const ADVICE = [
  `In the email ${CONFIRMATION_EMAIL},`,
  'copy the address of "Confirm subscription" (do not open it). It begins with',
  "https://sns.REGION.amazonaws.com/, or a mail filter's address has that in it.",
].join("\n");

function whyNot(links: readonly string[]): readonly string[] {
  if (links.length === 0) return ["There is no link in this."];
  const hosts = links.flatMap((link) => (URL.canParse(link) ? [new URL(link).hostname] : []));
  const [filter] = HIDING.find(([, host]) => hosts.some((one) => host.test(one))) ?? [];
  if (filter === undefined) return ["This is no link that confirms a subscription, or not all of it."];
  return [
    `This address is of ${filter}, a mail filter that hides the link for good: only opening it confirms. The alerts then arrive, but a link in each mail can unsubscribe.`,
    "Or have the filter leave the links in mails of no-reply@sns.amazonaws.com as they are, and ask for a new email: npm run setup.",
  ];
}

/** Links hold no blanks, so that these come from a mail program that broke the line. */
function linksIn(text: string): readonly string[] {
  const joined = text.replaceAll(/\s+/g, "").replaceAll(/&(amp;)+/g, "&");
  return joined.match(/https?:\/\/[^<>"']+/gi) ?? [];
}

/** https://www.rfc-editor.org/rfc/rfc2045#section-6.7 */
function decodeQuotedPrintable(text: string): string {
  return text
    .replaceAll(/=[ \t]*\r?\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function unwrap(wrapped: string, wrappers: number): ConfirmationLink | null {
  // What ends a sentence or stands around a link ends no address.
  const text = wrapped.replace(/[.,;:!?)\]}]+$/, "");
  if (!URL.canParse(text)) return null;
  const link = parse(new URL(text));
  if (link !== null || wrappers === 0) return link;
  for (const candidate of wrappedIn(text)) {
    const found = unwrap(candidate, wrappers - 1);
    if (found !== null) return found;
  }
  return null;
}

/** What a mail filter's address may carry. */
function wrappedIn(text: string): readonly string[] {
  // Proofpoint: /v3/__LINK__;CHARACTERS!!
  const proofpoint3 = /__(https?:\/.+?)__;([\w-]*)/.exec(text);
  if (proofpoint3) return [fillProofpoint3(proofpoint3[1] ?? "", proofpoint3[2] ?? "")];
  // Check Point and Avanan: /v2/___LINK___.SIGNATURE
  const checkPoint = /___(https?:\/.+)___(\.|$)/.exec(text)?.[1];
  if (checkPoint !== undefined) return [checkPoint];
  const { pathname, searchParams } = new URL(text);
  // Safe Links and most others carry it as a parameter: as it is, or in Base64 (Sophos).
  const parameters = [...searchParams.values()].flatMap((value) => [
    value,
    // Proofpoint: /v2/url?u=https-3A__HOST_PATH
    decodePercent(value.replaceAll("_", "/").replaceAll("-", "%")),
    Buffer.from(value, "base64").toString(),
  ]);
  // Cisco has it in the path, encoded, and others as it is.
  const encoded = /https?%3a%2f%2f[^/]+/i.exec(pathname)?.[0] ?? "";
  const plain = /(?<=.)https?:\/\/.+/.exec(text)?.[0] ?? "";
  return [...parameters, decodePercent(encoded), plain];
}

/** Each `*` stands for the next of the characters, and `**A`, `**B`, ... for the next 2, 3, ... */
function fillProofpoint3(link: string, encoded: string): string {
  const lengths = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const characters = [...Buffer.from(encoded, "base64url").toString()];
  return link.replaceAll(/\*(?:\*(.))?/g, (_, run: string | undefined) =>
    characters.splice(0, run === undefined ? 1 : lengths.indexOf(run) + 2).join(""),
  );
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function parse({ protocol, hostname, searchParams }: URL): ConfirmationLink | null {
  const topicArn = searchParams.get("TopicArn") ?? "";
  const token = searchParams.get("Token") ?? "";
  const isOfSns = protocol === "https:" && /^sns\.[a-z0-9-]+\.amazonaws\.(com(\.cn)?|eu)$/.test(hostname);
  const isWhole =
    /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(topicArn) && /^[0-9a-f]{32,}$/i.test(token);
  if (!isOfSns || !isWhole) return null;
  // A plus sign in a link means a blank, which no address has.
  return { topicArn, token, endpoint: searchParams.get("Endpoint")?.replaceAll(" ", "+") ?? null };
}
