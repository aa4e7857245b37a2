/** What can be set, by which rules, and what is then deployed. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { closestMatch } from "leven";
import * as z from "zod";
import { DEFAULT_EVERY_MINUTES } from "../lambda/config.ts";
import { accountName, accountRules, PER_ACCOUNT, type PerAccount, webhookKind } from "../lambda/fields.ts";
import { checkPolicy, DEFAULT_POLICY } from "../lambda/policy/rules.ts";
import { parseInput } from "../lambda/problems.ts";
import { readPhone } from "./phones.ts";

const SEVERAL = /@[^\s,;]+[\s,;].*@/s;
const email = z.email({
  error: ({ input }) =>
    SEVERAL.test(String(input))
      ? "expected one email address: write each in quotes of its own"
      : "expected an email address",
});

const emails = z
  .array(email, "expected a list of email addresses")
  .superRefine(
    refuseRepeats((email: string) => String(email).toLowerCase()),
    { when: isList },
  )
  .default([])
  .meta({ description: "Addresses that get every message. AWS asks each to confirm." });

const phone = z.string("expected a number in quotes, such as +4915112345667").transform((text, context) => {
  const reading = readPhone(text);
  if ("number" in reading) return reading.number;
  context.addIssue({ code: "custom", input: text, message: reading.problem });
  return z.NEVER;
});

const phones = z
  .array(phone, "expected a list of phone numbers")
  .superRefine(refuseRepeats(), { when: isList })
  .default([])
  .meta({
    description: "Numbers with + and the country, such as +4915112345667, that get SMS. See also sms.",
  });

const webhooks = z
  .array(
    z.strictObject(
      {
        name: accountName,
        kind: webhookKind
          .meta({ description: "What its address speaks, where the host does not tell." })
          .exactOptional(),
      },
      "expected an object with a name",
    ),
    "expected a list of webhooks",
  )
  // Of the 500 resources that a stack may have, each takes 7.
  .max(10, "expected at most 10 webhooks")
  .superRefine(
    refuseRepeats((own: { name: string } | null) => own?.name, "name"),
    { when: isList },
  )
  .default([])
  .meta({
    description:
      "Slack, Discord, Telegram, ntfy, Teams, Google Chat or any webhook, which get every message. The address of each is a SecureString, /kie-credit-alert/webhooks/NAME.",
  });

const MINUTES = "expected a whole number of minutes, 1 to 1440";
const everyMinutes = z
  .number(MINUTES)
  .multipleOf(1, MINUTES)
  .min(1, MINUTES)
  .max(1440, MINUTES)
  .default(DEFAULT_EVERY_MINUTES)
  .meta({ description: "Minutes between checks." });

const RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === "number" && days !== RetentionDays.INFINITE,
);
const logRetentionDays = z
  .literal(RETENTION_DAYS, `expected one of ${RETENTION_DAYS.join(", ")}`)
  .default(RetentionDays.ONE_MONTH)
  .meta({ description: "Days that CloudWatch keeps the logs." });

/**
 * What SSM takes as a name with a hierarchy: at most 15 levels, not beginning with aws or ssm, and at most
 * 1,011 characters with all of its ARN, of which up to 70 stand before the name. Without the flag for any case, since
 * neither JSON schemas nor CloudFormation have one.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export const API_KEY_PARAMETER = /^(?!\/([aA][wW][sS]|[sS][sS][mM]))(\/[\w.-]+){1,15}$/;

const apiKeyParameter = z
  .string("expected a parameter name")
  .regex(
    API_KEY_PARAMETER,
    "expected a parameter name such as /kie-credit-alert/kie/api-key: it begins with a slash, but not with /aws or /ssm, ends with none, and has at most 15 parts of letters, digits and . _ -",
  )
  .max(940, "expected at most 940 characters")
  .meta({
    description:
      "Name of the SecureString that holds the API key; by default /kie-credit-alert/NAME/api-key.",
  });

/** IAM policies know keys by their ARN only, not by an alias. */
const keyArn = z
  .string("expected the ARN of a KMS key")
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    "expected the ARN of a KMS key, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, not of an alias",
  )
  .nullable()
  .default(null);

const account = z.strictObject(
  {
    name: accountName.refine(
      (name) => name !== "webhooks",
      "expected another name: the addresses of webhooks stand under this one",
    ),
    apiKeyParameter: apiKeyParameter.exactOptional(),
    ...accountRules.partial().shape,
  },
  "expected an object with a name",
);

const accounts = z
  .array(account, "expected a list of accounts")
  .min(1, "expected at least one account")
  // Of the 500 resources that a stack may have, each takes 8, and each person one.
  .max(50, "expected at most 50 accounts")
  .superRefine(
    refuseRepeats((own: { name: string } | null) => own?.name, "name"),
    { when: isList },
  )
  .default([{ name: "kie" }])
  .meta({ description: "The Kie accounts. Each may have settings that differ from those for all." });

/** The rule of each setting. */
export const SETTINGS = z.strictObject(
  {
    $schema: z.string().optional(),
    emails,
    phones,
    webhooks,
    everyMinutes,
    accounts,
    ...PER_ACCOUNT.shape,
    logRetentionDays,
    apiKeyKmsKeyArn: keyArn.meta({
      description:
        "The customer key that encrypts the parameters with the API keys and the webhooks' addresses, if one does.",
    }),
    topicKmsKeyArn: keyArn.meta({
      description:
        "A customer key to encrypt the topic; its policy must let cloudwatch.amazonaws.com use it.",
    }),
    dashboard: z.boolean("expected true or false").default(false).meta({
      description:
        "Whether there is a dashboard, with metrics for its graphs; about $3.60 a month for one account.",
    }),
  },
  "expected an object of settings",
);
type Shape = z.output<typeof SETTINGS>;

const schema = SETTINGS
  // These run even if other fields are invalid, so that all problems are reported at once.
  .superRefine(refuseThresholdsThatDontFall, { when: hasAccounts })
  .superRefine(refuseOtherThingsForKeys, { when: hasAccounts });

/** What is deployed for one account. */
export interface AccountSettings extends PerAccount {
  readonly name: string;
  /** Name of the SecureString that holds the API key. */
  readonly apiKeyParameter: string;
}

/** One webhook. Its kind is told by its address's host if it has none here. */
export type WebhookSettings = Readonly<Shape["webhooks"][number]>;

/** What is deployed. `settings.schema.json` describes each field. */
export interface Settings extends Readonly<Omit<Shape, "accounts" | "$schema">> {
  /** At least one. */
  readonly accounts: readonly AccountSettings[];
}

/**
 * Validates settings. An account's own field wins over the one for all accounts.
 *
 * @param file - where they stand, for the error
 * @throws InvalidInputError that names every bad setting
 */
export function parseSettings(input: unknown, file: string): Settings {
  const { $schema: _, accounts, ...shared } = parseInput(`settings in ${file}`, schema, input, hint);
  return {
    ...shared,
    accounts: accounts.map(({ name, apiKeyParameter = `/kie-credit-alert/${name}/api-key`, ...own }) => ({
      name,
      apiKeyParameter,
      ...PER_ACCOUNT.parse({ ...shared, ...own }),
    })),
  };
}

/** The JSON schema of the settings, which gives completion in editors. */
export function settingsJsonSchema(): unknown {
  return z.toJSONSchema(schema, { io: "input" });
}

/** The parameter where an account's check keeps its memory, beside the key. */
export function memoryParameterOf(account: string): string {
  return `/kie-credit-alert/${account}/memory`;
}

/** The SecureString with a webhook's address. */
export function webhookParameterOf(webhook: string): string {
  return `/kie-credit-alert/webhooks/${webhook}`;
}

/** What to say about an unknown name: the one that is probably meant. */
function hint(unknownName: string, path: readonly PropertyKey[]): string | null {
  if (path[0] === "webhooks") {
    return "expected name and kind alone: the address is stored by npm run setup -- --webhook NAME";
  }
  const names = Object.keys(path.length === 0 ? SETTINGS.shape : account.shape);
  const closest = closestMatch(
    unknownName.toLowerCase(),
    names.map((name) => name.toLowerCase()),
    { maxDistance: 2 },
  );
  const meant = names.find((name) => name.toLowerCase() === closest);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (Object.hasOwn(SETTINGS.shape, unknownName)) return "it is for all accounts and stands outside of them";
  return Object.hasOwn(account.shape, unknownName) ? "it is for one account and stands in accounts" : null;
}

/** Thresholds must fall for each account, whatever its own fields, those for all and the defaults add up to. */
function refuseThresholdsThatDontFall(settings: Shape, { addIssue }: z.core.$RefinementCtx): void {
  for (const [index, account] of settings.accounts.entries()) {
    // Where it is no object, too, it sets nothing.
    const own = { ...account } as Partial<PerAccount>;
    checkPolicy({ ...settings, ...own }, (field, input, expected, limit) => {
      const isOwn = field in own || limit in own;
      const isDefault = !(field in own) && input === DEFAULT_POLICY[field];
      addIssue({
        code: "custom",
        path: isOwn ? ["accounts", index, field] : [field],
        input,
        message: isDefault ? `which is the default, ${expected}` : expected,
      });
    });
  }
}

/** Otherwise the memory would be sent to Kie as the API key. */
function refuseOtherThingsForKeys({ accounts }: Shape, { addIssue }: z.core.$RefinementCtx): void {
  const memories = accounts.map((own) => memoryParameterOf(own?.name));
  for (const [index, own] of accounts.entries()) {
    const apiKeyParameter = own?.apiKeyParameter;
    // It may be anything, if it is refused for its kind too.
    if (typeof apiKeyParameter !== "string") continue;
    const isMemory = memories.includes(apiKeyParameter);
    if (!isMemory && !apiKeyParameter.startsWith(webhookParameterOf(""))) continue;
    addIssue({
      code: "custom",
      path: ["accounts", index, "apiKeyParameter"],
      input: apiKeyParameter,
      message: `expected another parameter: that is where ${isMemory ? "an account's memory" : "a webhook's address"} is`,
    });
  }
}

/** Refuses items of a list of which an earlier one has the same key. */
function refuseRepeats<Item>(keyOf: (item: Item) => unknown = (item) => item, field?: string) {
  return (list: readonly Item[], { addIssue }: z.core.$RefinementCtx): void => {
    const keys = list.map(keyOf);
    for (const [index, key] of keys.entries()) {
      const first = keys.indexOf(key);
      if (key === undefined || first === index) continue;
      const path = field === undefined ? [index] : [index, field];
      const input = field === undefined ? list[index] : key;
      addIssue({
        code: "custom",
        path,
        input,
        message: `expected each ${field ?? "one"} once, but item ${first} is the same`,
      });
    }
  };
}

function isList({ value }: { readonly value: unknown }): boolean {
  return Array.isArray(value);
}

function hasAccounts({ value }: { readonly value: unknown }): boolean {
  return Array.isArray((value as Partial<Shape> | null)?.accounts);
}
