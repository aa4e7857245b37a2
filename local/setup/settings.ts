/** The third step: who is told, and when; written into settings.json. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { parseSettings, SETTINGS, type Settings } from "../../infra/settings.ts";
import { parseJson, SETTINGS_FILE } from "../../infra/settings-file.ts";
import { smsNotes } from "../../infra/sms-countries.ts";
import { formatDollars, formatNumber } from "../../lambda/messages/format.ts";
import type { Prompts } from "../prompts.ts";

const NEW_FILE = '{\n  "$schema": "./settings.schema.json"\n}\n';

/** What setup can set; it holds for all accounts that set nothing else. */
export interface Choice {
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly everyMinutes: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly warningCredits: number;
  readonly criticalCredits: number;
}

export interface SettingsFile {
  /** As it is, or what a new one begins with. */
  readonly text: string;
  readonly settings: Settings;
  /** What it says for all accounts. */
  readonly shared: Choice;
  /** What accounts set for themselves. */
  readonly own: readonly OwnThresholds[];
}

/** An account's thresholds, where they are not those for all. */
export interface OwnThresholds {
  readonly name: string;
  readonly warningCredits?: number | undefined;
  readonly criticalCredits?: number | undefined;
}

/** @throws InvalidInputError if it is not what a deployment takes */
export function readSettings(): SettingsFile {
  return parse(existsSync(SETTINGS_FILE) ? readFileSync(SETTINGS_FILE, "utf8") : NEW_FILE);
}

function parse(text: string, name = SETTINGS_FILE): SettingsFile {
  const value = parseJson(text, SETTINGS_FILE);
  const settings = parseSettings(value, name);
  const own = SETTINGS.parse(value);
  const shared = {
    emails: own.emails,
    phones: own.phones,
    everyMinutes: own.everyMinutes,
    timeZone: own.timeZone,
    warningCredits: own.warningCredits,
    criticalCredits: own.criticalCredits,
  };
  return { text, settings, shared, own: own.accounts };
}

/**
 * Looks at once at what the command line sets.
 *
 * @throws InvalidInputError that names every bad setting
 */
export function refuseBadOptions({ text, shared }: SettingsFile, given: Partial<Choice>): void {
  const { emails, phones } = withGiven(shared, given);
  parse(editSettings(text, { ...given, emails, phones }), `${SETTINGS_FILE} with these options`);
}

function withGiven(shared: Choice, given: Partial<Choice>): Choice {
  return {
    ...shared,
    ...given,
    emails: merge(shared.emails, given.emails),
    phones: merge(shared.phones, given.phones),
  };
}

/** Whether the file names nobody who would be told. */
export function isNobodyTold({ settings }: SettingsFile): boolean {
  return settings.emails.length + settings.phones.length === 0;
}

/** What people ask about a threshold: how much that is of what is there. */
export interface Balance {
  readonly account: string;
  /** Null if it is unknown. */
  readonly credits: number | null;
}

/**
 * Shows what is set. Asks if nobody is told yet, or if somebody wants to change it. Writes what has changed.
 *
 * @param given - from the command line: people to add, and what else to set without asking
 * @param localTimeZone - what is proposed to a file that names nobody yet
 * @returns the file as it then is
 * @throws InvalidInputError if the settings would not be valid; nothing is written then
 */
export async function chooseSettings(
  prompts: Prompts,
  file: SettingsFile,
  given: Partial<Choice>,
  balances: readonly Balance[],
  localTimeZone: string,
): Promise<SettingsFile> {
  const isFirst = isNobodyTold(file);
  const proposed = withGiven({ ...file.shared, ...(isFirst && { timeZone: localTimeZone }) }, given);
  const usdPerCredit = file.settings.accounts[0]?.usdPerCredit ?? file.settings.usdPerCredit;
  const show = (choice: Choice) =>
    prompts.say("Who is told, and when", describe(choice, balances, usdPerCredit, file.own));
  if (!isFirst) show(proposed);
  const isAsked = isFirst || (await prompts.confirm("Change any of this?", false));
  const choice = isAsked ? await askFor(prompts, proposed, isFirst ? given : {}, balances) : proposed;
  if (isAsked) show(choice);
  for (const note of smsNotes(choice.phones)) prompts.warn(note);

  const changes = Object.entries(choice).filter(
    ([name, value]) => isFirst || String(value) !== String(Reflect.get(file.shared, name)),
  );
  const changed = parse(editSettings(file.text, Object.fromEntries(changes)));
  if (changes.length === 0) return changed;
  writeWhole(SETTINGS_FILE, changed.text);
  prompts.fine(`Written to ${SETTINGS_FILE}`);
  return changed;
}

async function askFor(
  prompts: Prompts,
  proposed: Choice,
  given: Partial<Choice>,
  balances: readonly Balance[],
): Promise<Choice> {
  const ask = async <Name extends keyof Choice>(
    name: Name,
    message: string,
    read: (answer: string) => Choice[Name],
    problemOf: (value: Choice[Name]) => string | undefined = () => undefined,
  ): Promise<Choice[Name]> => {
    const value = proposed[name];
    if (given[name] !== undefined) return value;
    const problemWith = (answer: string) => {
      const parsed = SETTINGS.shape[name].safeParse(read(answer));
      return parsed.success ? problemOf(read(answer)) : parsed.error.issues[0]?.message;
    };
    const initial = Array.isArray(value) ? value.join(", ") : String(value);
    return read(await prompts.ask({ message, initial, problemWith }));
  };

  const emails = await ask("emails", "Emails that get every message, with commas between them", readList);
  const phones = await ask(
    "phones",
    "Phones that get an SMS at critical, such as +4915112345678 (optional)",
    (answer) => readList(answer).map(readPhone),
    (some) => (emails.length + some.length === 0 ? "expected an email or a phone" : undefined),
  );
  const timeZone = await ask("timeZone", "Time zone of the times in messages", (answer) => answer.trim());
  const known = balances.flatMap(({ credits }) => (credits === null ? [] : formatNumber(credits)));
  const present = known.length === 0 ? "" : ` You have ${known.join(" and ")}.`;
  const warningCredits = await ask(
    "warningCredits",
    `Warning at or below how many credits?${present}`,
    readCredits,
  );
  const criticalCredits = await ask(
    "criticalCredits",
    "Critical at or below how many? Enough to get to a computer and top up",
    readCredits,
    (credits) =>
      credits < warningCredits ? undefined : `expected less than ${formatNumber(warningCredits)}`,
  );
  return { ...proposed, emails, phones, timeZone, warningCredits, criticalCredits };
}

function readList(answer: string): string[] {
  return answer.split(/[,;\n]/).flatMap((item) => item.trim() || []);
}

/** E.164 from how people write numbers: +49 (151) 123-456 */
export function readPhone(text: string): string {
  return text.replaceAll(/[\s()./-]/g, "").replace(/^00/, "+");
}

/** Digits, in groups of three if they are: 2,000 is taken, but 2.000, which may mean either, is not. */
function readCredits(answer: string): number {
  const text = answer.trim();
  const isNumber = /^(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2})?$/.test(text);
  return isNumber ? Number(text.replaceAll(",", "")) : Number.NaN;
}

function merge(some: readonly string[], more: readonly string[] = []): readonly string[] {
  const known = new Set(some.map((one) => one.toLowerCase()));
  return [...some, ...more.filter((one) => !known.has(one.toLowerCase()))];
}

/** The choice in words; of the thresholds, what they mean for what is there now. */
export function describe(
  choice: Choice,
  balances: readonly Balance[],
  usdPerCredit: number,
  own: readonly OwnThresholds[] = [],
): string {
  const meaning = (field: "warningCredits" | "criticalCredits") => {
    const threshold = choice[field];
    const texts = balances.flatMap(({ account, credits }) => {
      const its = own.find(({ name }) => name === account)?.[field];
      const at = its ?? threshold;
      const prefix = its === undefined ? [] : [`${account} has its own, ${formatNumber(its)}`];
      if (credits === null) return prefix;
      const whose = balances.length === 1 ? "" : ` of ${account}`;
      const text =
        credits <= at
          ? `the ${formatNumber(credits)}${whose} are below that already`
          : `when ${formatNumber(credits - at)} of the ${formatNumber(credits)}${whose} are used`;
      return [...prefix, text].join(": ");
    });
    const left = `${formatNumber(threshold)} credits, about ${formatDollars(threshold * usdPerCredit)}`;
    return [left, ...texts].join("; ");
  };
  return [
    `By email: ${choice.emails.join(", ") || "nobody"}`,
    `By SMS: ${choice.phones.join(", ") || "nobody"}`,
    `A check every ${formatNumber(choice.everyMinutes)} min, times of ${choice.timeZone}`,
    `Warning at ${meaning("warningCredits")}`,
    `Critical at ${meaning("criticalCredits")}`,
  ].join("\n");
}

/** Sets fields of a JSON object and leaves all other lines as they are. */
export function editSettings(text: string, changes: Readonly<Record<string, unknown>>): string {
  return Object.entries(changes).reduce((edited, [name, value]) => setField(edited, name, value), text);
}

function setField(text: string, name: string, value: unknown): string {
  const mark = /^\uFEFF/.exec(text)?.[0] ?? "";
  const json = text.slice(mark.length);
  const tree = parseTree(json);
  if (tree === undefined) return text;
  const splice = (at: number, length: number, added: string) =>
    mark + json.slice(0, at) + added + json.slice(at + length);
  // A list in one line, as in settings.example.json.
  const written = Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(", ")}]`
    : JSON.stringify(value);
  const node = findNodeAtLocation(tree, [name]);
  if (node !== undefined) return splice(node.offset, node.length, written);
  // The library's own insertion formats the lines beside it anew.
  const eol = json.includes("\r\n") ? "\r\n" : "\n";
  const indentation = /^[ \t]+(?=")/m.exec(json)?.[0] ?? "  ";
  const line = `${eol}${indentation}${JSON.stringify(name)}: ${written}`;
  const last = tree.children?.at(-1);
  return last === undefined
    ? splice(tree.offset, tree.length, `{${line}${eol}}`)
    : splice(last.offset + last.length, 0, `,${line}`);
}

/** All of it or nothing, whenever the process ends. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}
