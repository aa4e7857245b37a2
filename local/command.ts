/** What the commands share: how they read their options, and how they end. */
import { styleText } from "node:util";
import { Command } from "commander";
import * as z from "zod";
import { InvalidInputError, parseInput } from "../lambda/problems.ts";
import type { Style } from "./check/view.ts";

/** Bad usage, or nothing is known; monitoring plugins call it UNKNOWN. */
const EXIT_UNKNOWN = 3;

/** 128 and the signal's number, as in shells. */
const EXIT_INTERRUPTED = 130;
const EXIT_TERMINATED = 143;
const EXIT_BROKEN_PIPE = 141;

/** Something that is expected to go wrong, told in one line without a stack trace. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

/** Begins the command that `npm run SCRIPT` starts; the caller adds its options. */
export function createCommand(script: string, description: string): Command {
  return new Command(`npm run ${script} --`)
    .description(description)
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError(`All options: npm run ${script} -- --help`)
    .configureOutput({
      // A key in the wrong place, such as --key=... or -k..., must not be repeated.
      outputError: (text, write) =>
        write(
          text
            .replace(/(unknown option '(?:-[^-]|[^'=]*=))[^']+/s, "$1...")
            .replace(/(but got \d+): .*/s, "$1.\n"),
        ),
    })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_UNKNOWN));
}

/**
 * Reads the command line by a schema whose fields are named like the options: `--warning`.
 *
 * @throws InvalidInputError that names every bad option; CommandError if npm kept some
 */
export function readOptions<Schema extends z.ZodType>(command: Command, schema: Schema): z.output<Schema> {
  refuseKeptOptions(command);
  command.parse();
  const given = command.options.map((option) => [
    option.long,
    command.getOptionValue(option.attributeName()),
  ]);
  return parseInput("options", schema, Object.fromEntries(given));
}

/**
 * npm keeps the options before `--` for itself, and only sets a variable for each:
 * https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables
 */
function refuseKeptOptions(command: Command): void {
  const kept = command.options.flatMap(({ long, flags, required }) => {
    const value = process.env[`npm_config_${long?.slice(2).replaceAll("-", "_")}`];
    if (!long || !value || process.argv.some((given) => given.split("=")[0] === long)) return [];
    // If the value was an argument of its own, npm has not kept it.
    return [required && value === "true" ? flags : required ? `${long} ${value}` : long];
  });
  if (kept.length === 0 || process.env["npm_lifecycle_event"] === undefined) return;
  const options = kept.join(" ");
  throw new CommandError(
    `npm kept ${options} for itself. Put -- before the options: ${command.name()} ${options}`,
  );
}

/** One option of a command. */
export interface Option<Value extends z.ZodType = z.ZodType> {
  /** Such as `<name>`; none for a flag. */
  readonly argument?: string;
  /** What --help says about it. */
  readonly help: string;
  readonly value: Value;
}

/**
 * Reads the command line by options that are declared in one place, under their names: `--account`.
 *
 * @throws InvalidInputError that names every bad option
 */
export function readDeclared<Options extends Readonly<Record<string, Option>>>(
  command: Command,
  options: Options,
): { readonly [Name in keyof Options]: z.output<Options[Name]["value"]> } {
  for (const [name, { argument, help }] of Object.entries(options)) {
    command.option(argument === undefined ? name : `${name} ${argument}`, help);
  }
  const shape = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]));
  return readOptions(command, z.object(shape)) as {
    [Name in keyof Options]: z.output<Options[Name]["value"]>;
  };
}

/** Runs a command's body to its exit code. Ctrl-C, or a reader that went away, ends it at once and quietly. */
export async function run(body: () => Promise<number>): Promise<void> {
  process.once("SIGINT", () => process.exit(EXIT_INTERRUPTED));
  process.once("SIGTERM", () => process.exit(EXIT_TERMINATED));
  // As the AWS CLI and the CDK do: before the region of a profile. The SDK knows AWS_REGION only.
  const region = process.env["AWS_REGION"] || process.env["AWS_DEFAULT_REGION"];
  if (region) process.env["AWS_REGION"] = region;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT_BROKEN_PIPE);
    throw error;
  });
  try {
    process.exitCode = await body();
  } catch (error) {
    const isExpected = error instanceof CommandError || error instanceof InvalidInputError;
    console.error(isExpected ? error.message : error);
    process.exitCode = EXIT_UNKNOWN;
  }
}

/**
 * The time zone of this machine, as an IANA name, or UTC. If TZ is none, such as `UTC0`, Node has no name for it;
 * if TZ is empty, Node gives `Etc/Unknown`, which it refuses itself.
 */
export function localTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return timeZone === undefined || timeZone === "Etc/Unknown" ? "UTC" : timeZone;
}

/** Colours for a stream; none if it is no terminal or NO_COLOR is set. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (format, text) => styleText(format, text, { stream });
}
