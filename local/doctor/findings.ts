/** What the doctor makes of what it sees: one small function for each finding, with no look at the world. */
import { adviceOn } from "../../lambda/messages/advice.ts";
import {
  formatCredits,
  formatDollars,
  formatHours,
  formatNumber,
  formatTime,
} from "../../lambda/messages/format.ts";
import type { Reading } from "../../lambda/policy/reading.ts";
import { AwsProblem } from "../aws-problem.ts";
import type { CommandError } from "../command.ts";

export type Mark = "fine" | "warning" | "cross";

/** What something looks like, and how to mend it where it isn't fine. */
export interface Verdict {
  readonly mark: Mark;
  readonly text: string;
  /** One step a line. */
  readonly mend: readonly string[];
}

export interface Finding extends Verdict {
  /** What was looked at, in a word or two. */
  readonly subject: string;
}

/** What was seen, or what AWS said instead of showing it. */
export type Look<Seen> = { readonly seen: Seen } | { readonly problem: CommandError };

const fine = (text: string): Verdict => ({ mark: "fine", text, mend: [] });
const warning = (text: string, ...mend: readonly string[]): Verdict => ({ mark: "warning", text, mend });
const cross = (text: string, ...mend: readonly string[]): Verdict => ({ mark: "cross", text, mend });

/** 2 where anything is broken, 1 where anything deserves a look, else 0. */
export function exitCodeOfFindings(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ mark }) => mark === "cross")) return 2;
  return findings.some(({ mark }) => mark === "warning") ? 1 : 0;
}

/** What may not be looked at may be fine, so it is no more than a warning. */
export function find<Seen>(subject: string, look: Look<Seen>, judge: (seen: Seen) => Verdict): Finding {
  return { subject, ...("seen" in look ? judge(look.seen) : judgeProblem(look.problem)) };
}

function judgeProblem(problem: CommandError): Verdict {
  if (!(problem instanceof AwsProblem)) return cross(problem.message);
  if (problem.kind === "denied") {
    return warning(`unknown: ${problem.message}`, "Allow it to these credentials, or look with others.");
  }
  // Such as a call too many in a second: that says nothing of what was to be looked at.
  return problem.kind === "other"
    ? warning(`unknown: ${problem.message}`, "Look again in a while.")
    : cross(problem.message);
}

const DEPLOY = "Deploy with npm run deploy, and the options of the last time.";

export interface Identity {
  readonly account: string;
  readonly who: string;
  readonly region: string;
}

export function judgeCredentials({ account, who, region }: Identity): Verdict {
  return fine(`AWS account ${account} as ${who}, region ${region}`);
}

export interface StackState {
  readonly status: string;
  /** Epoch milliseconds of the last change. */
  readonly changedAt: number;
}

/** @param timeZone - to show times in, as an IANA name */
export function judgeStack({ status, changedAt }: StackState, timeZone: string): Verdict {
  const text = `${status}, ${formatTime(changedAt, timeZone)}`;
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return fine(text);
  if (status.endsWith("_IN_PROGRESS"))
    return warning(`${text}: it is being changed`, "Look again in a while.");
  if (status === "UPDATE_ROLLBACK_COMPLETE") {
    return warning(`${text}: the last deployment failed, and the one before it runs`, DEPLOY);
  }
  return cross(text, "See what failed in the stack's events: npx cdk deploy shows them.");
}

export function judgeFunctions(functions: readonly { readonly name: string }[]): Verdict {
  return fine(functions.map(({ name }) => name).join(", "));
}

/** @param built - the asset that this checkout builds; null where it builds none */
export function judgeCode(deployed: readonly string[], built: string | null): Verdict {
  if (built === null) {
    return warning("unknown, since this checkout can't be built", "See why: npm run synth");
  }
  if (deployed.length > 0 && deployed.every((asset) => asset === built)) {
    return fine(`what this checkout builds, ${shortAsset(built)}`);
  }
  const there = deployed.map(shortAsset).join(", ") || "none that is known";
  return warning(`deployed is ${there}, but this checkout builds ${shortAsset(built)}`, DEPLOY);
}

function shortAsset(asset: string): string {
  return asset.slice(0, 12);
}

export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
  readonly isConfirmed: boolean;
}

export function judgeSubscriptions(subscriptions: readonly Subscription[]): Verdict {
  const confirmed = subscriptions.filter(({ isConfirmed }) => isConfirmed);
  const pending = subscriptions.filter(({ isConfirmed }) => !isConfirmed);
  const text = [
    `${confirmed.length} confirmed${list(confirmed)}`,
    ...(pending.length > 0 ? [`${pending.length} pending${list(pending)}`] : []),
  ].join(", ");
  const confirm = "Open the link in the email from AWS Notifications; it may be among the spam.";
  const subscribe =
    "Subscribe: npm run deploy -- -c email=you@example.com, and the options of the last time.";
  if (confirmed.length === 0) {
    return cross(`${text}: nobody is told`, pending.length > 0 ? confirm : subscribe);
  }
  if (pending.length > 0) return warning(text, confirm);
  if (confirmed.every(({ protocol }) => protocol === "sms")) {
    return warning(
      `${text}: nobody is told when the check itself fails, which alarms tell by email`,
      subscribe,
    );
  }
  return fine(text);
}

function list(subscriptions: readonly Subscription[]): string {
  if (subscriptions.length === 0) return "";
  return ` (${subscriptions.map(({ protocol, endpoint }) => `${protocol} ${shortEndpoint(endpoint)}`).join(", ")})`;
}

/** Enough to know it by. The rest is nobody's business who looks over a shoulder or reads a pasted output. */
export function shortEndpoint(endpoint: string): string {
  if (URL.canParse(endpoint) && /^https?:/.test(endpoint)) return new URL(endpoint).host;
  if (endpoint.startsWith("arn:")) return endpoint.split(":").at(-1) ?? "";
  const [name = "", domain] = endpoint.split("@");
  return domain === undefined ? `…${endpoint.slice(-2)}` : `${name.slice(0, 1)}…@${domain}`;
}

/** The phones that are subscribed to a topic. */
export function phonesOf(subscriptions: readonly Subscription[]): readonly string[] {
  return subscriptions.filter(({ protocol }) => protocol === "sms").map(({ endpoint }) => endpoint);
}

export interface Sandbox {
  readonly isInSandbox: boolean;
  readonly verified: readonly string[];
}

const LEAVE_SANDBOX = [
  "Verify the phone: aws sns create-sms-sandbox-phone-number --phone-number NUMBER, then verify-sms-sandbox-phone-number,",
  "or ask AWS to let the account out: the SNS console, Text messaging (SMS), Exit SMS sandbox.",
];

/**
 * In the sandbox of a new AWS account SNS drops an SMS to any number but a verified one, and says nothing.
 *
 * @param phones - those subscribed; null where that is not known
 */
export function judgeSandbox({ isInSandbox, verified }: Sandbox, phones: readonly string[] | null): Verdict {
  if (!isInSandbox) return fine("the AWS account is out of it");
  if (phones === null) return warning("in it: only verified phones get SMS", ...LEAVE_SANDBOX);
  const unverified = phones.filter((phone) => !verified.includes(phone));
  if (unverified.length === 0) return fine("in it, but every subscribed phone is verified");
  return cross(
    `in it, and not verified: ${unverified.map(shortEndpoint).join(", ")}, which gets no SMS`,
    ...LEAVE_SANDBOX,
  );
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
  if (spent >= limit) return cross(`${text}: no more SMS are sent`, raise);
  return spent >= limit * NEARLY_SPENT ? warning(text, raise) : fine(text);
}

/** What SSM has under the key's name; the value is looked at and never shown. */
export interface KeyParameter {
  readonly type: string;
  readonly value: string;
}

export function judgeKeyParameter(parameter: KeyParameter | null, name: string): Verdict {
  const put = `aws ssm put-parameter --type SecureString --name ${name} --value YOUR_KEY`;
  if (parameter === null) return cross(`there is no ${name}`, put);
  if (parameter.type !== "SecureString") {
    return cross(
      `${name} is a ${parameter.type}, which is not encrypted`,
      "Make a new key on https://kie.ai/api-key and revoke this one; a parameter's type can't be changed:",
      `aws ssm delete-parameter --name ${name}`,
      put,
    );
  }
  if (parameter.value.trim() === "") return cross(`${name} is empty`, `${put} --overwrite`);
  return fine(`${name}, a SecureString`);
}

/**
 * @param reading - null where there was no key to ask with
 * @param host - whom was asked
 */
export function judgeKey(reading: Reading | null, host: string, apiKeyParameter: string): Verdict {
  if (reading === null) {
    return warning(
      "not tried, since the key can't be read from here",
      "The function may be able to: npm run check -- --deployed --dry-run",
    );
  }
  if (reading.kind === "credits") {
    return fine(`works from this machine: ${formatCredits(reading.credits)}, says ${host}`);
  }
  const { reason, detail, permanent } = reading.failure;
  const { meaning, steps } = adviceOn(reason, apiKeyParameter);
  const text = `${reason}: ${detail}`;
  return permanent
    ? cross(text, ...steps.map((step) => step.trim()))
    : warning(text, meaning, "Look again in a while, and at this machine's own connection.");
}

/** A rule that starts the function. */
export interface Rule {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Such as rate(15 minutes). */
  readonly schedule: string;
}

export function judgeRule(rules: readonly Rule[]): Verdict {
  const [first] = rules;
  if (first === undefined) return cross("there is none: the check never runs", DEPLOY);
  const enabled = rules.find(({ isEnabled }) => isEnabled);
  if (enabled === undefined) {
    return cross("disabled: the check never runs", `aws events enable-rule --name ${first.name}`);
  }
  const minutes = intervalMinutes(enabled);
  return fine(`enabled, every ${minutes === null ? enabled.schedule : formatHours(minutes / 60)}`);
}

const UNIT_MINUTES = { minute: 1, hour: 60, day: 1440 } as const;

/** Minutes between checks; null where the schedule is no rate. */
export function intervalMinutes({ schedule }: Rule): number | null {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  return unit === undefined ? null : Number(count) * UNIT_MINUTES[unit as keyof typeof UNIT_MINUTES];
}

/** What the metric CheckFailed tells of the checks in a span of time. */
export interface Heartbeat {
  readonly checks: number;
  /** Those that got no reading. */
  readonly failed: number;
  /** Epoch milliseconds of the last one, to the period of the metric; null where there was none. */
  readonly lastAt: number | null;
  readonly hasLastFailed: boolean;
}

interface Circumstances {
  /** What was looked back at. */
  readonly hours: number;
  /** Whether what is looked at is not older than that. */
  readonly isNew: boolean;
  /** IANA name. */
  readonly timeZone: string;
}

export function judgeHeartbeat(
  { checks, failed, lastAt, hasLastFailed }: Heartbeat,
  { hours, isNew, timeZone }: Circumstances,
): Verdict {
  const span = `in ${formatHours(hours)}`;
  if (lastAt === null) {
    return isNew
      ? warning(`no check ${span}, but the deployment is new`, "Look again after the first interval.")
      : cross(
          `no check came to its end ${span}`,
          "See what happens when it runs: npm run check -- --deployed --dry-run",
        );
  }
  const text = `${formatNumber(checks)} ${checks === 1 ? "check" : "checks"} ${span}, the last one ${formatTime(lastAt, timeZone)}`;
  if (hasLastFailed) {
    return warning(`${text}, got no reading`, "See why: npm run check -- --deployed --dry-run");
  }
  return fine(failed === 0 ? text : `${text}; ${formatNumber(failed)} got no reading`);
}

export interface AlarmState {
  readonly state: string;
  readonly hasActions: boolean;
  /** Epoch milliseconds. */
  readonly configuredAt: number;
}

/** Tells when the check throws. */
export function judgeErrorsAlarm(alarm: AlarmState | null, logGroup: string): Verdict {
  return judgeAlarm(alarm, ({ state }) => {
    if (state === "OK") return fine("OK: no check breaks off");
    return state === "ALARM"
      ? cross("ALARM: checks break off with an error", `Read the errors: aws logs tail ${logGroup}`)
      : warning(`${state}: nothing is known yet`, "Look again after two intervals.");
  });
}

/**
 * Tells when checks stop. It is OK, or without data: see infra/account.ts.
 *
 * @param newSince - from when on an alarm is too new to know anything, in epoch milliseconds
 */
export function judgeSilenceAlarm(alarm: AlarmState | null, newSince: number): Verdict {
  return judgeAlarm(alarm, ({ state, configuredAt }) => {
    if (state === "OK") return fine("OK: checks come to their end");
    return configuredAt > newSince
      ? warning(`${state}: the deployment is new`, "Look again after the first interval.")
      : cross(
          `${state}: checks have stopped`,
          "See what happens when one runs: npm run check -- --deployed --dry-run",
        );
  });
}

function judgeAlarm(alarm: AlarmState | null, judge: (alarm: AlarmState) => Verdict): Verdict {
  if (alarm === null) return cross("there is none: nobody is told when the check itself fails", DEPLOY);
  const verdict = judge(alarm);
  if (alarm.hasActions || verdict.mark === "cross") return verdict;
  return warning(`${alarm.state}, but its actions are off: nobody is told`, DEPLOY);
}

/** @param group - null where there is no such log group */
export function judgeLogs(group: { readonly retentionDays: number | null } | null, name: string): Verdict {
  if (group === null) return warning(`there is no ${name}: what the check says is lost`, DEPLOY);
  return group.retentionDays === null
    ? warning(
        `${name}, kept for ever, at a cost`,
        `aws logs put-retention-policy --log-group-name ${name} --retention-in-days 30`,
      )
    : fine(`${name}, kept for ${group.retentionDays} ${group.retentionDays === 1 ? "day" : "days"}`);
}
