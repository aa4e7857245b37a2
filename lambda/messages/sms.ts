/** The SMS of an alert. Pure. */
import type { AlertContext } from "./context.ts";
import { knownAgain, WORDS } from "./words.ts";

/**
 * SNS calls 140 ASCII characters one SMS, and puts the topic's display name in capitals and "> " before
 * ours: https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html. The name has 10 at the most.
 */
const MAX_SMS_CHARACTERS = 128;

/** Joins the sentences that fit into one SMS; one that doesn't is skipped. The first one always fits. */
export function writeSms(context: AlertContext): string {
  const { headline, sms } = WORDS[context.alert.kind];
  return [...sms(context), ...(knownAgain(context)?.sms ?? [])].reduce(
    (text, sentence) =>
      text.length + 1 + sentence.length <= MAX_SMS_CHARACTERS ? `${text} ${sentence}` : text,
    `${context.config.account} ${headline(context)}.`,
  );
}
