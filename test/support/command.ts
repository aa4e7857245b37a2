/** Runs the project's commands: as functions in this process, or as people do, in one of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { WriteStream } from "node:tty";
import { fileURLToPath } from "node:url";
import type { Main } from "../../local/command.ts";

export interface Outcome {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Env = Readonly<Record<string, string>>;

/** What a command finds besides its arguments and its environment. */
export interface Surroundings {
  /** What is on standard input. */
  readonly input?: string;
  /** The folder that it works in; by default that of the tests. */
  readonly cwd?: string;
  /** Which of its outputs is a terminal, of 100 columns. */
  readonly terminal?: "stdout" | "stderr";
}

const TERMINAL = {
  isTTY: true,
  columns: 100,
  getColorDepth: () => WriteStream.prototype.getColorDepth(process.env),
};

/**
 * Runs a command in this process, with nothing in its environment but what is given here. One at a time, since they
 * share that environment.
 */
export async function run(
  main: Main,
  args: readonly string[] = [],
  env: Env = {},
  { input = "", cwd = process.cwd(), terminal }: Surroundings = {},
): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => {
    const stream = new Writable({
      decodeStrings: false,
      write(text, _encoding, done) {
        written[name] += text;
        done();
      },
    });
    return Object.assign(stream, name === terminal ? TERMINAL : {});
  };
  const before = { env: { ...process.env }, cwd: process.cwd() };
  const began = process.uptime();
  try {
    replaceEnvironment({ TZ: "UTC", ...(terminal && { TERM: "xterm-256color" }), ...env });
    process.chdir(cwd);
    const code = await main(args, {
      stdin: Readable.from([input]),
      stdout: output("stdout"),
      stderr: output("stderr"),
      uptime: () => process.uptime() - began,
      // Nobody waits.
      sleep: async () => {},
    });
    return { code, ...written };
  } finally {
    process.chdir(before.cwd);
    replaceEnvironment(before.env);
  }
}

/** In place: only so do the time zone and child processes follow. */
function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

/**
 * Starts `node local/run.mjs FILE ...args` with nothing in its environment but what is given here.
 *
 * @param cwd - the folder that it works in; by default that of the tests
 */
export function start(file: string, args: readonly string[] = [], env: Env = {}, cwd?: string) {
  const launcher = fileURLToPath(new URL("../../local/run.mjs", import.meta.url));
  return collect(spawn(process.execPath, [launcher, file, ...args], { cwd, env: { TZ: "UTC", ...env } }));
}

/** Collects what a process writes, and how it ends. */
export function collect(child: ChildProcessWithoutNullStreams) {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, outcome };
}
