/**
 * What a country asks of those who send SMS to its phones. Pure.
 *
 * Sources, read in November 2026: "Supported countries and regions for SMS messaging", "Phone numbers" (a number is
 * for phones of its own country) and "Origination identity registration" (SNS may use a number only if a resource
 * policy of the number lets it), all of https://docs.aws.amazon.com/sms-voice/latest/userguide/.
 */

/** A registered number, a registered sender id (a name instead of a number), or a registered text. */
type Need = "number" | "sender-id" | "template";

export interface SmsCountry {
  /** The calling code that the phones begin with: `+91` */
  readonly prefix: string;
  readonly name: string;
  readonly need: Need;
  /** The countries, as ISO 3166-1 alpha-2, whose numbers may send to these phones. */
  readonly numbersOf: readonly string[];
}

/** Only what is certain to need something. Elsewhere SNS uses a shared sender, which mostly works. */
const COUNTRIES: readonly SmsCountry[] = [
  // Canada, Puerto Rico and others have area codes under +1 too; none of them takes a sender id.
  { prefix: "+1", name: "the United States or Canada", need: "number", numbersOf: ["US", "CA"] },
  { prefix: "+65", name: "Singapore", need: "sender-id", numbersOf: [] },
  { prefix: "+86", name: "China", need: "template", numbersOf: [] },
  { prefix: "+91", name: "India", need: "sender-id", numbersOf: [] },
];

const GUIDE = "https://docs.aws.amazon.com/sms-voice/latest/userguide/phone-numbers-sms-by-country.html";

/** What to get, in words that follow "needs". */
export const SMS_NEEDS: Readonly<Record<Need, string>> = {
  number: "a registered number (toll-free, 10DLC or short code), whose registration takes weeks",
  "sender-id": "a registered sender id",
  template: "a registered text",
};

/** What to do about it. */
export const SMS_REGISTRATION = `Register at AWS End User Messaging SMS: ${GUIDE}`;

/**
 * The country of a phone, if SMS to it need something special.
 *
 * @param phone - E.164: `+15551234567`
 */
export function smsCountryOf(phone: string): SmsCountry | null {
  return COUNTRIES.find(({ prefix }) => phone.startsWith(prefix)) ?? null;
}

/**
 * A sentence for each country that needs something, to be shown to whoever writes the settings.
 *
 * @param phones - E.164
 */
export function smsNotes(phones: readonly string[]): string[] {
  return COUNTRIES.filter((country) => phones.some((phone) => smsCountryOf(phone) === country)).map(
    ({ prefix, name, need }) =>
      `Phones with ${prefix} (${name}) get no SMS unless this AWS account has ${SMS_NEEDS[need]}; without it SNS says nothing. ${SMS_REGISTRATION}. Have an email beside them, or push (docs/webhooks.md#ntfy).`,
  );
}
