/** The command `npm run demo`: the whole product in ten simulated days, with nothing set up. */
import { createLogUpdate } from "log-update";
import * as z from "zod";
import { decimal } from "../../lambda/fields.ts";
import { DAY_MS } from "../../lambda/policy/time.ts";
import { createMain, flag, type Given, type Io, option, print, styleFor } from "../command.ts";
import { DEMO_CONFIG, type Step, simulate } from "./simulation.ts";
import { STORY_DAYS, STORY_START } from "./story.ts";
import {
  deliveriesOf,
  hasSms,
  highlightsOf,
  renderChart,
  renderChat,
  renderDelivery,
  renderLegend,
  renderProgress,
  renderStory,
  type Scene,
} from "./view.ts";

const DEFAULT_SEED = 1;

/** Drawing takes this long in all, however many days there are. */
const SHOW_MS = 5_000;
const FRAMES = 150;

/** Where the output is no terminal. */
const DEFAULT_COLUMNS = 80;
/** Longer lines are hard to read, and shorter ones have no room for a phone. */
const MAX_COLUMNS = 100;
const MIN_COLUMNS = 40;

const wholeNumber = (from: number, to: number) => {
  const expected = `expected a whole number from ${from} to ${to}`;
  return decimal(z.number().int(expected).min(from, expected).max(to, expected));
};

const OPTIONS = {
  "--seed": option(
    "<number>",
    `another run of the same story (default: ${DEFAULT_SEED})`,
    wholeNumber(0, 2 ** 32 - 1).default(DEFAULT_SEED),
  ),
  "--days": option(
    "<days>",
    `only the first days of the story (default: all ${STORY_DAYS})`,
    wholeNumber(1, STORY_DAYS).default(STORY_DAYS),
  ),
  "--all": flag("show every message in full"),
  "--fast": flag("show the end at once"),
} as const;

export const main = createMain(
  {
    script: "demo",
    description:
      "Shows the alerts of ten simulated days. The real check asks a stand-in for Kie on this machine; " +
      "nothing is sent, and no key is needed.",
    options: OPTIONS,
  },
  show,
);

async function show(given: Given<typeof OPTIONS>, { stdout, sleep }: Io): Promise<number> {
  const { "--seed": seed, "--days": days, "--all": all, "--fast": fast } = given;
  const style = styleFor(stdout);
  const scene: Scene = {
    start: STORY_START,
    days,
    policy: DEMO_CONFIG,
    columns: Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, stdout.columns || DEFAULT_COLUMNS)),
    style,
  };
  print(
    stdout,
    `
${style("bold", `Kie credit alert: ${days} simulated ${days === 1 ? "day" : "days"} of one account`)}
The real check every 15 minutes, asking a stand-in for Kie on this machine.
Nothing is sent. The messages are marked a, b, c.
`,
  );

  const steps: Step[] = [];
  const isLive = stdout.isTTY && !fast;
  const startedAt = Date.now();
  const logUpdate = createLogUpdate(stdout as NodeJS.WriteStream);
  let frame = 0;
  for await (const step of simulate({ seed, days })) {
    steps.push(step);
    const shown = (step.at - STORY_START) / (days * DAY_MS);
    if (isLive && shown * FRAMES >= frame) {
      logUpdate(`${renderChart(steps, scene)}\n\n${renderProgress(steps, scene)}\n`);
      frame++;
      await sleep(Math.max(0, startedAt + shown * SHOW_MS - Date.now()));
    }
  }
  if (isLive) logUpdate.clear();
  const deliveries = deliveriesOf(steps);
  const inFull = all ? deliveries : highlightsOf(deliveries);
  const more = inFull.length === deliveries.length ? "" : " All of them: npm run demo -- --all";
  print(stdout, `${renderStory(steps, scene)}\n\nMessages as people get them.${more}\n`);
  for (const delivery of inFull) print(stdout, renderDelivery(delivery, scene));
  // One is enough to see how it looks there.
  const inChat = inFull.find(({ severity }) => severity === "critical") ?? inFull[0];
  if (inChat) print(stdout, renderChat(inChat, scene));

  const checks = steps.filter(({ kind }) => kind === "check").length;
  const texts = deliveries.filter(hasSms).length;
  print(
    stdout,
    `
${renderChart(steps, scene)}
${renderLegend(scene)}

Checks: ${checks}. Messages: ${deliveries.length}, ${texts} of them by SMS too.

Your own balance now:         npm run check
Put it on your AWS account:   npm run setup
`,
  );
  return 0;
}
