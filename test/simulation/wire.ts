/** Real sockets and real SDK clients for a simulated world: its answers, good and bad, are played on loopback. */
import { SNSClient } from "@aws-sdk/client-sns";
import { type GetParametersCommandOutput, SSMClient } from "@aws-sdk/client-ssm";
import { type HttpAnswer, sendOverHttp } from "../../lambda/adapters/kie.ts";
import { type Answer, type KieStandIn, text } from "../../local/demo/kie-stand-in.ts";
import { type AwsStandIn, STAND_IN_CREDENTIALS } from "../support/aws-stand-in.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";
import type { Wire } from "./world.ts";

/** Long enough for a busy machine where an answer is to come, short where none will. */
const PATIENT_MS = 20_000;
const HANGING_MS = 40;

const hang: Answer = () => {};
const dripAfterHeaders: Answer = (response) => {
  response.writeHead(200);
  const dripping = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(dripping));
};
const cut: Answer = (response) => {
  response.destroy();
};
const cutInTheMiddle: Answer = (response) => {
  response.writeHead(200, { "content-length": "100" }).write('{"code":200', () => response.destroy());
};

export function createWire(kie: KieStandIn, aws: AwsStandIn, random: Random): Wire {
  const ssm = new SSMClient({ ...STAND_IN_CREDENTIALS, endpoint: aws.url, maxAttempts: 1 });
  const sns = new SNSClient({ ...STAND_IN_CREDENTIALS, endpoint: aws.url, maxAttempts: 1 });
  return {
    transport: (simulated, timeline) => async (url, options, timeoutMs) => {
      const { answer, realTimeoutMs } = await simulated(url, options, timeoutMs).then(
        (given) => ({ answer: replay(given), realTimeoutMs: PATIENT_MS }),
        (error: unknown) =>
          error instanceof DOMException
            ? { answer: random.pick([hang, dripAfterHeaders]), realTimeoutMs: HANGING_MS }
            : { answer: random.pick([cut, cutInTheMiddle]), realTimeoutMs: PATIENT_MS },
      );
      kie.answer(answer);
      return timeline.outside(sendOverHttp(new URL(url.pathname, kie.url), options, realTimeoutMs));
    },
    ssm: (simulated, timeline) => carry(simulated, ssm, aws, timeline),
    sns: (simulated, timeline) => carry(simulated, sns, aws, timeline),
  };
}

function replay({ status, body, retryAfter }: HttpAnswer): Answer {
  const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  return text(status, body ?? "x".repeat(70_000), headers);
}

/** What the clients of SSM and SNS have in common; their overloads can't be called as one. */
interface Sender {
  send(command: object): Promise<unknown>;
}

/** Lets the simulated service decide, and has the real client hear it from the stand-in. */
function carry<Client extends SSMClient | SNSClient>(
  simulatedClient: Client,
  realClient: Client,
  { parameters, refusals }: AwsStandIn,
  timeline: Timeline,
): Client {
  const simulated = simulatedClient as unknown as Sender;
  const real = realClient as unknown as Sender;
  const send = async (command: object) => {
    const action = command.constructor.name.replace(/Command$/, "");
    try {
      const answer = await simulated.send(command);
      refusals.delete(action);
      if (action === "GetParameters") {
        parameters.clear();
        for (const { Name, Value } of (answer as GetParametersCommandOutput).Parameters ?? []) {
          parameters.set(Name ?? "", Value ?? "");
        }
      }
    } catch (error) {
      refusals.set(action, error instanceof Error ? error.name : "InternalFailure");
    }
    return timeline.outside(real.send(command));
  };
  return { send } as unknown as Client;
}
