import {
  chmodSync,
  lstatSync,
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
import { createMemoryFile } from "../../local/check/memory-file.ts";
import { writeWhole } from "../../local/write-whole.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "write-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.each([
  { what: "settings", write: writeWhole },
  { what: "a memory", write: (file: string, text: string) => createMemoryFile(file).write(text) },
])("$what, written to a file,", ({ write }) => {
  it.each([0o600, 0o640, 0o644, 0o664])("keep its mode %o", (mode) => {
    const file = join(folder, "file.json");
    writeFileSync(file, "old");
    chmodSync(file, mode);
    write(file, "new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect((statSync(file).mode & 0o777).toString(8)).toBe(mode.toString(8));
    expect(readdirSync(folder)).toEqual(["file.json"]);
  });

  it.each([{ isThere: true }, { isThere: false }])(
    "go through links to it, whether or not it is there: $isThere",
    ({ isThere }) => {
      const target = join(folder, "dotfiles", "kie.json");
      mkdirSync(join(folder, "dotfiles"));
      if (isThere) writeFileSync(target, "old", { mode: 0o600 });
      symlinkSync(join("dotfiles", "kie.json"), join(folder, "link.json"));
      symlinkSync("link.json", join(folder, "file.json"));
      write(join(folder, "file.json"), "new");
      expect(readFileSync(target, "utf8")).toBe("new");
      if (isThere) expect((statSync(target).mode & 0o777).toString(8)).toBe("600");
      for (const name of ["file.json", "link.json"]) {
        expect(lstatSync(join(folder, name)).isSymbolicLink(), name).toBe(true);
      }
      expect(readdirSync(join(folder, "dotfiles"))).toEqual(["kie.json"]);
    },
  );

  it("leave nothing behind if they can't be written", () => {
    mkdirSync(join(folder, "file.json"));
    expect(() => write(join(folder, "file.json"), "new")).toThrow(/EISDIR/);
    expect(readdirSync(folder)).toEqual(["file.json"]);
  });
});
