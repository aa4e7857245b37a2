/** Rows on what keeps SMS from arriving: SNS takes them all, and says nothing about those that it drops. */
import {
  CheckIfPhoneNumberIsOptedOutCommand,
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  paginateListOriginationNumbers,
  paginateListSMSSandboxPhoneNumbers,
} from "@aws-sdk/client-sns";
import { SMS_NEEDS, SMS_REGISTRATION, smsCountryOf } from "../../infra/sms-countries.ts";
import { formatDollars } from "../../lambda/messages/format.ts";
import { type Aws, readMetric, readPages } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { shortEndpoint } from "../deployed/people.ts";
import type { Subscriber } from "../deployed/template.ts";
import { error, fine, once, type Row, row, type Verdict, warning } from "../findings.ts";

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

/** @param phones - E.164; null if they are unknown */
export function smsRows(aws: Aws, phones: readonly string[] | null): readonly Row[] {
  const { sns } = aws;
  const attributes = once(async () => {
    const { attributes = {} } = await sns
      .send(new GetSMSAttributesCommand({}))
      .catch(AwsProblem.thrower("sns:GetSMSAttributes"));
    return attributes;
  });
  const numbers = once(() => lookAtNumbers(aws));
  return [
    ...(phones ?? []).map((phone) =>
      row({
        subject: `SMS to ${shortEndpoint(phone)}`,
        look: numbers,
        judge: (seen) => judgeSender(phone, seen),
      }),
    ),
    row({
      subject: "SMS opt-outs",
      look: () => Promise.all((phones ?? []).map((phone) => lookAtOptOut(aws, phone))),
      judge: (seen) => phones && judgeOptOuts(seen),
    }),
    row({
      subject: "SMS sandbox",
      look: () => lookAtSandbox(aws),
      judge: (seen) => judgeSandbox(seen, phones),
    }),
    row({
      subject: "SMS spending",
      look: async () => ({
        limit: Number((await attributes())["MonthlySpendLimit"] ?? DEFAULT_SPEND_LIMIT),
        spent: await lookAtSpending(aws),
      }),
      judge: judgeSpending,
    }),
    row({
      subject: "SMS log",
      look: attributes,
      judge: ({ DeliveryStatusIAMRole: role }) => judgeSmsLog(Boolean(role)),
    }),
  ];
}

/** A number of the AWS account that sends SMS. */
export interface OriginationNumber {
  readonly number: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly isActive: boolean;
}

async function lookAtNumbers({ sns }: Aws): Promise<readonly OriginationNumber[]> {
  const all = await readPages(
    "sns:ListOriginationNumbers",
    paginateListOriginationNumbers({ client: sns }, {}),
    ({ PhoneNumbers }) => PhoneNumbers,
  );
  return all
    .filter(({ NumberCapabilities }) => NumberCapabilities?.includes("SMS"))
    .map(({ PhoneNumber = "", Iso2CountryCode = "", Status = "" }) => ({
      number: PhoneNumber,
      country: Iso2CountryCode,
      isActive: Status.toLowerCase() === "active",
    }));
}

/** Whether there is a sender from whom the phone's country takes SMS. */
export function judgeSender(phone: string, numbers: readonly OriginationNumber[]): Verdict {
  const country = smsCountryOf(phone);
  if (country === null) return fine("by a shared sender, which mostly works in its country");
  const needs = `in ${country.name} it needs ${SMS_NEEDS[country.need]}`;
  if (country.need !== "number") return warning(`${needs}, which can't be seen from here`, SMS_REGISTRATION);
  const own = numbers.filter((number) => country.numbersOf.includes(number.country));
  const list = (some: typeof own) =>
    some.map((one) => `${shortEndpoint(one.number)} (${one.country})`).join(", ");
  const active = own.filter(({ isActive }) => isActive);
  if (active.length > 0) {
    return fine(`from ${list(active)}, if its resource policy lets sns.amazonaws.com use it`);
  }
  const there = own.length > 0 ? `${list(own)} is not active yet` : "there is none";
  return error(`${needs}, and ${there}: no SMS arrives`, SMS_REGISTRATION, "Until then: an email.");
}

interface OptOut {
  readonly phone: string;
  readonly isOptedOut: boolean;
}

async function lookAtOptOut({ sns }: Aws, phone: string): Promise<OptOut> {
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

export interface Sandbox {
  readonly isInSandbox: boolean;
  readonly verified: readonly string[];
}

async function lookAtSandbox({ sns }: Aws): Promise<Sandbox> {
  const { IsInSandbox } = await sns
    .send(new GetSMSSandboxAccountStatusCommand())
    .catch(AwsProblem.thrower("sns:GetSMSSandboxAccountStatus"));
  if (!IsInSandbox) return { isInSandbox: false, verified: [] };
  const all = await readPages(
    "sns:ListSMSSandboxPhoneNumbers",
    paginateListSMSSandboxPhoneNumbers({ client: sns }, {}),
    ({ PhoneNumbers }) => PhoneNumbers,
  );
  const verified = all.filter(({ Status }) => Status === "Verified");
  return { isInSandbox: true, verified: verified.map(({ PhoneNumber = "" }) => PhoneNumber) };
}

const LEAVE_SANDBOX = [
  "Verify the phone: aws sns create-sms-sandbox-phone-number --phone-number NUMBER, then verify-sms-sandbox-phone-number,",
  "or ask AWS to let the account out: the SNS console, Text messaging (SMS), Exit SMS sandbox.",
];

/**
 * In the sandbox of a new AWS account only verified phones get SMS.
 *
 * @param phones - those to be told; null if they are unknown
 */
export function judgeSandbox({ isInSandbox, verified }: Sandbox, phones: readonly string[] | null): Verdict {
  if (!isInSandbox) return fine("the AWS account is out of it");
  if (phones === null) return warning("in it: only verified phones get SMS", ...LEAVE_SANDBOX);
  const unverified = phones.filter((phone) => !verified.includes(phone));
  if (unverified.length === 0) return fine("in it, but every phone is verified");
  const list = unverified.map(shortEndpoint).join(", ");
  return error(`in it, and not verified: ${list}, so that no SMS arrives`, ...LEAVE_SANDBOX);
}

async function lookAtSpending(aws: Aws): Promise<number> {
  const now = new Date();
  const points = await readMetric(aws, {
    namespace: "AWS/SNS",
    metric: "SMSMonthToDateSpentUSD",
    dimension: null,
    from: Date.UTC(now.getUTCFullYear(), now.getUTCMonth()),
    periodSeconds: HOUR_SECONDS,
    statistics: ["Maximum"],
  });
  return Math.max(0, ...points.map(({ Maximum = 0 }) => Maximum));
}

export interface Spending {
  /** Dollars a month, beyond which SNS sends no SMS. */
  readonly limit: number;
  /** Dollars in this month. */
  readonly spent: number;
}

const NEARLY_SPENT = 0.8;

export function judgeSpending({ limit, spent }: Spending): Verdict {
  const text = `${formatDollars(spent)} of ${formatDollars(limit)} for this month`;
  const raise =
    "Raise the limit: aws sns set-sms-attributes --attributes MonthlySpendLimit=DOLLARS; above the account's quota, ask AWS Support.";
  if (spent >= limit) return error(`${text}: no more SMS are sent`, raise);
  return spent >= limit * NEARLY_SPENT ? warning(text, raise) : fine(text);
}

export function judgeSmsLog(isLogged: boolean): Verdict {
  return isLogged
    ? fine("SNS logs every SMS that fails, in the log groups sns/.../DirectPublishToPhoneNumber/Failure")
    : warning(
        "off, so that nothing says why an SMS did not arrive",
        "The SNS console, Text messaging (SMS), Delivery status logging. It holds for the whole AWS account.",
      );
}
