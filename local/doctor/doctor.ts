/** The command `npm run doctor`: looks at all that an alert depends on, and changes nothing. */
import { accountName, kieBaseUrl } from "../../lambda/fields.ts";
import { DAY_MS, HOUR_MS } from "../../lambda/policy/time.ts";
import { createClients } from "../aws.ts";
import { createMain, type Given, type Io, localTimeZone, option, print, styleFor } from "../command.ts";
import { STACK } from "../config.ts";
import { ofAccount } from "../deployed/functions.ts";
import { DEPLOY, exitCodeOfFindings, type Finding, known, see, UPDATE } from "../findings.ts";
import { renderSection, renderSummary } from "../view.ts";
import { judgeAccount, readAccount } from "./account.ts";
import { judgeAlarms, readAlarms } from "./alarms.ts";
import { judgeDeployment, readDeployment } from "./deployment.ts";
import { judgePeople, readPeople } from "./people.ts";
import { judgeSms, phonesAmong, readSms } from "./sms.ts";
import { judgeWebhook, readWebhook } from "./webhooks.ts";

const OPTIONS = {
  "--account": option("<name>", "only this account of the stack", accountName.nullable().default(null)),
  "--base-url": option(
    "<url>",
    "ask this instead of the address of Kie that the function asks",
    kieBaseUrl.optional(),
  ),
} as const;

export const main = createMain(
  {
    script: "doctor",
    description:
      "Looks at all that an alert depends on: the stack, who is told, webhooks, the key, the rule, the last checks, " +
      "and the alarms. It changes nothing, and says how to fix what it finds. Credentials and " +
      "region are those of the AWS CLI.",
    notes: `
Exit codes:
  0  all is well
  1  something deserves a look, or may not be looked at
  2  something is broken
  3  a bad option`,
    options: OPTIONS,
  },
  examine,
);

async function examine(given: Given<typeof OPTIONS>, { stdout }: Io): Promise<number> {
  const { "--account": account, "--base-url": baseUrl } = given;
  const style = styleFor(stdout);
  const timeZone = localTimeZone();
  const everything: Finding[] = [];
  const aws = createClients();
  const deployment = await readDeployment(aws);
  const isFromBrowser = known(deployment.state)?.isFromBrowser ?? false;
  /** Shows what was found, up to what is fatal. False if that was found. */
  const show = (title: string, found: readonly (Finding | null)[]): boolean => {
    const all = found.filter((finding) => finding !== null);
    const findings = isFromBrowser ? all.map(withoutDeploying) : all;
    const fatal = findings.findIndex(({ isFatal }) => isFatal);
    const shown = fatal < 0 ? findings : findings.slice(0, fatal + 1);
    everything.push(...shown);
    print(stdout, renderSection(title, shown, style, stdout.columns));
    return fatal < 0;
  };

  const isThere = show(`Stack ${STACK}`, judgeDeployment(deployment, timeZone));
  const functions = ofAccount((isThere && known(deployment.functions)?.checks) || [], account);
  const topicArn = functions[0]?.config.topicArn;
  if (topicArn !== undefined) {
    const [people, alarms] = await Promise.all([readPeople(aws, deployment, topicArn), see(readAlarms(aws))]);
    const phones = phonesAmong(known(people.subscriptions), known(people.template)?.subscribers ?? null);
    show("Who is told", [
      ...judgePeople(people, topicArn, timeZone),
      ...(phones?.length === 0 ? [] : judgeSms(await readSms(aws, phones))),
      ...judgeAlarms("topic", alarms, topicArn, [topicArn.split(":").at(-1) ?? ""], Date.now() - DAY_MS),
    ]);
    for (const webhook of known(deployment.functions)?.webhooks ?? []) {
      show(`Webhook ${webhook.config.name}`, [
        ...judgeWebhook(webhook, await readWebhook(aws, webhook), people.subscriptions, topicArn),
        ...judgeAlarms("webhook", alarms, topicArn, [webhook.name], Date.now() - DAY_MS),
      ]);
    }
    const changedAt = known(deployment.state)?.changedAt ?? 0;
    for (const deployed of functions) {
      const { name, config } = deployed;
      const facts = await readAccount(aws, deployed, baseUrl ?? config.kieBaseUrl);
      const newSince = Date.now() - facts.silentHours * HOUR_MS;
      show(`Account ${config.account}`, [
        ...judgeAccount(facts, changedAt, timeZone),
        ...judgeAlarms("account", alarms, topicArn, [name, config.account], newSince),
      ]);
    }
  }
  print(stdout, renderSummary(everything, style));
  return exitCodeOfFindings(everything);
}

/** Of a stack from the template for the browser: what to do, without a deployment from here. */
function withoutDeploying(finding: Finding): Finding {
  return { ...finding, fix: finding.fix.map((line) => (line.includes(DEPLOY) ? UPDATE : line)) };
}
