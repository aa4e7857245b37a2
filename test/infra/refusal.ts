import { InvalidInputError } from "../../lambda/problems.ts";

/** The lines of what an action is refused with; none if it is not. */
export function linesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.message.split("\n").map((line) => line.trim());
  }
  return [];
}
