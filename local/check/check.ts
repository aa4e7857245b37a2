/** The command `npm run check`: the very same check on a laptop, with no AWS; or by the deployed functions. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { createKie } from "../../lambda/adapters/kie.ts";
import { checkCredits, type Ports } from "../../lambda/check-credits.ts";
import { type Config, DEFAULT_KIE_BASE_URL } from "../../lambda/config.ts";
import { accountName, amount, checkPolicy, decimal, kieBaseUrl } from "../../lambda/fields.ts";
import type { Invocation } from "../../lambda/invocation.ts";
import { INITIAL_DOCUMENT } from "../../lambda/policy/memory.ts";
import { DEFAULT_POLICY, type Policy } from "../../lambda/policy/policy.ts";
import { createCommand, localTimeZone, readOptions, run, styleFor } from "../command.ts";
import { LOCAL_CONFIG } from "../config.ts";
import { createMemoryFile } from "./memory-file.ts";
import {
  exitCodeOf,
  exitCodeOfOutcome,
  renderMessage,
  renderOutcomes,
  renderReport,
  type Style,
  worstExitCode,
} from "./view.ts";

const { warningCredits, criticalCredits, warningHours, criticalHours } = DEFAULT_POLICY;

const command = createCommand(
  "check",
  "Checks the Kie.ai credits of the key in KIE_API_KEY once, and prints the alert that is due.\n" +
    "With --deployed, lets the deployed functions check, which send the alert that is due.",
)
  .option("--json", "print only the report, as JSON; all else goes to standard error")
  .option("--memory <file>", "remember in this file, so that news is told once and the runway gets known")
  .option("--need <credits>", "is the balance enough for a job of this many credits?")
  .option("--warning <credits>", `warn at or below this many credits (default: ${warningCredits})`)
  .option("--critical <credits>", `critical at or below this many credits (default: ${criticalCredits})`)
  .option("--warning-hours <hours>", `warn at or below this runway, 0 for never (default: ${warningHours})`)
  .option("--critical-hours <hours>", `the same for critical (default: ${criticalHours})`)
  .option("--dry-run", "print and remember no alert; the report shows what would be")
  .option("--test", "print a test message as each channel would show it")
  .option("--base-url <url>", `ask this instead of ${DEFAULT_KIE_BASE_URL}`)
  .option("--deployed", "check by the deployed function of each account, with its key, memory and thresholds")
  .option("--account <name>", "only this account of the stack")
  .addHelpText(
    "after",
    `
With --deployed, --dry-run publishes and saves nothing, --test sends a test message through every channel,
and several accounts give a table and the worst exit code. Credentials and region are those of the AWS CLI.

Exit codes, as monitoring plugins use them:
  0  ok
  1  warning
  2  critical or empty, or not enough for --need
  3  unknown: no reading, a check that broke off, AWS out of reach, or a bad option`,
  );

/** A deployed function has its own memory and settings. */
const ONLY_LOCAL = [
  "--memory",
  "--warning",
  "--critical",
  "--warning-hours",
  "--critical-hours",
  "--base-url",
] as const;
const ONLY_DEPLOYED = ["--account"] as const;

const flag = z.boolean().default(false);

/** Defaults are filled in by `policyOf`, so that a problem with one of them can say so. */
const options = z
  .object({
    "--json": flag,
    "--memory": z.string().min(1, "expected a file's name").optional(),
    "--need": z._default(z.nullable(decimal(amount)), null),
    "--warning": z.optional(decimal(amount)),
    "--critical": z.optional(decimal(amount)),
    "--warning-hours": z.optional(decimal(amount)),
    "--critical-hours": z.optional(decimal(amount)),
    "--dry-run": flag,
    "--test": flag,
    "--base-url": z.optional(kieBaseUrl),
    "--deployed": flag,
    "--account": z.optional(accountName),
  })
  .superRefine((given, context) => {
    for (const name of given["--deployed"] ? ONLY_LOCAL : ONLY_DEPLOYED) {
      const input = given[name];
      const message = given["--deployed"]
        ? "expected nothing beside --deployed: the function has its own"
        : "expected only beside --deployed";
      if (input !== undefined) context.addIssue({ code: "custom", path: [name], input, message });
    }
  })
  .superRefine((given, context) => {
    const names = {
      warningCredits: "--warning",
      criticalCredits: "--critical",
      warningHours: "--warning-hours",
      criticalHours: "--critical-hours",
    } as const;
    if (given["--deployed"]) return;
    checkPolicy(policyOf(given), (field, input, expected) => {
      const name = names[field];
      const message = given[name] === undefined ? `which is the default, ${expected}` : expected;
      context.addIssue({ code: "custom", path: [name], input, message });
    });
  });

type Options = z.output<typeof options>;

function policyOf(
  given: {
    readonly [name in "--warning" | "--critical" | "--warning-hours" | "--critical-hours"]?:
      | number
      | undefined;
  },
): Policy {
  return {
    ...DEFAULT_POLICY,
    warningCredits: given["--warning"] ?? warningCredits,
    criticalCredits: given["--critical"] ?? criticalCredits,
    warningHours: given["--warning-hours"] ?? warningHours,
    criticalHours: given["--critical-hours"] ?? criticalHours,
  };
}

/** The world of a laptop. `print` shows text to people. */
function createPorts(given: Options, print: (text: string) => void, style: Style): Ports {
  const file = given["--memory"] === undefined ? null : createMemoryFile(given["--memory"]);
  return {
    readParameters: async () => ({
      apiKey: process.env["KIE_API_KEY"],
      memory: file?.read() ?? INITIAL_DOCUMENT,
    }),
    readCredits: createKie(given["--base-url"] ?? DEFAULT_KIE_BASE_URL),
    countSubscribers: async () => null,
    publish: async (message) => {
      print(renderMessage(message, style));
      return "printed";
    },
    saveMemory: async (document) => file?.write(document),
    warn: console.error,
    checked: () => {},
    now: Date.now,
    sleep,
  };
}

await run(async () => {
  const given = readOptions(command, options);
  return given["--deployed"] ? checkByDeployedFunctions(given) : checkHere(given);
});

function invocationOf(given: Options): Invocation {
  return { dryRun: given["--dry-run"], test: given["--test"], need: given["--need"] };
}

async function checkHere(given: Options): Promise<number> {
  const json = given["--json"];
  const print = json ? console.error : console.log;
  const style = styleFor(json ? process.stderr : process.stdout);

  const config: Config = {
    ...LOCAL_CONFIG,
    policy: policyOf(given),
    timeZone: localTimeZone(),
  };
  const report = await checkCredits(config, invocationOf(given), createPorts(given, print, style));
  console.log(json ? JSON.stringify(report, null, 2) : renderReport(report, config, style));
  return exitCodeOf(report);
}

async function checkByDeployedFunctions(given: Options): Promise<number> {
  // Loaded only here: a check without AWS needn't wait for its clients.
  const { checkDeployed } = await import("./deployed.ts");
  const outcomes = await checkDeployed(given["--account"] ?? null, invocationOf(given));
  if (given["--json"]) {
    const answers = outcomes.map(({ config, report, error }) => report ?? { account: config.account, error });
    console.log(JSON.stringify(answers.length === 1 ? answers[0] : answers, null, 2));
  } else {
    console.log(renderOutcomes(outcomes, styleFor(process.stdout)));
  }
  return worstExitCode(outcomes.map(exitCodeOfOutcome));
}
