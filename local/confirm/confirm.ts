/** The command `npm run confirm`: confirms an email's subscription so that no link in a mail can end it. */
import { createClients } from "../aws.ts";
import { CommandError, createMain, flag, type Given, type Io, print } from "../command.ts";
import { CONFIRMATION_EMAIL } from "../config.ts";
import { confirmByLink } from "../deployed/confirmation.ts";
import { type ConfirmationLink, readConfirmationLink } from "../deployed/link.ts";
import { findTopic } from "../deployed/stack.ts";
import { createTerminalPrompts, createUnattendedPrompts, type Prompts } from "../prompts.ts";

const OPTIONS = {
  "--yes": flag("subscribe again without asking, if it was confirmed by a click"),
} as const;

export const main = createMain(
  {
    script: "confirm",
    description:
      `Confirms a subscription by the link in the email ${CONFIRMATION_EMAIL}. Afterwards no link in a mail can ` +
      "unsubscribe the address, neither by a click nor by a mail filter that opens links. Asks for the link, or " +
      "reads it from standard input. Credentials are those of the AWS CLI.",
    instead: " Run it alone, and paste the link when it asks.",
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
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const prompts = isTerminal ? createTerminalPrompts(io, "confirm", "setup") : createUnattendedPrompts(io);
  for (;;) {
    const link = await askForLink(prompts);
    // The link says where the topic is, whatever AWS_REGION says.
    const aws = createClients(link.topicArn.split(":")[3]);
    const topicArn = await findTopic(aws);
    switch (await confirmByLink(prompts, aws.sns, topicArn, link, yes)) {
      case "protected":
        return 0;
      case "refused":
        print(
          io.stdout,
          "For a new email: npm run setup; npm run doctor shows the line that does it by hand.",
        );
        return 1;
      case "unprotected":
        print(
          io.stdout,
          "Nothing was changed. To subscribe again: npm run confirm -- --yes, with the same link.",
        );
        return 1;
      case "again":
        if (!isTerminal) return 1;
    }
  }
}

/** Asks until there is one. */
async function askForLink(prompts: Prompts): Promise<ConfirmationLink> {
  for (;;) {
    const pasted = await prompts.askLink(`Paste the link of the email ${CONFIRMATION_EMAIL} (hidden)`);
    try {
      return readConfirmationLink(pasted ?? "");
    } catch (problem) {
      if (!prompts.isAttended || !(problem instanceof CommandError)) throw problem;
      prompts.warn(problem.message);
    }
  }
}
