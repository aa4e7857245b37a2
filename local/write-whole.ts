import { chmodSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Writes a file, all of it or nothing, whenever the process ends. A file that is there keeps its mode, and a link its
 * target.
 *
 * @throws what Node throws
 */
export function writeWhole(path: string, text: string): void {
  const file = targetOf(path);
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  const draft = `${file}.${process.pid}.tmp`;
  try {
    // Nobody else may read it before it has its mode.
    writeFileSync(draft, text, mode === undefined ? {} : { mode: 0o600 });
    if (mode !== undefined) chmodSync(draft, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Where links lead to, also if nothing is there yet. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  try {
    return targetOf(resolve(dirname(path), readlinkSync(path)));
  } catch {
    return path;
  }
}
