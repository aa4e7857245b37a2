import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assetsIn, ROOT, runApp } from "./run-app.ts";

let folder: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "app-"));
  out = join(folder, "cdk.out");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another copy of this checkout, without settings. */
function copyCheckout(): string {
  const copy = join(folder, "somewhere", "else");
  mkdirSync(copy, { recursive: true });
  for (const name of [
    "infra",
    "lambda",
    "local",
    "cdk.json",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
  ]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    .sort();
}

describe("the app", () => {
  it("ends on bad settings with nothing but what is wrong with them", () => {
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify({ warningCredits: "many", KIE_API_KEY: "sk-SECRET" }));
    const { status, stdout, stderr } = runApp(out, { settings: file });
    expect(stderr.slice(stderr.indexOf("Invalid settings"))).toBe(
      [
        `Invalid settings in ${file}:`,
        '  warningCredits: got "many", expected a number of credits, 0 to 999999999, without quotes',
        "  KIE_API_KEY: unknown name",
        "",
      ].join("\n"),
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain("SECRET");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  it("ends without settings in two lines, which name the file beside cdk.json and both ways to give it", () => {
    const checkout = copyCheckout();
    const { status, stdout, stderr } = runApp(out, {}, checkout);
    const lines = stderr.slice(stderr.indexOf("There are no settings")).trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^There are no settings: .*\/somewhere\/else\/settings\.json is missing\.$/),
      expect.stringMatching(/npm run setup.*-c settings=FILE/),
    ]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  it("bundles once, into one file, for several accounts", () => {
    const file = join(folder, "settings.json");
    const accounts = ["a", "b", "c", "d"].map((name) => ({ name }));
    writeFileSync(file, JSON.stringify({ emails: ["me@example.com"], accounts }));
    const { status, stderr } = runApp(out, { settings: file });
    expect(status, stderr).toBe(0);
    expect(stderr.match(/Bundling asset/g)).toHaveLength(1);

    const { Resources } = JSON.parse(readFileSync(join(out, "KieCreditAlert.template.json"), "utf8"));
    const keys = Object.values(
      Resources as Record<string, { Type: string; Properties: { Code: { S3Key: string } } }>,
    )
      .filter(({ Type }) => Type === "AWS::Lambda::Function")
      .map(({ Properties }) => Properties.Code.S3Key);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(assetsIn(out)).toEqual([join(out, `asset.${keys[0]?.replace(".zip", "")}`)]);
    expect(readdirSync(assetsIn(out)[0] ?? "")).toEqual(["index.js"]);
  });

  it("writes the same bytes with the same modes, which Lambda can read, whatever the umask", () => {
    const settings = join(ROOT, "settings.example.json");
    const written = ["022", "027", "077"].map((umask) => {
      const to = join(folder, umask);
      const { status, stderr } = runApp(to, { settings }, ROOT, umask);
      expect(status, stderr).toBe(0);
      return filesIn(to)
        .filter((name) => !name.endsWith(".metadata.json"))
        .map((name) => {
          const mode = (statSync(join(to, name)).mode & 0o777).toString(8);
          return [name, mode, readFileSync(join(to, name), "base64")];
        });
    });
    const [first, ...others] = written;
    expect(first?.map(([name, mode]) => [name, mode])).toContainEqual([
      expect.stringMatching(/^\/asset\.\w+\/index\.js$/),
      "644",
    ]);
    for (const other of others) expect(other).toEqual(first);
  });

  it("writes the same bytes again, from another folder and into another one", () => {
    const settings = join(ROOT, "settings.example.json");
    const here = runApp(out, { settings });
    const otherOut = join(folder, "further", "away", "cdk.out");
    const there = runApp(otherOut, { settings }, copyCheckout());
    expect([here.status, there.status], here.stderr + there.stderr).toEqual([0, 0]);

    expect(filesIn(otherOut)).toEqual(filesIn(out));
    for (const file of filesIn(out)) {
      // Says where each construct was made, for the CDK's own messages. It is not deployed.
      if (file.endsWith(".metadata.json")) continue;
      expect(readFileSync(join(otherOut, file)).equals(readFileSync(join(out, file))), file).toBe(true);
    }
  });
});
