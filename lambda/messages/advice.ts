/** What each failure usually means, and how to mend it. Pure. */
import type { FailureReason } from "../policy/reading.ts";

/** Where Kie's API keys are made, limited and revoked. */
const KEYS_PAGE = "https://kie.ai/api-key";
const STATUS_ADVICE = "If it lasts, ask Kie's support.";
const BASE_URL_ADVICE = "If Kie's address was set by hand (KIE_BASE_URL or --base-url), check it.";

interface Advice {
  /** A few words for a subject or an SMS: GSM-7, at most 40 characters. */
  readonly short: string;
  readonly meaning: string;
  /** One step a line. */
  readonly steps: readonly string[];
}

/**
 * @param apiKeyParameter - the name of the SSM parameter that holds the key; null on a laptop, where the
 * key is in KIE_API_KEY
 */
export function adviceOn(reason: FailureReason, apiKeyParameter: string | null): Advice {
  const isLocal = apiKeyParameter === null;
  const wait = isLocal ? "Wait, and check again." : "Wait: a message says when readings are back.";
  const putKey = isLocal
    ? ["Set the environment variable KIE_API_KEY to the key."]
    : [
        "Put the key where the check reads it (the next check picks it up):",
        `  aws ssm put-parameter --overwrite --type SecureString --name ${apiKeyParameter} --value YOUR_KEY`,
      ];
  switch (reason) {
    case "missing-key":
      return {
        short: "there is no usable key",
        meaning: "The key is missing, empty, or holds a character that no key has. Kie was not asked.",
        steps: putKey,
      };
    case "unauthorized":
      return {
        short: "Kie refuses the key",
        meaning: "The key was revoked or mistyped, or it has an IP whitelist.",
        steps: [
          `Look at the key on ${KEYS_PAGE}.`,
          isLocal
            ? "If it has an IP whitelist, add this machine's address."
            : "A key with an IP whitelist can't be used from Lambda, whose addresses change: make one without.",
          ...putKey,
        ],
      };
    case "key-limit":
      return {
        short: "the key's own limit is used up",
        meaning: "The key has an hourly, daily or total cap, and it is used up. The balance may be fine.",
        steps: [`Raise or remove the cap on ${KEYS_PAGE}, or make a key without one.`, ...putKey],
      };
    case "not-found":
      return {
        short: "Kie's address has changed",
        meaning: "Kie doesn't know the address of the balance any more, or it was set wrongly.",
        steps: ["Update this tool.", BASE_URL_ADVICE],
      };
    case "invalid-request":
      return {
        short: "Kie refuses the request",
        meaning: "Kie's interface may have changed.",
        steps: ["Update this tool.", STATUS_ADVICE],
      };
    case "feature-disabled":
      return {
        short: "Kie has disabled this feature",
        meaning: "Kie has switched off the question for the balance.",
        steps: ["Look at the balance on https://kie.ai until it is back.", STATUS_ADVICE],
      };
    case "throttled":
      return {
        short: "Kie gets too many requests",
        meaning: "The account makes more requests than Kie allows (20 in 10 seconds), all programs together.",
        steps: ["Let the jobs of this account ask less often, or check less often."],
      };
    case "maintenance":
      return {
        short: "Kie is under maintenance",
        meaning: "Kie says that it is under maintenance.",
        steps: [wait],
      };
    case "server-error":
      return {
        short: "Kie has an internal error",
        meaning: "Kie answers, but with an error of its own. Jobs may fail too.",
        steps: [wait, STATUS_ADVICE],
      };
    case "unexpected-response":
      return {
        short: "Kie's answer makes no sense",
        meaning: "Something that isn't Kie's API answers, such as a proxy, or Kie's answer has changed.",
        steps: [BASE_URL_ADVICE, "Update this tool."],
      };
    case "timeout":
      return {
        short: "Kie doesn't answer in time",
        meaning: "Kie is slow or down. Jobs may fail too.",
        steps: [wait],
      };
    case "network":
      return {
        short: "Kie can't be reached",
        meaning:
          "There is no connection to Kie: a name that doesn't resolve, a refusal, or a bad certificate.",
        steps: [
          BASE_URL_ADVICE,
          ...(isLocal ? [] : ["If the function was put into a VPC, check its way to the internet."]),
          wait,
        ],
      };
  }
}
