/** What a finding is, and how a row of the doctor comes to one. */
import { AwsProblem } from "./aws-problem.ts";
import { CommandError } from "./command.ts";

export type Mark = "fine" | "warning" | "error";

/** What something looks like, and how to fix it. */
export interface Verdict {
  readonly mark: Mark;
  readonly text: string;
  /** One step a line; none if it is fine. */
  readonly fix: readonly string[];
  /** Whether all that would be looked at next could only fail in the same way. */
  readonly isFatal?: boolean;
}

export interface Finding extends Verdict {
  /** What was looked at, in a word or two. */
  readonly subject: string;
}

/** Comes to a finding, or to none if there is nothing to say. */
export type Row = () => Promise<Finding | null>;

export const fine = (text: string): Verdict => ({ mark: "fine", text, fix: [] });
export const warning = (text: string, ...fix: readonly string[]): Verdict => ({ mark: "warning", text, fix });
export const error = (text: string, ...fix: readonly string[]): Verdict => ({ mark: "error", text, fix });

export const DEPLOY = "Deploy: npm run deploy";

/** See what a check does when it runs. */
export const TRY_A_CHECK = "See what happens when one runs: npm run check -- --deployed --dry-run";

/**
 * One thing to look at, and what to make of it.
 *
 * @param look - asks the world and changes nothing; a CommandError is what AWS said instead of an answer
 * @param judge - pure; null if there is nothing to say
 */
export function row<Seen>({
  subject,
  look,
  judge,
}: {
  readonly subject: string;
  readonly look: () => Promise<Seen>;
  readonly judge: (seen: Seen) => Verdict | null;
}): Row {
  return async () => {
    const verdict = await look().then(judge, judgeProblem);
    return verdict && { subject, ...verdict };
  };
}

/** What may not be looked at may be fine, so it is no more than a warning. */
function judgeProblem(problem: unknown): Verdict {
  if (!(problem instanceof CommandError)) throw problem;
  if (!(problem instanceof AwsProblem)) return error(problem.message);
  switch (problem.kind) {
    case "denied":
      return warning(`unknown: ${problem.message}`, "Allow it to these credentials, or look with others.");
    case "other":
      // Such as too many calls in a second, which says nothing about what was to be looked at.
      return warning(`unknown: ${problem.message}`, "Look again in a while.");
    case "missing":
    case "unusable":
      return { ...error(problem.message), isFatal: true };
  }
}

/** Asks once, however many rows need the answer. */
export function once<Seen>(look: () => Promise<Seen>): () => Promise<Seen> {
  let seen: Promise<Seen> | undefined;
  return () => {
    seen ??= look();
    return seen;
  };
}

/** Null if AWS did not answer: for a row that can do without, while another row tells the problem. */
export async function orNull<Seen>(look: () => Promise<Seen>): Promise<Seen | null> {
  return look().catch((problem: unknown) => {
    if (problem instanceof CommandError) return null;
    throw problem;
  });
}

/** 2 if anything is broken, 1 if anything deserves a look, else 0. */
export function exitCodeOfFindings(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ mark }) => mark === "error")) return 2;
  return findings.some(({ mark }) => mark === "warning") ? 1 : 0;
}
