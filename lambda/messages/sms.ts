/** The SMS of an alert. Pure. */
import type { AlertContext } from "./context.ts";
import { knownAgain, WORDS } from "./words.ts";

/**
 * SNS calls 140 ASCII characters one SMS, and puts the topic's display name in capitals and "> " before
 * ours: https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html. The name has 10 at the most.
 */
const MAX_SMS_CHARACTERS = 128;

/** As many sentences as fit into one SMS, from the first one on, which always fits. */
export function writeSms(context: AlertContext): string {
  const { headline, sms } = WORDS[context.alert.kind];
  const sentences = [
    `${context.config.account} ${headline(context)}.`,
    ...sms(context),
    ...(knownAgain(context)?.sms ?? []),
  ];
  // One may lean on those before it, as in "Or top up".
  while (sentences.join(" ").length > MAX_SMS_CHARACTERS) sentences.pop();
  return sentences.join(" ");
}
