/** What each failure usually means, and how to fix it. Pure. */
import type { FailureReason } from "../policy/reading.ts";

/** Where Kie's API keys are made, limited and revoked. */
export const KEYS_PAGE = "https://kie.ai/api-key";

const SUPPORT = "If it lasts, ask Kie's support.";
const UPDATE = "Update this tool.";
/** Where npm finds our commands. */
export const FOLDER = "(in the folder this was deployed from)";

const MAX_SHORT_CHARACTERS = 64;

interface Advice {
  /** A few words for a subject or an SMS: GSM-7, at most 40 characters. */
  readonly short: string;
  readonly meaning: string;
  /** One step each. */
  readonly steps: readonly string[];
  /** What to do, for an SMS: GSM-7, at most {@link MAX_SHORT_CHARACTERS}. Left out if there is nothing to do but wait. */
  readonly inShort?: string;
}

/** What the advice depends on: where the key is, and who runs the check. */
interface Place {
  readonly isLaptop: boolean;
  /** How the key is replaced. */
  readonly putKey: readonly string[];
  /** The same for an SMS. */
  readonly putKeyShort: string;
  /** How another key is given. */
  readonly handOver: string;
  /** What to look at if something else than Kie may answer. */
  readonly address: readonly string[];
  readonly wait: string;
}

const ADVICE: Readonly<Record<FailureReason, (place: Place) => Advice>> = {
  "missing-key": ({ putKey, putKeyShort }) => ({
    short: "there is no usable key",
    meaning: "The key is missing, empty, or holds a character that no key has. Kie was not asked.",
    steps: putKey,
    inShort: putKeyShort,
  }),
  unauthorized: ({ putKey, putKeyShort }) => ({
    short: "Kie refuses the key",
    meaning: "The key was revoked or mistyped.",
    steps: [`Look at the key, or make a new one: ${KEYS_PAGE}`, ...putKey],
    inShort: putKeyShort,
  }),
  "ip-refused": ({ isLaptop, handOver }) => ({
    short: "Kie refuses this IP address",
    meaning: isLaptop
      ? "The key works, but not from this machine: its IP whitelist doesn't have the address."
      : "The key works, but not from Lambda, whose addresses change: it has an IP whitelist.",
    steps: isLaptop
      ? [`Add this machine's address to the key's whitelist, the IPv6 one too: ${KEYS_PAGE}`]
      : [
          `Take the whitelist off the key: ${KEYS_PAGE}`,
          `Or make a key without one there, and hand it over: ${handOver}`,
        ],
    inShort: `Take the IP whitelist off: ${bare(KEYS_PAGE)}`,
  }),
  "key-limit": ({ putKey }) => ({
    short: "the key's own limit is used up",
    meaning: "The key has an hourly, daily or total cap, and it is used up. The balance may be fine.",
    steps: [`Raise or remove the cap: ${KEYS_PAGE}`, "Or make a key without one.", ...putKey],
    inShort: `Raise the key's limit: ${bare(KEYS_PAGE)}`,
  }),
  "not-found": ({ address }) => ({
    short: "Kie's address has changed",
    meaning: "Kie doesn't know the address of the balance any more.",
    steps: [...address, UPDATE, SUPPORT],
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
  "unexpected-response": ({ address }) => ({
    short: "Kie's answer makes no sense",
    meaning: "Something that isn't Kie's API answers, such as a proxy, or Kie's answer has changed.",
    steps: [...address, UPDATE, SUPPORT],
  }),
  timeout: ({ wait }) => ({
    short: "Kie doesn't answer in time",
    meaning: "Kie is slow or down. Jobs may fail too.",
    steps: [wait],
  }),
  network: ({ isLaptop, address, wait }) => ({
    short: "Kie can't be reached",
    meaning: "There is no connection to Kie: its name is not found, it refuses, or its certificate is bad.",
    steps: [
      isLaptop
        ? "Check this machine's connection to the internet."
        : "If the function was put into a VPC, check its way to the internet.",
      ...address,
      wait,
    ],
  }),
};

/** @param account - or NAME. Without one, setup asks for the key of each account, and the first is asked for first. */
export function newKeyCommand(account: string): string {
  return `npm run setup -- --new-key ${account}`;
}

/**
 * @param where.apiKeyParameter - the name of the SSM parameter that holds the key; null on a laptop, where the key is asked
 * for, or in KIE_API_KEY
 * @param where.consoleOnly - whether people have AWS's console and none of our commands
 */
export function adviceOn(
  reason: FailureReason,
  where: {
    readonly account: string;
    readonly apiKeyParameter: string | null;
    readonly consoleOnly?: boolean;
  },
): Advice {
  return ADVICE[reason](placeOf(where));
}

function placeOf({ account, apiKeyParameter, consoleOnly = false }: Parameters<typeof adviceOn>[1]): Place {
  if (apiKeyParameter === null) {
    return {
      isLaptop: true,
      putKey: [
        "Run it again with a key that works. At a terminal it asks for one, unless KIE_API_KEY is set.",
      ],
      putKeyShort: `New key: ${bare(KEYS_PAGE)}`,
      handOver: "run it again with that",
      address: ["If you gave --base-url, check it."],
      wait: "Wait, and check again.",
    };
  }
  const command = newKeyCommand(account);
  const page = bare(KEYS_PAGE);
  const [both, alone] = [`New key: ${page} then ${command}`, `New key: ${command}`];
  // Setup names the page, too.
  const fitted = both.length <= MAX_SHORT_CHARACTERS ? both : alone;
  const inConsole = `in the AWS console, Systems Manager, edit the SecureString ${apiKeyParameter}`;
  return {
    isLaptop: false,
    putKey: [
      `Store a key that works: ${inConsole}. The next check uses it.`,
      ...(consoleOnly ? [] : [`Or with a command: ${command} ${FOLDER}`]),
    ],
    putKeyShort: consoleOnly ? `New key: ${page} then AWS Parameter Store` : fitted,
    handOver: consoleOnly ? inConsole : `${inConsole}, or ${command} ${FOLDER}`,
    address: [],
    wait: "Wait: a message says when the balance is known again.",
  };
}

/** An address as people type it, for an SMS. */
export function bare(url: string): string {
  return url.replace("https://", "");
}
