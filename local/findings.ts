/** What was found out about something, and how to fix it. Facts are read first, and then judged. */
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

export const fine = (text: string): Verdict => ({ mark: "fine", text, fix: [] });
export const warning = (text: string, ...fix: readonly string[]): Verdict => ({ mark: "warning", text, fix });
export const error = (text: string, ...fix: readonly string[]): Verdict => ({ mark: "error", text, fix });

export const DEPLOY = "Deploy: npx cdk deploy";

/** The same for a stack from the template for the browser, which no deployment from here may change. */
export const UPDATE = "In CloudFormation's console, choose Update on the stack (docs/browser.md).";

/** A fact, or what AWS said instead. */
export type Seen<Fact> = Fact | CommandError;

/** Asks for a fact, and keeps what AWS said instead. */
export function see<Fact>(asked: Promise<Fact>): Promise<Seen<Fact>> {
  return asked.catch((problem: unknown) => {
    if (problem instanceof CommandError) return problem;
    throw problem;
  });
}

/** Null if AWS did not say: for a judgement that can do without, while another one tells the problem. */
export function known<Fact>(seen: Seen<Fact>): Fact | null {
  return seen instanceof CommandError ? null : seen;
}

/**
 * What is found out by a fact.
 *
 * @param judge - pure; null if there is nothing to say
 */
export function judged<Fact>(
  subject: string,
  seen: Seen<Fact>,
  judge: (fact: Fact) => Verdict | null,
): Finding | null {
  const verdict = seen instanceof CommandError ? judgeProblem(seen) : judge(seen);
  return verdict && { subject, ...verdict };
}

/** What may not be looked at may be fine, so it is no more than a warning. */
function judgeProblem(problem: CommandError): Verdict {
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

/** 2 if anything is broken, 1 if anything deserves a look, else 0. */
export function exitCodeOfFindings(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ mark }) => mark === "error")) return 2;
  return findings.some(({ mark }) => mark === "warning") ? 1 : 0;
}
