/**
 * The rules of single fields, and what can be set for an account: the settings and the function's configuration follow
 * from it. Pure.
 */
import * as z from "zod";
import { MAX_AMOUNT, POLICY } from "./policy/rules.ts";

/** One Kie.ai account under watch. */
export const accountName = z
  .string("expected a name")
  .regex(/^[a-z0-9-]{1,20}$/, "expected 1 to 20 of a-z, 0-9 and -");

/** What a webhook's address speaks, in the order of the documentation. */
export const WEBHOOK_KINDS = [
  "slack",
  "discord",
  "telegram",
  "ntfy",
  "teams",
  "google-chat",
  "json",
] as const;
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

export const webhookKind = z.enum(WEBHOOK_KINDS, `expected one of ${WEBHOOK_KINDS.join(", ")}`);

/** The form of {@link timeZone}. Case counts, or Intl would take ETC/GMT+5 too. */
export const TIME_ZONE_PATTERN = /^(UTC|(?!Etc\/)(US|[A-Z][a-z]+)(\/[A-Z][A-Za-z0-9_-]+){1,2})$/;

const TIME_ZONE = "expected Area/City such as Europe/London, or UTC";
/**
 * An IANA time zone: `Area/City`, or `UTC`. No abbreviation, of which BST is Bangladesh and EST has no summer; and no
 * Etc/GMT+5, which is behind Greenwich.
 *
 * @see https://data.iana.org/time-zones/tzdb/backward and etcetera, beside it
 */
export const timeZone = z.string(TIME_ZONE).regex(TIME_ZONE_PATTERN, TIME_ZONE).refine(isTimeZone, TIME_ZONE);

/** Kie's address. Plain HTTP would show the key to the network, so it is for this very machine only. */
export const kieBaseUrl = z
  .string("expected an https: address")
  .refine(isSafeBaseUrl, "expected an https: address, or http: to a loopback host");

const MAX_JOBS = 5;
const JOBS = `expected at most ${MAX_JOBS} names of 1 to 40 printable characters, each with its credits, such as { "Veo 3 fast": 65 }`;
const COST = `expected a number of credits above 0, up to ${MAX_AMOUNT}`;

const PRICE = "expected a number above 0, up to 100";

/** What jobs cost, by their names: people's own figures, since Kie's prices change. */
const jobs = z
  .record(
    z.string().regex(/^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,40}(?<! )$/u),
    z.number(COST).positive(COST).max(MAX_AMOUNT, COST),
    JOBS,
  )
  .refine((byName) => Object.keys(byName).length <= MAX_JOBS, JOBS);

/**
 * What can be set for all accounts and again for a single one, by its name in settings.json. A new setting is a row
 * here, or in {@link POLICY} if the messages' document for programs should show it (with `npm run schema` after it),
 * its use, and a row in docs/settings.md.
 */
export const PER_ACCOUNT = POLICY.extend({
  usdPerCredit: z
    .number(PRICE)
    .positive(PRICE)
    .max(100, PRICE)
    .describe("What a credit is worth in dollars, for the messages.")
    // Kie sells 1,000 credits for about $5.
    .default(0.005),
  timeZone: timeZone
    .describe("The IANA time zone of the times in messages: Area/City such as Europe/Berlin, or UTC.")
    .default("UTC"),
  sms: z
    .enum(["critical", "all"], "expected critical or all")
    .describe("What phones hear: critical news, or all of it.")
    .default("critical"),
  jobs: jobs
    .describe(
      'What your jobs cost, in credits, by name: { "Veo 3 fast": 65 }. Messages say how many the balance is enough for.',
    )
    .default({}),
});

export type PerAccount = Readonly<z.output<typeof PER_ACCOUNT>>;

/** What holds for an account that sets nothing. */
export const ACCOUNT_DEFAULTS: PerAccount = PER_ACCOUNT.parse({});

type Rows = typeof PER_ACCOUNT.shape;

/** The rules of {@link PER_ACCOUNT} without their defaults. */
export const accountRules = z.object(
  Object.fromEntries(Object.entries(PER_ACCOUNT.shape).map(([name, row]) => [name, row.unwrap()])) as {
    [Name in keyof Rows]: ReturnType<Rows[Name]["unwrap"]>;
  },
);

/** What was expected of a number whose point may be one of thousands, such as 8.000; undefined if it is clear. */
export function expectedOfPoint(text: string): string | undefined {
  if (!/^-?[1-9]\d{0,2}\.\d{3}$/.test(text)) return undefined;
  return `expected ${Number(Number(text).toFixed(2))} or ${text.replace(".", "")}, since it may mean either`;
}

const DECIMAL = "expected a number such as 1530 or 0.5, without commas and units";

/** A decimal number written out, such as 1000 or 0.005; never an empty string, which Number() calls 0. */
export function decimal<Schema extends z.ZodType<number, number>>(schema: Schema) {
  const text = z
    .string(DECIMAL)
    .regex(/^-?\d+(\.\d+)?$/, DECIMAL)
    .refine((text) => expectedOfPoint(text) === undefined, {
      error: ({ input }) => expectedOfPoint(String(input)),
    });
  return text.transform(Number).pipe(schema);
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
  // We append a path; these characters would cut it off.
  if (/[\s?#\\]/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === "" && url.password === "" && isSecure(url);
}

/** Whether nobody on the way can read what is sent there: https:, or http: to this very machine. */
export function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
