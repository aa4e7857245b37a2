/** The command `npm run pictures`: makes the pictures of README anew, from what the product really says. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import { formatTime } from "../../lambda/messages/format.ts";
import { DEMO_CONFIG, type Step, simulate } from "../../local/demo/simulation.ts";
import { STORY_DAYS, STORY_START } from "../../local/demo/story.ts";
import {
  type Delivery,
  deliveriesOf,
  hasSms,
  renderChart,
  renderLegend,
  SEVERITY_FORMATS,
} from "../../local/demo/view.ts";
import { hasMoto } from "../support/moto.ts";
import { hasTerminals } from "../support/terminal.ts";
import { findChromium, takePicture } from "./chromium.ts";
import { runSetupAndDoctor } from "./deployment.ts";
import { phonesPage } from "./phones.ts";
import { terminalSvg } from "./terminal.ts";

const FOLDER = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));

/** As many as each needs: fewer are larger on a phone. */
const CHART_COLUMNS = 57;
const NARROW_COLUMNS = 64;
const WIDE_COLUMNS = 76;

mkdirSync(FOLDER, { recursive: true });

const steps: Step[] = [];
for await (const step of simulate({ seed: 1, days: STORY_DAYS })) steps.push(step);

const deliveries = deliveriesOf(steps);
save("demo", terminalSvg("npm run demo", chart(), CHART_COLUMNS));

const chromium = await findChromium();
if (chromium === null) {
  console.error("messages.webp is left as it is: Chromium is not on the PATH. apt-get install chromium");
  process.exitCode = 1;
} else {
  const page = phonesPage(["CRITICAL", "SURGE"].map(find), find("CRITICAL"));
  await takePicture(chromium, page, `${FOLDER}messages.webp`);
  report("messages.webp");
}

if (hasMoto() && hasTerminals()) {
  const { setup, doctor } = await runSetupAndDoctor(NARROW_COLUMNS);
  save("setup", terminalSvg("npm run setup", setup, NARROW_COLUMNS));
  save("doctor", terminalSvg("npm run doctor", doctor, WIDE_COLUMNS));
} else {
  console.error("setup.svg and doctor.svg are left as they are.");
  process.exitCode = 1;
}

/** The demo's chart with five of its messages: all of them are too many to read in a picture. */
function chart(): string {
  const style = (...[format, text]: Parameters<typeof styleText>) =>
    styleText(format, text, { validateStream: false });
  const scene = { start: STORY_START, days: STORY_DAYS, policy: DEMO_CONFIG, columns: CHART_COLUMNS, style };
  const told = ["WARNING", "CRITICAL", "OK", "SURGE", "BALANCE UNKNOWN"].map((word) => find(word).message);
  const shown = steps.map((step) =>
    step.kind === "check" && step.message && !told.includes(step.message) ? { ...step, message: null } : step,
  );
  const rows = deliveriesOf(shown).flatMap((delivery) => {
    const { mark, severity, message } = delivery;
    const channels = hasSms(delivery) ? "email and SMS" : "email";
    return [
      style(SEVERITY_FORMATS[severity], `${mark}  ${message.subject}`),
      style("dim", `   ${timeOf(delivery)}, by ${channels}`),
    ];
  });
  const [states = ""] = renderLegend(scene).split("\n");
  const heading = `Five of the ${deliveries.length} messages:`;
  return [renderChart(shown, scene), states.trimStart(), "", heading, ...rows].join("\n");
}

/** The first message that begins with a word; one that goes to phones too, if there is any. */
function find(word: string): Delivery & { readonly time: string } {
  const all = deliveries.filter(({ message }) => message.subject.startsWith(`Kie ${word}: `));
  const found = all.find(hasSms) ?? all[0];
  if (!found) throw new Error(`The demo tells no ${word}.`);
  return { ...found, time: timeOf(found) };
}

function timeOf({ at }: Delivery): string {
  return formatTime(at, DEMO_CONFIG.timeZone);
}

function save(name: string, svg: string): void {
  writeFileSync(`${FOLDER}${name}.svg`, svg);
  report(`${name}.svg`);
}

function report(file: string): void {
  console.log(`docs/pictures/${file}, ${Math.ceil(statSync(FOLDER + file).size / 1024)} kB`);
}
