/** Adapter: the memory in a file, if there is no SSM. */
import { readFileSync } from "node:fs";
import { CommandError } from "../command.ts";
import { writeWhole } from "../write-whole.ts";

/**
 * Keeps the memory in a file, which need not exist yet.
 *
 * Both calls throw CommandError if the file can't be used.
 */
export function createMemoryFile(path: string) {
  return {
    /** Undefined if there is no file. */
    read(): string | undefined {
      try {
        return readFileSync(path, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw fileError("read", path, error);
      }
    },

    /** A check that is cut short leaves the old document or the new one, never half of one. */
    write(document: string): void {
      try {
        writeWhole(path, document);
      } catch (error) {
        throw fileError("written", path, error);
      }
    },
  };
}

function fileError(done: "read" | "written", path: string, error: unknown): CommandError {
  const why = error instanceof Error ? error.message : String(error);
  return new CommandError(`--memory: ${path} can't be ${done}: ${why}`);
}
