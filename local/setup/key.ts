/** The second step: a key that works, for each account. */
import {
  DeleteParameterCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from "@aws-sdk/client-ssm";
import type { AccountSettings } from "../../infra/settings.ts";
import { createKie, LIMITS } from "../../lambda/adapters/kie.ts";
import { redactKey } from "../../lambda/adapters/redact.ts";
import { adviceOn, KEYS_PAGE, newKeyCommand } from "../../lambda/messages/advice.ts";
import { formatCredits } from "../../lambda/messages/format.ts";
import type { FailureReason, Reading } from "../../lambda/policy/reading.ts";
import type { Aws } from "../aws.ts";
import { AwsProblem } from "../aws-problem.ts";
import { CommandError } from "../command.ts";
import { type KeyParameter, readKeyParameter } from "../deployed/key-parameter.ts";
import { withHostAdvice } from "../host-advice.ts";
import { unwrapKey } from "../pasted.ts";
import type { Prompts } from "../prompts.ts";

/** Shorter than in Lambda: a person is waiting. */
const SECOND_LOOK_AFTER_MS = 1_000;

/**
 * Between deleting a parameter and making one of its name:
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html
 */
const NAME_IS_FREE_AFTER_MS = 30_000;

/** What SSM says to the same name too soon. */
const BUSY = /^(TooManyUpdates|ParameterAlreadyExists|HierarchyTypeMismatch)/;
const TRY_AGAIN_MS = 5_000;
const TRIES = 13;

/** What only another key can fix; the cap of `key-limit` may be raised, or end with the hour. */
const FAULTS_OF_KEY: ReadonlySet<FailureReason> = new Set(["missing-key", "unauthorized"]);

export interface KeyStep {
  readonly prompts: Prompts;
  readonly aws: Aws;
  readonly baseUrl: string;
  /** Keys that were given beforehand; each is taken once. */
  readonly given: string[];
  /** Whether a key that works is replaced, too. */
  readonly isNewWanted: boolean;
  /** The customer key that encrypts the parameters; null for the one of AWS. */
  readonly kmsKeyArn: string | null;
}

/**
 * Keeps the account's stored key if it works; else asks for one, asks Kie about it and stores it.
 *
 * @returns the credits; null if Kie gave no balance
 * @throws CommandError or AwsProblem, which never hold the key
 */
export async function provideKey(step: KeyStep, account: AccountSettings): Promise<number | null> {
  const { prompts, aws, isNewWanted } = step;
  const { name, apiKeyParameter } = account;
  const stored = await readKeyParameter(aws, apiKeyParameter);
  if (stored.value.trim() === "" || isNewWanted) return storeNewKey(step, account, stored);
  const reading = await askKie(step, stored.value);
  if (reading.kind === "credits") {
    prompts.fine(`Kie key of ${name}: stored, and it works: ${formatCredits(reading.credits)}`);
  } else if (FAULTS_OF_KEY.has(reading.failure.reason)) {
    prompts.warn(`The stored Kie key of ${name} does not work. ${explain(reading, account)}`);
    return storeNewKey(step, account, stored);
  } else {
    prompts.warn(`Kie key of ${name}: stored and kept. Kie gave no balance. ${explain(reading, account)}`);
  }
  if (stored.type !== "SecureString") {
    prompts.warn(
      `${apiKeyParameter} is a ${stored.type}, which is not encrypted. Make a new key on ${KEYS_PAGE}, revoke this one, and store the new one: ${newKeyCommand(name)}`,
    );
  }
  return reading.kind === "credits" ? reading.credits : null;
}

async function storeNewKey(
  step: KeyStep,
  account: AccountSettings,
  stored: KeyParameter,
): Promise<number | null> {
  const { prompts, given } = step;
  const { name, apiKeyParameter } = account;
  for (;;) {
    const pasted =
      given.shift() ?? (await prompts.askSecret(`The Kie API key of ${name}, from ${KEYS_PAGE}`));
    const key = unwrapKey(prompts.warn, pasted);
    const reading = await askKie(step, key);
    if (reading.kind === "credits") {
      await storeSecret(step, apiKeyParameter, key, stored);
      prompts.fine(
        `Kie key of ${name}: ${formatCredits(reading.credits)}. Stored encrypted in SSM as ${apiKeyParameter}`,
      );
      return reading.credits;
    }
    const problem = explain(reading, account);
    if (FAULTS_OF_KEY.has(reading.failure.reason)) {
      if (!prompts.isAttended) throw new CommandError(`The Kie key of ${name} does not work. ${problem}`);
      prompts.warn(`This key does not work. ${problem}`);
      continue;
    }
    prompts.warn(`Kie gave no balance. ${problem}`);
    if (!(await prompts.confirm("Store the key untried?", true))) continue;
    await storeSecret(step, apiKeyParameter, key, stored);
    prompts.fine(`Kie key of ${name}: stored encrypted in SSM as ${apiKeyParameter}, untried`);
    return null;
  }
}

async function askKie({ prompts: { sleep }, baseUrl }: KeyStep, key: string): Promise<Reading> {
  const limits = { ...LIMITS, secondLookAfterMs: SECOND_LOOK_AFTER_MS };
  return withHostAdvice(await createKie(baseUrl, limits, { now: Date.now, sleep, random: Math.random })(key));
}

function explain(
  { failure: { reason, detail } }: Extract<Reading, { kind: "failure" }>,
  { name, apiKeyParameter }: AccountSettings,
): string {
  const { meaning } = adviceOn(reason, { account: name, apiKeyParameter });
  return `${reason}: ${detail.replace(/\.$/, "")}. ${meaning}`;
}

/** What storing a secret needs. */
type SecretStep = Pick<KeyStep, "prompts" | "aws" | "kmsKeyArn">;

/**
 * Stores a secret as a SecureString.
 *
 * @param before - what is there now
 * @throws CommandError, which does not hold the secret
 */
export async function storeSecret(
  step: SecretStep,
  Name: string,
  secret: string,
  { type, value }: KeyParameter,
): Promise<void> {
  const { prompts, aws, kmsKeyArn } = step;
  const KeyId = kmsKeyArn ?? undefined;
  // Of a new one, since an advanced parameter can't become a standard one:
  // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
  const Tier = type === "SecureString" ? undefined : "Standard";
  const put = () =>
    putParameter(step, { Name, Type: "SecureString", Value: secret, KeyId, Tier, Overwrite: true });
  try {
    if (type !== "String" && type !== "StringList") return await put();
    // A parameter's type can't be changed.
    prompts.warn(
      `${Name} is a ${type}, which is not encrypted, so it is deleted and made anew. AWS wants half a minute between the two: what needs it in that time says that it is missing. Do not stop setup now.`,
    );
    await aws.ssm
      .send(new DeleteParameterCommand({ Name }))
      .catch(AwsProblem.thrower(`ssm:DeleteParameter of ${Name}`));
    const putBack = () => putParameter(step, { Name, Type: type, Value: value, Tier }).then(() => true);
    await prompts.during("Storing it encrypted", async () => {
      await prompts.sleep(NAME_IS_FREE_AFTER_MS);
      await put().catch(async (problem: Error) => {
        // Put the old one back, so that what uses it can go on.
        const isBack = await putBack().catch(() => false);
        const now = isBack ? "The old one is back." : "There is none now: run npm run setup again.";
        throw new CommandError(`${problem.message} ${now}`);
      });
    });
  } catch (error) {
    // SSM may quote what it was sent, and the SDK's errors carry the whole request.
    throw new CommandError(redactKey(error instanceof Error ? error.message : String(error), secret));
  }
}

/** Puts it, and tries again for a minute while SSM is busy with its name. */
async function putParameter({ aws, prompts }: SecretStep, input: PutParameterCommandInput): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      await aws.ssm.send(new PutParameterCommand(input));
      return;
    } catch (error) {
      const isBusy = error instanceof Error && BUSY.test(error.name);
      if (!isBusy || left <= 1) AwsProblem.thrower(`ssm:PutParameter of ${input.Name}`)(error);
      await prompts.sleep(TRY_AGAIN_MS);
    }
  }
}
