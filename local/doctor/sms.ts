/** What keeps SMS from arriving: SNS takes them all, and says nothing about those that it drops. */
import {
  CheckIfPhoneNumberIsOptedOutCommand,
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  type PhoneNumberInformation,
  paginateListOriginationNumbers,
  paginateListSMSSandboxPhoneNumbers,
} from "@aws-sdk/client-sns";
import { SMS_NEEDS, SMS_REGISTRATION, smsCountryOf } from "../../infra/sms-countries.ts";
import { formatDollars } from "../../lambda/messages/format.ts";
import { type Aws, readMetric, readPages } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { shortEndpoint } from "../deployed/people.ts";
import type { Subscriber } from "../deployed/template.ts";
import { error, type Finding, fine, judged, see, type Verdict, warning } from "../findings.ts";

const HOUR_SECONDS = 3_600;

/**
 * The limit of an account that never set one:
 * https://docs.aws.amazon.com/sns/latest/dg/channels-sms-awssupport-spend-threshold.html
 */
const DEFAULT_SPEND_LIMIT = 1;

/**
 * The phones that are subscribed, and those that should be; null if both are unknown.
 *
 * @param subscribed - at SNS, or null
 * @param wanted - in the deployed template, or null
 */
export function phonesAmong(
  subscribed: readonly Subscriber[] | null,
  wanted: readonly Subscriber[] | null,
): readonly string[] | null {
  if (subscribed === null && wanted === null) return null;
  const phones = [...(subscribed ?? []), ...(wanted ?? [])].filter(({ protocol }) => protocol === "sms");
  return [...new Set(phones.map(({ endpoint }) => endpoint))];
}

export type SmsFacts = Awaited<ReturnType<typeof readSms>>;

/** @param phones - E.164; null if they are unknown */
export async function readSms(aws: Aws, phones: readonly string[] | null) {
  const [numbers, optOuts, sandbox, spending] = await Promise.all([
    see(readNumbers(aws)),
    see(Promise.all((phones ?? []).map((phone) => readOptOut(aws, phone)))),
    see(readSandbox(aws)),
    see(readSpending(aws)),
  ]);
  return { phones, numbers, optOuts, sandbox, spending };
}

export function judgeSms({
  phones,
  numbers,
  optOuts,
  sandbox,
  spending,
}: SmsFacts): readonly (Finding | null)[] {
  return [
    ...(phones ?? []).map((phone) =>
      judged(`SMS to ${shortEndpoint(phone)}`, numbers, (own) => judgeSender(phone, own)),
    ),
    judged("SMS opt-outs", optOuts, (seen) => phones && judgeOptOuts(seen)),
    judged("SMS sandbox", sandbox, (seen) => judgeSandbox(seen, phones)),
    judged("SMS spending", spending, judgeSpending),
  ];
}

/** The numbers of the AWS account that send SMS. */
async function readNumbers({ sns }: Aws): Promise<readonly PhoneNumberInformation[]> {
  const all = await readPages(
    "sns:ListOriginationNumbers",
    paginateListOriginationNumbers({ client: sns }, {}),
    ({ PhoneNumbers }) => PhoneNumbers,
  );
  return all.filter(({ NumberCapabilities }) => NumberCapabilities?.includes("SMS"));
}

/** Whether there is a sender from whom the phone's country takes SMS. */
export function judgeSender(phone: string, numbers: readonly PhoneNumberInformation[]): Verdict {
  const country = smsCountryOf(phone);
  if (country === null) return fine("from a shared number, which usually works there");
  const needs = `in ${country.name} it needs ${SMS_NEEDS[country.need]}`;
  if (country.need !== "number") return warning(`${needs}, which can't be seen from here`, SMS_REGISTRATION);
  const own = numbers.filter(({ Iso2CountryCode = "" }) => country.numbersOf.includes(Iso2CountryCode));
  const list = (some: typeof own) =>
    some.map((one) => `${shortEndpoint(one.PhoneNumber ?? "")} (${one.Iso2CountryCode})`).join(", ");
  const active = own.filter(({ Status }) => Status?.toLowerCase() === "active");
  if (active.length > 0) {
    return fine(`from ${list(active)}, if its resource policy lets sns.amazonaws.com use it`);
  }
  const there = own.length > 0 ? `${list(own)} is not active yet` : "there is none";
  return error(
    `${needs}, and ${there}: no SMS arrives`,
    SMS_REGISTRATION,
    "Until then: an email, or push (docs/webhooks.md#ntfy).",
  );
}

interface OptOut {
  readonly phone: string;
  readonly isOptedOut: boolean;
}

async function readOptOut({ sns }: Aws, phone: string): Promise<OptOut> {
  const { isOptedOut = false } = await sns
    .send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber: phone }))
    .catch(AwsProblem.thrower("sns:CheckIfPhoneNumberIsOptedOut"));
  return { phone, isOptedOut };
}

/** Whoever answers STOP gets no SMS any more, and stays subscribed. */
export function judgeOptOuts(phones: readonly OptOut[]): Verdict {
  const out = phones.filter(({ isOptedOut }) => isOptedOut).map(({ phone }) => phone);
  if (out.length === 0) return fine("no phone has answered STOP");
  return error(
    `answered STOP, so that no SMS arrives: ${out.map(shortEndpoint).join(", ")}`,
    "With the owner's consent, once in 30 days:",
    ...out.map((phone) => `aws sns opt-in-phone-number --phone-number ${phone}`),
  );
}

/** The phones that are verified in the sandbox of a new AWS account; null if this one is out of it. */
async function readSandbox({ sns }: Aws): Promise<readonly string[] | null> {
  const { IsInSandbox } = await sns
    .send(new GetSMSSandboxAccountStatusCommand())
    .catch(AwsProblem.thrower("sns:GetSMSSandboxAccountStatus"));
  if (!IsInSandbox) return null;
  const all = await readPages(
    "sns:ListSMSSandboxPhoneNumbers",
    paginateListSMSSandboxPhoneNumbers({ client: sns }, {}),
    ({ PhoneNumbers }) => PhoneNumbers,
  );
  return all.filter(({ Status }) => Status === "Verified").map(({ PhoneNumber = "" }) => PhoneNumber);
}

const LEAVE_SANDBOX = [
  "Verify the phone: aws sns create-sms-sandbox-phone-number --phone-number NUMBER, then verify-sms-sandbox-phone-number,",
  "or ask AWS to let the account out: the SNS console, Text messaging (SMS), Exit SMS sandbox.",
];

/**
 * In the sandbox only verified phones get SMS.
 *
 * @param verified - null out of it
 * @param phones - those to be told; null if they are unknown
 */
export function judgeSandbox(verified: readonly string[] | null, phones: readonly string[] | null): Verdict {
  if (verified === null) return fine("the AWS account is out of it");
  if (phones === null) return warning("in it: only verified phones get SMS", ...LEAVE_SANDBOX);
  const unverified = phones.filter((phone) => !verified.includes(phone));
  if (unverified.length === 0) return fine("in it, but every phone is verified");
  const list = unverified.map(shortEndpoint).join(", ");
  return error(`in it, and not verified: ${list}, so that no SMS arrives`, ...LEAVE_SANDBOX);
}

async function readSpending(aws: Aws): Promise<Spending> {
  const { attributes = {} } = await aws.sns
    .send(new GetSMSAttributesCommand({}))
    .catch(AwsProblem.thrower("sns:GetSMSAttributes"));
  const now = new Date();
  const points = await readMetric(aws, {
    namespace: "AWS/SNS",
    metric: "SMSMonthToDateSpentUSD",
    dimension: null,
    from: Date.UTC(now.getUTCFullYear(), now.getUTCMonth()),
    periodSeconds: HOUR_SECONDS,
    statistics: ["Maximum"],
  });
  return {
    limit: Number(attributes["MonthlySpendLimit"] ?? DEFAULT_SPEND_LIMIT),
    spent: Math.max(0, ...points.map(({ Maximum = 0 }) => Maximum)),
  };
}

export interface Spending {
  /** Dollars a month, beyond which SNS sends no SMS. */
  readonly limit: number;
  /** Dollars in this month. */
  readonly spent: number;
}

export function judgeSpending({ limit, spent }: Spending): Verdict {
  const text = `${formatDollars(spent)} of ${formatDollars(limit)} for this month`;
  if (spent < limit) return fine(text);
  return error(
    `${text}: no more SMS are sent`,
    "Raise the limit: aws sns set-sms-attributes --attributes MonthlySpendLimit=DOLLARS; above the account's quota, ask AWS Support.",
  );
}
