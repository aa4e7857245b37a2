/** The command `npm run check`: the very same check on a laptop, with no AWS. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { checkCredits, type Ports } from "../lambda/check-credits.ts";
import { type Config, DEFAULT_KIE_BASE_URL } from "../lambda/config.ts";
import { amount, checkPolicy, decimal, kieBaseUrl } from "../lambda/fields.ts";
import { createKie } from "../lambda/kie.ts";
import { INITIAL_DOCUMENT } from "../lambda/memory.ts";
import { DEFAULT_POLICY, type Policy } from "../lambda/policy.ts";
import { createCommand, readOptions, run, styleFor } from "./command.ts";
import { LOCAL_CONFIG } from "./config.ts";
import { createMemoryFile } from "./memory-file.ts";
import { exitCodeOf, renderMessage, renderReport, type Style } from "./report.ts";

const { warningCredits, criticalCredits, warningHours, criticalHours } = DEFAULT_POLICY;

const command = createCommand(
  "check",
  "Checks the Kie.ai credits of the key in KIE_API_KEY once, and prints the alert that is due.",
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
  .addHelpText(
    "after",
    `
Exit codes, as monitoring plugins use them:
  0  ok
  1  warning
  2  critical or empty, or not enough for --need
  3  unknown: no reading, or a bad option`,
  );

const flag = z.boolean().default(false);

/** Defaults are filled in by `policyOf`, so that a problem with one of them can say so. */
const options = z
  .object({
    "--json": flag,
    "--memory": z.string().min(1, "expected a file's name").optional(),
    "--need": decimal(amount).nullable().default(null),
    "--warning": decimal(amount).optional(),
    "--critical": decimal(amount).optional(),
    "--warning-hours": decimal(amount).optional(),
    "--critical-hours": decimal(amount).optional(),
    "--dry-run": flag,
    "--test": flag,
    "--base-url": kieBaseUrl.default(DEFAULT_KIE_BASE_URL),
  })
  .superRefine((given, context) => {
    const names = {
      warningCredits: "--warning",
      criticalCredits: "--critical",
      warningHours: "--warning-hours",
      criticalHours: "--critical-hours",
    } as const;
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
    readCredits: createKie(given["--base-url"]),
    audience: async () => null,
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
  const json = given["--json"];
  const print = json ? console.error : console.log;
  const style = styleFor(json ? process.stderr : process.stdout);

  const config: Config = {
    ...LOCAL_CONFIG,
    policy: policyOf(given),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  const report = await checkCredits(
    config,
    { dryRun: given["--dry-run"], test: given["--test"], need: given["--need"] },
    createPorts(given, print, style),
  );
  console.log(json ? JSON.stringify(report, null, 2) : renderReport(report, config, style));
  return exitCodeOf(report);
});
