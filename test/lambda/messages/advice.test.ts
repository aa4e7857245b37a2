import { expect, it } from "vitest";
import { adviceOn } from "../../../lambda/messages/advice.ts";
import { FAILURE_REASONS } from "../../../lambda/policy/reading.ts";

it.each(FAILURE_REASONS)("the advice on %s is short enough for an SMS and in its characters", (reason) => {
  expect(adviceOn(reason, { apiKeyParameter: "/key" }).short).toMatch(/^[A-Za-z' ]{1,40}$/);
});

it("a key is stored by setup, or by hand in the parameter that is named, and never on a command line", () => {
  const steps = adviceOn("missing-key", { apiKeyParameter: "/kie-credit-alert/demo/api-key" }).steps.join(
    "\n",
  );
  expect(steps).toContain("npm run setup -- --new-key (in the folder this was deployed from)");
  expect(steps).toContain("SecureString /kie-credit-alert/demo/api-key");
  expect(steps).not.toContain("aws ssm");
});

it.each([
  ["/key", "Take the whitelist off the key: https://kie.ai/api-key"],
  [null, "Add this machine's address to the key's whitelist, the IPv6 one too: https://kie.ai/api-key"],
])("nobody is told to store a key again that works from elsewhere: %s", (parameter, first) => {
  const { meaning, steps } = adviceOn("ip-refused", { apiKeyParameter: parameter });
  expect(meaning).toMatch(/^The key works, but not from /);
  expect(steps[0]).toBe(first);
  expect(steps.join("\n")).not.toMatch(/store|KIE_API_KEY/i);
});

it.each(FAILURE_REASONS)("only who could have given another address is told to look at it: %s", (reason) => {
  const steps = adviceOn(reason, { apiKeyParameter: "/key" }).steps.join("\n");
  expect(steps).not.toMatch(/KIE_|--base-url/);
  expect(adviceOn(reason, { apiKeyParameter: null }).steps.join("\n")).not.toContain("KIE_BASE_URL");
});

it("a key is pasted again, and not written into the history of a shell", () => {
  const { steps } = adviceOn("unauthorized", { apiKeyParameter: null });
  expect(steps.join("\n")).toMatch(/at a terminal it is asked for/);
});

it.each(FAILURE_REASONS)("what to do about %s fits into an SMS", (reason) => {
  expect(adviceOn(reason, { apiKeyParameter: "/key" }).inShort ?? "").toMatch(/^[A-Za-z0-9' :./-]{0,64}$/);
});

it.each(FAILURE_REASONS)("who has AWS's console alone is told no command of ours: %s", (reason) => {
  const { steps, inShort = "" } = adviceOn(reason, { apiKeyParameter: "/key", consoleOnly: true });
  expect([...steps, inShort].join("\n")).not.toContain("npm run");
  expect(inShort).toMatch(/^[A-Za-z0-9' :./-]{0,64}$/);
});
