import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Import {
  readonly from: string;
  /** A file of the project, or a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"\s]+)"|import\("([^"]+)"\)/gm;

const imports: readonly Import[] = globSync("{lambda,infra,local}/**/*.ts", { cwd: ROOT }).flatMap((from) =>
  Array.from(readFileSync(join(ROOT, from), "utf8").matchAll(IMPORT), ([, type, name, dynamic]) => {
    const to = name ?? dynamic ?? "";
    return { from, to: to.startsWith(".") ? join(dirname(from), to) : to, isTypeOnly: type !== undefined };
  }),
);

/** The imports of the files that `from` matches which `allowed` doesn't match, as lines. */
function violations(from: RegExp, allowed: RegExp, isTypeFree = true): string[] {
  return imports
    .filter((each) => from.test(each.from) && !allowed.test(each.to) && !(isTypeFree && each.isTypeOnly))
    .map((each) => `${each.from} → ${each.to}`);
}

describe("imports go in one direction", () => {
  it("there are some to look at", () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it.each<{ rule: string; from: RegExp; allowed: RegExp }>([
    {
      rule: "the policy is pure, and knows nothing but itself",
      from: /^lambda\/policy\//,
      allowed: /^(lambda\/policy\/|zod$)/,
    },
    {
      rule: "the messages are pure, and follow from the policy",
      from: /^lambda\/messages\//,
      allowed: /^lambda\/(messages|policy)\//,
    },
    {
      rule: "an adapter imports the SDK, what adapters share, its own parts and the ports, but no other adapter",
      from: /^lambda\/adapters\//,
      allowed:
        /^(lambda\/(policy\/|ports|config)|lambda\/adapters\/(aws|http|kie-answer|key-shape|quote|redact)\.ts$|node:|@aws|zod)/,
    },
    {
      rule: "a webhook's words are pure",
      from: /^lambda\/webhook\/(kinds|notice)\.ts$/,
      allowed:
        /^(lambda\/webhook\/(kinds|notice)\.ts$|lambda\/adapters\/quote\.ts$|lambda\/(fields|problems|policy\/alert)\.ts$|zod$)/,
    },
    {
      rule: "a webhook knows nothing of the check",
      from: /^lambda\/webhook\//,
      allowed:
        /^(lambda\/webhook\/|lambda\/adapters\/(aws|http|quote|redact|secret)\.ts$|lambda\/(config|fields|problems|policy\/alert)\.ts$|@aws|zod)/,
    },
    {
      rule: "the use case gets its adapters handed in",
      from: /^lambda\/(check-credits|outbox|ports|report|invocation|config|fields|problems)\.ts$/,
      allowed:
        /^(lambda\/(policy|messages)\/|lambda\/(outbox|ports|report|invocation|config|fields|problems)\.ts$|zod$)/,
    },
    {
      rule: "the stack imports names, rules and defaults of the check, and none of its code",
      from: /^infra\//,
      allowed:
        /^(infra\/|lambda\/(config|fields|problems|policy\/rules)\.ts$|(cdk|package)\.json$|node:|aws-cdk-lib|constructs|zod|esbuild|jsonc-parser|leven|libphonenumber-js)/,
    },
    {
      rule: "the check knows neither the stack nor the commands",
      from: /^lambda\//,
      allowed: /^(?!infra\/|local\/|test\/)/,
    },
    { rule: "nobody imports the tests", from: /./, allowed: /^(?!test\/)/ },
    { rule: "nobody imports a handler", from: /./, allowed: /^(?!lambda\/(webhook\/)?handler)/ },
    {
      rule: "of the stack all commands but setup import only tables",
      from: /^local\/(?!setup\/)/,
      allowed: /^((?!infra\/)|infra\/(alarms|sms-countries)\.ts$)/,
    },
    {
      rule: "what the commands share knows none of them",
      from: /^local\/(deployed\/|[^/]+$)/,
      allowed: /^(local\/(deployed\/)?[^/]+|(?!local\/).*)$/,
    },
  ])("$rule", ({ from, allowed }) => {
    expect(violations(from, allowed)).toEqual([]);
  });

  const commands = globSync("local/*/", { cwd: ROOT }).map((path) => basename(path));
  it.each(commands.filter((folder) => folder !== "deployed"))(
    "no other command is imported by %s",
    (folder) => {
      const allowed = new RegExp(`^(local/((deployed|${folder})/)?[^/]+|(?!local/).*)$`);
      expect(violations(new RegExp(`^local/${folder}/`), allowed, false)).toEqual([]);
    },
  );
});

it.skipIf(!existsSync(join(ROOT, ".git")))("every file of text has its line feeds on Windows, too", () => {
  const lines = execFileSync("git", ["ls-files", "--eol"], { cwd: ROOT, encoding: "utf8" })
    .trim()
    .split("\n");
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((line) => !/^i\/-text |^i\/(lf|none) .*\battr\/text=auto eol=lf\b/.test(line))).toEqual(
    [],
  );
});
