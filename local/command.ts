/** What the commands share: how they read their options, and how they end. */
import { styleText } from "node:util";
import { Command } from "commander";
import * as z from "zod";
import { InvalidInputError, parseInput } from "../lambda/problems.ts";
import type { Style } from "./check/view.ts";

/** Bad usage, or nothing is known: monitoring plugins call it UNKNOWN. */
const EXIT_UNKNOWN = 3;

/** 128 and the signal's number, as shells have it. */
const EXIT_INTERRUPTED = 130;
const EXIT_BROKEN_PIPE = 141;

/** What is expected to go wrong, told in one line without a stack trace. */
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
 * @throws InvalidInputError that names every bad option
 */
export function readOptions<Schema extends z.ZodType>(command: Command, schema: Schema): z.output<Schema> {
  command.parse();
  const given = command.options.map((option) => [
    option.long,
    command.getOptionValue(option.attributeName()),
  ]);
  return parseInput("options", schema, Object.fromEntries(given));
}

/** What CloudFormation takes as the name of a stack. */
export const stackName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    "expected the name of a stack: letters, digits and -, beginning with a letter",
  );

/** Runs a command's body to its exit code. Ctrl-C and a reader that went away end it at once and quietly. */
export async function run(body: () => Promise<number>): Promise<void> {
  process.once("SIGINT", () => process.exit(EXIT_INTERRUPTED));
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
 * The time zone of this machine, as an IANA name. Where TZ holds none, such as `UTC0`, Node has no name for it;
 * where TZ is empty, it has one that it refuses itself.
 */
export function localTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return timeZone === undefined || timeZone === "Etc/Unknown" ? "UTC" : timeZone;
}

/** Colours for a stream, but none where it is no terminal or NO_COLOR is set. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (format, text) => styleText(format, text, { stream });
}
