/** The command `npm run check`: the same check on a laptop without AWS, or by the deployed functions. */
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { createKie, LIMITS } from "../../lambda/adapters/kie.ts";
import { checkCredits } from "../../lambda/check-credits.ts";
import { type Config, DEFAULT_KIE_BASE_URL } from "../../lambda/config.ts";
import { accountName, decimal, kieBaseUrl } from "../../lambda/fields.ts";
import { type Invocation, snoozeHours } from "../../lambda/invocation.ts";
import { KEYS_PAGE } from "../../lambda/messages/advice.ts";
import type { Message } from "../../lambda/messages/message.ts";
import { OverlapError } from "../../lambda/outbox.ts";
import { amount, checkPolicy, DEFAULT_POLICY, POLICY, type Policy } from "../../lambda/policy/rules.ts";
import type { Ports } from "../../lambda/ports.ts";
import { InvalidInputError } from "../../lambda/problems.ts";
import {
  CommandError,
  createMain,
  EXIT_UNKNOWN,
  flag,
  type Given,
  type Io,
  localTimeZone,
  type Output,
  option,
  print,
  styleFor,
} from "../command.ts";
import { LOCAL_CONFIG } from "../config.ts";
import type { Outcome } from "../deployed/functions.ts";
import { withHostAdvice } from "../host-advice.ts";
import { unwrapKey } from "../pasted.ts";
import { renderSection } from "../view.ts";
import { wrap } from "../wrap.ts";
import { createMemoryFile } from "./memory-file.ts";
import { worstExitCode } from "./outcome.ts";
import { lacksLocalKey, renderMessage, renderOutcomes, renderSnooze } from "./view.ts";

const EXPECTED_TIMEOUT = "expected 1 to 3600 seconds";
const seconds = z.number().min(1, EXPECTED_TIMEOUT).max(3_600, EXPECTED_TIMEOUT);
const fileName = z.string().min(1, "expected a file's name");
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);

const POLICY_OPTIONS = {
  warningCredits: "--warning",
  criticalCredits: "--critical",
  warningHours: "--warning-hours",
  criticalHours: "--critical-hours",
} as const;

/** An option for a threshold. It gets its default in `policyOf`, so that a problem with it can say that it is one. */
const threshold = (field: keyof typeof POLICY_OPTIONS, argument: string, help: string) =>
  option(
    argument,
    `${help} (default: ${DEFAULT_POLICY[field]})`,
    decimal(POLICY.shape[field].unwrap()).optional(),
  );

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
    orNull(decimal(amount)),
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
    orNull(decimal(snoozeHours)),
  ),
  "--dry-run": flag("remember no alert; the report says what would be told"),
  "--show": flag("show the text of the alert that is due, as people would get it"),
  "--test": flag("show a test message as people would get it"),
  "--timeout": option("<seconds>", "give up after so long, with exit code 3", decimal(seconds).optional()),
  "--base-url": option("<url>", `ask this instead of ${DEFAULT_KIE_BASE_URL}`, kieBaseUrl.optional()),
  "--deployed": flag("check by the deployed function of each account, with its key, memory and thresholds"),
  "--account": option("<name>", "only this account of the stack", accountName.optional()),
} as const;

type Options = Given<typeof OPTIONS>;

const HOW_TO_SHOW = "Its text, as people would get it: npm run check -- --show";

/** A deployed function has its own. */
const ONLY_LOCAL = ["--memory", ...Object.values(POLICY_OPTIONS), "--base-url"] as const;

/**
 * The rules that concern more than one option.
 *
 * @throws InvalidInputError that names every option that breaks one
 */
function refuseCombinations(given: Options): void {
  const problems: string[] = [];
  const refuse = (name: keyof Options, expected: string, value: unknown = given[name]) =>
    problems.push(`${name}: got ${JSON.stringify(value)}, ${expected}`);

  const { "--deployed": isDeployed, "--snooze": snooze, "--memory": memory } = given;
  if (snooze !== null) {
    const rehearsal = (["--test", "--dry-run"] as const).find((name) => given[name]);
    if (rehearsal) refuse("--snooze", `expected none beside ${rehearsal}, which remembers nothing`);
    else if (!isDeployed && memory === undefined)
      refuse("--snooze", "expected only beside --deployed or --memory");
  }
  if (given["--show"]) {
    const other = (["--deployed", "--dry-run"] as const).find((name) => given[name]);
    if (other) refuse("--show", `expected nothing beside ${other}, where there is nothing to show`);
  }
  if (isDeployed) {
    for (const name of ONLY_LOCAL.filter((each) => given[each] !== undefined))
      refuse(name, "expected nothing beside --deployed: the function has its own");
  } else {
    if (given["--account"] !== undefined) refuse("--account", "expected only beside --deployed");
    checkPolicy(policyOf(given), (field, value, expected) => {
      const name = POLICY_OPTIONS[field];
      refuse(name, given[name] === undefined ? `which is the default, ${expected}` : expected, value);
    });
  }
  if (problems.length > 0) throw new InvalidInputError(["Invalid options:", ...problems].join("\n  "));
}

function policyOf(given: Options): Policy {
  const set = Object.entries(POLICY_OPTIONS).map(([field, name]) => [field, given[name]]);
  return POLICY.parse(Object.fromEntries(set));
}

export const main = createMain(
  {
    script: "check",
    description:
      "Checks the Kie.ai credits of the key in KIE_API_KEY once. At a terminal it asks\n" +
      "for the key if there is none.\n" +
      "With --deployed, the deployed functions check, and send the alert that is due.",
    notes: `
With --deployed, --dry-run publishes and saves nothing, --test sends a test
message through every channel, and several accounts give a table and the worst
exit code. Credentials and region are those of the AWS CLI.

The first line is for monitoring plugins, and so are the exit codes:
  0  ok; or enough for --need
  1  warning
  2  critical or empty; or not enough for --need; or a --test that nobody hears
  3  unknown: no reading, a check that failed, AWS out of reach, --timeout, or a
     bad option`,
    options: OPTIONS,
  },
  async (given, io) => {
    refuseCombinations(given);
    const seconds = given["--timeout"];
    return seconds === undefined ? check(given, io) : within(seconds, check(given, io), given, io);
  },
);

/** The limit is one of the whole command, so the start of Node counts too. */
async function within(seconds: number, checked: Promise<number>, given: Options, io: Io): Promise<number> {
  const done = new AbortController();
  const limit = wait(Math.max(0, (seconds - io.uptime()) * 1_000), null, { signal: done.signal });
  const code = await Promise.race([checked, limit.catch(() => null)]).finally(() => done.abort());
  return code ?? sayUnknown(`no result within ${seconds} s`, given, io);
}

/** Writes the first line that monitoring plugins read. Beside JSON it is for people. */
function sayUnknown(text: string, given: Options, { stdout, stderr }: Io): number {
  const out = given["--json"] ? stderr : stdout;
  print(out, wrap(`KIE UNKNOWN - ${text}`, out.columns).join("\n"));
  return EXIT_UNKNOWN;
}

async function check(given: Options, io: Io): Promise<number> {
  const isJson = given["--json"];
  const messages: Message[] = [];
  let outcomes: readonly Outcome[];
  try {
    outcomes = given["--deployed"]
      ? await checkByFunctions(given, io)
      : [await checkHere(given, messages, io)];
  } catch (error) {
    if (!given["--deployed"] || !(error instanceof CommandError)) throw error;
    return sayUnknown(error.message, given, io);
  }
  const out = isJson ? io.stderr : io.stdout;
  const style = styleFor(out);
  if (isJson) {
    for (const { config, report, error } of outcomes) {
      print(io.stdout, JSON.stringify(report ?? { account: config.account, error }));
    }
  } else {
    print(out, renderOutcomes(outcomes, style, out.columns));
  }
  if (!outcomes.some(lacksLocalKey)) showMessages(messages, given, out);
  const snooze = given["--snooze"];
  if (snooze !== null) {
    for (const { config, report } of outcomes) {
      if (report) print(out, `\n${renderSnooze(snooze, report, config.timeZone)}`);
    }
  }
  if (given["--deployed"] && !isJson) {
    const isPosted = outcomes.some(({ report }) => (report?.audience?.others ?? 0) > 0);
    if (given["--test"] && isPosted) await showWebhooks(out);
    await showSubscriptions(out);
  }
  return worstExitCode(outcomes);
}

/** The texts with --show or --test, else how to see them. */
function showMessages(messages: readonly Message[], given: Options, out: Output): void {
  const isJson = given["--json"];
  const shown = { hasReminders: given["--memory"] !== undefined, withDocument: isJson };
  const isShown = given["--show"] || given["--test"];
  // What is remembered is not due a second time.
  const canShow = !isShown && !isJson && !shown.hasReminders;
  if (canShow && messages.length > 0) print(out, `\n${HOW_TO_SHOW}`);
  for (const message of isShown ? messages : []) {
    print(out, `\n${renderMessage(message, shown, styleFor(out))}`);
  }
}

async function checkByFunctions(given: Options, { sleep }: Io): Promise<readonly Outcome[]> {
  // Loaded only here: a check without AWS needn't wait for its clients.
  const { checkDeployed } = await import("../deployed/functions.ts");
  return checkDeployed(given["--account"] ?? null, invocationOf(given), sleep);
}

/**
 * Shows who is missing or waits for a link, until when, and what to do. The exit code is that of the credits, so if AWS
 * does not say, nothing is shown.
 */
async function showSubscriptions(out: Output): Promise<void> {
  const { findSubscriptions } = await import("./subscriptions.ts");
  const finding = await findSubscriptions(localTimeZone());
  if (finding)
    print(out, `\n${renderSection("Who is told", [finding], styleFor(out), out.columns).trimEnd()}`);
}

/** Names those that post the test message. */
async function showWebhooks(out: Output): Promise<void> {
  const { webhookNames } = await import("./subscriptions.ts");
  const names = await webhookNames();
  if (names.length > 0) {
    print(out, `\nPosted to ${names.join(", ")} in some seconds. If one does not take it: npm run doctor`);
  }
}

/** @param messages - takes the alert that would be sent */
async function checkHere(given: Options, messages: Message[], io: Io): Promise<Outcome> {
  const config: Config = { ...LOCAL_CONFIG, ...policyOf(given), timeZone: localTimeZone() };
  const apiKey = await findKey(given, io);
  try {
    const { alert, ...report } = await checkCredits(
      config,
      invocationOf(given),
      createPorts(given, apiKey, messages, io),
    );
    // It was shown, but not sent.
    return { config, report: { ...report, alert: alert && { ...alert, messageId: null } }, error: null };
  } catch (error) {
    if (!(error instanceof OverlapError)) throw error;
    return { config, report: null, error: { type: error.name, message: error.message } };
  }
}

/** The key in KIE_API_KEY. If there is none, and somebody is at a terminal, one that is asked for. */
async function findKey(given: Options, io: Io): Promise<string | undefined> {
  const key = process.env["KIE_API_KEY"];
  const isAttended = io.stdin.isTTY && io.stdout.isTTY && !given["--json"];
  if (key?.trim() || !isAttended) return key && unwrapKey((text) => print(io.stderr, text), key);
  // Loaded only here, as above.
  const { createTerminalPrompts } = await import("../prompts.ts");
  const prompts = createTerminalPrompts(io, "check");
  return unwrapKey(prompts.warn, await prompts.askSecret(`Your Kie API key, from ${KEYS_PAGE} (hidden)`));
}

function invocationOf(given: Options): Invocation {
  return {
    dryRun: given["--dry-run"],
    test: given["--test"],
    need: given["--need"],
    snoozeHours: given["--snooze"],
  };
}

/** The world of a laptop: nobody is subscribed, and no other check writes the memory. */
function createPorts(
  given: Options,
  apiKey: string | undefined,
  messages: Message[],
  { stderr, sleep }: Io,
): Ports {
  const file = given["--memory"] === undefined ? null : createMemoryFile(given["--memory"]);
  const kie = createKie(given["--base-url"] ?? DEFAULT_KIE_BASE_URL, LIMITS, {
    now: Date.now,
    sleep: (ms) => {
      const isLong = ms >= 1_000;
      if (stderr.isTTY && isLong)
        print(stderr, `Asking Kie again in ${Math.round(ms / 1_000)} s, to be sure`);
      return sleep(ms);
    },
    random: Math.random,
  });
  return {
    readParameters: async () => ({
      apiKey,
      memory: file?.read(),
      memoryVersion: 0,
    }),
    readMemory: async () => undefined,
    saveMemory: async (document) => {
      file?.write(document);
      return { version: 1, isRetried: false };
    },
    readCredits: async (key) => withHostAdvice(await kie(key)),
    countSubscribers: async () => null,
    publish: async (message) => {
      messages.push(message);
      return "shown";
    },
    warn: (text) => print(stderr, text),
    record: () => {},
    now: Date.now,
  };
}
