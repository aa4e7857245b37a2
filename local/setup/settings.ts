/** The third step: who is told, and when; written into settings.json. */
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { applyEdits, createScanner, findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { phoneDoubts } from "../../infra/phones.ts";
import { parseSettings, SETTINGS, type Settings, type WebhookSettings } from "../../infra/settings.ts";
import { lookalikesOf, parseJson, readText, SETTINGS_FILE } from "../../infra/settings-file.ts";
import { smsNotes } from "../../infra/sms-countries.ts";
import { expectedOfPoint } from "../../lambda/fields.ts";
import { formatDollars, formatNumber } from "../../lambda/messages/format.ts";
import { CommandError } from "../command.ts";
import type { Prompts } from "../prompts.ts";
import { writeWhole } from "../write-whole.ts";
import { emailDoubts } from "./email-doubts.ts";

const NEW_FILE = '{\n  "$schema": "./settings.schema.json"\n}\n';

/** Where the CDK puts what it deploys. */
const CDK_OUTPUT = "cdk.out";

/** What setup can set; it holds for all accounts that set nothing else. */
export interface Choice {
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly everyMinutes: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly warningCredits: number;
  readonly criticalCredits: number;
  readonly dashboard: boolean;
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
  return parse(readText(SETTINGS_FILE) ?? NEW_FILE);
}

/** What to say if there is no file, but one whose name an editor may have made longer; null otherwise. */
export function lookalikeNote(): string | null {
  const others = lookalikesOf(SETTINGS_FILE);
  return others.length === 0 || others.includes(SETTINGS_FILE)
    ? null
    : `There is no ${SETTINGS_FILE}, but ${others.join(", ")}. If that has your settings, stop here and rename it to ${SETTINGS_FILE}.`;
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
    dashboard: own.dashboard,
  };
  return { text, settings, shared, own: own.accounts };
}

/**
 * Looks whether setup and the CDK can write here what they write later.
 *
 * @throws CommandError
 */
export function refuseReadOnlyFolder(): void {
  try {
    writeFileSync(`${SETTINGS_FILE}.tmp`, "");
    rmSync(`${SETTINGS_FILE}.tmp`);
    for (const one of [SETTINGS_FILE, CDK_OUTPUT]) if (existsSync(one)) accessSync(one, constants.W_OK);
  } catch (error) {
    throw new CommandError(
      `The folder ${process.cwd()} can't be written: ${error instanceof Error ? error.message : error}. Setup writes ${SETTINGS_FILE} here, and the CDK ${CDK_OUTPUT}.`,
    );
  }
}

/**
 * Looks at once at what the command line sets.
 *
 * @throws InvalidInputError that names every bad setting
 */
export function refuseBadOptions({ text, shared }: SettingsFile, given: Partial<Choice>): void {
  const { emails, phones } = withGiven(shared, given);
  parse(
    editSettings(text, { ...given, emails, phones }, { ...shared }),
    `${SETTINGS_FILE} with these options`,
  );
}

/**
 * Looks at once whether the settings can take a webhook of this name, if they do not have it.
 *
 * @throws InvalidInputError that says why they can't
 */
export function refuseBadWebhook({ text, settings: { webhooks } }: SettingsFile, name: string): void {
  if (webhooks.some((own) => own.name === name)) return;
  parse(
    editSettings(text, { webhooks: [...webhooks, { name }] }, { webhooks }),
    `${SETTINGS_FILE} with the webhook ${name}`,
  );
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
  return settings.emails.length + settings.phones.length + settings.webhooks.length === 0;
}

/** What people ask about a threshold: how much that is of what is there. */
export interface Balance {
  readonly account: string;
  /** Null if it is unknown. */
  readonly credits: number | null;
}

/** What there is beside the file. */
export interface Known {
  readonly balances: readonly Balance[];
  /** What is proposed to a file that names nobody yet. */
  readonly localTimeZone: string;
  /** Which there are, or will be. */
  readonly webhooks: readonly WebhookSettings[];
  /** The emails and phones that are told already. */
  readonly deployed: readonly string[];
}

/**
 * Shows what is set. Asks if nobody is told yet, or if somebody wants to change it, until it is right. Writes what has
 * changed.
 *
 * @param given - from the command line: people to add, and what else to set without asking
 * @returns the file as it then is
 * @throws InvalidInputError if the settings would not be valid; CommandError if they can't be written; nothing is then
 */
export async function chooseSettings(
  prompts: Prompts,
  file: SettingsFile,
  given: Partial<Choice>,
  { balances, localTimeZone, webhooks, deployed }: Known,
): Promise<SettingsFile> {
  const isFirst = isNobodyTold(file);
  const known = new Set(deployed.map((one) => one.toLowerCase()));
  const proposed = withGiven({ ...file.shared, ...(isFirst && { timeZone: localTimeZone }) }, given);
  const usdPerCredit = file.settings.accounts[0]?.usdPerCredit ?? file.settings.usdPerCredit;
  const show = (choice: Choice) =>
    prompts.say("Who is told, and when", describe(choice, balances, usdPerCredit, file.own, webhooks));
  if (!isFirst) show(proposed);
  let isAsked = isFirst || (await prompts.confirm("Change any of this?", false));
  let choice = isAsked ? await askFor(prompts, proposed, isFirst ? given : {}, balances, webhooks) : proposed;
  for (;;) {
    if (isAsked) show(choice);
    const doubts = emailDoubts(choice.emails.filter((email) => !known.has(email.toLowerCase())));
    for (const note of [...doubts, ...phoneDoubts(choice.phones), ...smsNotes(choice.phones)]) {
      prompts.warn(note);
    }
    const isClear = !prompts.isAttended || (!isAsked && doubts.length === 0);
    if (isClear || (await prompts.confirm("Is this right?", doubts.length === 0))) break;
    isAsked = true;
    choice = await askFor(prompts, choice, {}, balances, webhooks);
  }

  const changes = Object.entries(choice).filter(
    ([name, value]) => isFirst || String(value) !== String(Reflect.get(file.shared, name)),
  );
  const changed = parse(editSettings(file.text, Object.fromEntries(changes), { ...file.shared }));
  if (changes.length === 0) return changed;
  write(changed.text);
  prompts.fine(`Written to ${SETTINGS_FILE}`);
  return changed;
}

/**
 * Writes the webhooks, if they are others than the file names.
 *
 * @param webhooks - those that the file names, in its order, then new ones
 * @returns the file as it then is
 */
export function writeWebhooks(
  prompts: Prompts,
  file: SettingsFile,
  webhooks: readonly WebhookSettings[],
): SettingsFile {
  const before = file.settings.webhooks;
  const isWritten = (webhook: WebhookSettings) => before.some((own) => isDeepStrictEqual(own, webhook));
  const names = webhooks.filter((webhook) => !isWritten(webhook)).map(({ name }) => name);
  if (names.length === 0) return file;
  const kept = webhooks.slice(0, before.length);
  // In its place, so that a comment above a row stays above it.
  const text = kept.reduce((edited, webhook, index) => {
    const row = findNodeAtLocation(parseTree(edited) as Node, ["webhooks", index]) as Node;
    return isWritten(webhook) ? edited : replace(edited, row, JSON.stringify(webhook));
  }, file.text);
  const changed = parse(editSettings(text, { webhooks }, { webhooks: kept }));
  write(changed.text);
  prompts.fine(`Written to ${SETTINGS_FILE}: the webhook ${names.join(", ")}`);
  return changed;
}

async function askFor(
  prompts: Prompts,
  proposed: Choice,
  given: Partial<Choice>,
  balances: readonly Balance[],
  webhooks: readonly WebhookSettings[],
): Promise<Choice> {
  const ask = async <Name extends keyof Choice>(
    name: Name,
    message: string,
    read: (answer: string) => unknown,
    problemOf: (value: Choice[Name]) => string | undefined = () => undefined,
  ): Promise<Choice[Name]> => {
    const value = proposed[name];
    if (given[name] !== undefined) return value;
    const problemWith = (answer: string) => {
      const doubtful = expectedOfPoint(answer.trim());
      if (doubtful !== undefined) return doubtful;
      const given = read(answer);
      const parsed = SETTINGS.shape[name].safeParse(given);
      if (parsed.success) return problemOf(parsed.data as Choice[Name]);
      const [issue] = parsed.error.issues;
      const item = Array.isArray(given) ? given[Number(issue?.path[0])] : undefined;
      return item === undefined ? issue?.message : `${item}: ${issue?.message}`;
    };
    const isEdited = Array.isArray(value);
    const initial = isEdited ? value.join(", ") : String(value);
    const answer = await prompts.ask({ message, initial, isEdited, problemWith });
    return SETTINGS.shape[name].parse(read(answer)) as Choice[Name];
  };

  const optional = webhooks.length > 0 ? " (optional)" : "";
  const emails = await ask(
    "emails",
    `Emails that get every message, with commas between them${optional}`,
    (answer) => readList(answer, /[,;\s]/),
  );
  const phones = await ask(
    "phones",
    "Phones that get an SMS at critical, such as +4915112345678 (optional)",
    (answer) => readList(answer, /[,;\n]|\s(?=\+)/),
    (some) =>
      emails.length + some.length + webhooks.length === 0
        ? "expected an email or a phone, since there is no chat"
        : undefined,
  );
  const timeZone = await ask("timeZone", "Time zone of the times in messages", (answer) => answer.trim());
  const known = balances.flatMap(({ credits }) => (credits === null ? [] : formatNumber(credits)));
  const present = known.length === 0 ? "" : ` You have ${known.join(" and ")}.`;
  const warningCredits = await ask(
    "warningCredits",
    `Warning at or below how many credits? 1,000, or 8,000 for an app with customers.${present}`,
    readCredits,
  );
  const criticalCredits = await ask(
    "criticalCredits",
    "Critical at or below how many? 300, or 3,000 for an app with customers",
    readCredits,
    (credits) =>
      credits < warningCredits ? undefined : `expected less than ${formatNumber(warningCredits)}`,
  );
  const dashboard = await prompts.confirm(
    "A dashboard with graphs? About $3.60 a month where AWS's three free ones are used up",
    proposed.dashboard,
  );
  return { ...proposed, emails, phones, timeZone, warningCredits, criticalCredits, dashboard };
}

function readList(answer: string, separator: RegExp): string[] {
  return answer.split(separator).flatMap((item) => item.trim() || []);
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
  webhooks: readonly WebhookSettings[] = [],
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
    ...(webhooks.length > 0 ? [`By chat or webhook: ${webhooks.map(({ name }) => name).join(", ")}`] : []),
    `A check every ${formatNumber(choice.everyMinutes)} min, times of ${choice.timeZone}${choice.dashboard ? ", a dashboard" : ""}`,
    `Warning at ${meaning("warningCredits")}`,
    `Critical at ${meaning("criticalCredits")}`,
  ].join("\n");
}

function write(text: string): void {
  try {
    writeWhole(SETTINGS_FILE, text);
  } catch (error) {
    throw new CommandError(
      `${SETTINGS_FILE} can't be written: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/**
 * Sets fields of a JSON object, and leaves comments and all other lines as they are. Not by jsonc-parser's `modify`
 * (3.3.1): that puts what is new before the comment on the last line, which then seems to be about that, and makes
 * `["a""]` of `["a","b"]` without its last item.
 *
 * @param before - what the fields are now, as the settings' rules read them
 */
export function editSettings(
  text: string,
  changes: Readonly<Record<string, unknown>>,
  before: Readonly<Partial<Record<string, unknown>>> = {},
): string {
  return Object.entries(changes).reduce((edited, [name, value]) => {
    const tree = parseTree(edited);
    if (tree === undefined) return edited;
    const node = findNodeAtLocation(tree, [name]);
    if (node === undefined) return append(edited, tree, `${JSON.stringify(name)}: ${inOneLine(value)}`);
    const mayHaveComments = /\n|\/\*/.test(edited.slice(node.offset, node.offset + node.length));
    return mayHaveComments && Array.isArray(value) && Array.isArray(before[name])
      ? setItems(edited, name, before[name], value)
      : replace(edited, node, inOneLine(value));
  }, text);
}

/** A list in one line, as in settings.example.json. */
function inOneLine(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(", ")}]`
    : JSON.stringify(value);
}

/** Item by item, so that those that stay keep their comments. */
function setItems(text: string, name: string, before: readonly unknown[], after: readonly unknown[]): string {
  const list = (edited: string) => findNodeAtLocation(parseTree(edited) as Node, [name]) as Node;
  const kept = list(text)
    .children?.filter((_, index) => !after.includes(before[index]))
    .reduceRight(removeLine, text);
  return after
    .filter((item) => !before.includes(item))
    .reduce<string>((edited, item) => append(edited, list(edited), JSON.stringify(item)), kept ?? text);
}

/** Removes an item with its line and the comment on that, if it has a line of its own. */
function removeLine(text: string, { offset, length }: Node): string {
  const start = /(\n[ \t]*)?$/.exec(text.slice(0, offset))?.index ?? offset;
  const end = endOfComma(text, offset + length) ?? offset + length;
  const comment = /^[ \t]*(\/\/.*)?(?=\r?\n)/.exec(text.slice(end))?.[0];
  return comment === undefined || start === offset
    ? replace(text, { offset, length: end - offset }, "")
    : replace(text, { offset: start, length: end + comment.length - start }, "");
}

/** Adds a line to an object or a list, behind all that is in it. */
function append(text: string, { offset, length, children = [] }: Node, added: string): string {
  const close = offset + length - 1;
  const last = children.at(-1);
  const end = last === undefined ? offset + 1 : last.offset + last.length;
  const needsComma = last !== undefined && endOfComma(text, end) === null;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const indentation = /\n([ \t]*)$/.exec(text.slice(0, children[0]?.offset ?? 0))?.[1] ?? "  ";
  const own = /\r?\n[ \t]*$/.exec(text.slice(end, close))?.[0];
  return applyEdits(text, [
    ...(needsComma ? [{ offset: end, length: 0, content: "," }] : []),
    {
      offset: close - (own?.length ?? 0),
      length: 0,
      content: `${eol}${indentation}${added}${own ? "" : eol}`,
    },
  ]);
}

/** Where the comma ends that is the next thing but comments; null if it is none. */
function endOfComma(text: string, start: number): number | null {
  const scanner = createScanner(text, true);
  scanner.setPosition(start);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return text[at] === "," ? at + 1 : null;
}

function replace(text: string, { offset, length }: Pick<Node, "offset" | "length">, content: string): string {
  return applyEdits(text, [{ offset, length, content }]);
}
