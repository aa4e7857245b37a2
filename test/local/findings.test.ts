import { describe, expect, it } from "vitest";
import { AwsProblem } from "../../local/aws-problem.ts";
import { CommandError } from "../../local/command.ts";
import { exitCodeOfFindings, fine, type Mark, once, orNull, row } from "../../local/findings.ts";

const findingOn = (problem: unknown) =>
  row({
    subject: "Logs",
    look: () => Promise.reject(problem),
    judge: () => {
      throw new Error("there is nothing to judge");
    },
  })();

describe("a row", () => {
  it("judges what it sees", async () => {
    const seen = row({ subject: "Logs", look: async () => 30, judge: (days) => fine(`${days} days`) });
    expect(await seen()).toEqual({ subject: "Logs", mark: "fine", text: "30 days", fix: [] });
  });

  it("has no finding if there is nothing to say", async () => {
    expect(await row({ subject: "Logs", look: async () => 30, judge: () => null })()).toBeNull();
  });

  it("says unknown and names the permission if it may not look", async () => {
    expect(await findingOn(new AwsProblem("denied", "logs:DescribeLogGroups is denied."))).toEqual({
      subject: "Logs",
      mark: "warning",
      text: "unknown: logs:DescribeLogGroups is denied.",
      fix: ["Allow it to these credentials, or look with others."],
    });
  });

  it("says unknown if AWS has some other trouble, which tells nothing about what was looked at", async () => {
    expect(await findingOn(new AwsProblem("other", "it failed."))).toEqual({
      subject: "Logs",
      mark: "warning",
      text: "unknown: it failed.",
      fix: ["Look again in a while."],
    });
  });

  it.each(["missing", "unusable"] as const)("ends the section with an error if AWS is %s", async (kind) => {
    expect(await findingOn(new AwsProblem(kind, "it is gone."))).toMatchObject({
      mark: "error",
      text: "it is gone.",
      isFatal: true,
    });
  });

  it("is an error for any other problem that was expected, and lets the next rows look", async () => {
    const finding = await findingOn(new CommandError("no function"));
    expect(finding).toMatchObject({ mark: "error", text: "no function" });
    expect(finding?.isFatal).toBeUndefined();
  });

  it("hides no mistake of ours", async () => {
    await expect(findingOn(new TypeError("x is not a function"))).rejects.toThrow(TypeError);
    await expect(orNull(() => Promise.reject(new TypeError("x")))).rejects.toThrow(TypeError);
  });
});

it("what several rows need is asked for once", async () => {
  let asked = 0;
  const look = once(async () => {
    asked++;
    return asked;
  });
  expect(asked).toBe(0);
  expect(await Promise.all([look(), look()])).toEqual([1, 1]);
});

describe("the exit code of findings", () => {
  const rows: [marks: Mark[], code: number][] = [
    [["fine", "fine"], 0],
    [["fine", "warning"], 1],
    [["error", "warning", "fine"], 2],
    [[], 0],
  ];
  it.each(rows)("of %j is %d", (marks, code) => {
    expect(exitCodeOfFindings(marks.map((mark) => ({ subject: "Logs", mark, text: "", fix: [] })))).toBe(
      code,
    );
  });
});
