/** How a command talks: with somebody at a terminal, or with nobody. */
import { text as readAll } from "node:stream/consumers";
import { setImmediate, setTimeout } from "node:timers/promises";
import * as clack from "@clack/prompts";
import { CommandError, type Io, print } from "./command.ts";

/** 128 and the number of SIGINT, as in shells. */
const EXIT_INTERRUPTED = 130;

/** Columns that the bar takes, and a box. */
const FRAME = 4;
const BOX = 7;

/** How long what was typed before a question has to arrive; it waits in the terminal already. */
const TYPED_BEFORE_MS = 50;

const CTRL_C = 3;

/** Lines of a command's output that are shown while it runs. */
const SHOWN_LINES = 4;

export interface Question {
  readonly message: string;
  /** What Enter alone answers, and what counts if nobody can be asked. */
  readonly initial: string;
  /** Whether what is typed goes on from the initial answer, such as one more name in a list. If not, it replaces it. */
  readonly isEdited?: boolean;
  /** What is wrong with an answer; undefined if nothing is. */
  readonly problemWith?: (answer: string) => string | undefined;
}

/** Says what there is, asks for what is missing, and waits. Ctrl-C at a question ends the process. */
export interface Prompts {
  /** Whether somebody can answer. If not, each question has its initial answer. */
  readonly isAttended: boolean;
  readonly begin: (title: string) => void;
  readonly end: (text: string) => void;
  readonly fine: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly say: (title: string, text: string) => void;
  readonly ask: (question: Question) => Promise<string>;
  readonly confirm: (message: string, initial: boolean) => Promise<boolean>;
  /** A secret, which is never shown. Unattended, it is the next line of standard input. */
  readonly askSecret: (message: string) => Promise<string>;
  /** A link with a secret in it, which is not shown; null once the signal is given. Unattended, it is all of standard input. */
  readonly askLink: (message: string, signal?: AbortSignal) => Promise<string | null>;
  /** Waits for milliseconds. */
  readonly sleep: Io["sleep"];
  /** Shows the last lines of what goes on, and all of them if it fails. */
  readonly during: <Result>(
    title: string,
    body: (log: (line: string) => void) => Promise<Result>,
  ) => Promise<Result>;
}

/**
 * At a terminal.
 *
 * @param script - the command, as `npm run` knows it
 */
export function createTerminalPrompts({ sleep }: Io, script: string): Prompts {
  const sayStopped = () => clack.cancel(`Stopped. Nothing is half done. To go on: npm run ${script}`);
  // At a question the terminal sends no signal.
  process.prependOnceListener("SIGINT", sayStopped);
  const stop = (): never => {
    sayStopped();
    process.exit(EXIT_INTERRUPTED);
  };
  const ask = async <Answer>(question: () => Promise<Answer | typeof clack.CANCEL_SYMBOL>) => {
    if ((await discardTyped()).includes(CTRL_C)) stop();
    const answer = await question();
    return clack.isCancel(answer) ? stop() : answer;
  };
  return {
    isAttended: true,
    begin: (title) => clack.intro(title),
    end: (text) => clack.outro(text),
    fine: (text) => clack.log.success(wrap(text)),
    warn: (text) => clack.log.warn(wrap(text)),
    say: (title, text) => clack.note(wrap(text, BOX), title, { format: (line) => line }),
    ask: ({ message, initial, isEdited, problemWith }) => {
      const start = isEdited ? { initialValue: initial } : { placeholder: initial, defaultValue: initial };
      const validate = (answer = "") => problemWith?.(answer === "" && !isEdited ? initial : answer);
      return ask(() => clack.text({ message, ...start, validate }));
    },
    confirm: (message, initialValue) => ask(() => clack.confirm({ message, initialValue })),
    // Enter alone gives no text.
    askSecret: async (message) => (await ask(() => clack.password({ message }))) ?? "",
    askLink: (message, signal) =>
      ask(async () => {
        const answer = await clack.password({ message, mask: "", ...(signal && { signal }) });
        return signal?.aborted ? null : answer;
      }),
    sleep,
    async during(title, body) {
      const log = clack.taskLog({ title, limit: SHOWN_LINES });
      const lines: string[] = [];
      try {
        const result = await body((line) => {
          lines.push(line);
          // A line that the terminal breaks would not be erased as a whole.
          log.message(line.slice(0, widthBeside(FRAME)));
        });
        log.success(`${title}: done`);
        return result;
      } catch (error) {
        log.error(`${title}: failed`, { showLog: false });
        clack.log.message(wrap(lines.join("\n")));
        throw error;
      }
    },
  };
}

/**
 * Throws away what was typed before a question. Where nobody reads, a terminal keeps it for the next question, and makes
 * a line feed of Enter, which clack (core 1.6.0) takes for a key that moves: it turns No into Yes.
 *
 * @returns what was thrown away
 */
async function discardTyped(): Promise<Buffer> {
  const { stdin } = process;
  const typed: Buffer[] = [];
  const keep = (chunk: Buffer | string) => typed.push(Buffer.from(chunk));
  // A line without its end is given to no reader otherwise.
  stdin.setRawMode?.(true);
  stdin.on("data", keep);
  stdin.resume();
  await setTimeout(TYPED_BEFORE_MS);
  // Timers come before what has arrived.
  await setImmediate();
  stdin.off("data", keep);
  stdin.pause();
  return Buffer.concat(typed);
}

function widthBeside(frame: number): number {
  return Math.max(20, (process.stdout.columns ?? 80) - frame);
}

/** Breaks lines between words; the terminal would break them anywhere. */
function wrap(text: string, frame = FRAME): string {
  const width = widthBeside(frame);
  const words = new RegExp(`(.{1,${width}})(?: +|$)`, "g");
  return text
    .split("\n")
    .map((line) => line.replaceAll(words, "$1\n").trimEnd())
    .join("\n");
}

/** With nobody who could answer. */
export function createUnattendedPrompts(io: Io): Prompts {
  const { stdin, stdout, stderr, sleep } = io;
  let lines: Promise<string[]> | undefined;
  return {
    isAttended: false,
    begin: (title) => print(stdout, title),
    end: (text) => print(stdout, text),
    fine: (text) => print(stdout, `✔ ${text}`),
    warn: (text) => print(stdout, `⚠ ${text}`),
    say: (title, text) => print(stdout, `${title}\n${text.replaceAll(/^/gm, "  ")}`),
    async ask({ message, initial, problemWith }) {
      const problem = problemWith?.(initial);
      if (problem !== undefined) throw new CommandError(`${message}: ${problem}`);
      return initial;
    },
    confirm: async (_, initial) => initial,
    async askSecret(message) {
      lines ??= stdin.isTTY ? Promise.resolve([]) : readLines(io);
      const next = (await lines).shift();
      if (next !== undefined) return next;
      throw new CommandError(
        `${message}: there is none. Give it on standard input, a line for each: keys first, then addresses; if there is one account, KIE_API_KEY will do for its key.`,
      );
    },
    askLink: () => readAll(stdin),
    sleep,
    async during(title, body) {
      const lines: string[] = [];
      try {
        const result = await body((line) => lines.push(line));
        print(stdout, `✔ ${title}: done`);
        return result;
      } catch (error) {
        print(stderr, [...lines, `✖ ${title}: failed`].join("\n"));
        throw error;
      }
    },
  };
}

async function readLines({ stdin, stdout }: Io): Promise<string[]> {
  print(stdout, "Keys and addresses are read from standard input.");
  const text = await readAll(stdin);
  return text.split("\n").filter((line) => line.trim() !== "");
}
