/** A stand-in for SSM and SNS on loopback: what the function calls of them, over their real protocols. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";

export interface AwsCall {
  /** `GetParameters`, `PutParameter`, `Publish`, `GetTopicAttributes` */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AwsStandIn {
  readonly url: string;
  readonly parameters: Map<string, string>;
  readonly calls: AwsCall[];
  audience: { confirmed: string; pending: string } | null;
  /** The error code that an action is refused with, by action. */
  readonly refusals: Map<string, string>;
  /** What the next calls get instead of an answer, in turn. */
  readonly troubles: ((response: ServerResponse) => void)[];
  close(): Promise<void>;
}

/** Credentials and region that mean nothing, for clients of the stand-in. */
export const STAND_IN_CREDENTIALS = {
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
} as const;

/** What AWS answers some errors with; all others with 400. */
const STATUSES: Readonly<Record<string, number>> = {
  Throttled: 429,
  InternalError: 500,
  InternalServerError: 500,
};

export async function startAwsStandIn(): Promise<AwsStandIn> {
  const server = createServer(async (request, response) => {
    const body = await readText(request);
    const target = request.headers["x-amz-target"];
    const isJson = typeof target === "string";
    const form = isJson ? {} : Object.fromEntries(new URLSearchParams(body));
    const action = isJson ? (target.split(".")[1] ?? "") : (form["Action"] ?? "");
    const input = isJson ? (JSON.parse(body) as Record<string, unknown>) : form;
    standIn.calls.push({ action, input });

    const trouble = standIn.troubles.shift();
    if (trouble !== undefined) {
      trouble(response);
      return;
    }
    const refusal = standIn.refusals.get(action);
    response.setHeader("content-type", isJson ? "application/x-amz-json-1.1" : "text/xml");
    if (refusal !== undefined) {
      response.writeHead(STATUSES[refusal] ?? 400);
      response.end(
        isJson
          ? JSON.stringify({ __type: refusal, message: `refused: ${action}` })
          : `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${refusal}</Code><Message>refused: ${action}</Message></Error></ErrorResponse>`,
      );
      return;
    }
    response.end(isJson ? JSON.stringify(ssm(standIn, action, input)) : sns(standIn, action));
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const standIn: AwsStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    parameters: new Map(),
    calls: [],
    audience: { confirmed: "2", pending: "1" },
    refusals: new Map(),
    troubles: [],
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
  return standIn;
}

function ssm({ parameters }: AwsStandIn, action: string, input: Readonly<Record<string, unknown>>): unknown {
  if (action === "GetParameters") {
    const names = input["Names"] as string[];
    const known = names.filter((name) => parameters.has(name));
    return {
      // SSM promises no order.
      Parameters: known
        .reverse()
        .map((Name) => ({ Name, Value: parameters.get(Name), Type: "String", Version: 1 })),
      InvalidParameters: names.filter((name) => !parameters.has(name)),
    };
  }
  parameters.set(String(input["Name"]), String(input["Value"]));
  return { Version: 2, Tier: "Standard" };
}

function sns({ audience, calls }: AwsStandIn, action: string): string {
  const entry = (key: string, value: string) => `<entry><key>${key}</key><value>${value}</value></entry>`;
  const result =
    action === "Publish"
      ? `<MessageId>message-${calls.filter((call) => call.action === "Publish").length}</MessageId>`
      : audience === null
        ? ""
        : `<Attributes>${entry("SubscriptionsConfirmed", audience.confirmed)}${entry("SubscriptionsPending", audience.pending)}</Attributes>`;
  return `<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${action}Result>${result}</${action}Result></${action}Response>`;
}
