/**
 * The rules of single fields, and the table of what can be set for an account. The settings, the function's
 * environment and the command line all follow from here. Pure.
 */
import * as z from "zod";
import { DEFAULT_POLICY, type Policy } from "./policy/rules.ts";

/** One Kie.ai account under watch. */
export const accountName = z
  .string("expected a name")
  .regex(/^[a-z0-9-]{1,20}$/, "expected 1 to 20 of a-z, 0-9 and -");

/** Credits or hours. */
export const amount = z.number("expected a number, 0 or more").nonnegative("expected a number, 0 or more");

/** Dollars per credit. */
const positiveAmount = z.number("expected a number above 0").positive("expected a number above 0");

/** Hours between reminders: a year at most, since the next one is told as a date. */
export const reminderHours = z
  .number("expected a number of hours, 1 to 8760")
  .min(1, "expected a number of hours, 1 to 8760")
  .max(8_760, "expected a number of hours, 1 to 8760");

const ALL_CLEAR_DAYS = "expected a number of days, 1 to 365, or 0 for never";

/** Days until a message says that all is well; 0 is never. */
export const allClearDays = z
  .number(ALL_CLEAR_DAYS)
  .min(0, ALL_CLEAR_DAYS)
  .max(365, ALL_CLEAR_DAYS)
  .refine((days) => days <= 0 || days >= 1, { error: ALL_CLEAR_DAYS, abort: true });

/** An IANA time zone. */
export const timeZone = z
  .string("expected an IANA time zone such as Europe/Berlin")
  .refine(isTimeZone, "expected an IANA time zone such as Europe/Berlin");

/** Who hears by SMS: those that want critical news only, or all of it. */
const smsChoice = z.enum(["critical", "all"], "expected critical or all");

/** Kie's address. Plain HTTP would show the key to the network, so it is for this very machine only. */
export const kieBaseUrl = z
  .string("expected an https: address")
  .refine(isSafeBaseUrl, "expected an https: address, or http: to a loopback host");

/** What can be set for one account. */
export interface PerAccount extends Policy {
  readonly usdPerCredit: number;
  /** IANA name. */
  readonly timeZone: string;
  /** What phones hear. */
  readonly sms: "critical" | "all";
}

interface Field<Value> {
  /** The function's environment variable. */
  readonly variable: string;
  readonly rule: z.ZodType<Value, Value>;
  readonly default: Value;
  /** Shown by editors, from settings.schema.json. */
  readonly description: string;
}

/**
 * What can be set for all accounts and again for a single one, by its name in settings.json. A new setting is a row
 * here (with `npm run schema` after it), its use, and a line in README.
 */
export const PER_ACCOUNT = {
  warningCredits: {
    variable: "WARNING_CREDITS",
    rule: amount,
    default: DEFAULT_POLICY.warningCredits,
    description: "At or below this many credits the level is warning.",
  },
  criticalCredits: {
    variable: "CRITICAL_CREDITS",
    rule: amount,
    default: DEFAULT_POLICY.criticalCredits,
    description: "At or below this many credits the level is critical. Less than warningCredits.",
  },
  warningHours: {
    variable: "WARNING_HOURS",
    rule: amount,
    default: DEFAULT_POLICY.warningHours,
    description: "If the credits last no longer than this, the level is warning. 0 turns it off.",
  },
  criticalHours: {
    variable: "CRITICAL_HOURS",
    rule: amount,
    default: DEFAULT_POLICY.criticalHours,
    description:
      "If the credits last no longer than this, the level is critical. Less than warningHours; 0 turns it off.",
  },
  warningReminderHours: {
    variable: "WARNING_REMINDER_HOURS",
    rule: reminderHours,
    default: DEFAULT_POLICY.warningReminderHours,
    description: "Hours between reminders while the level is warning.",
  },
  criticalReminderHours: {
    variable: "CRITICAL_REMINDER_HOURS",
    rule: reminderHours,
    default: DEFAULT_POLICY.criticalReminderHours,
    description: "Hours between reminders while the level is critical or empty.",
  },
  allClearDays: {
    variable: "ALL_CLEAR_DAYS",
    rule: allClearDays,
    default: DEFAULT_POLICY.allClearDays,
    description: "After this many days without a message, one says that all is well. 0 is never.",
  },
  usdPerCredit: {
    variable: "USD_PER_CREDIT",
    rule: positiveAmount,
    // Kie sells 1,000 credits for about $5.
    default: 0.005,
    description: "What a credit is worth in dollars, for the messages.",
  },
  timeZone: {
    variable: "TIME_ZONE",
    rule: timeZone,
    default: "UTC",
    description: "The IANA time zone of the times in messages, such as Europe/Berlin.",
  },
  sms: {
    variable: "SMS",
    rule: smsChoice,
    default: "critical",
    description: "What phones hear: critical news, or all of it.",
  },
} as const satisfies { readonly [Name in keyof PerAccount]: Field<PerAccount[Name]> };

/** The rule of each row of a table, for `z.object`. */
export function rulesOf<Table extends Readonly<Record<string, { readonly rule: z.ZodType }>>>(table: Table) {
  const rules = Object.entries(table).map(([name, { rule }]) => [name, rule]);
  return Object.fromEntries(rules) as { readonly [Name in keyof Table]: Table[Name]["rule"] };
}

/** A decimal number written out, such as 1000 or 0.005; never an empty string, which Number() calls 0. */
export function decimal<Schema extends z.ZodType<number, number>>(schema: Schema) {
  const text = z.string("expected a number").regex(/^-?\d+(\.\d+)?$/, "expected a decimal number");
  return text.transform(Number).pipe(schema);
}

/**
 * Thresholds and limits must fall from warning to critical; a limit of 0 is off. Values that already failed
 * validation are skipped.
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
  // Node takes an offset such as +02:00, too, which would be wrong for half of the year.
  if (/^[+-]/.test(name)) return false;
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
