/** Run after bundling: makes the paths of a source map relative to the project, as in `lambda/handler.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const [, , file = ""] = process.argv;
const map: { sources: string[] } = JSON.parse(readFileSync(file, "utf8"));
const sources = map.sources.map((source) =>
  relative(ROOT, resolve(dirname(file), source))
    .replaceAll("\\", "/")
    // Packages may be elsewhere, as in a workspace.
    .replace(/^\.\.\/.*?(?=node_modules\/)/, ""),
);
writeFileSync(file, JSON.stringify({ ...map, sources }));
