/**
 * `npm run template`: the stack for one account as one file, which people upload in CloudFormation's console. What they
 * fill in there stands where the settings stand otherwise, and the function's code stands in the file.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  App,
  Aws,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  type CfnParameterProps,
  DefaultStackSynthesizer,
  Duration,
  Fn,
  type IStackSynthesizer,
  Stack,
  Token,
} from "aws-cdk-lib";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import * as z from "zod";
import cdkJson from "../cdk.json" with { type: "json" };
import { TIME_ZONE_PATTERN } from "../lambda/fields.ts";
import packageJson from "../package.json" with { type: "json" };
import { CreditAlert } from "./account.ts";
import { type AccountSettings, API_KEY_PARAMETER, parseSettings } from "./settings.ts";
import { AlertTopic } from "./topic.ts";

/** The file that `npm run template` writes, in the folder where it runs. */
const TEMPLATE_FILE = "kie-credit-alert.template.json";

const STACK = "KieCreditAlert";

const { everyMinutes, logRetentionDays, dashboard, accounts } = parseSettings({}, "the template");
const [DEFAULTS] = accounts as [AccountSettings];

interface Parameter extends CfnParameterProps {
  readonly group: string;
  readonly label: string;
}

/**
 * What people fill in, in the console's order. CloudFormation matches a pattern with all of a value. They are strings,
 * since of a number it would take 0300 too, which is none in JSON; and none can hold what ends a string in JSON.
 */
const PARAMETERS = {
  Email: {
    group: "Who is told",
    label: "Email address",
    description:
      "Gets every message. AWS sends a link there first: do not click it, the Outputs tab says what to do with it.",
    allowedPattern: z.regexes.email.source,
    constraintDescription: "must be an email address.",
  },
  Phone: {
    group: "Who is told",
    label: "Phone number for SMS (may be empty)",
    description: "Gets what is critical. With + and the country, without blanks, such as +4915112345667.",
    default: "",
    // E.164
    allowedPattern: String.raw`^(\+[1-9][0-9]{6,14})?$`,
    constraintDescription: "must be empty, or a number such as +4915112345667.",
  },
  WarningCredits: {
    group: "When",
    label: "Warning at or below this many credits",
    description: "More than the number below; 1 to 999999999.",
    default: String(DEFAULTS.warningCredits),
    allowedPattern: "^[1-9][0-9]{0,8}$",
    constraintDescription: "must be a whole number, 1 to 999999999, without separators.",
  },
  CriticalCredits: {
    group: "When",
    label: "Critical at or below this many credits",
    description: "Less than the number above, or every check fails, which an alarm tells.",
    default: String(DEFAULTS.criticalCredits),
    allowedPattern: "^(0|[1-9][0-9]{0,8})$",
    constraintDescription: "must be a whole number, 0 to 999999999, without separators.",
  },
  TimeZone: {
    group: "Details",
    label: "Time zone of the times in messages",
    description: "UTC, or an area and a city such as Europe/Berlin or America/New_York.",
    default: DEFAULTS.timeZone,
    allowedPattern: TIME_ZONE_PATTERN.source,
    constraintDescription: "must be UTC, or an area and a city such as Europe/Berlin.",
  },
  ApiKeyParameter: {
    group: "Details",
    label: "Where your Kie API key is",
    description:
      "The name of the SecureString in Parameter Store, in this same region. Never the key itself.",
    default: DEFAULTS.apiKeyParameter,
    // A memory or a webhook's address is no key, and would be sent to Kie.
    allowedPattern: `^(?!/kie-credit-alert/(.*/memory$|webhooks/))${API_KEY_PARAMETER.source.slice(1)}`,
    maxLength: 940,
    constraintDescription: "must be the name of a parameter, such as /kie-credit-alert/kie/api-key.",
  },
} as const satisfies Record<string, Parameter>;

type Values = Readonly<Record<keyof typeof PARAMETERS, CfnParameter>>;

/** The constructs of the CDK app for one account, by what is filled in. */
class TemplateStack extends Stack {
  constructor(scope: Construct) {
    super(scope, STACK, {
      description: `Tells you before your prepaid Kie.ai credits run out. From the template for the browser, version ${packageJson.version}`,
      // Without the parameter and the rule that ask for a bootstrap. The cast is for exactOptionalPropertyTypes.
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
    });
    const values = this.ask();
    const { topic } = new AlertTopic(this, "Alerts", {
      emails: [values.Email.valueAsString],
      phones: [values.Phone.valueAsString],
      webhooks: [],
      consoleOnly: true,
    });
    this.subscribePhoneIfAny(values.Phone);
    const creditAlert = new CreditAlert(this, DEFAULTS.name, {
      account: {
        ...DEFAULTS,
        apiKeyParameter: values.ApiKeyParameter.valueAsString,
        // The parameters' type is String, so their own valueAsNumber refuses.
        warningCredits: Token.asNumber(values.WarningCredits.value),
        criticalCredits: Token.asNumber(values.CriticalCredits.value),
        timeZone: values.TimeZone.valueAsString,
      },
      // By the stack's name, so that no other stack has the same one.
      memoryParameter: `/kie-credit-alert/${Aws.STACK_NAME}/memory`,
      consoleOnly: true,
      tellsAudience: true,
      emitsMetrics: dashboard,
      interval: Duration.minutes(everyMinutes),
      topic,
      logRetention: logRetentionDays,
    });
    this.sayWhatNext(values.Email, creditAlert);
  }

  private ask(): Values {
    const entries: [string, Parameter][] = Object.entries(PARAMETERS);
    const groups = Map.groupBy(entries, ([, { group }]) => group);
    this.templateOptions.metadata = {
      "AWS::CloudFormation::Interface": {
        ParameterGroups: Array.from(groups, ([group, members]) => ({
          Label: { default: group },
          Parameters: members.map(([name]) => name),
        })),
        ParameterLabels: Object.fromEntries(entries.map(([name, { label }]) => [name, { default: label }])),
      },
    };
    const made = entries.map(([name, { group: _, label: __, ...props }]) => [
      name,
      new CfnParameter(this, name, props),
    ]);
    return Object.fromEntries(made) as Values;
  }

  private subscribePhoneIfAny(phone: CfnParameter): void {
    const expression = Fn.conditionNot(Fn.conditionEquals(phone.valueAsString, ""));
    const hasPhone = new CfnCondition(this, "HasPhone", { expression });
    for (const each of this.node.findAll()) {
      if (each instanceof CfnSubscription && each.protocol === "sms") each.cfnOptions.condition = hasPhone;
    }
  }

  private sayWhatNext(email: CfnParameter, { function: { functionName } }: CreditAlert): void {
    new CfnOutput(this, "Step1", {
      description: "Confirm. Nobody is told before that.",
      value: `In the email "AWS Notification - Subscription Confirmation" to ${email.valueAsString} copy the link, do not click it. Within 48 hours open https://${this.region}.console.aws.amazon.com/sns/v3/home?region=${this.region}#/subscriptions and there choose the pending one, choose Confirm subscription, and paste the link`,
    });
    new CfnOutput(this, "Step2", {
      description: "Let it check once: on the Test tab, write {} as the Event JSON and choose Test.",
      value: `https://${this.region}.console.aws.amazon.com/lambda/home?region=${this.region}#/functions/${functionName}?tab=testing`,
    });
    new CfnOutput(this, "Step3", {
      description: "Later",
      value: "To change what you filled in, or for a newer version: choose Update on this stack",
    });
  }
}

/** The template, as the text of its file. */
export function buildTemplate(): string {
  const outdir = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
  try {
    const app = new App({ outdir, context: cdkJson.context, analyticsReporting: false });
    const stack = new TemplateStack(app);
    const { template } = app.synth().getStackArtifact(stack.artifactId);
    for (const resource of Object.values<Resource>(template.Resources)) {
      if (resource.Type !== "AWS::Lambda::Function") continue;
      const { Code } = resource.Properties;
      const asset = join(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`);
      Object.assign(resource.Properties, {
        Code: { ZipFile: readFileSync(join(asset, "index.js"), "utf8") },
      });
      // The reference to the role says it already, so cfn-lint finds it one too many, wherever this file is.
      delete resource.DependsOn;
    }
    return `${JSON.stringify(template, null, 1)}\n`;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface Resource {
  readonly Type: string;
  /** Of a function, as the CDK writes it. */
  readonly Properties: { readonly Code: { readonly S3Key: string } };
  DependsOn?: unknown;
}

/** Writes the file, and says what it is for. */
export function main(
  args: readonly string[],
  { stdout }: { readonly stdout: NodeJS.WritableStream },
): number {
  if (args.length > 0) {
    stdout.write(`npm run template: writes ${TEMPLATE_FILE}, for docs/browser.md. It has no options.\n`);
    return args.some((arg) => /^(-h|--help)$/.test(arg)) ? 0 : 1;
  }
  writeFileSync(TEMPLATE_FILE, buildTemplate());
  stdout.write(`${TEMPLATE_FILE} is written. Upload it in CloudFormation's console: docs/browser.md\n`);
  return 0;
}
