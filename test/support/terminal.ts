/** Runs a command as people do: at a terminal, which python3 makes. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { collect } from "./command.ts";
import { isInstalled } from "./moto.ts";

/** How often the screen is looked at, and how often at most. */
const LOOK_MS = 20;
const LOOKS = 3_000;

/** Whether there is what makes terminals. Says what to install if not. */
export function hasTerminals(): boolean {
  return isInstalled("python3", "apt-get install python3");
}

/**
 * Starts `node local/run.mjs FILE ...args` at a terminal, with nothing in its environment but PATH and what is given
 * here.
 *
 * @param cwd - the folder that it works in; by default that of the tests
 */
export function startAtTerminal(
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  { columns = 100, cwd }: { readonly columns?: number; readonly cwd?: string } = {},
) {
  const launcher = fileURLToPath(new URL("../../local/run.mjs", import.meta.url));
  const python = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
  const sized = `stty cols ${columns} rows 50; exec "$@"`;
  const child = spawn(
    "python3",
    ["-c", python, "sh", "-c", sized, "sh", process.execPath, launcher, file, ...args],
    { cwd, env: { TZ: "UTC", TERM: "xterm-256color", PATH: process.env["PATH"] ?? "", ...env } },
  );
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    written += text;
  });
  const { outcome } = collect(child);
  return {
    type: (keys: string) => child.stdin.write(keys),
    /** Waits until this text was written, behind all that was waited for before. */
    async shows(text: string): Promise<void> {
      for (let left = LOOKS; ; left -= 1) {
        const screen = stripVTControlCharacters(written);
        const at = screen.indexOf(text);
        if (at >= 0) {
          written = screen.slice(at + text.length);
          return;
        }
        if (child.exitCode !== null || left === 0) throw new Error(`Nowhere is ${text}: ${screen}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    /** How it ended, whether the cursor is there, and all that it wrote, without colours and moves of the cursor. */
    async ended(): Promise<{
      readonly code: number | null;
      readonly screen: string;
      readonly hasCursor: boolean;
    }> {
      const { code, stdout } = await outcome;
      const hasCursor = stdout.lastIndexOf("\u001b[?25h") >= stdout.lastIndexOf("\u001b[?25l");
      return { code, hasCursor, screen: stripVTControlCharacters(stdout).replaceAll("\r\n", "\n") };
    },
  };
}
