/**
 * The rules of the single settings, shared by the function's environment, the stack and the command line. Pure.
 *
 * What the function loads uses zod/mini, which checks the same in a third of the code and starts 8 ms faster.
 */
import * as z from "zod/mini";

/** One Kie.ai account under watch. */
export const accountName = z
  .string("expected a name")
  .check(z.regex(/^[a-z0-9-]{1,20}$/, "expected 1 to 20 of a-z, 0-9 and -"));

/** Credits or hours. */
export const amount = z
  .number("expected a number, 0 or more")
  .check(z.nonnegative("expected a number, 0 or more"));

/** Dollars per credit. */
export const positiveAmount = z
  .number("expected a number above 0")
  .check(z.positive("expected a number above 0"));

/** Hours between reminders: a year at most, since the next one is told as a date. */
export const reminderHours = positiveAmount.check(z.maximum(8_760, "expected at most 8760 hours, a year"));

/** An IANA time zone. */
export const timeZone = z
  .string("expected an IANA time zone such as Europe/Berlin")
  .check(z.refine(isTimeZone, "expected an IANA time zone such as Europe/Berlin"));

/** Who hears by SMS: those that want critical news only, or all of it. */
export const smsChoice = z.enum(["critical", "all"], "expected critical or all");

/** Kie's address. Plain HTTP would show the key to the network, so it is for this very machine only. */
export const kieBaseUrl = z
  .string("expected an https: address")
  .check(z.refine(isSafeBaseUrl, "expected an https: address, or http: to a loopback host"));

/** A decimal number written out, such as 1000 or 0.005; never an empty string, which Number() calls 0. */
export function decimal<Schema extends z.ZodMiniType<number, number>>(schema: Schema) {
  const text = z.string("expected a number").check(z.regex(/^-?\d+(\.\d+)?$/, "expected a decimal number"));
  return z.pipe(z.pipe(text, z.transform(Number)), schema);
}

/**
 * Thresholds and limits must fall from warning to critical; a limit of 0 is off. What is no amount has been
 * refused already, and is compared with nothing.
 */
export function checkPolicy(
  policy: {
    readonly warningCredits: number;
    readonly criticalCredits: number;
    readonly warningHours: number;
    readonly criticalHours: number;
  },
  problem: (field: keyof typeof policy, value: number, expected: string) => void,
): void {
  const { warningCredits, criticalCredits, warningHours, criticalHours } = policy;
  if (areAmounts(warningCredits, criticalCredits) && criticalCredits >= warningCredits) {
    problem(
      "criticalCredits",
      criticalCredits,
      `expected less than the warning threshold, ${warningCredits}`,
    );
  }
  if (areAmounts(warningHours, criticalHours) && warningHours > 0 && criticalHours >= warningHours) {
    problem("criticalHours", criticalHours, `expected less than the warning limit, ${warningHours}, or 0`);
  }
}

function areAmounts(...values: readonly number[]): boolean {
  return values.every((value) => Number.isFinite(value) && value >= 0);
}

function isTimeZone(name: string): boolean {
  // The default; the first use of Intl in a process takes 10 ms.
  if (name === "UTC") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isSafeBaseUrl(text: string): boolean {
  // A path is put behind it, which nothing of these may cut off or change.
  if (/[\s?#\\]/.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username || password) return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
