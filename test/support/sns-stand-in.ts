/** A stand-in for SNS on loopback that asks for confirmations, as strict as SNS, over its real protocol; and for the stack's topic. */
import { createServer } from "node:http";
import { text as readText } from "node:stream/consumers";
import { listen } from "./hosts.ts";

export interface StandInSubscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  isConfirmed: boolean;
  isAuthenticated: boolean;
  /** FilterPolicy and the like. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SnsStandIn {
  readonly url: string;
  readonly topicArn: string;
  /** By the token of the last email about each. */
  readonly subscriptions: Map<string, StandInSubscription>;
  /** The error code that an action is refused with, by action. */
  readonly refusals: Map<string, string>;
  /** The error code for a token that was used; null if it may be used again. AWS's documentation doesn't say. */
  usedTokenCode: string | null;
  /** How many calls of Subscribe still find a subscription that was ended. */
  forgetsLate: number;
  isInSandbox: boolean;
  /** Subscriptions that were ended. */
  readonly ended: StandInSubscription[];
  /** The actions, in order. */
  readonly calls: string[];
  close(): Promise<void>;
}

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts";

/** The token of the nth email. */
export const tokenOf = (count: number): string =>
  `2336412f37fb687f5d51e6e2425d10fb${String(count).padStart(32, "0")}`;

export async function startSnsStandIn(): Promise<SnsStandIn> {
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await readText(request));
    const action = form.get("Action") ?? "";
    standIn.calls.push(action);
    response.setHeader("content-type", "text/xml");
    const refusal = standIn.refusals.get(action);
    const isUsed = action === "ConfirmSubscription" && isConfirmed(standIn, form);
    const usedCode = isUsed ? standIn.usedTokenCode : null;
    const code = refusal ?? usedCode;
    const problem = action === "Subscribe" ? problemWithSubscribing(form) : null;
    const result = code === null && problem === null ? ACTIONS[action]?.(standIn, form) : undefined;
    if (result === undefined) {
      const what = problem ?? (isUsed ? "Subscription already confirmed" : "Invalid parameter: Token");
      response.writeHead(refusal === "AuthorizationError" ? 403 : 400);
      // As AWS does, it quotes what it was sent.
      response.end(
        `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code ?? "InvalidParameter"}</Code><Message>${what} ${form.get("Token")}</Message></Error></ErrorResponse>`,
      );
      return;
    }
    response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
  });
  const { url, close } = await listen(server);
  const standIn: SnsStandIn = {
    url,
    topicArn: TOPIC,
    subscriptions: new Map(),
    refusals: new Map(),
    usedTokenCode: null,
    forgetsLate: 0,
    isInSandbox: false,
    ended: [],
    calls: [],
    close,
  };
  return standIn;
}

function isConfirmed({ subscriptions }: SnsStandIn, form: URLSearchParams): boolean {
  return subscriptions.get(form.get("Token") ?? "")?.isConfirmed === true;
}

const entry = (name: string, value: string) => `<entry><key>${name}</key><value>${value}</value></entry>`;

/** The content of the answer; undefined for an error. */
const ACTIONS: Readonly<Record<string, (standIn: SnsStandIn, form: URLSearchParams) => string | undefined>> =
  {
    ListStackResources: () =>
      `<StackResourceSummaries><member><ResourceType>AWS::SNS::Topic</ResourceType><PhysicalResourceId>${TOPIC}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResourceSummaries>`,
    ConfirmSubscription({ subscriptions }, form) {
      const subscription = subscriptions.get(form.get("Token") ?? "");
      if (subscription === undefined) return undefined;
      if (!subscription.isConfirmed) {
        subscription.isConfirmed = true;
        subscription.isAuthenticated = form.get("AuthenticateOnUnsubscribe") === "true";
      }
      return `<SubscriptionArn>${subscription.arn}</SubscriptionArn>`;
    },
    GetSubscriptionAttributes({ subscriptions }, form) {
      const found = [...subscriptions.values()].find(({ arn }) => arn === form.get("SubscriptionArn"));
      if (found === undefined) return undefined;
      const attributes = {
        RawMessageDelivery: "false",
        ...("FilterPolicy" in found.attributes && { FilterPolicyScope: "MessageAttributes" }),
        ...found.attributes,
        Protocol: found.protocol,
        Endpoint: found.endpoint,
        ConfirmationWasAuthenticated: String(found.isAuthenticated),
      };
      return `<Attributes>${Object.entries(attributes)
        .map(([name, value]) => entry(name, value))
        .join("")}</Attributes>`;
    },
    GetSMSSandboxAccountStatus: ({ isInSandbox }) => `<IsInSandbox>${isInSandbox}</IsInSandbox>`,
    ListSubscriptionsByTopic({ subscriptions }) {
      const members = Array.from(
        subscriptions.values(),
        ({ arn, protocol, endpoint, isConfirmed }) =>
          `<member><Protocol>${protocol}</Protocol><Endpoint>${endpoint}</Endpoint><SubscriptionArn>${isConfirmed ? arn : "PendingConfirmation"}</SubscriptionArn></member>`,
      );
      return `<Subscriptions>${members.join("")}</Subscriptions>`;
    },
    Unsubscribe({ subscriptions, ended }, form) {
      for (const [token, subscription] of subscriptions) {
        if (subscription.arn !== form.get("SubscriptionArn")) continue;
        subscriptions.delete(token);
        ended.push(subscription);
      }
      return "";
    },
    Subscribe(standIn, form) {
      const [endpoint, protocol] = [form.get("Endpoint") ?? "", form.get("Protocol") ?? ""];
      const isSame = (one: StandInSubscription) =>
        one.protocol === protocol && one.endpoint.toLowerCase() === endpoint.toLowerCase();
      const answer = (arn: string) => `<SubscriptionArn>${arn}</SubscriptionArn>`;
      const old = standIn.ended.find(isSame);
      if (old && standIn.forgetsLate > 0) {
        standIn.forgetsLate -= 1;
        return answer(old.arn);
      }
      for (const [token, one] of standIn.subscriptions) {
        if (!isSame(one)) continue;
        if (one.isConfirmed) return answer(one.arn);
        // One subscription, and a new link.
        standIn.subscriptions.delete(token);
      }
      const isConfirmed = !/^(email|http)/.test(protocol);
      const token = subscribe(standIn, endpoint, { protocol, isConfirmed, attributes: attributesOf(form) });
      return answer(isConfirmed ? (standIn.subscriptions.get(token)?.arn ?? "") : "pending confirmation");
    },
  };

function attributesOf(form: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(form, ([name, value]) => [/^Attributes\.entry\.(\d+)\.key$/.exec(name)?.[1], value] as const)
      .filter(([index]) => index !== undefined)
      .map(([index, name]) => [name, form.get(`Attributes.entry.${index}.value`) ?? ""]),
  );
}

/** What SNS refuses, in its words where they are known. */
function problemWithSubscribing(form: URLSearchParams): string | null {
  const protocol = form.get("Protocol") ?? "";
  const attributes = attributesOf(form);
  const known = [
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "DeliveryPolicy",
    "RedrivePolicy",
  ];
  const reason = (text: string) => `Invalid parameter: Attributes Reason: ${text}`;
  const unknown = Object.keys(attributes).find((name) => !known.includes(name));
  if (unknown !== undefined) return reason(`Unknown attribute ${unknown}`);
  // Whatever its value.
  if ("RawMessageDelivery" in attributes && !/^(sqs|https?|firehose)$/.test(protocol)) {
    return reason(`Delivery protocol [${protocol}] does not support raw message delivery.`);
  }
  if ("DeliveryPolicy" in attributes && !/^https?$/.test(protocol)) {
    return reason(`Delivery protocol [${protocol}] does not support a delivery policy.`);
  }
  return "FilterPolicyScope" in attributes && !("FilterPolicy" in attributes)
    ? reason("FilterPolicyScope needs a FilterPolicy")
    : null;
}

/**
 * Subscribes an address, as CloudFormation does.
 *
 * @returns the token in the email about it
 */
export function subscribe(
  { subscriptions, calls }: SnsStandIn,
  endpoint: string,
  changes: Partial<StandInSubscription> = {},
): string {
  const count = subscriptions.size + calls.length + 1;
  const token = tokenOf(count);
  subscriptions.set(token, {
    arn: `${TOPIC}:${count}`,
    protocol: "email",
    endpoint,
    isConfirmed: false,
    isAuthenticated: false,
    attributes: {},
    ...changes,
  });
  return token;
}

/** The link in the email. */
export function linkOf(token: string, endpoint = "me@example.com", topicArn = TOPIC): string {
  return `https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn=${topicArn}&Token=${token}&Endpoint=${endpoint}`;
}
