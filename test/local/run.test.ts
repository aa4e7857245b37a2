/** The launcher, and what of a command only a process shows. */
import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { collect, start } from "../support/command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const COMMAND = `
export async function main(argv: readonly string[], { stdin, stdout }: typeof process): Promise<number> {
  for await (const text of stdin) stdout.write(text + JSON.stringify(argv));
  return 7;
}`;

/** A command that goes on until it is ended. */
const PATIENT_COMMAND = `
export const main = (_: unknown, { stdout }: typeof process): Promise<number> =>
  new Promise(() => setInterval(() => stdout.write("here"), 10));`;

const APP = `console.log("synthesized" satisfies string);`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

describe("the launcher", () => {
  beforeEach(() => {
    mkdirSync(join(folder, "local"));
    cpSync(join(ROOT, "local/run.mjs"), join(folder, "local/run.mjs"));
    write(
      "package.json",
      '{ "type": "module", "dependencies": { "used": "1" }, "devDependencies": { "node": "24" } }',
    );
    write("local/command.ts", COMMAND);
    write("local/patient.ts", PATIENT_COMMAND);
    write("infra/app.ts", APP);
  });

  /** What `npm ci` makes. */
  const install = (...names: string[]) => {
    for (const name of names) mkdirSync(join(folder, "node_modules", name), { recursive: true });
  };
  const installNode = () => {
    install("node/bin", "used");
    symlinkSync(process.execPath, join(folder, "node_modules/node/bin/node"));
  };

  /** @param flags - `--no-strip-types` makes this Node one that does not run TypeScript, as Node 20 */
  const launch = (flags: readonly string[], ...args: string[]) => {
    const all = [...flags, join(folder, "local/run.mjs"), ...args];
    return collect(spawn(process.execPath, all, { cwd: tmpdir(), env: {} }));
  };
  const launchOld = (...args: string[]) => launch(["--no-strip-types"], ...args);

  const missing: { title: string; setUp: () => void; told: RegExp }[] = [
    { title: "all packages", setUp: () => {}, told: /^Nothing is installed yet\.\nType: npm ci\n$/ },
    {
      title: "the packages for development",
      setUp: () => install("used"),
      told: /^Not everything is installed, such as node: .*NODE_ENV.*\nType: npm ci --include=dev\n$/,
    },
    {
      title: "the binary of Node 24, which a script installs",
      setUp: () => install("used", "node"),
      told: /^This is Node \d+\.\d+\.\d+, and the Node 24 .*ignore-scripts.*\nType: npm rebuild node --ignore-scripts=false .*\n$/,
    },
    {
      title: "a Node 24 for this machine",
      setUp() {
        install("used");
        write("node_modules/node/bin/node", "#!/lib/of-another-machine.so");
        chmodSync(join(folder, "node_modules/node/bin/node"), 0o755);
      },
      told: /^The Node 24 that came with npm ci does not run on this machine: .*\n.*https:\/\/nodejs\.org\n$/,
    },
  ];
  it.each(missing)("says in two lines that $title is missing, and what to type", async ({ setUp, told }) => {
    setUp();
    const command = await launchOld("local/command.ts").outcome;
    expect(command.stderr).toMatch(told);
    expect(command).toMatchObject({ code: 3, stdout: "" });
    expect(await launchOld("infra/app.ts").outcome).toEqual({ ...command, code: 1 });
  });

  it.each([
    {
      title: "under the Node that is there if it runs TypeScript",
      setUp: () => install("used", "node"),
      flags: [],
    },
    { title: "under the Node 24 of npm ci if not", setUp: installNode, flags: ["--no-strip-types"] },
  ])("runs command and app $title", async ({ setUp, flags }) => {
    setUp();
    const { process, outcome } = launch(flags, "local/command.ts", "--a", "b c");
    process.stdin.end("input ");
    expect(await outcome).toEqual({ code: 7, stdout: 'input ["--a","b c"]', stderr: "" });
    expect(await launch(flags, "infra/app.ts").outcome).toEqual({
      code: 0,
      stdout: "synthesized\n",
      stderr: "",
    });
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("passes %s on to the Node 24 of npm ci, and ends as that does", async (signal, code) => {
    installNode();
    const { process, outcome } = launchOld("local/patient.ts");
    process.stdout.once("data", () => process.kill(signal));
    expect(await outcome).toMatchObject({ code, stderr: "" });
  });
});

describe("a command", () => {
  let kie: KieStandIn;
  beforeEach(async () => {
    kie = await startKieStandIn(credits(5_000));
  });
  afterEach(() => kie.close());

  const check = (...args: string[]) =>
    start("local/check/check.ts", ["--base-url", kie.url, ...args], { KIE_API_KEY: "0123456789abcdef" });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends at once and quietly on %s", async (signal, code) => {
    kie.answer(() => {}); // Kie never answers.
    const { process, outcome } = check();
    await vi.waitUntil(() => kie.requests.length === 1, { timeout: 60_000 });
    process.kill(signal);
    expect(await outcome).toEqual({ code, stdout: "", stderr: "" });
  });

  it("ends quietly if nobody reads on", async () => {
    const { process, outcome } = start("local/demo/demo.ts", ["--fast"]);
    process.stdout.once("data", () => process.stdout.destroy());
    expect(await outcome).toMatchObject({ code: 141, stderr: "" });
  });

  it("gives up what still goes on at its --timeout", async () => {
    kie.answer(() => {});
    expect(await check("--timeout", "1.5").outcome).toEqual({
      code: 3,
      stdout: "KIE UNKNOWN - no result within 1.5 s\n",
      stderr: "",
    });
  });

  it("gives its exit code and its words through npm, of which options that npm keeps are some", async () => {
    const env = { PATH: process.env["PATH"], HOME: folder };
    const args = ["run", "--silent", "check", "--deployed", "--account=video"];
    expect(await collect(spawn("npm", args, { cwd: ROOT, env })).outcome).toEqual({
      code: 3,
      stdout: "",
      stderr:
        "npm kept --deployed --account video for itself. Put -- before the options: npm run check -- --deployed --account video\n",
    });
  });
});
