/**
 * A stand-in for SSM and SNS on loopback: what the function calls of them, over their real protocols. What SSM does at
 * times, it does each time: see `isHasty`.
 */
import { createServer, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { listen } from "./hosts.ts";

export interface AwsCall {
  /** `GetParameter`, `GetParameters`, `PutParameter`, `Publish`, `ListSubscriptionsByTopic` */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A subscription as SNS lists it; `arn` may be `PendingConfirmation` or `Deleted`. */
export interface Subscription {
  readonly protocol: string;
  readonly arn: string;
  /** An email address by default. */
  readonly endpoint?: string;
}

export interface AwsStandIn {
  readonly url: string;
  /** The present values. One that differs from the last version was written by somebody else, as a version more. */
  readonly parameters: Map<string, string>;
  readonly calls: AwsCall[];
  /** Of the topic. SNS lists 100 a page. */
  subscriptions: readonly Subscription[];
  /** The error code that an action is refused with, by action. */
  readonly refusals: Map<string, string>;
  /**
   * Whether calls come as fast as those of a check: an update right after another write is refused once
   * (TooManyUpdates), and a version that was just written is not there at the first look.
   */
  isHasty: boolean;
  /** What the next calls get instead of an answer, in turn. */
  readonly troubles: ((response: ServerResponse) => void)[];
  /** Actions that do their work once without an answer, in turn. */
  readonly lost: string[];
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

const PAGE = 100;

export async function startAwsStandIn(): Promise<AwsStandIn> {
  const versions = new Map<string, string[]>();
  /** The names and versions that were refused, or hidden, once. */
  const once = new Set<string>();
  const isFirst = (what: string) => standIn.isHasty && !once.has(what) && once.add(what).size > 0;
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
    const written = versions.get(String(input["Name"]))?.length ?? 0;
    const isTooFast =
      action === "PutParameter" && written > 0 && isFirst(`update ${input["Name"]}:${written + 1}`);
    const refusal = standIn.refusals.get(action) ?? (isTooFast ? "TooManyUpdates" : undefined);
    response.setHeader("content-type", isJson ? "application/x-amz-json-1.1" : "text/xml");
    if (action === "GetParameter" && refusal === undefined) {
      const Value = standIn.parameters.get(String(input["Name"]));
      response.writeHead(Value === undefined ? 400 : 200);
      response.end(
        JSON.stringify(
          Value === undefined
            ? { __type: "ParameterNotFound" }
            : { Parameter: { Name: input["Name"], Type: "SecureString", Value } },
        ),
      );
      return;
    }
    if (refusal !== undefined) {
      response.writeHead(STATUSES[refusal] ?? 400);
      response.end(
        isJson
          ? JSON.stringify({ __type: refusal, message: `refused: ${action}` })
          : `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${refusal}</Code><Message>refused: ${action}</Message></Error></ErrorResponse>`,
      );
      return;
    }
    const answer = isJson
      ? JSON.stringify(ssm(standIn, versions, action, input, isFirst))
      : sns(standIn, action, input);
    if (standIn.lost[0] === action) {
      standIn.lost.shift();
      response.destroy();
    } else response.end(answer);
  });
  const { url, close } = await listen(server);
  const standIn: AwsStandIn = {
    url,
    parameters: new Map(),
    calls: [],
    subscriptions: [
      { protocol: "email", arn: "arn:1" },
      { protocol: "sms", arn: "arn:2" },
      { protocol: "email", arn: "PendingConfirmation" },
    ],
    refusals: new Map(),
    isHasty: true,
    troubles: [],
    lost: [],
    close,
  };
  return standIn;
}

function ssm(
  { parameters }: AwsStandIn,
  versions: Map<string, string[]>,
  action: string,
  input: Readonly<Record<string, unknown>>,
  isFirst: (what: string) => boolean,
): unknown {
  const versionsOf = (name: string): string[] => {
    const known = versions.get(name) ?? [];
    const value = parameters.get(name);
    const all = value === undefined || value === known.at(-1) ? known : [...known, value];
    versions.set(name, all);
    return all;
  };
  if (action === "PutParameter") {
    const name = String(input["Name"]);
    const written = [...versionsOf(name), String(input["Value"])];
    versions.set(name, written);
    parameters.set(name, String(input["Value"]));
    return { Version: written.length, Tier: "Standard" };
  }
  const asked = (input["Names"] as string[]).map((label) => {
    const [name = "", version] = label.split(":");
    // A parameter that was deleted has no versions.
    const all = parameters.has(name) ? versionsOf(name) : [];
    const Version = version === undefined ? all.length : Number(version);
    const selector = version === undefined ? {} : { Selector: `:${version}` };
    const isHidden = version !== undefined && all[Version - 1] !== undefined && isFirst(`look at ${label}`);
    const Value = isHidden ? undefined : all[Version - 1];
    return { label, answer: { Name: name, ...selector, Value, Type: "String", Version } };
  });
  return {
    // SSM promises no order.
    Parameters: asked
      .map(({ answer }) => answer)
      .filter(({ Value }) => Value !== undefined)
      .reverse(),
    InvalidParameters: asked.filter(({ answer }) => answer.Value === undefined).map(({ label }) => label),
  };
}

function sns(
  { subscriptions, calls }: AwsStandIn,
  action: string,
  input: Readonly<Record<string, unknown>>,
): string {
  const answer = (result: string) =>
    `<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${action}Result>${result}</${action}Result></${action}Response>`;
  if (action === "Publish") {
    return answer(
      `<MessageId>message-${calls.filter((call) => call.action === "Publish").length}</MessageId>`,
    );
  }
  const start = Number(input["NextToken"] ?? 0);
  const members = subscriptions
    .slice(start, start + PAGE)
    .map(({ protocol, arn, endpoint: given }, index) => {
      const endpoint = `<Endpoint>${given ?? `person-${start + index}@example.com`}</Endpoint>`;
      return `<member><TopicArn>t</TopicArn><Protocol>${protocol}</Protocol><SubscriptionArn>${arn}</SubscriptionArn><Owner>1</Owner>${endpoint}</member>`;
    });
  const next = start + PAGE < subscriptions.length ? `<NextToken>${start + PAGE}</NextToken>` : "";
  return answer(`<Subscriptions>${members.join("")}</Subscriptions>${next}`);
}
