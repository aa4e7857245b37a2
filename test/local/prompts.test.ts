import { describe, expect, it } from "vitest";
import { hasTerminals, startAtTerminal } from "../support/terminal.ts";

describe.skipIf(!hasTerminals())("a question at a terminal", () => {
  const start = () => startAtTerminal("test/local/questions.ts");

  /** Types each at the question, or the output, that it is for. */
  const typeAt = async (...places: readonly (readonly [shown: string, keys: string])[]) => {
    const terminal = start();
    for (const [shown, keys] of places) {
      await terminal.shows(shown);
      terminal.type(keys);
    }
    return terminal.ended();
  };

  it("is not answered by what was typed before it; what is typed at it replaces a value, and goes on in a list", async () => {
    const { code, screen } = await typeAt(
      ["Change any of this?", "\r"],
      ["working", "\ry\r\nyes"],
      ["Remove them?", "\r"],
      ["working again", "boss\r\u001b[A"],
      ["Whose?", "him\r"],
      ["Who else?", ", her\r"],
      ["Key?", "12345\r"],
    );
    expect(screen).toContain(
      '{"change":false,"remove":false,"name":"him","names":"you, her","characters":5}',
    );
    expect(code).toBe(0);
  });

  it("takes Enter alone for what it proposes, twice in one go for one question alone", async () => {
    const { code, screen } = await typeAt(
      ["Change any of this?", "\r\r"],
      ["Remove them?", "\r"],
      ["Whose?", "\r"],
      ["Who else?", "\r"],
      ["Key?", "\r"],
    );
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
    const before = place === "working" ? ([["Change any of this?", "\r"]] as const) : [];
    const { code, screen, hasCursor } = await typeAt(...before, [place, keys]);
    expect(screen).toContain(said);
    expect({ code, hasCursor }).toEqual({ code: 130, hasCursor: true });
  });

  it("takes all lines that are pasted at it, and no line is left for the next one", async () => {
    const { code, screen } = await typeAt(
      ["Change any of this?", "\r"],
      ["Remove them?", "Dear you\rhey\r"],
      ["Expected y or n alone.", ""],
      ["Remove them?", "no\r"],
      ["Whose?", "him\rher\r"],
      ["Who else?", "\u0015Team\ra@b.cd\r"],
      ["Team: expected a name", ""],
      // What was refused is there, to be mended.
      ["Team, a@b.cd", "\u0015you, b@c.de\rd@e.fr,\r\rf@g.hi"],
      // More than a terminal hands on at once.
      ["Key?", `${"a line of a mail\r".repeat(600)}link\r`],
    );
    expect(screen).toContain(
      `"name":"him","names":"you, b@c.de\\nd@e.fr,\\n\\nf@g.hi","characters":${17 * 600 + 4}}`,
    );
    expect(code).toBe(0);
  });
});

describe.skipIf(!hasTerminals())("what setup says", () => {
  it.each([
    [80, 80],
    [100, 100],
    // Some terminals do not know.
    [0, 80],
  ])("at %i columns fits %i, and no word is cut", async (columns, fits) => {
    const { code, screen } = await startAtTerminal("test/local/summaries.ts", [], {}, { columns }).ended();
    expect(screen.split("\n").filter((line) => line.length > fits)).toEqual([]);
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

it.skipIf(!hasTerminals()).each([
  ["doctor/doctor.ts", [], "No AWS region is set. Set AWS_REGION to the region of the deployment;"],
  [
    "check/check.ts",
    ["--deployed"],
    "KIE UNKNOWN - No AWS region is set. Set AWS_REGION to the region of the",
  ],
  [
    "check/check.ts",
    ["--base-url", "http://127.0.0.1:9"],
    "its name is not found, it refuses, or its certificate is bad.",
  ],
])("%s %j cuts no word where a terminal ends", async (file, args, text) => {
  const env = { KIE_API_KEY: "0123456789abcdef", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const { screen } = await startAtTerminal(`local/${file}`, args, env, { columns: 60 }).ended();
  expect(screen.split("\n").filter((line) => line.length > 60)).toEqual([]);
  expect(screen.replaceAll(/\s+/g, " ")).toContain(text);
});
