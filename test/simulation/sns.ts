/** Simulated SNS: one topic, which refuses what SNS refuses. */
import { ListSubscriptionsByTopicCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import * as z from "zod";
import { type AwsWorld, awsError, callAws, fatePlanner } from "./aws.ts";
import type { Execution } from "./records.ts";

const MAX_MESSAGE_BYTES = 256 * 1024;

/** One text for each channel, as SNS takes them. */
const channels = z.object({ default: z.string().min(1), https: z.string(), sms: z.string().max(140) });

/** The document for programs, as far as the simulator reads it. */
const machineDocument = z.object({
  kind: z.enum(["raised", "reminder", "eased", "recovered", "blind", "still-blind", "sighted", "test"]),
  severity: z.enum(["info", "warning", "critical"]),
  checkedAt: z.iso.datetime(),
  credits: z.number().nullable(),
  level: z.enum(["ok", "warning", "critical", "empty"]).nullable(),
  blindSince: z.string().nullable(),
});

export type MachineDocument = Readonly<z.output<typeof machineDocument>>;

/**
 * @param told - is told of each message that reached the topic
 * @param calledFor - is told of each call of Publish, however many attempts it takes
 */
export function createSns(
  world: AwsWorld,
  calledFor: (execution: Execution) => void,
  told: (execution: Execution, document: MachineDocument, texts: readonly string[]) => void,
): { clientFor(execution: Execution): SNSClient } {
  const publishFates = fatePlanner(
    world,
    "SNS publish",
    ["throttled", "denied", "unreachable", "timeout", "answer lost", "answer lost"],
    0.05,
  );
  const audienceFates = fatePlanner(
    world,
    "SNS audience",
    ["throttled", "denied", "unreachable", "timeout"],
    0.01,
  );

  const publish = (execution: Execution, input: PublishCommand["input"]) => {
    const { Subject = "", Message = "", MessageAttributes = {} } = input;
    const attributes = Object.values(MessageAttributes);
    const isLegal =
      /^[\x20-\x7e]{1,99}$/.test(Subject) &&
      Buffer.byteLength(Message) <= MAX_MESSAGE_BYTES &&
      attributes.length > 0 &&
      attributes.every(({ StringValue }) => StringValue);
    if (!isLegal) throw awsError("denied", world.secret(), "InvalidParameterException");
    const texts = channels.parse(JSON.parse(Message));
    told(execution, machineDocument.parse(JSON.parse(texts.https)), [
      Subject,
      Message,
      JSON.stringify(MessageAttributes),
    ]);
    return { MessageId: `message-${execution.id}` };
  };

  return {
    clientFor(execution) {
      const send = async (command: unknown) => {
        if (command instanceof PublishCommand) {
          calledFor(execution);
          return callAws(world, execution, "publish", publishFates, () => publish(execution, command.input));
        }
        if (command instanceof ListSubscriptionsByTopicCommand) {
          const Subscriptions = [{ Protocol: "email", SubscriptionArn: "arn" }];
          return callAws(world, execution, "audience", audienceFates, () => ({ Subscriptions }));
        }
        throw new Error("SNS was asked for something that the function has no permission for");
      };
      return { send } as unknown as SNSClient;
    },
  };
}
