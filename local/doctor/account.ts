/** One account: its key, its rule and its checks. */
import { DescribeRuleCommand, ListRuleNamesByTargetCommand } from "@aws-sdk/client-eventbridge";
import { SILENT_INTERVALS, TRY_A_CHECK } from "../../infra/alarms.ts";
import { createKie } from "../../lambda/adapters/kie.ts";
import { DEFAULT_EVERY_MINUTES } from "../../lambda/config.ts";
import { adviceOn, newKeyCommand } from "../../lambda/messages/advice.ts";
import { formatCredits, formatHours, formatNumber, formatTime } from "../../lambda/messages/format.ts";
import { parseMemory } from "../../lambda/policy/memory.ts";
import type { Reading } from "../../lambda/policy/reading.ts";
import { HOUR_MS } from "../../lambda/policy/time.ts";
import { type Aws, readMetric } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import type { DeployedFunction } from "../deployed/functions.ts";
import { type KeyParameter, readKeyParameter } from "../deployed/key-parameter.ts";
import {
  DEPLOY,
  error,
  type Finding,
  fine,
  judged,
  known,
  type Seen,
  see,
  type Verdict,
  warning,
} from "../findings.ts";
import { withHostAdvice } from "../host-advice.ts";

/** Metrics arrive minutes late, which matters if checks are a minute apart. */
const MIN_SPAN_MINUTES = 20;

/**
 * How far back the last check is looked for. CloudWatch answers with 1,440 values at most, and refuses a span that
 * touches more periods: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
const LONG_HOURS = 59 * 24;

type Account = Pick<DeployedFunction["config"], "account" | "apiKeyParameter" | "consoleOnly">;

export interface AccountFacts {
  readonly config: Account;
  readonly keyParameter: Seen<KeyParameter>;
  /** Who is asked whether the key works. */
  readonly host: string;
  /** What Kie says to the key; null if there is none to ask with. */
  readonly reading: Reading | null;
  readonly rules: Seen<readonly Rule[]>;
  /** Hours without a check that are too many. */
  readonly silentHours: number;
  /** Of so many hours. */
  readonly checks: Seen<Checks>;
}

/** @param baseUrl - where Kie is asked */
export async function readAccount(
  aws: Aws,
  deployed: DeployedFunction,
  baseUrl: string,
): Promise<AccountFacts> {
  const { config } = deployed;
  const [keyParameter, rules] = await Promise.all([
    see(readKeyParameter(aws, config.apiKeyParameter)),
    see(readRules(aws, deployed.arn)),
  ]);
  const key = known(keyParameter)?.value.trim();
  const silentHours = silentHoursOf(known(rules) ?? []);
  const [reading, checks] = await Promise.all([
    key ? createKie(baseUrl)(key).then(withHostAdvice) : null,
    see(readChecks(aws, deployed, silentHours)),
  ]);
  const { host } = new URL(baseUrl);
  return { config, keyParameter, host, reading, rules, silentHours, checks };
}

/** @param changedAt - of the stack, in epoch milliseconds */
export function judgeAccount(
  facts: AccountFacts,
  changedAt: number,
  timeZone: string,
): readonly (Finding | null)[] {
  const { config, keyParameter, host, reading, rules, silentHours: hours, checks } = facts;
  const isReadable = known(keyParameter) !== null;
  const isNew = changedAt > Date.now() - hours * HOUR_MS;
  return [
    judged("Key parameter", keyParameter, (seen) => judgeKeyParameter(seen, config)),
    judged("Key", { isReadable, reading }, (seen) => judgeKey(seen, host, config)),
    judged("Rule", rules, judgeRules),
    judged("Checks", checks, (seen) => judgeChecks(seen, { hours, isNew }, timeZone)),
  ];
}

export function judgeKeyParameter(
  { type, value }: KeyParameter,
  { account, apiKeyParameter: name }: Account,
): Verdict {
  // No line that holds the key: it would stand in the shell's history and in the list of processes.
  const put = "Store a key: npm run setup";
  if (type === null) return error(`there is no ${name}`, put);
  if (type !== "SecureString") {
    return error(
      `${name} is a ${type}, which is not encrypted`,
      `Make a new key on https://kie.ai/api-key, revoke this one, and store the new one: ${newKeyCommand(account)}`,
    );
  }
  if (value.trim() === "") return error(`${name} is empty`, put);
  return fine(`${name}, a SecureString`);
}

/**
 * @param isReadable - whether the parameter could be looked at from here
 * @param reading - null if there was no key to ask with
 * @param host - who was asked
 */
export function judgeKey(
  { isReadable, reading }: { readonly isReadable: boolean; readonly reading: Reading | null },
  host: string,
  config: Account,
): Verdict | null {
  if (reading === null) {
    // That there is no key is told already.
    if (isReadable) return null;
    return warning(
      "not tried, since the key can't be read from here",
      "The function may be able to: npm run check -- --deployed --dry-run",
    );
  }
  if (reading.kind === "credits") {
    return fine(`works from this machine: ${formatCredits(reading.credits)}, says ${host}`);
  }
  const { reason, detail, permanent } = reading.failure;
  const { meaning, steps } = adviceOn(reason, config);
  const text = `${reason}: ${detail}`;
  return permanent
    ? error(text, ...steps.map((step) => step.trim()))
    : warning(text, meaning, "Look again in a while, and at this machine's own connection.");
}

/** A rule that starts the function. */
export interface Rule {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Such as rate(15 minutes). */
  readonly schedule: string;
}

async function readRules({ events }: Aws, functionArn: string): Promise<readonly Rule[]> {
  const { RuleNames = [] } = await events
    .send(new ListRuleNamesByTargetCommand({ TargetArn: functionArn }))
    .catch(AwsProblem.thrower(`events:ListRuleNamesByTarget of ${functionArn}`));
  return Promise.all(
    RuleNames.map(async (name) => {
      const { State, ScheduleExpression = "" } = await events
        .send(new DescribeRuleCommand({ Name: name }))
        .catch(AwsProblem.thrower(`events:DescribeRule of ${name}`));
      return { name, isEnabled: State !== "DISABLED", schedule: ScheduleExpression };
    }),
  );
}

export function judgeRules(rules: readonly Rule[]): Verdict {
  const [first] = rules;
  if (first === undefined) return error("there is none: the check never runs", DEPLOY);
  const [enabled, ...more] = rules.filter(({ isEnabled }) => isEnabled);
  if (enabled === undefined) {
    return error("disabled: the check never runs", `aws events enable-rule --name ${first.name}`);
  }
  if (more.length > 0) {
    return warning(
      `${more.length + 1} are enabled, so that each check runs ${more.length + 1} times`,
      "Disable all but one:",
      ...[enabled, ...more].map(({ name }) => `aws events disable-rule --name ${name}`),
    );
  }
  const minutes = intervalMinutes(enabled);
  return fine(`enabled, every ${minutes === null ? enabled.schedule : formatHours(minutes / 60)}`);
}

const UNIT_MINUTES = { minute: 1, hour: 60, day: 1440 } as const;

/** Minutes between checks; null if the schedule is no rate. */
export function intervalMinutes({ schedule }: Rule): number | null {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  return unit === undefined ? null : Number(count) * UNIT_MINUTES[unit as keyof typeof UNIT_MINUTES];
}

/** Hours without a check that are too many. */
export function silentHoursOf(rules: readonly Rule[]): number {
  const minutes = rules.map(intervalMinutes).find((found) => found !== null) ?? DEFAULT_EVERY_MINUTES;
  return Math.max(MIN_SPAN_MINUTES, SILENT_INTERVALS * minutes) / 60;
}

/** What AWS's own metric of the function tells, and what the last check remembers. */
export interface Checks {
  /** Those by hand, too. */
  readonly checks: number;
  /** Epoch milliseconds of the last one, to the period of the metric; null if there was none for 59 days. */
  readonly lastAt: number | null;
  /** Since when there is no reading, in epoch milliseconds; null if there is one. */
  readonly failingSince: number | null;
}

/** Looks at the last `hours`, and further back for the last check if there was none. */
async function readChecks(
  aws: Aws,
  { name, config: { memoryParameter } }: DeployedFunction,
  hours: number,
): Promise<Checks> {
  const samples = (back: number) =>
    readMetric(aws, {
      namespace: "AWS/Lambda",
      metric: "Invocations",
      dimension: ["FunctionName", name],
      from: Date.now() - back * HOUR_MS,
      periodSeconds: back < 24 ? 60 : 3_600,
      statistics: ["Sum"],
    });
  const [points, { value }] = await Promise.all([samples(hours), readKeyParameter(aws, memoryParameter)]);
  const last = points.at(-1) ?? (await samples(LONG_HOURS)).at(-1);
  return {
    checks: points.reduce((total, { Sum = 0 }) => total + Sum, 0),
    lastAt: last?.Timestamp?.getTime() ?? null,
    failingSince: parseMemory(value || undefined).memory.seen.failing?.since ?? null,
  };
}

/**
 * @param hours - what was looked back at
 * @param isNew - whether the deployment is not older than that
 */
export function judgeChecks(
  { checks, lastAt, failingSince }: Checks,
  { hours, isNew }: { readonly hours: number; readonly isNew: boolean },
  timeZone: string,
): Verdict {
  const last = lastAt === null ? "" : `the last one ${formatTime(lastAt, timeZone)}`;
  if (checks === 0) {
    const text = lastAt === null ? "no check has ever started" : `none in ${formatHours(hours)}, ${last}`;
    return isNew
      ? warning(`${text}, but the deployment is new`, "Run one now: npm run check -- --deployed")
      : error(text, TRY_A_CHECK);
  }
  const text = `${formatNumber(checks)} in ${formatHours(hours)}, ${last}`;
  return failingSince === null
    ? fine(text)
    : warning(`${text}, but no reading since ${formatTime(failingSince, timeZone)}`, TRY_A_CHECK);
}
