/** The command `npm run confirm`: confirms an email's subscription so that no link in a mail can end it. */
import { createInterface } from "node:readline/promises";
import { text as readAll } from "node:stream/consumers";
import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import { createClients } from "../aws.ts";
import { CommandError, createMain, type Given, type Io, print } from "../command.ts";
import { type Confirmation, confirmSubscription, subscribeAgain } from "../deployed/confirmation.ts";
import { type ConfirmationLink, readConfirmationLink } from "../deployed/link.ts";
import { findTopic } from "../deployed/stack.ts";

/** A paste of several lines arrives at once. */
const PASTE_MS = 200;

const OPTIONS = {
  "--yes": {
    help: "subscribe again without asking, if it was confirmed by a click",
    value: z.boolean().default(false),
  },
} as const;

export const main = createMain(
  {
    script: "confirm",
    description:
      "Confirms a subscription by the link in the email of AWS Notifications. Afterwards no link in a mail can " +
      "unsubscribe the address, neither by a click nor by a mail filter that opens links. Asks for the link, or " +
      "reads it from standard input. Credentials are those of the AWS CLI.",
    notes: `
Exit codes:
  0  confirmed, and no link can unsubscribe
  1  not yet: the link is too old, or there will be a new email
  3  unknown: no such link, another topic, AWS out of reach, or a bad option`,
    options: OPTIONS,
  },
  confirm,
);

async function confirm({ "--yes": yes }: Given<typeof OPTIONS>, io: Io): Promise<number> {
  const { stdin, stdout } = io;
  const isTerminal = stdin.isTTY === true;
  for (;;) {
    const link = readConfirmationLink(isTerminal ? await askForLink(io) : await readAll(stdin));
    // The link says where the topic is, whatever AWS_REGION says.
    const { cloudFormation, sns } = createClients(link.topicArn.split(":")[3]);
    await checkTopic(cloudFormation, link);
    const confirmation = await confirmSubscription(sns, link);
    print(stdout, describe(confirmation));
    if (confirmation.kind !== "unprotected") return confirmation.kind === "protected" ? 0 : 1;
    if (!yes && !(isTerminal && (await askWhether("Subscribe again?", io)))) {
      print(stdout, "Nothing was changed. To subscribe again: npm run confirm -- --yes, with the same link.");
      return 1;
    }
    await subscribeAgain(sns, confirmation.subscription);
    print(
      stdout,
      `${confirmation.subscription.endpoint} is subscribed again, and hears nothing until it is confirmed.`,
    );
    const where = isTerminal ? "paste it here" : "give it to npm run confirm";
    print(stdout, `AWS sends a new email. Do not open its link: copy it, and ${where}.`);
    if (!isTerminal) return 1;
  }
}

/** @throws CommandError if the link is for a topic of something else */
async function checkTopic(
  cloudFormation: CloudFormationClient,
  { topicArn }: ConfirmationLink,
): Promise<void> {
  const expected = await findTopic(cloudFormation);
  if (topicArn === expected) return;
  throw new CommandError(`This link is for the topic ${topicArn}, but the alerts go to ${expected}.`);
}

function describe(confirmation: Confirmation): string {
  switch (confirmation.kind) {
    case "protected":
      return [
        `✔ Confirmed: ${confirmation.endpoint} hears the alerts.`,
        "From now on no link in a mail can unsubscribe this address, only somebody with access to the AWS account.",
      ].join("\n");
    case "unprotected":
      return [
        `⚠ ${confirmation.subscription.endpoint} was confirmed already, by a click or by a mail filter that opens links.`,
        "The alerts arrive, but a link in each of them can unsubscribe the address, and mail filters open that too.",
        "To prevent it: unsubscribe, and subscribe again, which sends a new email whose link goes here.",
      ].join("\n");
    case "refused":
      return [
        "✖ AWS does not take this link: it is older than two days, it was used already, or a part of it is missing.",
        "Copy the link of the newest email again. For a new email: npm run setup; npm run doctor shows the line that does it by hand.",
      ].join("\n");
  }
}

/**
 * Reads what is pasted, which may be several lines: the first one, and what comes right behind it. It is not echoed,
 * since the link is long and holds the token.
 */
async function askForLink({ stdin, stdout }: Io): Promise<string> {
  print(stdout, "Paste the link of the email from AWS Notifications (it is not shown), and press Enter:");
  const terminal = createInterface({ input: stdin, terminal: true });
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const lines: string[] = [];
  return new Promise((resolve) => {
    terminal.on("close", () => resolve(lines.join("")));
    terminal.on("line", (line) => {
      lines.push(line);
      if (line.trim() !== "") setTimeout(() => terminal.close(), PASTE_MS);
    });
  });
}

async function askWhether(question: string, { stdin, stdout }: Io): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output: stdout });
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
