import { expect, it } from "vitest";
import { adviceOn } from "../../../lambda/messages/advice.ts";
import { FAILURE_REASONS } from "../../../lambda/policy/reading.ts";

const DEPLOYED = { account: "kie", apiKeyParameter: "/key" };
const LAPTOP = { account: "kie", apiKeyParameter: null };

it.each(FAILURE_REASONS)("the advice on %s is short enough for an SMS and in its characters", (reason) => {
  expect(adviceOn(reason, DEPLOYED).short).toMatch(/^[A-Za-z' ]{1,40}$/);
});

it("a key is stored by setup, or by hand in the parameter that is named, and never on a command line", () => {
  const demo = { account: "demo", apiKeyParameter: "/kie-credit-alert/demo/api-key" };
  const steps = adviceOn("missing-key", demo).steps.join("\n");
  expect(steps).toContain("npm run setup -- --new-key demo (in the folder this was deployed from)");
  expect(steps).toContain("SecureString /kie-credit-alert/demo/api-key");
  expect(steps).not.toContain("aws ssm");
});

it.each([
  ["/key", "Take the whitelist off the key: https://kie.ai/api-key"],
  [null, "Add this machine's address to the key's whitelist, the IPv6 one too: https://kie.ai/api-key"],
])("nobody is told to store a key again that works from elsewhere: %s", (parameter, first) => {
  const { meaning, steps } = adviceOn("ip-refused", { account: "kie", apiKeyParameter: parameter });
  expect(meaning).toMatch(/^The key works, but not from /);
  expect(steps[0]).toBe(first);
  expect(steps.join("\n")).not.toMatch(/store|KIE_API_KEY/i);
});

it.each(FAILURE_REASONS)("only who could have given another address is told to look at it: %s", (reason) => {
  const steps = adviceOn(reason, DEPLOYED).steps.join("\n");
  expect(steps).not.toMatch(/KIE_|--base-url/);
  expect(adviceOn(reason, LAPTOP).steps.join("\n")).not.toContain("KIE_BASE_URL");
});

it("a key is pasted again, and not written into the history of a shell", () => {
  const { steps } = adviceOn("unauthorized", LAPTOP);
  expect(steps.join("\n")).toMatch(/At a terminal it asks for one/);
});

it.each(FAILURE_REASONS)(
  "what to do about %s fits into an SMS, and replaces no other account's key",
  (reason) => {
    for (const account of ["kie", "music", "the-longest-name-yet"]) {
      const { steps, inShort = "" } = adviceOn(reason, { ...DEPLOYED, account });
      expect(inShort).toMatch(/^[A-Za-z0-9' :./-]{0,64}$/);
      for (const [, name] of [...steps, inShort].join("\n").matchAll(/--new-key ?(\S*)/g))
        expect(name).toBe(account);
    }
  },
);

it.each(FAILURE_REASONS)("who has AWS's console alone is told no command of ours: %s", (reason) => {
  const { steps, inShort = "" } = adviceOn(reason, { ...DEPLOYED, consoleOnly: true });
  expect([...steps, inShort].join("\n")).not.toContain("npm run");
  expect(inShort).toMatch(/^[A-Za-z0-9' :./-]{0,64}$/);
});
