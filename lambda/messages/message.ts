/** The words of an alert, one text per channel. Pure. */
import { chartOf } from "../policy/forecast.ts";
import type { AlertContext } from "./context.ts";
import { writeDocument } from "./document.ts";
import { writeEmail } from "./email.ts";
import { headlineOf } from "./headline.ts";
import { writeSms } from "./sms.ts";

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
    /** JSON for programs, described in the README. */
    readonly document: string;
  };
  /** What subscriptions can filter on. `sms` is there, as "yes", if phones should hear it. */
  readonly attributes: Readonly<Record<string, string>>;
}

export function writeMessage(context: AlertContext): Message {
  const { config, alert, decision, now } = context;
  const subject = `[Kie credits: ${config.account}] ${headlineOf(context)}`.slice(0, MAX_SUBJECT_CHARACTERS);
  const chart = chartOf(decision.memory.seen.use, now);
  return {
    subject,
    texts: {
      email: writeEmail(context, chart),
      sms: writeSms(context),
      document: writeDocument(context, subject, chart),
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
