/** What is deployed, from the CDK context: an object in cdk.json, and flat overrides on the command line. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as z from "zod";
import { DEFAULT_USD_PER_CREDIT } from "../lambda/config.ts";
import {
  accountName,
  amount,
  checkPolicy,
  decimal,
  positiveAmount,
  reminderHours,
  smsChoice,
  timeZone,
} from "../lambda/fields.ts";
import { DEFAULT_POLICY, type Policy } from "../lambda/policy/policy.ts";
import { parseInput } from "../lambda/problems.ts";

/** What is deployed for all accounts. */
export interface Settings {
  /**
   * Addresses that get every message.
   *
   * @default none
   */
  readonly emails: readonly string[];
  /**
   * Numbers, as E.164, that get the messages meant for SMS.
   *
   * @default none
   */
  readonly phones: readonly string[];
  /**
   * Minutes between checks, 1 to 1,440.
   *
   * @default 15
   */
  readonly everyMinutes: number;
  /**
   * The Kie.ai accounts under watch.
   *
   * @default one, `kie`
   */
  readonly accounts: readonly AccountSettings[];
  /**
   * Days that CloudWatch keeps the logs.
   *
   * @default 30
   */
  readonly logRetentionDays: RetentionDays;
  /**
   * The customer key that encrypts the API key parameters; null where it is the AWS-managed one.
   *
   * @default null
   */
  readonly apiKeyKmsKeyArn: string | null;
  /**
   * The customer key that encrypts the topic; null where it is not encrypted.
   *
   * @default null
   */
  readonly topicKmsKeyArn: string | null;
  /**
   * Whether there is a dashboard.
   *
   * @default true
   */
  readonly dashboard: boolean;
}

/** What is deployed for one account. Everything but the name and the key's parameter defaults to what is set for all. */
export interface AccountSettings {
  readonly name: string;
  /**
   * Name of the SecureString that holds the API key.
   *
   * @default `/kie-credit-alert/NAME/api-key`
   */
  readonly apiKeyParameter: string;
  /** @default DEFAULT_POLICY */
  readonly policy: Policy;
  /** @default 0.005 */
  readonly usdPerCredit: number;
  /**
   * IANA name.
   *
   * @default UTC
   */
  readonly timeZone: string;
  /** @default critical */
  readonly sms: "critical" | "all";
}

/** What CloudFormation allows in one stack. */
const MAX_RESOURCES = 500;

/** Function, its retries, role, rule, its permission to call, log group, memory and two alarms. */
export const RESOURCES_PER_ACCOUNT = 9;

/** Topic, its policy, dashboard, and the metadata that the CDK adds. Each subscription is one more. */
export const SHARED_RESOURCES = 4;

/** Where the settings stand in cdk.json. */
const OBJECT = "kie-credit-alert";

/** The flat name of a setting, and where it belongs. */
const FLAT_NAMES = {
  email: "emails",
  phone: "phones",
  every: "everyMinutes",
  warning: "warningCredits",
  critical: "criticalCredits",
} as const;

/** What the CDK's own commands leave in the context without a ":", "/" or "@" in the name. */
const CDK_NAMES = ["acknowledged-issue-numbers", "cli-telemetry"];

/** The function reads plain decimals only; String() writes 1e-7 and 1e21 with an exponent. */
function writtenOut(schema: typeof amount) {
  return schema.check(
    z.refine((value) => !String(value).includes("e"), "expected a number from 0.000001 to below 1e21, or 0"),
  );
}

function listOf(item: z.ZodString | z.ZodEmail, what: string) {
  return z.array(item, `expected a list of ${what}`).superRefine(refuseRepeats, { when: isList });
}

function commaSeparated<Schema extends z.ZodType<string[], string[]>>(list: Schema) {
  return z
    .string("expected text, comma separated")
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(list);
}

const emails = listOf(z.email("expected an email address"), "email addresses");

const phones = listOf(
  z
    .string("expected a number as E.164")
    .regex(/^\+[1-9]\d{6,14}$/, "expected a number as E.164, such as +15551234567"),
  "phone numbers",
);

const everyMinutes = z
  .number("expected a whole number of minutes, 1 to 1440")
  .refine(
    (minutes) => Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440,
    "expected a whole number of minutes, 1 to 1440",
  );

const RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === "number" && days !== RetentionDays.INFINITE,
);

const logRetentionDays = z.literal(RETENTION_DAYS, `expected one of ${RETENTION_DAYS.join(", ")}`);

/**
 * What SSM takes as a name with a hierarchy: at most 15 levels, not beginning with aws or ssm, and at most
 * 1,011 characters with all of its ARN, of which up to 70 stand before the name.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
const apiKeyParameter = z
  .string("expected a parameter name")
  .regex(
    /^(?!\/(aws|ssm))(\/[\w.-]+){1,15}$/i,
    "expected a parameter name such as /kie-credit-alert/kie/api-key, not beginning with /aws or /ssm",
  )
  .max(940, "expected at most 940 characters");

/** IAM policies know keys by their ARN only, not by an alias. */
const keyArn = z
  .string("expected the ARN of a KMS key")
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    "expected the ARN of a KMS key, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, not of an alias",
  );

/** What may be set for all accounts, and again for one alone. */
const watch = {
  warningCredits: z.exactOptional(writtenOut(amount)),
  criticalCredits: z.exactOptional(writtenOut(amount)),
  warningHours: z.exactOptional(writtenOut(amount)),
  criticalHours: z.exactOptional(writtenOut(amount)),
  warningReminderHours: z.exactOptional(writtenOut(reminderHours)),
  criticalReminderHours: z.exactOptional(writtenOut(reminderHours)),
  usdPerCredit: z.exactOptional(writtenOut(positiveAmount)),
  timeZone: z.exactOptional(timeZone),
  sms: z.exactOptional(smsChoice),
};

const WATCH_DEFAULTS = {
  ...DEFAULT_POLICY,
  usdPerCredit: DEFAULT_USD_PER_CREDIT,
  timeZone: "UTC",
  sms: "critical",
} as const;

const account = z.strictObject(
  { name: accountName, apiKeyParameter: apiKeyParameter.exactOptional(), ...watch },
  "expected an object with a name",
);

const accounts = z
  .array(account, "expected a list of accounts")
  .min(1, "expected at least one account")
  .superRefine(refuseRepeatedNames, { when: isList });

const shape = z.looseObject({
  [OBJECT]: z
    .strictObject(
      {
        emails: emails.default([]),
        phones: phones.default([]),
        everyMinutes: everyMinutes.default(15),
        accounts: accounts.default([{ name: "kie" }]),
        ...watch,
        logRetentionDays: logRetentionDays.default(RetentionDays.ONE_MONTH),
        apiKeyKmsKeyArn: keyArn.nullable().default(null),
        topicKmsKeyArn: keyArn.nullable().default(null),
        dashboard: z.boolean("expected true or false").default(true),
      },
      "expected an object of settings",
    )
    .prefault({}),
  email: commaSeparated(emails).exactOptional(),
  phone: commaSeparated(phones).exactOptional(),
  every: z.exactOptional(decimal(everyMinutes)),
  warning: z.exactOptional(decimal(writtenOut(amount))),
  critical: z.exactOptional(decimal(writtenOut(amount))),
});

type Context = z.output<typeof shape>;

const context = shape
  .superRefine(refuseUnknownNames, { when: always })
  .superRefine(refuseThresholdsThatDontFall, { when: always })
  .superRefine(refuseTooManyAccounts)
  .superRefine(refuseMemoriesForKeys);

/**
 * Reads the settings. A flat name wins over the object, and an account's own field over both.
 *
 * @param values - all of the CDK context; what the CDK itself put there is left alone
 * @throws InvalidInputError that names every bad setting
 */
export function readSettings(values: Readonly<Record<string, unknown>>): Settings {
  const parsed = parseInput("settings", context, Object.fromEntries(Object.entries(values).filter(isOurs)));
  const { emails, phones, everyMinutes, accounts, ...shared } = parsed[OBJECT];
  const { logRetentionDays, apiKeyKmsKeyArn, topicKmsKeyArn, dashboard, ...watchForAll } = shared;
  const { email, phone, every, warning, critical } = parsed;
  return {
    emails: email ?? emails,
    phones: phone ?? phones,
    everyMinutes: every ?? everyMinutes,
    accounts: accounts.map((own) => {
      const { name, apiKeyParameter, usdPerCredit, timeZone, sms, ...policy } = {
        apiKeyParameter: `/kie-credit-alert/${own.name}/api-key`,
        ...WATCH_DEFAULTS,
        ...watchForAll,
        ...(warning !== undefined && { warningCredits: warning }),
        ...(critical !== undefined && { criticalCredits: critical }),
        ...own,
      };
      return { name, apiKeyParameter, policy, usdPerCredit, timeZone, sms };
    }),
    logRetentionDays,
    apiKeyKmsKeyArn,
    topicKmsKeyArn,
    dashboard,
  };
}

/** Feature flags, looked-up values and what the CLI sets have a ":", "/" or "@" in their names. Ours don't. */
function isOurs([name]: readonly [string, unknown]): boolean {
  return !/[:/@]/.test(name) && !CDK_NAMES.includes(name);
}

/** A slip such as `-c emails=...` would otherwise be an alert that nobody gets. */
function refuseUnknownNames(values: Context, { addIssue }: z.core.$RefinementCtx): void {
  const flatNames = Object.keys(FLAT_NAMES);
  for (const name of Object.keys(values)) {
    if (name === OBJECT || flatNames.includes(name)) continue;
    const meant = flatNameOf(name);
    const message = meant
      ? `expected ${meant}, its name on the command line`
      : `expected ${flatNames.join(", ")}, or a name under "${OBJECT}" in cdk.json`;
    addIssue({ code: "custom", path: [name], params: { isUnknownName: true }, message });
  }
}

/**
 * Thresholds must fall for each account, whatever its own fields, the flat names and the defaults add up to.
 * Fields that are no numbers have been refused already; here they are NaN, which compares with nothing.
 */
function refuseThresholdsThatDontFall(values: Context, { addIssue }: z.core.$RefinementCtx): void {
  const shared: unknown = values[OBJECT];
  const list = fieldOf(shared, "accounts");
  if (!Array.isArray(list)) return;
  const told = new Set<string>();
  for (const [index, own] of list.entries()) {
    const number = (field: keyof Policy) => {
      const value =
        fieldOf(own, field) ??
        fieldOf(values, flatNameOf(field)) ??
        fieldOf(shared, field) ??
        DEFAULT_POLICY[field];
      return typeof value === "number" ? value : Number.NaN;
    };
    const effective = {
      warningCredits: number("warningCredits"),
      criticalCredits: number("criticalCredits"),
      warningHours: number("warningHours"),
      criticalHours: number("criticalHours"),
    };
    checkPolicy(effective, (field, input, message) => {
      const isOwn = [field, field.replace("critical", "warning")].some(
        (name) => fieldOf(own, name) !== undefined,
      );
      const isFlat = fieldOf(values, flatNameOf(field)) !== undefined;
      const isGiven = isFlat || [own, shared].some((part) => fieldOf(part, field) !== undefined);
      const path = isOwn
        ? [OBJECT, "accounts", index, field]
        : isFlat
          ? [flatNameOf(field)]
          : [OBJECT, field];
      const expected = isGiven ? message : `which is the default, ${message}`;
      if (!told.has(path.join("."))) addIssue({ code: "custom", path, input, message: expected });
      told.add(path.join("."));
    });
  }
}

/** The parameter where an account's check keeps its memory, beside the key. */
export function memoryParameterOf(account: string): string {
  return `/kie-credit-alert/${account}/memory`;
}

/** Else the deployment fails, or Kie is sent the memory for a key. */
function refuseMemoriesForKeys(values: Context, { addIssue }: z.core.$RefinementCtx): void {
  const { accounts } = values[OBJECT];
  const memories = accounts.map(({ name }) => memoryParameterOf(name));
  for (const [index, { apiKeyParameter }] of accounts.entries()) {
    if (apiKeyParameter === undefined || !memories.includes(apiKeyParameter)) continue;
    addIssue({
      code: "custom",
      path: [OBJECT, "accounts", index, "apiKeyParameter"],
      input: apiKeyParameter,
      message: "expected another parameter: that is where an account's memory is",
    });
  }
}

function refuseTooManyAccounts(values: Context, { addIssue }: z.core.$RefinementCtx): void {
  const { emails, phones, accounts } = values[OBJECT];
  const subscriptions = (values.email ?? emails).length + (values.phone ?? phones).length;
  const most = Math.floor((MAX_RESOURCES - SHARED_RESOURCES - subscriptions) / RESOURCES_PER_ACCOUNT);
  if (accounts.length <= most) return;
  addIssue({
    code: "custom",
    path: [OBJECT, "accounts"],
    input: accounts.length,
    message: `expected at most ${Math.max(0, most)} accounts in one stack, which CloudFormation limits to ${MAX_RESOURCES} resources; use several stacks, each in a region or an AWS account of its own`,
  });
}

function refuseRepeats(list: readonly unknown[], { addIssue }: z.core.$RefinementCtx): void {
  const seen = new Set<unknown>();
  for (const [index, input] of list.entries()) {
    const same = typeof input === "string" ? input.toLowerCase() : input;
    if (seen.has(same)) addIssue({ code: "custom", path: [index], input, message: "expected each one once" });
    seen.add(same);
  }
}

function refuseRepeatedNames(list: readonly unknown[], { addIssue }: z.core.$RefinementCtx): void {
  const seen = new Set<unknown>();
  for (const [index, own] of list.entries()) {
    const input = fieldOf(own, "name");
    if (input !== undefined && seen.has(input)) {
      addIssue({ code: "custom", path: [index, "name"], input, message: "expected each name once" });
    }
    seen.add(input);
  }
}

/** The flat name of a setting; empty where it has none. */
function flatNameOf(setting: string): string {
  return Object.entries(FLAT_NAMES).find(([, long]) => long === setting)?.[0] ?? "";
}

/** A field of something that may turn out to be no object. */
function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === field)?.[1]
    : undefined;
}

/** What is wrong with a part must not hide what is wrong with the whole. */
function isList({ value }: z.core.ParsePayload): boolean {
  return Array.isArray(value);
}

function always(): boolean {
  return true;
}
