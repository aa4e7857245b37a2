/** Adapter: the memory in a file, if there is no SSM. */
import { readFileSync, statSync } from "node:fs";
import { CommandError } from "../command.ts";
import { writeWhole } from "../write-whole.ts";

/**
 * Keeps the memory in a file, which need not exist yet.
 *
 * Both calls throw CommandError if the file can't be used.
 */
export function createMemoryFile(path: string) {
  const use = <Result>(done: "read" | "written", body: () => Result): Result => {
    try {
      return body();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandError(`--memory: ${path} can't be ${done}: ${why}`);
    }
  };
  const isThere = () => statSync(path, { throwIfNoEntry: false }) !== undefined;
  return {
    /** Undefined if there is no file. */
    read: () => use("read", () => (isThere() ? readFileSync(path, "utf8") : undefined)),
    /** A check that is cut short leaves the old document or the new one, never half of one. */
    write: (document: string) => use("written", () => writeWhole(path, document)),
  };
}
