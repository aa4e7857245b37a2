import { describe, expect, it } from "vitest";
import { hasTerminals, startAtTerminal } from "../support/terminal.ts";

describe.skipIf(!hasTerminals())("a question at a terminal", () => {
  const start = () => startAtTerminal("test/local/questions.ts");

  it("is not answered by what was typed before it: Enter, letters, a line without its end, or a key that moves", async () => {
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
    terminal.type("me\r");
    await terminal.shows("Key?");
    terminal.type("12345\r");
    const { code, screen } = await terminal.ended();
    expect(screen).toContain('{"change":false,"remove":false,"name":"me","characters":5}');
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
    await terminal.shows("Key?");
    terminal.type("\r");
    const { code, screen } = await terminal.ended();
    expect(screen).toContain('{"change":false,"remove":false,"name":"","characters":0}');
    expect(code).toBe(0);
  });

  it.each([
    ["at it", "Change any of this?", "\u0003"],
    ["before it", "working", "\u0003"],
  ])("ends with 130 after Ctrl-C %s, and says so", async (_, place, keys) => {
    const terminal = start();
    await terminal.shows("Change any of this?");
    if (place === "working") {
      terminal.type("\r");
      await terminal.shows(place);
    }
    terminal.type(keys);
    const { code, screen } = await terminal.ended();
    expect(screen).toContain("Stopped. Nothing is half done. To go on: npm run questions");
    expect(code).toBe(130);
  });
});
