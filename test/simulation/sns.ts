/** Simulated SNS: one topic, which refuses what SNS refuses. */
import { ListSubscriptionsByTopicCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import * as z from "zod";
import { ALERT_KINDS, SEVERITIES } from "../../lambda/policy/alert.ts";
import { LEVELS } from "../../lambda/policy/levels.ts";
import { type AwsWorld, awsError, createCaller } from "./aws.ts";
import type { People } from "./people.ts";
import type { Execution, Told } from "./records.ts";

const MAX_MESSAGE_BYTES = 256 * 1024;
/** SNS has 100 on a page; fewer show whether all pages are read. */
const PAGE = 2;

/** One text for each channel, as SNS takes them. */
const channels = z.object({ default: z.string().min(1), https: z.string(), sms: z.string().max(140) });

/** The document for programs, as far as the simulator reads it. */
const machineDocument = z.object({
  credits: z.number().nullable(),
  level: z.enum(LEVELS).nullable(),
  failure: z.object({ permanent: z.boolean() }).nullable(),
  alert: z.object({ kind: z.enum(ALERT_KINDS), severity: z.enum(SEVERITIES) }),
});

/**
 * @param published - is told of each message that SNS gets, the attempts that did not arrive included; `isOut` says
 * whether people hear it
 */
export function createSns(
  world: AwsWorld,
  people: People,
  published: (execution: Execution, told: Told, isOut: boolean, texts: readonly string[]) => void,
): { clientFor(execution: Execution): SNSClient } {
  const { publish, list } = createCalls(world);

  const take = (execution: Execution, input: PublishCommand["input"], isOut: boolean) => {
    const { Subject = "", Message = "", MessageAttributes = {} } = input;
    const attributes = Object.values(MessageAttributes);
    const isLegal =
      /^[\x20-\x7e]{1,99}$/.test(Subject) &&
      Buffer.byteLength(Message) <= MAX_MESSAGE_BYTES &&
      attributes.length > 0 &&
      attributes.every(({ StringValue }) => StringValue);
    if (!isLegal) throw awsError("denied", world.secret());
    const texts = channels.parse(JSON.parse(Message));
    const { alert, level, credits, failure } = machineDocument.parse(JSON.parse(texts.https));
    const told: Told = {
      ...alert,
      level: level ?? "ok",
      credits,
      isPermanent: failure?.permanent ?? false,
      bySms: MessageAttributes["sms"]?.StringValue === "yes",
    };
    published(execution, told, isOut, [Subject, Message, JSON.stringify(MessageAttributes)]);
    return { MessageId: `message-${execution.id}` };
  };

  const page = (execution: Execution, token = "0") => {
    const start = Number(token);
    const listed = people.all.filter(({ state }) => state !== "gone");
    const Subscriptions = listed.slice(start, start + PAGE).map(({ protocol, state }) => ({
      Protocol: protocol,
      Endpoint: world.secret(),
      SubscriptionArn: state === "pending" ? "PendingConfirmation" : "arn:aws:sns:eu-central-1:1:t:1",
    }));
    const isLast = start + PAGE >= listed.length;
    if (isLast) execution.listed = people.listed();
    return isLast ? { Subscriptions } : { Subscriptions, NextToken: String(start + PAGE) };
  };

  return {
    clientFor(execution) {
      const send = async (command: unknown) => {
        if (command instanceof PublishCommand) {
          execution.publishCalls++;
          const taken = (isOut: boolean) => () => take(execution, command.input, isOut);
          return publish(execution, taken(true), taken(false));
        }
        if (command instanceof ListSubscriptionsByTopicCommand) {
          return list(execution, () => page(execution, command.input.NextToken));
        }
        throw new Error("SNS was asked for something that the function has no permission for");
      };
      return { send } as unknown as SNSClient;
    },
  };
}

function createCalls(world: AwsWorld) {
  const certain = ["throttled", "denied", "unreachable"] as const;
  const common = { attempts: 1, area: "SNS publish" };
  const publish = createCaller(world, {
    ...common,
    call: "publish",
    fates: [...certain, "timeout", "timeout", "answer lost", "answer lost"],
    probability: 0.08,
  });
  const list = createCaller(world, {
    call: "list",
    area: "SNS list",
    attempts: 1,
    fates: [...certain, "timeout"],
    probability: 0.03,
  });
  return { publish, list };
}
