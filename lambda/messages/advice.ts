/** What each failure usually means, and how to fix it. Pure. */
import type { FailureReason } from "../policy/reading.ts";

/** Where Kie's API keys are made, limited and revoked. */
export const KEYS_PAGE = "https://kie.ai/api-key";

const SUPPORT = "If it lasts, ask Kie's support.";
const BASE_URL = "If Kie's address was set by hand (KIE_BASE_URL or --base-url), check it.";
const UPDATE = "Update this tool.";

interface Advice {
  /** A few words for a subject or an SMS: GSM-7, at most 40 characters. */
  readonly short: string;
  readonly meaning: string;
  /** One step a line. */
  readonly steps: readonly string[];
}

/** What the advice depends on: where the key is, and who runs the check. */
interface Place {
  readonly isLaptop: boolean;
  /** How the key is replaced. */
  readonly putKey: readonly string[];
  readonly wait: string;
}

const ADVICE: Readonly<Record<FailureReason, (place: Place) => Advice>> = {
  "missing-key": ({ putKey }) => ({
    short: "there is no usable key",
    meaning: "The key is missing, empty, or holds a character that no key has. Kie was not asked.",
    steps: putKey,
  }),
  unauthorized: ({ isLaptop, putKey }) => ({
    short: "Kie refuses the key",
    meaning: "The key was revoked or mistyped, or it has an IP whitelist.",
    steps: [
      `Look at the key on ${KEYS_PAGE}`,
      isLaptop
        ? "If it has an IP whitelist, add this machine's address."
        : "A key with an IP whitelist can't be used from Lambda, whose addresses change: make one without.",
      ...putKey,
    ],
  }),
  "key-limit": ({ putKey }) => ({
    short: "the key's own limit is used up",
    meaning: "The key has an hourly, daily or total cap, and it is used up. The balance may be fine.",
    steps: [`Raise or remove the cap, or make a key without one: ${KEYS_PAGE}`, ...putKey],
  }),
  "not-found": () => ({
    short: "Kie's address has changed",
    meaning: "Kie doesn't know the address of the balance any more, or it was set wrongly.",
    steps: [UPDATE, BASE_URL],
  }),
  "invalid-request": () => ({
    short: "Kie refuses the request",
    meaning: "Kie's interface may have changed.",
    steps: [UPDATE, SUPPORT],
  }),
  "feature-disabled": () => ({
    short: "Kie has switched off balance queries",
    meaning: "Kie doesn't say the balance to programs at the moment. The key and the credits may be fine.",
    steps: ["Until it does, look at the balance yourself: https://kie.ai", SUPPORT],
  }),
  throttled: () => ({
    short: "Kie gets too many requests",
    meaning:
      "The account makes more requests than Kie allows (20 in 10 seconds), all of its programs together.",
    steps: ["Let the jobs of this account send fewer requests, or check less often."],
  }),
  maintenance: ({ wait }) => ({
    short: "Kie is under maintenance",
    meaning: "Kie says that it is under maintenance.",
    steps: [wait],
  }),
  "server-error": ({ wait }) => ({
    short: "Kie has an internal error",
    meaning: "Kie answers, but with an error of its own. Jobs may fail too.",
    steps: [wait, SUPPORT],
  }),
  "unexpected-response": () => ({
    short: "Kie's answer makes no sense",
    meaning: "Something that isn't Kie's API answers, such as a proxy, or Kie's answer has changed.",
    steps: [BASE_URL, UPDATE],
  }),
  timeout: ({ wait }) => ({
    short: "Kie doesn't answer in time",
    meaning: "Kie is slow or down. Jobs may fail too.",
    steps: [wait],
  }),
  network: ({ isLaptop, wait }) => ({
    short: "Kie can't be reached",
    meaning: "There is no connection to Kie: its name is not found, it refuses, or its certificate is bad.",
    steps: [
      BASE_URL,
      isLaptop
        ? "Check this machine's connection to the internet."
        : "If the function was put into a VPC, check its way to the internet.",
      wait,
    ],
  }),
};

/**
 * @param apiKeyParameter - the name of the SSM parameter that holds the key; null on a laptop, where the key is in
 * KIE_API_KEY
 */
export function adviceOn(reason: FailureReason, apiKeyParameter: string | null): Advice {
  return ADVICE[reason](
    apiKeyParameter === null
      ? {
          isLaptop: true,
          putKey: ["Set the environment variable KIE_API_KEY to the key."],
          wait: "Wait, and check again.",
        }
      : {
          isLaptop: false,
          putKey: [
            "Store the right key: npm run setup (in the folder this was deployed from). The next check uses it.",
            // On a command line of its own the key would be in the shell's history and in the list of processes.
            `Or with the AWS CLI, pasting the key when read waits for it: read -rs KEY; printf %s "$KEY" | aws ssm put-parameter --overwrite --type SecureString --name ${apiKeyParameter} --value file:///dev/stdin`,
          ],
          wait: "Wait: a message says when there is a reading again.",
        },
  );
}
