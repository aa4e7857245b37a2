/** The words of an alert, one text per channel. Pure. */
import type { AlertContext } from "./context.ts";
import { writeDocument } from "./document.ts";
import { writeEmail } from "./email.ts";
import { writeSms } from "./sms.ts";
import { WORDS } from "./words.ts";

/** SNS: fewer than 100 printable ASCII characters; one more, or a line break, and the whole Publish fails. */
export const MAX_SUBJECT_CHARACTERS = 99;

/** One message, ready to publish. */
export interface Message {
  /** 1 to 99 printable ASCII characters. */
  readonly subject: string;
  readonly texts: {
    readonly email: string;
    /** One SMS: ASCII that GSM-7 has too, at most 128 characters. */
    readonly sms: string;
    /** JSON for programs, described in docs/alerts.md; `text` in it is for people in a chat. */
    readonly document: string;
  };
  /** What subscriptions can filter on. `sms` is there, as "yes", if phones should hear it. */
  readonly attributes: Readonly<Record<string, string>>;
}

export function writeMessage(context: AlertContext): Message {
  const { config, alert, decision } = context;
  const { headline, chat } = WORDS[alert.kind];
  // The one account of most people needs no name on a phone's short line.
  const name = config.account === "kie" ? "Kie" : `Kie ${config.account}`;
  const subject = fitted(`${name} ${headline(context)}`);
  return {
    subject,
    texts: {
      email: writeEmail(context),
      sms: writeSms(context),
      document: writeDocument(context, subject, [subject, ...chat(context)].join("\n")),
    },
    attributes: {
      severity: alert.severity,
      kind: alert.kind,
      level: decision.level ?? "unknown",
      account: config.account,
      ...(alert.bySms ? { sms: "yes" } : {}),
    },
  };
}

/** Without its last clause, such as `, time left unknown`, if it is too long. */
function fitted(subject: string): string {
  return subject.length <= MAX_SUBJECT_CHARACTERS ? subject : subject.slice(0, subject.lastIndexOf(", "));
}
