/** The command `npm run doctor`: looks at all that an alert depends on, and changes nothing. */
import { accountName, kieBaseUrl } from "../../lambda/fields.ts";
import { DAY_MS } from "../../lambda/policy/time.ts";
import { createClients } from "../aws.ts";
import { createMain, type Given, type Io, localTimeZone, print, styleFor } from "../command.ts";
import { STACK } from "../config.ts";
import { ofAccount } from "../deployed/functions.ts";
import { readSubscriptions } from "../deployed/subscriptions.ts";
import { exitCodeOfFindings, type Finding, once, orNull, type Row } from "../findings.ts";
import { renderSection, renderSummary } from "../view.ts";
import { accountRows } from "./account.ts";
import { alarmRows, lookAtAlarms } from "./alarms.ts";
import { deploymentRows, lookAtDeployment } from "./deployment.ts";
import { peopleRows } from "./people.ts";
import { phonesAmong, smsRows } from "./sms.ts";

const OPTIONS = {
  "--account": {
    argument: "<name>",
    help: "only this account of the stack",
    value: accountName.nullable().default(null),
  },
  "--base-url": {
    argument: "<url>",
    help: "ask this instead of the address of Kie that the function asks",
    value: kieBaseUrl.optional(),
  },
} as const;

export const main = createMain(
  {
    script: "doctor",
    description:
      "Looks at all that an alert depends on: the stack, who is told, the key, the rule, the last checks, " +
      "the alarms and the logs. It changes nothing, and says how to fix what it finds. Credentials and " +
      "region are those of the AWS CLI.",
    notes: `
Exit codes:
  0  all is well
  1  something deserves a look, or may not be looked at
  2  something is broken
  3  a bad option`,
    options: OPTIONS,
  },
  lookAtAll,
);

async function lookAtAll(given: Given<typeof OPTIONS>, { stdout }: Io): Promise<number> {
  const { "--account": account, "--base-url": baseUrl } = given;
  const style = styleFor(stdout);
  const timeZone = localTimeZone();
  const all: Finding[] = [];
  /** Shows what the rows find. False if a stage ended in a fatal finding. */
  const show = async (title: string, ...stages: readonly (readonly Row[])[]): Promise<boolean> => {
    const findings: Finding[] = [];
    for (const rows of stages) {
      const found = await Promise.all(rows.map((row) => row()));
      findings.push(...found.filter((finding) => finding !== null));
      if (findings.some(({ isFatal }) => isFatal)) break;
    }
    all.push(...findings);
    print(stdout, renderSection(title, findings, style));
    return !findings.some(({ isFatal }) => isFatal);
  };

  const aws = createClients();
  const deployment = lookAtDeployment(aws);
  const isThere = await show(`Stack ${STACK}`, ...deploymentRows(aws, deployment, timeZone));
  const functions = ofAccount((isThere && (await orNull(deployment.functions))) || [], account);
  const topicArn = functions[0]?.config.topicArn;
  if (topicArn !== undefined) {
    const alarms = once(() => lookAtAlarms(aws, topicArn));
    const subscriptions = once(() => readSubscriptions(aws, topicArn));
    const phones = phonesAmong(
      await orNull(subscriptions),
      (await orNull(deployment.template))?.subscribers ?? null,
    );
    await show("Who is told", [
      ...peopleRows(aws, deployment, topicArn, subscriptions, timeZone),
      ...(phones?.length === 0 ? [] : smsRows(aws, phones)),
      ...alarmRows("topic", alarms, [topicArn.split(":").at(-1) ?? ""], async () => Date.now() - DAY_MS),
    ]);
    for (const deployed of functions) {
      const url = baseUrl ?? deployed.config.kieBaseUrl;
      const rows = accountRows(aws, deployed, url, deployment, alarms, timeZone);
      await show(`Account ${deployed.config.account}`, rows);
    }
  }
  print(stdout, renderSummary(all, style));
  return exitCodeOfFindings(all);
}
