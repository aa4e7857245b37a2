/**
 * Starts a command, or the CDK app, under a Node that runs TypeScript: `node local/run.mjs FILE [arguments]`. This one if
 * it does, else the Node 24 that comes with `npm ci`. In plain JavaScript, so that Node 20 can say what is missing.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const [file = "", ...args] = process.argv.slice(2);

/** What monitoring plugins call UNKNOWN, and what the CDK expects of an app. */
const EXIT_MISSING = file.startsWith("local/") ? 3 : 1;

/** 128 and the signal's number, as in shells. */
const exitCodeOf = (signal) => 128 + constants.signals[signal];

const isThere = (path) => existsSync(new URL(path, ROOT));
const ownNode = ["node_modules/node/bin/node", "node_modules/node/bin/node.exe"].find(isThere);

const problem = missing();
if (problem) end(problem);
else if (process.features.typescript) await run();
else runUnder(ownNode);

/** What npm has not installed, and what to type; null if all is there. */
function missing() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  const names = Object.keys({ ...dependencies, ...devDependencies });
  const left = names.filter((name) => !isThere(`node_modules/${name}`));
  if (!isThere("node_modules")) return ["Nothing is installed yet.", "Type: npm ci"];
  if (left.length > 0)
    return [
      `Not everything is installed, such as ${left[0]}: packages are new, or npm left out those for development (NODE_ENV=production).`,
      "Type: npm ci --include=dev",
    ];
  if (process.features.typescript || ownNode) return null;
  return [
    `This is Node ${process.versions.node}, and the Node 24 that belongs here is missing: npm ran no install scripts (ignore-scripts).`,
    "Type: npm rebuild node --ignore-scripts=false   (or take Node 24 or later yourself: https://nodejs.org)",
  ];
}

function end(lines) {
  console.error(lines.join("\n"));
  process.exit(EXIT_MISSING);
}

/** Runs the file here: its `main` if it is a command. Ctrl-C, or a reader that went away, ends it at once and quietly. */
async function run() {
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(exitCodeOf(signal)));
  for (const output of [process.stdout, process.stderr])
    output.on("error", (error) => {
      if (error.code === "EPIPE") process.exit(exitCodeOf("SIGPIPE"));
      throw error;
    });
  // Some terminals do not know how wide they are, such as those of ssh -tt.
  for (const output of [process.stdout, process.stderr]) if (output.columns === 0) output.columns = 80;
  const { main } = await import(new URL(file, ROOT).href);
  if (main === undefined) return;
  const { stdin, stdout, stderr, uptime } = process;
  const code = await main(args, { stdin, stdout, stderr, uptime, sleep });
  // What was written is waited for, and what still goes on, such as a request after --timeout, is not.
  stdout.write("", () => stderr.write("", () => setImmediate(() => process.exit(code))));
}

/** Runs this file again, under another Node, and ends as that does. */
function runUnder(node) {
  const child = spawn(fileURLToPath(new URL(node, ROOT)), process.argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? exitCodeOf(signal)));
  child.on("error", ({ message }) =>
    end([
      `The Node 24 that came with npm ci does not run on this machine: ${message}`,
      "Take Node 24 or later yourself: https://nodejs.org",
    ]),
  );
}
