import { expect, it } from "vitest";
import { adviceOn } from "../../../lambda/messages/advice.ts";
import { FAILURE_REASONS } from "../../../lambda/policy/reading.ts";

it.each(FAILURE_REASONS)("the advice on %s is short enough for an SMS and in its characters", (reason) => {
  expect(adviceOn(reason, "/key").short).toMatch(/^[A-Za-z' ]{1,40}$/);
});

it("a command that stores the key names its parameter and reads the key from standard input", () => {
  const { steps } = adviceOn("missing-key", "/kie-credit-alert/demo/api-key");
  const command = steps.find((step) => step.includes("put-parameter"));
  expect(command).toContain("--name /kie-credit-alert/demo/api-key --value file:///dev/stdin");
  expect(command).toContain('printf %s "$KEY" | aws ssm put-parameter --overwrite --type SecureString');
});
