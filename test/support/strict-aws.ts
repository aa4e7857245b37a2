/** What AWS refuses and the emulator accepts, for a wiretap before it. */
import type { OwnAnswer, Passing } from "./wiretap.ts";

/** What SSM says to a name that was deleted a moment ago, so many times. */
const BUSY_TIMES = 2;

export interface StrictAws {
  /** Null for what the emulator does as AWS. */
  readonly answer: (passing: Passing) => Promise<OwnAnswer | null>;
  /** Whether the stack KieCreditAlert is left of a first deployment that failed; until somebody deletes it. */
  isRolledBack: boolean;
  /** An email that a click has confirmed: its subscription, and the token of its link. */
  clicked: { readonly arn: string; readonly endpoint: string } | null;
  /** How many calls of Subscribe still find a subscription that was ended. */
  forgetsLate: number;
  /** What was refused. */
  readonly refused: string[];
}

export function createStrictAws(emulator: string): StrictAws {
  const busy = new Map<string, number>();
  const strict: StrictAws = {
    isRolledBack: false,
    clicked: null,
    forgetsLate: 0,
    refused: [],
    async answer(passing) {
      const target = passing.headers["x-amz-target"]?.split(".")[1];
      const form = new URLSearchParams(passing.body);
      const action = target ?? form.get("Action") ?? "";
      const own = target === undefined ? forms[action]?.(form, passing) : json(action, passing.body);
      return (await own) ?? null;
    },
  };

  const refuse = (code: string, message: string): OwnAnswer => {
    strict.refused.push(code);
    return {
      status: 400,
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    };
  };
  const result = (action: string, content: string): OwnAnswer => ({
    body: `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`,
  });
  const ask = async ({ path, headers, body }: Passing) => {
    const answer = await fetch(emulator + path, { method: "POST", headers, body });
    return { status: answer.status, body: await answer.text() };
  };

  /** SSM wants half a minute between deleting a parameter and making one of its name. */
  function json(action: string, body: string): OwnAnswer | undefined {
    if (action !== "DeleteParameter" && action !== "PutParameter") return undefined;
    const { Name } = JSON.parse(body);
    if (action === "DeleteParameter") busy.set(Name, BUSY_TIMES);
    const left = busy.get(Name) ?? 0;
    if (action !== "PutParameter" || left === 0) return undefined;
    busy.set(Name, left - 1);
    strict.refused.push("TooManyUpdates");
    return { status: 400, body: '{"__type":"TooManyUpdates","message":""}' };
  }

  const isOurs = (form: URLSearchParams) => /KieCreditAlert/.test(form.get("StackName") ?? "");

  const forms: Readonly<
    Record<string, (form: URLSearchParams, passing: Passing) => OwnAnswer | Promise<OwnAnswer> | undefined>
  > = {
    async DescribeStacks(form, passing) {
      const answer = await ask(passing);
      if (!strict.isRolledBack || !isOurs(form)) return answer;
      return { ...answer, body: answer.body.replaceAll("CREATE_COMPLETE", "ROLLBACK_COMPLETE") };
    },
    DescribeStackEvents: (form) =>
      strict.isRolledBack && isOurs(form)
        ? result(
            "DescribeStackEvents",
            "<StackEvents><member><EventId>1</EventId><Timestamp>2026-11-23T05:00:00Z</Timestamp><StackId>S</StackId><PhysicalResourceId>P</PhysicalResourceId><LogicalResourceId>Phone</LogicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>Invalid parameter: PhoneNumber</ResourceStatusReason></member></StackEvents>",
          )
        : undefined,
    DeleteStack(form) {
      if (isOurs(form)) strict.isRolledBack = false;
      return undefined;
    },
    async Subscribe(form, passing) {
      const protocol = form.get("Protocol") ?? "";
      if (/^(email|sms)/.test(protocol) && passing.body.includes("RawMessageDelivery")) {
        return refuse(
          "InvalidParameter",
          `Invalid parameter: Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
        );
      }
      if (!protocol.startsWith("email")) return ask(passing);
      if (strict.clicked !== null && strict.forgetsLate > 0) {
        strict.forgetsLate -= 1;
        return result("Subscribe", `<SubscriptionArn>${strict.clicked.arn}</SubscriptionArn>`);
      }
      await ask(passing);
      return result("Subscribe", "<SubscriptionArn>pending confirmation</SubscriptionArn>");
    },
    ConfirmSubscription: () =>
      strict.clicked === null
        ? undefined
        : result("ConfirmSubscription", `<SubscriptionArn>${strict.clicked.arn}</SubscriptionArn>`),
    GetSubscriptionAttributes(form) {
      const { clicked } = strict;
      if (clicked === null || form.get("SubscriptionArn") !== clicked.arn) return undefined;
      const attributes = {
        Protocol: "email",
        Endpoint: clicked.endpoint,
        RawMessageDelivery: "false",
        ConfirmationWasAuthenticated: "false",
      };
      const entries = Object.entries(attributes).map(
        ([name, value]) => `<entry><key>${name}</key><value>${value}</value></entry>`,
      );
      return result("GetSubscriptionAttributes", `<Attributes>${entries.join("")}</Attributes>`);
    },
  };
  return strict;
}
