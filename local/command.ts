/** What the commands share: how they read their options, and how they end. */
import { realpathSync } from "node:fs";
import { inspect, styleText } from "node:util";
import { Command, CommanderError } from "commander";
import * as z from "zod";
import { timeZone } from "../lambda/fields.ts";
import { InvalidInputError, parseInput } from "../lambda/problems.ts";
import { wrap } from "./wrap.ts";

/** Bad usage, or nothing is known; monitoring plugins call it UNKNOWN. */
export const EXIT_UNKNOWN = 3;

/** Something that is expected to go wrong, told in one line without a stack trace. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

/** Where a command writes to. Of a terminal it knows the width. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command needs of its process. The environment is not in it: the SDK, the CDK and Intl read the process's. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Seconds since Node was started. */
  readonly uptime: () => number;
  /** Waits for milliseconds. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * A command, as `local/run.mjs` starts it.
 *
 * @param argv - what stands behind the command's name
 * @returns the exit code; it does not throw
 */
export type Main = (argv: readonly string[], io: Io) => Promise<number>;

/** One option of a command. */
interface Option {
  /** Such as `<name>`; none for a flag. */
  readonly argument?: string;
  /** What --help says about it. */
  readonly help: string;
  readonly value: z.ZodType;
}

type Options = Readonly<Record<string, Option>>;

/** An option without a value. */
export const flag = (help: string) => ({ help, value: z.boolean().default(false) });

/** An option with a value, such as `<name>`. */
export const option = <Value extends z.ZodType>(argument: string, help: string, value: Value) => ({
  argument,
  help,
  value,
});

/** What the options came to, under their names: `--account`. */
export type Given<Declared extends Options> = {
  readonly [Name in keyof Declared]: z.output<Declared[Name]["value"]>;
};

/** What --help tells of a command. */
export interface Declaration<Declared extends Options> {
  /** As `npm run` knows it. */
  readonly script: string;
  readonly description: string;
  /** What to do instead, for those who put more than options behind the command. */
  readonly instead?: string;
  /** What stands below the options, such as the exit codes. */
  readonly notes?: string;
  /** By their names: `--account`. */
  readonly options: Declared;
}

/** Makes a command of its options, and of what it does with them. Errors are told, and give exit code 3. */
export function createMain<Declared extends Options>(
  declaration: Declaration<Declared>,
  body: (given: Given<Declared>, io: Io) => Promise<number>,
): Main {
  return async (argv, io) => {
    try {
      return await body(readOptions(declaration, argv, io), io);
    } catch (error) {
      // It has written what it has to say.
      if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_UNKNOWN;
      const isExpected = error instanceof CommandError || error instanceof InvalidInputError;
      const text = isExpected ? wrap(error.message, io.stderr.columns).join("\n") : inspect(error);
      print(io.stderr, text);
      return EXIT_UNKNOWN;
    }
  };
}

/** Writes a text as a line, or as several. */
export function print(output: Output, text: string): void {
  output.write(`${text}\n`);
}

/**
 * Reads the command line.
 *
 * @throws InvalidInputError that names every bad option; CommandError if npm kept some; CommanderError for the rest
 */
function readOptions<Declared extends Options>(
  { script, description, instead = "", notes = "", options }: Declaration<Declared>,
  argv: readonly string[],
  { stdout, stderr }: Io,
): Given<Declared> {
  const command = new Command(`npm run ${script} --`)
    .description(description)
    .addHelpText("after", notes)
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError(`All options: npm run ${script} -- --help`)
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // A key in the wrong place, such as --key=... or -k..., must not be repeated.
      outputError: (text, write) =>
        write(
          text
            .replace(/(unknown option '(?:-[^-]|[^'=]*=))[^']+/s, "$1...")
            .replace(/(but got \d+)(\.|: ).*/s, `$1.${instead}\n`),
        ),
    })
    .exitOverride();
  for (const [name, { argument, help }] of Object.entries(options)) {
    command.option(argument === undefined ? name : `${name} ${argument}`, help);
  }
  refuseKeptOptions(command, argv);
  command.parse(argv, { from: "user" });
  const given = command.options.map((option) => [
    option.long,
    command.getOptionValue(option.attributeName()),
  ]);
  const shape = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]));
  return parseInput("options", z.object(shape), Object.fromEntries(given)) as Given<Declared>;
}

/**
 * npm keeps the options before `--` for itself, and only sets a variable for each:
 * https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables
 */
function refuseKeptOptions(command: Command, argv: readonly string[]): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const kept = command.options
    .filter(({ long }) => !argv.some((given) => given.split("=")[0] === long))
    .map(keptByNpm)
    .filter((option) => option !== null);
  if (kept.length === 0) return;
  const options = kept.join(" ");
  throw new CommandError(
    `npm kept ${options} for itself. Put -- before the options: ${command.name()} ${options}`,
  );
}

/** The option as it was typed, or with `<its value>` if npm has left that on the command line; null if not kept. */
function keptByNpm({ long, flags, required }: Command["options"][number]): string | null {
  const value = process.env[`npm_config_${long?.slice(2).replaceAll("-", "_")}`];
  if (!long || !value) return null;
  if (!required) return long;
  return value === "true" ? flags : `${long} ${value}`;
}

/**
 * The time zone of this machine, as the settings take it; UTC if none is known. Intl takes an abbreviation in TZ for
 * another country's, such as BST for Bangladesh's: then the system's own counts, as where TZ is nothing at all.
 */
export function localTimeZone(): string {
  const { TZ = "" } = process.env;
  const isAbbreviation = /^[A-Za-z]+$/.test(TZ);
  // `:Europe/Berlin`, `/usr/share/zoneinfo/Europe/Berlin` and `posix/Europe/Berlin` are names to other programs.
  const named = TZ.replace(/^.*(:|zoneinfo\/|posix\/)/, "");
  const known = isAbbreviation ? null : Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [named, known, systemTimeZone()].find((name) => timeZone.safeParse(name).success) ?? "UTC";
}

/** What /etc/localtime links to; null if it is no link, as on Windows. */
function systemTimeZone(): string | null {
  try {
    return realpathSync("/etc/localtime").replace(/^.*zoneinfo[^/]*\//, "");
  } catch {
    return null;
  }
}

export type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is if the output shows no colours. */
export type Style = (format: Format, text: string) => string;

/** Colours for a stream; none if it is no terminal or NO_COLOR is set. */
export function styleFor(stream: Output): Style {
  return (format, text) => styleText(format, text, { stream });
}
