/** Phone numbers as people write them, by what libphonenumber knows of each country. Pure. */
import { ParseError, type PhoneNumber, parsePhoneNumberWithError } from "libphonenumber-js/max";

/** A number as E.164: `+4915112345667`; or what was expected instead. */
export type PhoneReading = { readonly number: string } | { readonly problem: string };

const WHOLE = "expected a number with + and the country first, such as +4915112345667";
/** What SNS takes: Austria's numbers may be shorter, and Germany's longer. */
const E164 = /^\+[1-9]\d{6,14}$/;
const LENGTH = "expected as many digits as the numbers of its country have";

/**
 * Reads a number with blanks, brackets, dashes, a `(0)` behind the country, `00` or `011` for the plus, `tel:`, or with
 * characters that can't be seen or only look like these. The zero of Italian numbers stays.
 *
 * @returns a problem if no phone can have that number, or if it has an extension
 */
export function readPhone(text: string): PhoneReading {
  const plain = text
    .normalize("NFKC")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/\s/g, " ")
    .trim();
  if (/\d.*\+/.test(plain)) return { problem: "expected one number: write each in quotes of its own" };
  const digits = plain.replace(/^tel:\s*/i, "").replace(/^\((\+?\d+)\)/, "$1");
  try {
    const phone = withoutTrunkZero(digits.replace(/^0(0|11)/, "+"));
    if (phone.ext !== undefined)
      return { problem: `expected no extension (${phone.ext}): no SMS reaches it` };
    if (!phone.isPossible() || !E164.test(phone.number)) return { problem: LENGTH };
    // A Brazilian or a South African may write 011 for the own city.
    if (digits.startsWith("011") && !phone.isValid()) return { problem: WHOLE };
    return { number: phone.number };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    if (/^TOO_/.test(error.message)) return { problem: LENGTH };
    const [odd] = /[^\p{N}\p{Pd}\s()+./]/u.exec(digits) ?? [];
    return { problem: odd === undefined ? WHOLE : `${WHOLE}, without ${JSON.stringify(odd)}` };
  }
}

/** The library knows the zero of those countries alone that write one before their own numbers. */
function withoutTrunkZero(text: string): PhoneNumber {
  const phone = parsePhoneNumberWithError(text, { extract: false });
  if (phone.isValid() || !/\(0\)/.test(text)) return phone;
  const other = parsePhoneNumberWithError(text.replace("(0)", ""), { extract: false });
  return other.isValid() ? other : phone;
}

/**
 * A sentence for each number that is possible, but of no range that is known to be in use.
 *
 * @param phones - E.164
 */
export function phoneDoubts(phones: readonly string[]): string[] {
  return phones
    .filter((phone) => !parsePhoneNumberWithError(phone).isValid())
    .map(
      (phone) =>
        `No phone is known to have a number like ${phone}. Look at it again: SNS says nothing of an SMS that arrives nowhere.`,
    );
}
