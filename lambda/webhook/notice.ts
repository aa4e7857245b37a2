/** What SNS delivers → what a webhook says. Pure. */
import * as z from "zod";
import { SEVERITIES, type Severity } from "../policy/alert.ts";
import { parseInput } from "../problems.ts";

/** What a webhook says, whatever its kind. */
export interface Notice {
  /** The headline, and below it what there is to know. */
  readonly text: string;
  readonly severity: Severity;
  /** JSON for programs. */
  readonly document: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
const event = z.object({
  Records: z.array(z.object({ Sns: z.object({ Subject: z.string().nullish(), Message: z.string() }) })),
});

/** Our document for programs, as far as it is read here. */
const ourDocument = z.object({
  text: z.string().trim().min(1),
  alert: z.object({ severity: z.enum(SEVERITIES) }),
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
const alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
  NewStateReason: z.string(),
});

/**
 * Reads what SNS calls a function with: our own messages, CloudWatch's alarms, and what anybody else publishes.
 *
 * @throws InvalidInputError if it is no event of SNS
 */
export function readNotices(input: unknown): readonly Notice[] {
  return parseInput("event", event, input).Records.map(({ Sns }) => readNotice(Sns));
}

function readNotice({ Subject, Message }: z.output<typeof event>["Records"][number]["Sns"]): Notice {
  const json = parseJson(Message);
  const ours = ourDocument.safeParse(json);
  if (ours.success) {
    const { text, alert } = ours.data;
    return { text, severity: alert.severity, document: Message };
  }
  const alarmed = alarm.safeParse(json);
  if (alarmed.success) {
    const { AlarmName, AlarmDescription, NewStateValue, NewStateReason } = alarmed.data;
    // Ours tell missing data, too; whoever adds an OK action is told so.
    const isOk = NewStateValue === "OK";
    const subject = `${isOk ? "OK" : "ALARM"}: ${AlarmName}`;
    // A description says what failed, and what to do.
    const why = (isOk ? "" : AlarmDescription?.trim()) || NewStateReason;
    return plainNotice(subject, `${subject}\n${why}`.trim(), isOk ? "info" : "critical");
  }
  const text = Message.trim() || "(an empty message)";
  const notice = plainNotice(Subject ?? "A message without a subject", text);
  return json === undefined ? notice : { ...notice, document: Message };
}

/** One that is no document of ours. */
export function plainNotice(subject: string, text: string, severity: Severity = "info"): Notice {
  return { text, severity, document: JSON.stringify({ subject, text }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
