/** The command `npm run check`: the same check on a laptop without AWS, or by the deployed functions. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { createKie } from "../../lambda/adapters/kie.ts";
import { checkCredits } from "../../lambda/check-credits.ts";
import { type Config, DEFAULT_KIE_BASE_URL } from "../../lambda/config.ts";
import { accountName, decimal, kieBaseUrl } from "../../lambda/fields.ts";
import { type Invocation, snoozeHours } from "../../lambda/invocation.ts";
import type { Message } from "../../lambda/messages/message.ts";
import { amount, checkPolicy, DEFAULT_POLICY, POLICY, type Policy } from "../../lambda/policy/rules.ts";
import type { Ports } from "../../lambda/ports.ts";
import { parseInput } from "../../lambda/problems.ts";
import { CommandError, createCommand, localTimeZone, readDeclared, run, styleFor } from "../command.ts";
import { LOCAL_CONFIG } from "../config.ts";
import { renderSection } from "../doctor/view.ts";
import { createMemoryFile } from "./memory-file.ts";
import { type Outcome, worstExitCode } from "./outcome.ts";
import { lacksLocalKey, renderMessage, renderOutcomes, renderSnooze, type Style } from "./view.ts";

const command = createCommand(
  "check",
  "Checks the Kie.ai credits of the key in KIE_API_KEY once, and shows the alert that is due.\n" +
    "With --deployed, the deployed functions check, and send the alert that is due.",
).addHelpText(
  "after",
  `
With --deployed, --dry-run publishes and saves nothing, --test sends a test message through every channel,
and several accounts give a table and the worst exit code. Credentials and region are those of the AWS CLI.

The first line is for monitoring plugins, and so are the exit codes:
  0  ok; or enough for --need
  1  warning
  2  critical or empty; or not enough for --need; or a --test that nobody would hear
  3  unknown: no reading, a check that failed, AWS out of reach, --timeout, or a bad option`,
);

const EXPECTED_TIMEOUT = "expected 1 to 3600 seconds";
const seconds = z.number().min(1, EXPECTED_TIMEOUT).max(3_600, EXPECTED_TIMEOUT);
const fileName = z.string().min(1, "expected a file's name");

const flag = (help: string) => ({ help, value: z.boolean().default(false) });
const option = <Value extends z.ZodType>(argument: string, help: string, value: Value) => ({
  argument,
  help,
  value,
});

/** An option for a threshold. It gets its default in `policyOf`, so that a problem with it can say that it is one. */
const threshold = (field: keyof typeof POLICY_OPTIONS, argument: string, help: string) =>
  option(
    argument,
    `${help} (default: ${DEFAULT_POLICY[field]})`,
    decimal(POLICY.shape[field].unwrap()).optional(),
  );

const POLICY_OPTIONS = {
  warningCredits: "--warning",
  criticalCredits: "--critical",
  warningHours: "--warning-hours",
  criticalHours: "--critical-hours",
} as const;

const OPTIONS = {
  "--json": flag("print the report of each account as a line of JSON; all else goes to standard error"),
  "--memory": option(
    "<file>",
    "keep state in this file, so that an alert is shown once and the runway can be estimated",
    fileName.optional(),
  ),
  "--need": option(
    "<credits>",
    "is the balance enough for a job of this many credits? It decides the exit code alone",
    decimal(amount).nullable().default(null),
  ),
  "--warning": threshold("warningCredits", "<credits>", "warn at or below this many"),
  "--critical": threshold("criticalCredits", "<credits>", "critical at or below this many"),
  "--warning-hours": threshold(
    "warningHours",
    "<hours>",
    "warn if the credits last this long or less, 0 for never",
  ),
  "--critical-hours": threshold("criticalHours", "<hours>", "the same for critical"),
  "--snooze": option(
    "<hours>",
    "no reminders for 1 to 168 hours, unless it gets worse; 0 ends that",
    decimal(snoozeHours).nullable().default(null),
  ),
  "--dry-run": flag("show and remember no alert; the report says what would be told"),
  "--test": flag("show a test message as people would get it"),
  "--timeout": option("<seconds>", "give up after so long, with exit code 3", decimal(seconds).optional()),
  "--base-url": option("<url>", `ask this instead of ${DEFAULT_KIE_BASE_URL}`, kieBaseUrl.optional()),
  "--deployed": flag("check by the deployed function of each account, with its key, memory and thresholds"),
  "--account": option("<name>", "only this account of the stack", accountName.optional()),
} as const;

type Given = { readonly [Name in keyof typeof OPTIONS]: z.output<(typeof OPTIONS)[Name]["value"]> };

/** A deployed function has its own. */
const ONLY_LOCAL = ["--memory", ...Object.values(POLICY_OPTIONS), "--base-url"] as const;

/** The rules that concern more than one option. */
const combination = z.custom<Given>().superRefine((given, context) => {
  const refuse = (name: keyof Given, message: string, input: unknown = given[name]) =>
    context.addIssue({ code: "custom", path: [name], input, message });

  const { "--deployed": isDeployed, "--snooze": snooze, "--memory": memory } = given;
  if (snooze !== null) {
    const rehearsal = (["--test", "--dry-run"] as const).find((name) => given[name]);
    if (rehearsal) refuse("--snooze", `expected none beside ${rehearsal}, which remembers nothing`);
    else if (!isDeployed && memory === undefined)
      refuse("--snooze", "expected only beside --deployed or --memory");
  }
  if (isDeployed) {
    for (const name of ONLY_LOCAL.filter((each) => given[each] !== undefined))
      refuse(name, "expected nothing beside --deployed: the function has its own");
    return;
  }
  if (given["--account"] !== undefined) refuse("--account", "expected only beside --deployed");
  checkPolicy(policyOf(given), (field, value, expected) => {
    const name = POLICY_OPTIONS[field];
    refuse(name, given[name] === undefined ? `which is the default, ${expected}` : expected, value);
  });
});

function policyOf(given: Given): Policy {
  const set = Object.entries(POLICY_OPTIONS).map(([field, name]) => [field, given[name]]);
  return POLICY.parse(Object.fromEntries(set));
}

await run(async () => {
  const given = parseInput("options", combination, readDeclared(command, OPTIONS));
  const isJson = given["--json"];
  if (given["--timeout"] !== undefined) exitAfter(given["--timeout"], isJson);

  const messages: Message[] = [];
  const outcomes = given["--deployed"] ? await checkByFunctions(given) : [await checkHere(given, messages)];
  const print = isJson ? console.error : console.log;
  const style = styleFor(isJson ? process.stderr : process.stdout);
  if (isJson) {
    for (const { config, report, error } of outcomes) {
      console.log(JSON.stringify(report ?? { account: config.account, error }));
    }
  } else {
    print(renderOutcomes(outcomes, style));
  }
  if (!outcomes.some(lacksLocalKey)) {
    const shown = { hasReminders: given["--memory"] !== undefined, withDocument: isJson };
    for (const message of messages) print(`\n${renderMessage(message, shown, style)}`);
  }
  const snooze = given["--snooze"];
  if (snooze !== null) {
    for (const { config, report } of outcomes) {
      if (report) print(`\n${renderSnooze(snooze, report, config.timeZone)}`);
    }
  }
  if (given["--deployed"] && !isJson) await showSubscriptions(style);
  return worstExitCode(outcomes);
});

/** Of the whole command, so the start of Node counts too. */
function exitAfter(seconds: number, isJson: boolean): void {
  const giveUp = () => exitUnknown(`no result within ${seconds} s`, isJson);
  setTimeout(giveUp, Math.max(0, seconds * 1_000 - performance.now())).unref();
}

/** Ends with the first line that monitoring plugins read. Beside JSON it is for people. */
function exitUnknown(text: string, isJson: boolean): never {
  (isJson ? console.error : console.log)(`KIE UNKNOWN - ${text}`);
  process.exit(3);
}

async function checkByFunctions(given: Given): Promise<readonly Outcome[]> {
  // Loaded only here: a check without AWS needn't wait for its clients.
  const { checkDeployed } = await import("./deployed.ts");
  return checkDeployed(given["--account"] ?? null, invocationOf(given)).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    exitUnknown(error.message, given["--json"]);
  });
}

/**
 * Shows who is missing or waits for a link, until when, and what to do. The exit code is that of the credits, so if AWS
 * does not say, nothing is shown.
 */
async function showSubscriptions(style: Style): Promise<void> {
  const { findSubscriptions } = await import("./deployed.ts");
  const finding = await findSubscriptions(localTimeZone());
  if (finding) console.log(`\n${renderSection("Who is told", [finding], style).trimEnd()}`);
}

/** @param messages - takes the alert that would be sent */
async function checkHere(given: Given, messages: Message[]): Promise<Outcome> {
  const config: Config = { ...LOCAL_CONFIG, ...policyOf(given), timeZone: localTimeZone() };
  const { alert, ...report } = await checkCredits(config, invocationOf(given), createPorts(given, messages));
  // It was shown, but not sent.
  return { config, report: { ...report, alert: alert && { ...alert, messageId: null } }, error: null };
}

function invocationOf(given: Given): Invocation {
  return {
    dryRun: given["--dry-run"],
    test: given["--test"],
    need: given["--need"],
    snoozeHours: given["--snooze"],
  };
}

/** The world of a laptop: nobody is subscribed, and no other check writes the memory. */
function createPorts(given: Given, messages: Message[]): Ports {
  const file = given["--memory"] === undefined ? null : createMemoryFile(given["--memory"]);
  return {
    readParameters: async () => ({
      apiKey: process.env["KIE_API_KEY"],
      memory: file?.read(),
      memoryVersion: 0,
    }),
    readMemory: async () => undefined,
    saveMemory: async (document) => {
      file?.write(document);
      return { version: 1, isRetried: false };
    },
    readCredits: createKie(given["--base-url"] ?? DEFAULT_KIE_BASE_URL),
    countSubscribers: async () => null,
    publish: async (message) => {
      messages.push(message);
      return "shown";
    },
    warn: console.error,
    record: () => {},
    now: Date.now,
    sleep,
  };
}
