/** Prompts whose answers are written beforehand. */
import type { Prompts } from "../../../local/prompts.ts";

/** @param answers - by the beginning of the question, in turn; what is not here gets its initial answer */
export function createScript(
  answers: Readonly<Record<string, string | boolean | readonly (string | boolean)[]>>,
) {
  const left = new Map(Object.entries(answers).map(([start, given]) => [start, [given].flat()]));
  const asked: string[] = [];
  const problems: string[] = [];
  const texts: string[] = [];
  const next = (message: string): string | boolean | undefined => {
    asked.push(message);
    return [...left].find(([start]) => message.startsWith(start))?.[1].shift();
  };
  const say = (text: string) => {
    texts.push(text);
  };
  const prompts: Prompts = {
    isAttended: true,
    begin: say,
    end: say,
    fine: say,
    warn: say,
    say: (title, text) => say(`${title}\n${text}`),
    async ask({ message, initial, problemWith }) {
      for (;;) {
        const answer = String(next(message) ?? initial);
        const problem = problemWith?.(answer);
        if (problem === undefined) return answer;
        problems.push(problem);
      }
    },
    confirm: async (message, initial) => (next(message) ?? initial) === true,
    async askSecret(message) {
      const answer = next(message);
      if (answer === undefined) throw new Error(`no answer is left to: ${message}`);
      return String(answer);
    },
    async askLink(message) {
      return String(next(message) ?? "");
    },
    // Nobody waits.
    sleep: async () => {},
    during: async (title, body) => {
      say(title);
      return body(say);
    },
  };
  return { prompts, asked, problems, said: () => texts.join("\n") };
}
