/** A command that only asks, for the tests of its questions at a terminal. */
import { createMain, print } from "../../local/command.ts";
import { createTerminalPrompts } from "../../local/prompts.ts";

const WORK_MS = 1_000;

export const main = createMain({ script: "questions", description: "Asks.", options: {} }, async (_, io) => {
  const prompts = createTerminalPrompts(io, "questions", "questions");
  const change = await prompts.confirm("Change any of this?", false);
  print(io.stdout, "working");
  await prompts.sleep(WORK_MS);
  const remove = await prompts.confirm("Remove them?", false);
  print(io.stdout, "working again");
  await prompts.sleep(WORK_MS);
  const problemWith = (answer: string) => (answer === "" ? "expected something" : undefined);
  const name = await prompts.ask({ message: "Whose?", initial: "me", problemWith });
  const notTeam = (answer: string) => (/^Team|Team\n/.test(answer) ? "Team: expected a name" : undefined);
  const names = await prompts.ask({
    message: "Who else?",
    initial: "you",
    isEdited: true,
    problemWith: notTeam,
  });
  const secret = await prompts.askSecret("Key?");
  print(io.stdout, JSON.stringify({ change, remove, name, names, characters: secret.length }));
  return 0;
});
