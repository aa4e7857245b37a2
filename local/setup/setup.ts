/** The command `npm run setup`: from a clone to the first test message. */

import * as z from "zod";
import { SETTINGS } from "../../infra/settings.ts";
import { DEFAULT_EVERY_MINUTES, DEFAULT_KIE_BASE_URL } from "../../lambda/config.ts";
import { accountName, decimal, kieBaseUrl, timeZone } from "../../lambda/fields.ts";
import { newKeyCommand } from "../../lambda/messages/advice.ts";
import { amount, DEFAULT_POLICY } from "../../lambda/policy/rules.ts";
import { CommandError, createMain, flag, type Given, type Io, localTimeZone, option } from "../command.ts";
import { CONFIRMATION_EMAIL } from "../config.ts";
import { findTopic } from "../deployed/stack.ts";
import { createTerminalPrompts, createUnattendedPrompts, type Prompts } from "../prompts.ts";
import { ensureBootstrap } from "./bootstrap.ts";
import { findCredentials } from "./credentials.ts";
import { deploy, findDeployed } from "./deploy.ts";
import { provideKey } from "./key.ts";
import { awaitConfirmations, checkOnce, sendTest, subscribeMissing, subscribersOf } from "./people.ts";
import {
  type Balance,
  type Choice,
  chooseSettings,
  isNobodyTold,
  lookalikeNote,
  readSettings,
  refuseBadOptions,
  refuseBadWebhook,
  refuseReadOnlyFolder,
  writeWebhooks,
} from "./settings.ts";
import { provideWebhooks } from "./webhooks.ts";

const credits = decimal(amount).optional();

const OPTIONS = {
  "--yes": flag("ask nothing, and take the options and defaults"),
  "--email": option("<address...>", "tell these addresses too", SETTINGS.shape.emails),
  "--phone": option("<number...>", "tell these phones too, such as +4915112345678", SETTINGS.shape.phones),
  "--time-zone": option(
    "<name>",
    "of the times in messages, such as Europe/Berlin; by default this machine's",
    timeZone.optional(),
  ),
  "--every": option(
    "<minutes>",
    `between checks; by default ${DEFAULT_EVERY_MINUTES}`,
    decimal(SETTINGS.shape.everyMinutes.unwrap()).optional(),
  ),
  "--warning-credits": option(
    "<n>",
    `warning at or below; by default ${DEFAULT_POLICY.warningCredits}`,
    credits,
  ),
  "--critical-credits": option(
    "<n>",
    `critical at or below; by default ${DEFAULT_POLICY.criticalCredits}`,
    credits,
  ),
  "--new-key": option(
    "[account]",
    "replace the stored key, even if it works: of this account, or of each",
    z.union([z.boolean(), z.string()]).optional(),
  ),
  "--webhook": option(
    "<name>",
    "post to this chat or webhook too, or to a new address of it; the address is asked for",
    z.string().nullable().default(null),
  ),
  "--base-url": option(
    "<url>",
    "ask this instead of Kie whether the key works",
    kieBaseUrl.default(DEFAULT_KIE_BASE_URL),
  ),
} as const;

const whatNext = (newKey: string) =>
  [
    "Change who is told, and when: edit settings.json, then npx cdk deploy",
    `Change the key: ${newKey}`,
    "Add a chat or a webhook, or change its address: npm run setup -- --webhook NAME",
    "See whether all is well: npm run doctor",
    "Send a test message: npm run check -- --deployed --test",
    "All else: README.md",
  ].join("\n");

export const main = createMain(
  {
    script: "setup",
    description:
      "From a clone to the first test message: AWS credentials, the Kie key, who is " +
      "told and when, bootstrap, deployment, confirmation. It can be run again at any " +
      "time, and does only what is missing. The key comes from a hidden question, from " +
      "KIE_API_KEY (if there is one account), or from standard input (one line for each account); " +
      "the address of a webhook from a hidden question, or from standard input, after the keys.",
    notes: `
Exit codes:
  0  done, and somebody hears the alerts
  1  done, but nobody has confirmed yet, or the first check or the test message
     failed
  3  something is in the way; what was done stays, and setup goes on from there`,
    options: OPTIONS,
  },
  setUp,
);

/** @throws CommandError if nobody can be asked, and that was not expected */
function createPrompts(options: Given<typeof OPTIONS>, io: Io): Prompts {
  if (options["--yes"]) return createUnattendedPrompts(io);
  if (io.stdin.isTTY === true && io.stdout.isTTY === true) return createTerminalPrompts(io, "setup", "setup");
  throw new CommandError(
    options["--new-key"]
      ? "There is no terminal to ask in: to replace a key, give --yes in the folder that has your settings.json, and the new key in KIE_API_KEY or on standard input."
      : "There is no terminal to ask in: give --yes with --email ADDRESS, --phone NUMBER or --webhook NAME, and the key in KIE_API_KEY or on standard input.",
  );
}

async function setUp(options: Given<typeof OPTIONS>, io: Io): Promise<number> {
  const prompts = createPrompts(options, io);
  const given = givenChoice(options);
  const keys = [process.env["KIE_API_KEY"] ?? ""].filter((key) => key.trim() !== "");
  // The CDK, which is started later, has no business with it.
  delete process.env["KIE_API_KEY"];

  prompts.begin("Kie credit alert: setup");
  const file = readSettings();
  const note = lookalikeNote();
  if (note !== null) prompts.warn(note);
  refuseReadOnlyFolder();
  const wanted = readWebhookName(options["--webhook"]);
  if (wanted !== null) refuseBadWebhook(file, wanted);
  const isFirst = isNobodyTold(file);
  if (!prompts.isAttended && isFirst && wanted === null && !("emails" in given || "phones" in given)) {
    throw new CommandError("Nobody would be told: give --email ADDRESS, --phone NUMBER or --webhook NAME.");
  }
  if (!prompts.isAttended) refuseBadOptions(file, given);
  const names = file.settings.accounts.map(({ name }) => name);
  const newKey = newKeyCommand(names.length > 1 ? "NAME" : (names[0] ?? "kie"));
  const isNewWanted = replacedKeys(options["--new-key"], names);
  const { aws, identity } = await findCredentials(prompts);
  const deployed = await findDeployed(prompts, aws, identity, !isFirst);
  const balances: Balance[] = [];
  // It does not say which of several accounts it is for.
  const forOne = names.length === 1 ? keys : [];
  for (const account of file.settings.accounts) {
    const step = {
      prompts,
      aws,
      baseUrl: options["--base-url"],
      given: forOne,
      isNewWanted: isNewWanted(account.name),
      kmsKeyArn: file.settings.apiKeyKmsKeyArn,
    };
    balances.push({ account: account.name, credits: await provideKey(step, account) });
  }
  if (keys.length > 0) {
    const why = names.length > 1 ? ", since it does not say for which account it is" : "";
    prompts.warn(`KIE_API_KEY was not used${why}. To replace a key that works: ${newKey}`);
  }
  const { apiKeyKmsKeyArn: kmsKeyArn } = file.settings;
  const isOffered = isFirst && prompts.isAttended;
  // First, so that whoever has a chat needs no email.
  const webhooks = await provideWebhooks({ prompts, aws, kmsKeyArn, wanted, isOffered }, file.settings);
  const known = { balances, localTimeZone: localTimeZone(), webhooks, deployed };
  const chosen = await chooseSettings(prompts, file, given, known);
  const { settings } = writeWebhooks(prompts, chosen, webhooks);
  await ensureBootstrap(prompts, aws, identity);
  await deploy(prompts, aws, identity, settings);

  const topicArn = await findTopic(aws);
  const isChecked = await checkOnce(prompts);
  await subscribeMissing(prompts, aws, topicArn, subscribersOf(settings));
  const subscriptions = await awaitConfirmations(prompts, aws, topicArn);
  const pending = subscriptions.filter(({ arn }) => arn === null).map(({ endpoint }) => endpoint);
  const isHeard = subscriptions.length > pending.length;
  const isTested =
    !isHeard ||
    !(await prompts.confirm("Send everybody a test message?", true)) ||
    (await sendTest(prompts, settings.accounts[0]?.name ?? "kie"));
  if (pending.length > 0) {
    prompts.warn(
      `Not confirmed yet: ${pending.join(", ")}. The link in the email ${CONFIRMATION_EMAIL} is valid for 48 h: npm run confirm, or npm run setup for a new one.`,
    );
  }
  prompts.say("What next", whatNext(newKey));
  prompts.end(lastWords(isHeard, isChecked && isTested));
  return isHeard && isChecked && isTested ? 0 : 1;
}

/** What the command line sets. */
function givenChoice(options: Given<typeof OPTIONS>): Partial<Choice> {
  return Object.fromEntries(
    Object.entries({
      emails: options["--email"],
      phones: options["--phone"],
      timeZone: options["--time-zone"],
      everyMinutes: options["--every"],
      warningCredits: options["--warning-credits"],
      criticalCredits: options["--critical-credits"],
    }).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}

function lastWords(isHeard: boolean, isWell: boolean): string {
  if (!isHeard) return "Done, but nobody hears it yet.";
  if (!isWell) return "Done, but a check or the test message failed: see above.";
  return "Done. You will hear before your credits run out.";
}

/** @throws CommandError if it is no name. It may be the address itself, so it is not repeated. */
function readWebhookName(given: string | null): string | null {
  if (given === null || accountName.safeParse(given).success) return given;
  throw new CommandError(
    "--webhook: expected a name of your own, 1 to 20 of a-z, 0-9 and -. The address itself is asked for, or read from standard input.",
  );
}

/** Tells of each account whether its key is replaced although it works. */
function replacedKeys(
  newKey: boolean | string | undefined,
  names: readonly string[],
): (account: string) => boolean {
  if (typeof newKey === "string" && !names.includes(newKey)) {
    // It may be the key itself, so it is not repeated.
    throw new CommandError(
      `--new-key: expected the name of an account, ${names.join(" or ")}. The key itself is asked for, or read from KIE_API_KEY or standard input.`,
    );
  }
  return (account) => newKey === true || newKey === account;
}
