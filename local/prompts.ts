/** How a command talks: with somebody at a terminal, or with nobody. */
import { text as readAll } from "node:stream/consumers";
import { setImmediate, setTimeout } from "node:timers/promises";
import { stripVTControlCharacters, styleText } from "node:util";
import * as clack from "@clack/prompts";
import { CommandError, type Io, print } from "./command.ts";
import { wrap } from "./wrap.ts";

/** 128 and the number of SIGINT, as in shells. */
const EXIT_INTERRUPTED = 130;

/** Columns that the bar takes, and a box. */
const BAR = 4;
const BOX = 7;

/** How long what was typed before a question has to arrive; it waits in the terminal already. */
const TYPED_MS = 50;

/** How long the lines of a paste may be apart, on a slow connection. */
const PASTED_MS = 150;

const SHOW_CURSOR = "\u001b[?25h";

const CTRL_C = 3;
const CTRL_D = 4;

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

/** Says what there is, asks for what is missing, and waits. Ctrl-C or Ctrl-D at a question ends the process. */
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
 * @param repair - the command that finishes what this one may leave half done, if it changes anything
 */
export function createTerminalPrompts({ sleep }: Io, script: string, repair?: string): Prompts {
  const sayStopped = () => clack.cancel(`Stopped. To go on: npm run ${script}`);
  const stop = (): never => {
    // At a question, clack has hidden it.
    process.stdout.write(SHOW_CURSOR);
    sayStopped();
    process.exit(EXIT_INTERRUPTED);
  };
  // At a question the terminal sends no signal.
  process.prependOnceListener("SIGINT", () => {
    if (repair === undefined) sayStopped();
    else clack.cancel(`Stopped in the middle. To finish what was begun: npm run ${repair}`);
  });
  /** The answer, what was pasted behind its first line, and all that came in one go with it. */
  const ask = async <Answer>(question: () => Promise<Answer | typeof clack.CANCEL_SYMBOL>) => {
    if ((await readTyped(TYPED_MS)).includes(CTRL_C)) stop();
    const typing = watchTyping(stop);
    const answer = await question();
    const typed = await typing.inOneGo();
    const rest = /[\r\n]+(.*)/s.exec(typed)?.[1]?.replaceAll("\r", "\n") ?? "";
    if (clack.isCancel(answer) || [CTRL_C, CTRL_D].some((key) => rest.includes(String.fromCharCode(key))))
      return stop();
    return { answer, rest, typed };
  };
  return {
    isAttended: true,
    begin: (title) => clack.intro(title),
    end: (text) => clack.outro(text),
    fine: (text) => clack.log.success(wrapBeside(BAR, text)),
    warn: (text) => clack.log.warn(wrapBeside(BAR, text)),
    say: (title, text) => clack.note(wrapBeside(BOX, text), title, { format: (line) => line }),
    async ask({ message, initial, isEdited, problemWith }) {
      if (!isEdited) {
        const start = { placeholder: initial, defaultValue: initial };
        const validate = (answer = "") => problemWith?.(answer || initial);
        return (await ask(() => clack.text({ message: wrapQuestion(message), ...start, validate }))).answer;
      }
      // Not validated by clack, which would see the first line of a paste alone, and put the next one behind it.
      for (let initialValue = initial; ; ) {
        const given = await ask(() => clack.text({ message: wrapQuestion(message), initialValue }));
        const answer = withRest(given);
        const problem = problemWith?.(answer);
        if (problem === undefined) return answer;
        clack.log.warn(wrapBeside(BAR, problem));
        initialValue = answer.replaceAll(/\n+/g, ", ");
      }
    },
    async confirm(message, initialValue) {
      for (;;) {
        const { answer, typed } = await ask(() => clack.confirm({ message, initialValue }));
        // clack takes the first y or n of anything that is pasted.
        const text = stripVTControlCharacters(typed).trim();
        if (text.length <= 1 || /^(yes?|no)$/i.test(text)) return answer;
        clack.log.warn("Expected y or n alone. That was more, so it answers nothing.");
      }
    },
    askSecret: async (message) =>
      withRest(await ask(() => clack.password({ message: wrapQuestion(message) }))),
    async askLink(message, signal) {
      const question = { message: wrapQuestion(message), mask: "", ...(signal && { signal }) };
      const { answer, rest } = await ask(async () => {
        const given = await clack.password(question);
        return signal?.aborted ? null : given;
      });
      return answer === null ? null : withRest({ answer, rest });
    },
    sleep,
    async during(title, body) {
      const log = clack.taskLog({ title, limit: SHOWN_LINES });
      const lines: string[] = [];
      try {
        const result = await body((line) => {
          lines.push(line);
          // A line that the terminal breaks would not be erased as a whole.
          log.message(line.slice(0, columnsBeside(BAR)));
        });
        log.success(`${title}: done`);
        return result;
      } catch (error) {
        log.error(`${title}: failed`, { showLog: false });
        clack.log.message(wrapBeside(BAR, lines.join("\n")));
        throw error;
      }
    },
  };
}

/**
 * Takes what was typed, until nothing more comes. Where nobody reads, a terminal keeps it for the next question, and makes
 * a line feed of Enter, which clack (core 1.6.0) takes for a key that moves: it turns No into Yes. At the end it would be
 * the shell that reads, and runs it.
 */
async function readTyped(quietMs: number): Promise<Buffer> {
  const { stdin } = process;
  const typed: Buffer[] = [];
  const keep = (chunk: Buffer | string) => typed.push(Buffer.from(chunk));
  // A line without its end is given to no reader otherwise.
  stdin.setRawMode?.(true);
  stdin.on("data", keep);
  stdin.resume();
  for (let seen = -1; seen < typed.length; ) {
    seen = typed.length;
    await setTimeout(quietMs);
    // Timers come before what has arrived.
    await setImmediate();
  }
  stdin.off("data", keep);
  stdin.pause();
  stdin.setRawMode?.(false);
  return Buffer.concat(typed);
}

/**
 * Watches what is typed at a question, which takes one line alone.
 *
 * @param stop - what Ctrl-D does, at which the question would never end
 */
function watchTyping(stop: () => never) {
  const { stdin } = process;
  let last: Buffer[] = [];
  let typedAt = 0;
  const keep = (chunk: Buffer | string) => {
    const bytes = Buffer.from(chunk);
    if (bytes.includes(CTRL_D)) {
      stdin.off("data", keep);
      void readTyped(TYPED_MS).then(stop);
      return;
    }
    const now = performance.now();
    // What is pasted comes without a pause.
    if (now - typedAt > PASTED_MS) last = [];
    last.push(bytes);
    typedAt = now;
  };
  stdin.on("data", keep);
  return {
    /** With what still comes behind the answer. */
    async inOneGo(): Promise<string> {
      stdin.off("data", keep);
      return Buffer.concat([...last, await readTyped(PASTED_MS)]).toString();
    },
  };
}

/** Enter alone gives no text. */
function withRest({ answer = "", rest }: { readonly answer?: string; readonly rest: string }): string {
  return `${answer}\n${rest}`.trim();
}

function columnsBeside(frame: number): number {
  return (process.stdout.columns ?? 80) - frame;
}

function wrapBeside(frame: number, text: string): string {
  return wrap(text, columnsBeside(frame)).join("\n");
}

/** Of a question to which clack puts no bar beside all but the first line. */
function wrapQuestion(text: string): string {
  return wrapBeside(BAR, text).replaceAll("\n", `\n${styleText("gray", clack.S_BAR)}  `);
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
