/** A stand-in for SNS on loopback that asks for confirmations, over its real protocol; and for the stack's topic. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";

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
    const result = code === null ? ACTIONS[action]?.(standIn, form) : undefined;
    if (result === undefined) {
      const what = isUsed ? "Subscription already confirmed" : "Invalid parameter: Token";
      response.writeHead(refusal === "AuthorizationError" ? 403 : 400);
      // As AWS does, it quotes what it was sent.
      response.end(
        `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code ?? "InvalidParameter"}</Code><Message>${what} ${form.get("Token")}</Message></Error></ErrorResponse>`,
      );
      return;
    }
    response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const standIn: SnsStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    topicArn: TOPIC,
    subscriptions: new Map(),
    refusals: new Map(),
    usedTokenCode: null,
    calls: [],
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
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
        ...found.attributes,
        Protocol: found.protocol,
        Endpoint: found.endpoint,
        ConfirmationWasAuthenticated: String(found.isAuthenticated),
      };
      return `<Attributes>${Object.entries(attributes)
        .map(([name, value]) => entry(name, value))
        .join("")}</Attributes>`;
    },
    ListSubscriptionsByTopic({ subscriptions }) {
      const members = Array.from(
        subscriptions.values(),
        ({ arn, protocol, endpoint, isConfirmed }) =>
          `<member><Protocol>${protocol}</Protocol><Endpoint>${endpoint}</Endpoint><SubscriptionArn>${isConfirmed ? arn : "PendingConfirmation"}</SubscriptionArn></member>`,
      );
      return `<Subscriptions>${members.join("")}</Subscriptions>`;
    },
    Unsubscribe({ subscriptions }, form) {
      for (const [token, { arn }] of subscriptions) {
        if (arn === form.get("SubscriptionArn")) subscriptions.delete(token);
      }
      return "";
    },
    Subscribe(standIn, form) {
      const attributes = Object.fromEntries(
        Array.from(
          form,
          ([name, value]) => [/^Attributes\.entry\.(\d+)\.key$/.exec(name)?.[1], value] as const,
        )
          .filter(([index]) => index !== undefined)
          .map(([index, name]) => [name, form.get(`Attributes.entry.${index}.value`) ?? ""]),
      );
      subscribe(standIn, form.get("Endpoint") ?? "", { protocol: form.get("Protocol") ?? "", attributes });
      return "<SubscriptionArn>pending confirmation</SubscriptionArn>";
    },
  };

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
