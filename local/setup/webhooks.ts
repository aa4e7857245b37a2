/** A chat or any webhook: its address, tried, and stored encrypted. */
import type { Settings, WebhookSettings } from "../../infra/settings.ts";
import { webhookParameterOf } from "../../infra/settings.ts";
import { SETTINGS_FILE } from "../../infra/settings-file.ts";
import { WEBHOOK_KINDS, type WebhookKind, webhookKind } from "../../lambda/fields.ts";
import { plainNotice } from "../../lambda/webhook/notice.ts";
import { postNotice, readAddress, WebhookError } from "../../lambda/webhook/post.ts";
import type { Aws } from "../aws.ts";
import { CommandError } from "../command.ts";
import { readKeyParameter } from "../deployed/key-parameter.ts";
import { unwrapAddress } from "../pasted.ts";
import type { Prompts } from "../prompts.ts";
import { storeSecret } from "./key.ts";

const CONNECTED = "Kie credit alert is connected.";

/** For an address whose host tells no kind. */
const OTHER_NAME = "webhook";

export interface WebhookStep {
  readonly prompts: Prompts;
  readonly aws: Aws;
  /** The customer key that encrypts the parameters; null for the one of AWS. */
  readonly kmsKeyArn: string | null;
  /** The name of the one that gets a new address; it need not be there yet. Null if none does. */
  readonly wanted: string | null;
  /** Whether to ask for one that nobody named. */
  readonly isOffered: boolean;
}

/**
 * Keeps each address that is stored, and asks for those that are missing or shall be replaced. An address is posted to
 * once, before it is stored.
 *
 * @returns the webhooks as the settings should name them: those that are there in their order, then the new one
 * @throws CommandError or AwsProblem, which never hold an address
 */
export async function provideWebhooks(
  step: WebhookStep,
  { webhooks }: Pick<Settings, "webhooks">,
): Promise<readonly WebhookSettings[]> {
  const { prompts, aws, wanted, isOffered } = step;
  const provided: WebhookSettings[] = [];
  for (const webhook of webhooks) {
    const { name, kind = null } = webhook;
    const { type, value } = await readKeyParameter(aws, webhookParameterOf(name));
    if (name === wanted || value.trim() === "") provided.push(...(await connect(step, name, kind)));
    else {
      provided.push(webhook);
      prompts.fine(`Webhook ${name}: its address is stored`);
      if (type !== "SecureString") {
        prompts.warn(
          `${webhookParameterOf(name)} is a ${type}, which is not encrypted. Store a new address: npm run setup -- --webhook ${name}`,
        );
      }
    }
  }
  if (wanted !== null && webhooks.every(({ name }) => name !== wanted)) {
    return [...provided, ...(await connect(step, wanted, null))];
  }
  return isOffered ? [...provided, ...(await connect(step, null, null))] : provided;
}

/**
 * Asks for an address until one works, and stores it.
 *
 * @param name - null for one that is optional, and named after its kind
 * @returns it; none if none was given
 */
async function connect(
  step: WebhookStep,
  name: string | null,
  kind: WebhookKind | null,
): Promise<readonly WebhookSettings[]> {
  const { prompts } = step;
  for (;;) {
    const pasted = await prompts.askSecret(
      name === null
        ? "A Slack, Discord, Telegram or ntfy address (optional, hidden)"
        : `The address of the webhook ${name} (hidden)`,
    );
    const address = unwrapAddress(prompts.warn, pasted);
    if (name === null && address === "") return [];
    try {
      const webhook = await tryAddress(prompts, name, kind, address);
      await store(step, webhook.name, address);
      return [webhook];
    } catch (problem) {
      if (!(problem instanceof WebhookError)) throw problem;
      if (!prompts.isAttended)
        throw new CommandError(`The webhook ${name} does not work. ${problem.message}`);
      prompts.warn(`This address does not work. ${problem.message}`);
    }
  }
}

/** Posts once, so that a wrong address is found now. */
async function tryAddress(
  prompts: Prompts,
  givenName: string | null,
  givenKind: WebhookKind | null,
  address: string,
): Promise<WebhookSettings> {
  const { url, kind: told } = readAddress(address, givenKind);
  const kind = givenKind === null && told === "json" ? await askKind(prompts, givenName, url) : told;
  await postNotice(address, kind, plainNotice("Kie credit alert", CONNECTED));
  const name = givenName ?? (kind === "json" ? OTHER_NAME : kind);
  return kind === told && givenKind === null ? { name } : { name, kind };
}

/** Of Mattermost and Rocket.Chat, which stand on hosts of people's own; Zapier's begin with /hooks/catch/. */
const LIKE_SLACK = /^\/hooks\/(?!catch\/)/;

async function askKind(prompts: Prompts, name: string | null, { host, pathname }: URL): Promise<WebhookKind> {
  if (!prompts.isAttended) {
    prompts.warn(`Webhook ${name}: its kind is taken as json; for another, write it in ${SETTINGS_FILE}`);
    return "json";
  }
  const answer = await prompts.ask({
    message: `What does ${host} speak? ${WEBHOOK_KINDS.join(", ")}. Mattermost and Rocket.Chat speak slack`,
    initial: LIKE_SLACK.test(pathname) ? "slack" : "json",
    problemWith: (text) => webhookKind.safeParse(text.trim()).error?.issues[0]?.message,
  });
  return webhookKind.parse(answer.trim());
}

async function store(step: WebhookStep, name: string, address: string): Promise<void> {
  const parameter = webhookParameterOf(name);
  await storeSecret(step, parameter, address, await readKeyParameter(step.aws, parameter));
  step.prompts.fine(
    `Webhook ${name}: "${CONNECTED}" is there. Its address is stored encrypted in SSM as ${parameter}`,
  );
}
