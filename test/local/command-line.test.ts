/** Whatever is typed: a clear error or what was asked for, but no crash, no silent default and never the key. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main as check } from "../../local/check/check.ts";
import type { Main } from "../../local/command.ts";
import { main as confirm } from "../../local/confirm/confirm.ts";
import { main as demo } from "../../local/demo/demo.ts";
import { credits, type KieStandIn, startKieStandIn } from "../../local/demo/kie-stand-in.ts";
import { main as doctor } from "../../local/doctor/doctor.ts";
import { main as setup } from "../../local/setup/setup.ts";
import { type Outcome, run } from "../support/command.ts";
import { CREDENTIALS } from "../support/credentials.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const CREDITS = 5_000;

/** Nobody listens there, so that nothing leaves this machine. */
const AWS = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  ...CREDENTIALS,
  AWS_EC2_METADATA_DISABLED: "true",
};

const NUMBERS = ["--need", "--warning", "--critical", "--warning-hours", "--critical-hours"];

let kie: KieStandIn;
let folder: string;
beforeEach(async () => {
  kie = await startKieStandIn(credits(CREDITS));
  folder = mkdtempSync(join(tmpdir(), "command-line-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await kie.close();
});

/** An option with its value, one without, or what is no option. */
type Part = readonly string[];

/** Text without a path to elsewhere: some of it becomes the name of a file. NUL can't be in an argument. */
const anyText = fc
  .oneof(fc.string(), fc.string({ unit: "binary" }))
  .map((text) => text.replaceAll(/[\0/\\]/g, "_"));
const anyWord = anyText.filter((text) => !text.startsWith("-"));

const wrongNumber = fc.oneof(
  fc.constantFrom("", "-1", "1e3", "0x10", " 5", "NaN", "1,000", "9".repeat(400)),
  anyText,
);
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 10_000 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom("0", "5000", "5000.5", "0.0") },
  { weight: 1, arbitrary: wrongNumber },
);
const valued = (names: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<Part> =>
  fc
    .tuple(fc.constantFrom(...names), value, fc.boolean())
    .map(([name, text, isJoined]) => (isJoined ? [`${name}=${text}`] : [name, text]));
const flag = (...names: readonly string[]): fc.Arbitrary<Part> =>
  fc.constantFrom(...names).map((name) => [name]);
/** A key in the wrong place must not be repeated. */
const unknown: fc.Arbitrary<Part> = fc.oneof(
  fc.constantFrom([KEY], [`--key=${KEY}`], [`-k${KEY}`], ["--"], ["-"], ["-x"], ["--warnin", "5"]),
  anyText.map((text) => [text]),
  anyWord.map((text) => [`--${text}`]),
);

/** Runs a command in an empty folder, with a key in its environment that must be in no output. */
async function type(main: Main, args: readonly string[]): Promise<Outcome> {
  const cwd = mkdtempSync(join(folder, "cwd-"));
  const outcome = await run(main, args, { ...AWS, HOME: folder, KIE_API_KEY: KEY }, { cwd });
  const { code, stdout, stderr } = outcome;
  expect([0, 1, 2, 3]).toContain(code);
  expect(stdout + stderr).not.toContain(KEY.slice(0, 8));
  expect(stdout + stderr).not.toMatch(/^ {4}at /m);
  return outcome;
}

/** What is typed wrong is said of an option by its name, or of an argument that is none. */
const BAD_USAGE =
  /^(error: (unknown option '-|option '--[a-z-]+ <[a-z]+>' argument missing|too many arguments\. )|Invalid options:\n( {2}--[a-z-]+: got .+, expected .+\n)+$)/;

describe("the command line", () => {
  it("of a check on this machine is done as it says, or refused by name", async () => {
    const part = fc.oneof(
      { weight: 12, arbitrary: valued(NUMBERS, number) },
      { weight: 6, arbitrary: flag("--json", "--dry-run", "--test") },
      { weight: 2, arbitrary: valued(["--memory"], fc.oneof(fc.constantFrom("m.json", "", "."), anyWord)) },
      { weight: 2, arbitrary: valued(["--snooze", "--timeout"], number) },
      { weight: 1, arbitrary: valued(["--account", "--base-url"], anyWord) },
      { weight: 1, arbitrary: flag("--deployed", "--help", "-h") },
      { weight: 1, arbitrary: unknown },
    );
    // A value is missing only at the end: before it, the next option would be taken for one.
    const last = fc.oneof(
      { weight: 9, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...NUMBERS, "--memory", "--account", "--snooze").map((name) => [name]),
      },
    );
    const anyArgs = fc
      .tuple(fc.array(part, { maxLength: 4 }), last)
      .map(([parts, end]) => [...parts.flat(), ...end])
      .filter((args) => !args.some(isHttps));

    await fc.assert(
      fc.asyncProperty(anyArgs, async (args) => {
        const asked = kie.requests.length;
        const { code, stdout, stderr } = await type(check, ["--base-url", kie.url, ...args]);
        if (kie.requests.length === asked) {
          if (code === 0) expect(stdout).toContain("Usage: npm run check");
          else if (stderr.startsWith("--memory: ")) expect(stderr).toMatch(/ can't be read: .*\n$/s);
          else expect(stderr).toMatch(BAD_USAGE);
          return;
        }
        if (code === 3) {
          expect(stdout + stderr).toMatch(/--memory: .* can't be written: .*\n$|no result within \d/s);
          return;
        }
        // What was taken is what was meant.
        const numbers = [...NUMBERS, "--snooze", "--timeout"];
        for (const name of numbers) expect(lastValue(args, name) ?? "0").toMatch(/^\d+(\.\d+)?$/);
        const given = (name: string, otherwise: number) => Number(lastValue(args, name) ?? otherwise);
        const byLevel =
          given("--critical", 300) >= CREDITS ? 2 : given("--warning", 1_000) >= CREDITS ? 1 : 0;
        const byNeed = given("--need", 0) > CREDITS ? 2 : 0;
        expect(code).toBe(lastValue(args, "--need") === undefined ? byLevel : byNeed);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("that needs AWS is refused by name, or says that AWS is out of reach", async () => {
    const part = fc.oneof(
      {
        weight: 3,
        arbitrary: valued(["--account"], fc.oneof(fc.constantFrom("Kie", "kie"), anyText)),
      },
      { weight: 1, arbitrary: unknown },
    );
    const anyArgs = fc.array(part, { maxLength: 2 }).map((parts) => parts.flat());
    const command = fc.constantFrom({ main: check, first: ["--deployed"] }, { main: doctor, first: [] });

    await fc.assert(
      fc.asyncProperty(command, anyArgs, async ({ main, first }, args) => {
        const { code, stdout, stderr } = await type(main, [...first, ...args]);
        if (code === 3 && stdout === "")
          expect(stderr).toMatch(new RegExp(`${BAD_USAGE.source}|^AWS can't be reached: `));
        else expect(stdout).toContain("AWS can't be reached: ");
      }),
      { numRuns: 30, seed: 1 },
    );
    expect(kie.requests).toEqual([]);
  });

  it("of the demo is refused by name where it is no whole number within its limits", async () => {
    const outside = fc.oneof(
      fc.integer({ min: -(2 ** 53), max: -1 }).map(String),
      fc.integer({ min: 2 ** 32, max: 2 ** 53 }).map(String),
      fc.constantFrom("", "0.5", "1e1", "31.5", "NaN"),
      anyText.filter((text) => !/^\d+$/.test(text)),
    );
    await fc.assert(
      fc.asyncProperty(valued(["--seed", "--days"], outside), async (args) => {
        const { code, stdout, stderr } = await type(demo, args);
        expect(stderr).toMatch(BAD_USAGE);
        expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

/** Whether an argument, or the value in it, would be taken for an address beyond this machine. */
function isHttps(argument: string): boolean {
  return [argument, argument.slice(argument.indexOf("=") + 1)].some(
    (text) => URL.canParse(text) && new URL(text).protocol === "https:",
  );
}

/** The value that an option has on a command line that was taken: the last one. */
function lastValue(args: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (const [index, argument] of args.entries()) {
    if (argument === name) value = args[index + 1];
    if (argument.startsWith(`${name}=`)) value = argument.slice(name.length + 1);
  }
  return value;
}

it.each([
  ["check", check],
  ["doctor", doctor],
  ["demo", demo],
  ["setup", setup],
  ["confirm", confirm],
])("the help of %s fits 80 columns", async (_, main) => {
  const { code, stdout } = await run(main, ["--help"]);
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toContain("Usage: npm run ");
  expect(code).toBe(0);
});
