import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useSourceMaps } from "../../../lambda/adapters/stack-trace.ts";

const { prepareStackTrace } = Error;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-trace-"));
  useSourceMaps();
});
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  rmSync(folder, { recursive: true });
});

/** The stack of an error in a minified bundle, whose source throws in its fourth line. */
function stackOf({ sourcemap }: { sourcemap: boolean }): string {
  const source = join(folder, "source.ts");
  const bundle = join(folder, "bundle.cjs");
  writeFileSync(
    source,
    'class OddError extends Error {\n  override name = "OddError";\n}\nexport const fail = () => { throw new OddError("odd"); };\n',
  );
  buildSync({ entryPoints: [source], outfile: bundle, bundle: true, minify: true, format: "cjs", sourcemap });
  try {
    createRequire(import.meta.url)(bundle).fail();
  } catch (error) {
    return error instanceof Error ? String(error.stack) : "";
  }
  throw new Error("nothing was thrown");
}

it("names the source's file and line, and the error by its own name", () => {
  const [first, second] = stackOf({ sourcemap: true }).split("\n");
  expect(first).toBe("OddError: odd");
  expect(second).toMatch(/^ {4}at .*source\.ts:4:\d+\)?$/);
});

it("names the bundle's line if there is no map", () => {
  expect(stackOf({ sourcemap: false })).toMatch(/^OddError: odd\n {4}at .*bundle\.cjs:1:\d+\)?\n/);
});

it("leaves Node's own frames as they are", () => {
  let stack = "";
  ["once"].forEach(() => {
    stack = String(new Error("here").stack);
  });
  expect(stack).toMatch(
    /^Error: here\n {4}at .*stack-trace\.test\.ts:\d+:\d+\)?\n {4}at Array\.forEach \(<anonymous>\)\n/,
  );
});
