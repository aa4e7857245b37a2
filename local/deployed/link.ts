/** The link in the email by which SNS asks for a confirmation. Pure. */
import { CommandError } from "../command.ts";

export interface ConfirmationLink {
  readonly topicArn: string;
  /** A secret: whoever has it can confirm the subscription. */
  readonly token: string;
  /** The address that is subscribed; null in a link that was sent to a webhook. */
  readonly endpoint: string | null;
}

/** A mail filter may wrap a link that another one has wrapped. */
const MAX_WRAPPERS = 5;

/**
 * Finds the link in what was pasted: the link itself (of the confirmation page, or a webhook's SubscribeURL) or a
 * mail filter's link around it, whole or broken into lines.
 *
 * @throws CommandError that does not repeat what was pasted
 */
export function readConfirmationLink(text: string): ConfirmationLink {
  // Links hold no blanks, so that these come from a mail program that broke the line.
  const joined = text.replaceAll(/\s+/g, "").replaceAll(/&(amp;)+/g, "&");
  const [first] = /https?:\/\/[^<>"']+/i.exec(joined) ?? [];
  const link = first === undefined ? null : unwrap(first, MAX_WRAPPERS);
  if (link !== null) return link;
  throw new CommandError(
    [
      first === undefined
        ? "There is no link in this."
        : "This is no link that confirms a subscription, or not all of it.",
      'In the email of AWS Notifications, copy the address of "Confirm subscription" (do not open it). It begins with',
      "https://sns.REGION.amazonaws.com/, or a mail filter's address has that in it.",
    ].join("\n"),
  );
}

function unwrap(text: string, wrappers: number): ConfirmationLink | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const link = parse(url);
  if (link !== null || wrappers === 0) return link;
  // Safe Links and most others carry the link as a parameter, Proofpoint in its path: /v3/__LINK__;
  const inPath = /__(https?:\/\/.+?)__;/.exec(text)?.[1];
  const candidates = inPath === undefined ? [...url.searchParams.values()] : [inPath];
  for (const candidate of candidates) {
    const found = unwrap(candidate, wrappers - 1);
    if (found !== null) return found;
  }
  return null;
}

function parse({ protocol, hostname, searchParams }: URL): ConfirmationLink | null {
  const topicArn = searchParams.get("TopicArn") ?? "";
  const token = searchParams.get("Token") ?? "";
  const isOfSns = protocol === "https:" && /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(hostname);
  const isWhole =
    /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(topicArn) && /^[0-9a-f]{32,}$/i.test(token);
  if (!isOfSns || !isWhole) return null;
  // A plus sign in a link means a blank, which no address has.
  return { topicArn, token, endpoint: searchParams.get("Endpoint")?.replaceAll(" ", "+") ?? null };
}
