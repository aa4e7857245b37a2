import { describe, expect, it } from "vitest";
import { hasTerminals, startAtTerminal } from "../support/terminal.ts";

describe.skipIf(!hasTerminals())("a question at a terminal", () => {
  const start = () => startAtTerminal("test/local/questions.ts");

  it("is not answered by what was typed before it; what is typed at it replaces a value, and goes on in a list", async () => {
    const terminal = start();
    await terminal.shows("Change any of this?");
    terminal.type("\r");
    await terminal.shows("working");
    terminal.type("\ry\r\nyes");
    await terminal.shows("Remove them?");
    terminal.type("\r");
    await terminal.shows("working again");
    terminal.type("boss\r\u001b[A");
    await terminal.shows("Whose?");
    terminal.type("him\r");
    await terminal.shows("Who else?");
    terminal.type(", her\r");
    await terminal.shows("Key?");
    terminal.type("12345\r");
    const { code, screen } = await terminal.ended();
    expect(screen).toContain(
      '{"change":false,"remove":false,"name":"him","names":"you, her","characters":5}',
    );
    expect(code).toBe(0);
  });

  it("takes Enter alone for what it proposes, twice in one go for one question alone", async () => {
    const terminal = start();
    await terminal.shows("Change any of this?");
    terminal.type("\r\r");
    await terminal.shows("Remove them?");
    terminal.type("\r");
    await terminal.shows("Whose?");
    terminal.type("\r");
    await terminal.shows("Who else?");
    terminal.type("\r");
    await terminal.shows("Key?");
    terminal.type("\r");
    const { code, screen } = await terminal.ended();
    expect(screen).toContain('{"change":false,"remove":false,"name":"me","names":"you","characters":0}');
    expect(code).toBe(0);
  });

  it.each([
    ["Ctrl-C at it", "Change any of this?", "\u0003", "Stopped. To go on: npm run questions"],
    ["Ctrl-D in a paste", "Change any of this?", "\u0004a line\r", "Stopped. To go on: npm run questions"],
    ["Ctrl-D at it", "Change any of this?", "\u0004", "Stopped. To go on: npm run questions"],
    [
      "Ctrl-C right behind an answer",
      "Change any of this?",
      "\r\u0003",
      "Stopped. To go on: npm run questions",
    ],
    ["Ctrl-C between two", "working", "\u0003", "in the middle. To finish what was begun: npm run questions"],
  ])("ends with 130 after %s, and says whether something may be half done", async (_, place, keys, said) => {
    const terminal = start();
    await terminal.shows("Change any of this?");
    if (place === "working") {
      terminal.type("\r");
      await terminal.shows(place);
    }
    terminal.type(keys);
    const { code, screen, hasCursor } = await terminal.ended();
    expect(screen).toContain(said);
    expect({ code, hasCursor }).toEqual({ code: 130, hasCursor: true });
  });

  it("takes all lines that are pasted at it, and no line is left for the next one", async () => {
    const terminal = start();
    await terminal.shows("Change any of this?");
    terminal.type("\r");
    await terminal.shows("Remove them?");
    terminal.type("Dear you\rhey\r");
    await terminal.shows("That was more than yes or no.");
    await terminal.shows("Remove them?");
    terminal.type("no\r");
    await terminal.shows("Whose?");
    terminal.type("him\rher\r");
    await terminal.shows("Who else?");
    terminal.type("\u0015Team\ra@b.cd\r");
    await terminal.shows("Team: expected a name");
    await terminal.shows("Who else?");
    // What was refused is there, to be mended.
    await terminal.shows("Team, a@b.cd");
    terminal.type("\u0015you, b@c.de\rd@e.fr,\r\rf@g.hi");
    await terminal.shows("Key?");
    // More than a terminal hands on at once.
    terminal.type(`${"a line of a mail\r".repeat(600)}link\r`);
    const { code, screen } = await terminal.ended();
    expect(screen).toContain(
      `"name":"him","names":"you, b@c.de\\nd@e.fr,\\n\\nf@g.hi","characters":${17 * 600 + 4}}`,
    );
    expect(code).toBe(0);
  });
});

describe.skipIf(!hasTerminals())("what setup says", () => {
  it.each([80, 100])("fits %i columns, and no word is cut", async (columns) => {
    const { code, screen } = await startAtTerminal("test/local/summaries.ts", [], {}, { columns }).ended();
    expect(screen.split("\n").filter((line) => line.length > columns)).toEqual([]);
    const words = screen.replaceAll(/[│╮╯─├└◇◆▲]/g, " ").replaceAll(/\s+/g, " ");
    for (const text of [
      " By email: somebody.with.a.long.name@a-company-of-some-length.example.com, me@example.com ",
      " when 11,400 of the 12,400 of music are used; when 2,883.5 of the 3,883.5 of video are used ",
      " Where: AWS account 123456789012, region ap-southeast-2, stack KieCreditAlert ",
      " each a function that may read its address and write its log ",
      " Stored encrypted in SSM as /kie-credit-alert/music/api-key ",
      " https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html is where it is. ",
    ]) {
      expect(words).toContain(text);
    }
    expect(code).toBe(0);
  });
});
