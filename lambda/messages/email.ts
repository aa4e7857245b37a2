/**
 * The email of an alert: plain text for proportional fonts and phones, so nothing is aligned, and every line but the
 * chart may wrap. Pure.
 */
import { HOUR_MS } from "../policy/time.ts";
import { FOLDER } from "./advice.ts";
import { type AlertContext, nextReminderOf } from "./context.ts";
import { audienceText, chartOf, creditLines, failureLines, lastKnownLine } from "./facts.ts";
import { formatHours, formatTime } from "./format.ts";
import { knownAgain, WORDS } from "./words.ts";

export function writeEmail(context: AlertContext): string {
  const { alert, config, report } = context;
  const { opening, steps } = WORDS[alert.kind];
  const again = knownAgain(context);
  const chart = chartOf(report);
  const paragraphs = [
    [again ? `${again.sentence} ${opening(context)}` : opening(context)],
    [
      `Account: ${config.account}`,
      ...(report.failure ? [...failureLines(context), lastKnownLine(context)] : creditLines(context)),
      ...subscribedLine(context),
    ],
    chart ? [`${chart.legend}:`, chart.bars] : [],
    stepLines(steps(context)),
    [...nextReminderLine(context), checkByHandLine(context)],
  ];
  const texts = paragraphs.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${texts.join("\n\n")}\n`;
}

/** Where it matters who hears. */
function subscribedLine({ alert, report: { audience } }: AlertContext): string[] {
  const isAsked = alert.kind === "audience" || alert.kind === "all-clear" || alert.kind === "test";
  return isAsked && audience ? [`Subscribed: ${audienceText(audience)}`] : [];
}

function stepLines(steps: readonly string[]): string[] {
  if (steps.length === 0) return ["What to do: nothing."];
  const mark = (index: number) => (steps.length === 1 ? "-" : `${index + 1}.`);
  return ["What to do:", ...steps.map((step, index) => `${mark(index)} ${step}`)];
}

function nextReminderLine(context: AlertContext): string[] {
  const at = nextReminderOf(context);
  if (at === null) return [];
  const wait = formatHours((at - context.now) / HOUR_MS);
  return [`Next reminder, if nothing changes: in ${wait}, ${formatTime(at, context.config.timeZone)}.`];
}

function checkByHandLine({ config }: AlertContext): string {
  if (config.apiKeyParameter === null) return "Check by hand: npm run check";
  const command = config.consoleOnly ? "" : `, or npm run check -- --deployed ${FOLDER}`;
  return `Check by hand: in the AWS console, Lambda, the Test tab of the function, with {} as event${command}`;
}
