import { describe, expect, it } from "vitest";
import { AwsProblem } from "../../local/aws-problem.ts";
import { CommandError } from "../../local/command.ts";
import { exitCodeOfFindings, fine, judged, known, type Mark, see } from "../../local/findings.ts";

const findingOn = async (problem: unknown) =>
  judged("Rule", await see(Promise.reject(problem)), () => {
    throw new Error("there is nothing to judge");
  });

describe("a finding", () => {
  it("is what a fact was judged to be", async () => {
    const seen = await see(Promise.resolve(30));
    expect(judged("Rule", seen, (days) => fine(`${days} days`))).toEqual({
      subject: "Rule",
      mark: "fine",
      text: "30 days",
      fix: [],
    });
    expect(known(seen)).toBe(30);
  });

  it("is none if there is nothing to say", () => {
    expect(judged("Rule", 30, () => null)).toBeNull();
  });

  it("says unknown and names the permission if it may not look", async () => {
    expect(await findingOn(new AwsProblem("denied", "events:DescribeRule is denied."))).toEqual({
      subject: "Rule",
      mark: "warning",
      text: "unknown: events:DescribeRule is denied.",
      fix: ["Allow it to these credentials, or look with others."],
    });
  });

  it("says unknown if AWS has some other trouble, which tells nothing about what was looked at", async () => {
    expect(await findingOn(new AwsProblem("other", "it failed."))).toEqual({
      subject: "Rule",
      mark: "warning",
      text: "unknown: it failed.",
      fix: ["Look again in a while."],
    });
  });

  it.each(["missing", "unusable"] as const)("is fatal if AWS is %s", async (kind) => {
    expect(await findingOn(new AwsProblem(kind, "it is gone."))).toMatchObject({
      mark: "error",
      text: "it is gone.",
      isFatal: true,
    });
  });

  it("is an error for any other problem that was expected, and is not fatal", async () => {
    const finding = await findingOn(new CommandError("no function"));
    expect(finding).toMatchObject({ mark: "error", text: "no function" });
    expect(finding?.isFatal).toBeUndefined();
  });

  it("hides no mistake of ours", async () => {
    await expect(findingOn(new TypeError("x is not a function"))).rejects.toThrow(TypeError);
  });

  it("can do without a fact that another one tells the problem of", async () => {
    expect(known(await see(Promise.reject(new CommandError("no function"))))).toBeNull();
  });
});

describe("the exit code of findings", () => {
  const rows: [marks: Mark[], code: number][] = [
    [["fine", "fine"], 0],
    [["fine", "warning"], 1],
    [["error", "warning", "fine"], 2],
    [[], 0],
  ];
  it.each(rows)("of %j is %d", (marks, code) => {
    expect(exitCodeOfFindings(marks.map((mark) => ({ subject: "Rule", mark, text: "", fix: [] })))).toBe(
      code,
    );
  });
});
