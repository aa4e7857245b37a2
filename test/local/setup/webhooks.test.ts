import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Settings, webhookParameterOf } from "../../../infra/settings.ts";
import { createClients } from "../../../local/aws.ts";
import { readSettings, writeWebhooks } from "../../../local/setup/settings.ts";
import { provideWebhooks, type WebhookStep } from "../../../local/setup/webhooks.ts";
import { stubAws } from "../../support/credentials.ts";
import { MARKERS, startWebhookStandIns, type WebhookStandIns } from "../../support/webhook-stand-ins.ts";
import { startSetupStandIn } from "./aws.ts";
import { createScript } from "./script.ts";

const OFFER = "A Slack, Discord, Telegram or ntfy address (optional, hidden)";
const ASK_TEAM = "The address of the webhook team (hidden)";
const ASK_KIND = "What does 127.0.0.1:";
const TEAM = webhookParameterOf("team");

let aws: Awaited<ReturnType<typeof startSetupStandIn>>;
let services: WebhookStandIns;
beforeEach(async () => {
  aws = await startSetupStandIn();
  services = await startWebhookStandIns();
  stubAws(aws.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  await services.close();
});

/** Goes through the step, and looks for the address in all that is shown. */
async function provide(
  webhooks: Settings["webhooks"],
  answers: Parameters<typeof createScript>[0],
  changes: Partial<WebhookStep> = {},
  isAttended = true,
) {
  const script = createScript(answers);
  const step: WebhookStep = {
    prompts: { ...script.prompts, isAttended, sleep: aws.sleep },
    aws: createClients(),
    kmsKeyArn: null,
    wanted: null,
    isOffered: false,
    ...changes,
  };
  const result = await provideWebhooks(step, { webhooks }).catch((error: Error) => error.message);
  const shown = [script.said(), script.asked.join(), String(result)].join("\n");
  for (const marker of MARKERS) expect(shown).not.toContain(marker);
  return { result, said: script.said(), asked: script.asked };
}

const stored = (name: string) => aws.parameters.get(webhookParameterOf(name));
const shown = () => services.arrivals.map(({ shown }) => shown);

it("an address that is offered may be left out", async () => {
  expect(await provide([], { [OFFER]: "  " }, { isOffered: true })).toMatchObject({
    result: [],
    asked: [OFFER],
  });
  expect(aws.calls).toEqual([]);
});

it("an address that is wanted is posted to once, then stored encrypted", async () => {
  const address = services.addressOf("slack");
  const { result, said } = await provide(
    [],
    { [ASK_TEAM]: ` ${address}\n`, [ASK_KIND]: "slack" },
    { wanted: "team" },
  );
  expect(result).toEqual([{ name: "team", kind: "slack" }]);
  expect(shown()).toEqual(["Kie credit alert is connected."]);
  expect(stored("team")).toEqual({ Type: "SecureString", Value: address });
  expect(said).toContain("stored encrypted in SSM as /kie-credit-alert/webhooks/team");
});

it("what was copied along with an address is taken off, and said without any of it", async () => {
  const address = services.addressOf("slack");
  const answers = { [ASK_TEAM]: `x2markertoken: <${address}>\n`, [ASK_KIND]: "slack" };
  const { result, said } = await provide([], answers, { wanted: "team" });
  expect(result).toEqual([{ name: "team", kind: "slack" }]);
  expect(stored("team")?.Value).toBe(address);
  expect(said).toContain("Taken off: what stood around the address\n");
});

it("one without a name is named after its kind", async () => {
  const answers = { [OFFER]: services.addressOf("ntfy"), [ASK_KIND]: "ntfy" };
  expect((await provide([], answers, { isOffered: true })).result).toEqual([{ name: "ntfy", kind: "ntfy" }]);
  const other = { [OFFER]: services.addressOf("json") };
  expect((await provide([], other, { isOffered: true })).result).toEqual([{ name: "webhook" }]);
  expect(shown()).toEqual([
    "Kie credit alert is connected.",
    '{"subject":"Kie credit alert","text":"Kie credit alert is connected."}',
  ]);
});

it("one that is stored is kept, and nobody is asked; one that is missing is asked for, by the settings' kind", async () => {
  aws.parameters.set(TEAM, { Type: "SecureString", Value: services.addressOf("slack") });
  const webhooks = [{ name: "team" }, { name: "phone", kind: "ntfy" as const }];
  const answers = { "The address of the webhook phone": services.addressOf("ntfy") };
  const { result, said, asked } = await provide(webhooks, answers);
  expect(result).toEqual(webhooks);
  expect(said).toContain("Webhook team: its address is stored");
  expect(asked).toEqual(["The address of the webhook phone (hidden)"]);
  expect(stored("phone")?.Value).toBe(services.addressOf("ntfy"));
});

it("the kind that is answered for one that the settings name without a kind is kept", async () => {
  const webhooks = [{ name: "phone" }, { name: "team", kind: "slack" as const }];
  aws.parameters.set(TEAM, { Type: "SecureString", Value: services.addressOf("slack") });
  const answers = {
    "The address of the webhook phone": services.addressOf("ntfy"),
    "The address of the webhook more": services.addressOf("json"),
    [ASK_KIND]: ["ntfy", "json"],
  };
  expect((await provide(webhooks, answers, { wanted: "more" })).result).toEqual([
    { name: "phone", kind: "ntfy" },
    { name: "team", kind: "slack" },
    { name: "more" },
  ]);
});

it.each([
  ["/hooks/x2markertoken", { name: "team", kind: "slack" }],
  ["/hooks/T0markerteam/x2markertoken", { name: "team", kind: "slack" }],
  ["/hooks/catch/T0markerteam/x2markertoken", { name: "team" }],
  ["/webhooks/x2markertoken", { name: "team" }],
])("slack is proposed for addresses like Mattermost's and Rocket.Chat's: %s", async (path, webhook) => {
  services.troubles.push((response) => response.end("ok"));
  const answers = { [ASK_TEAM]: new URL(path, services.addressOf("slack")).href };
  const { result, asked } = await provide([], answers, { wanted: "team" });
  expect({ result, asked }).toEqual({
    result: [webhook],
    asked: [ASK_TEAM, expect.stringContaining(ASK_KIND)],
  });
});

it.each(["/hooks/x2markertoken", "/x2markertoken"])(
  "an unknown host's kind is json where nobody can be asked, which is said: %s",
  async (path) => {
    const bodies: string[] = [];
    services.troubles.push((response, _, body) => {
      bodies.push(body);
      response.end("ok");
    });
    const answers = { [ASK_TEAM]: new URL(path, services.addressOf("slack")).href };
    const { result, said } = await provide([], answers, { wanted: "team" }, false);
    expect(result).toEqual([{ name: "team" }]);
    expect(bodies).toEqual(['{"subject":"Kie credit alert","text":"Kie credit alert is connected."}']);
    expect(said).toContain(
      "Webhook team: its kind is taken as json; for another, write it in settings.json\n",
    );
  },
);

it("one that is not encrypted is warned of, and a new address for it is", async () => {
  aws.parameters.set(TEAM, { Type: "String", Value: services.addressOf("slack") });
  const webhooks = [{ name: "team", kind: "slack" as const }];
  expect((await provide(webhooks, {})).said).toContain(`${TEAM} is a String, which is not encrypted.`);
  await provide(webhooks, { [ASK_TEAM]: services.addressOf("slack") }, { wanted: "team" });
  expect(stored("team")).toEqual({ Type: "SecureString", Value: services.addressOf("slack") });
});

describe("an address that does not work", () => {
  it("is asked for again, and not stored", async () => {
    services.troubles.push((response, path) => response.writeHead(404).end(`no_service ${path}`));
    const bad = services.addressOf("slack");
    const answers = { [ASK_TEAM]: ["x2markertoken", bad, bad], [ASK_KIND]: ["slack", "slack"] };
    const { said, result } = await provide([], answers, { wanted: "team" });
    expect(said).toContain("This address does not work. The address is not an https: address");
    expect(said).toMatch(
      /This address does not work\. 127\.0\.0\.1:\d+ answered 404: "no_service \[address\]/,
    );
    expect(result).toEqual([{ name: "team", kind: "slack" }]);
    expect(aws.calls.filter((call) => call === "PutParameter")).toHaveLength(1);
  });

  it("ends setup if nobody can give another", async () => {
    const webhooks = [{ name: "team", kind: "teams" as const }];
    const answers = { [ASK_TEAM]: services.addressOf("slack") };
    expect((await provide(webhooks, answers, { wanted: "team" }, false)).result).toMatch(
      /^The webhook team does not work\. 127\.0\.0\.1:\d+ answered 400: "no_text"$/,
    );
    expect(stored("team")).toBeUndefined();
  });

  it("is in no error if SSM refuses it", async () => {
    aws.denied.add("SecureString");
    const answers = { [ASK_TEAM]: services.addressOf("json") };
    expect((await provide([{ name: "team" }], answers)).result).toContain("kms:GenerateDataKey");
  });
});

describe("the settings' file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "settings-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (text: string, ...more: Settings["webhooks"]) =>
    writeAll(text, (own) => [...structuredClone(own), ...more]);
  const writeAll = (text: string, change: (own: Settings["webhooks"]) => Settings["webhooks"]) => {
    const path = join(folder, "settings.json");
    writeFileSync(path, text);
    const before = process.cwd();
    process.chdir(folder);
    try {
      const file = readSettings();
      const script = createScript({});
      const { settings } = writeWebhooks(script.prompts, file, change(file.settings.webhooks));
      return { text: readFileSync(path, "utf8"), webhooks: settings.webhooks, said: script.said() };
    } finally {
      process.chdir(before);
    }
  };

  it("gets a webhook that is new, and keeps its comments and those that it has", () => {
    expect(write('{\n  "emails": ["me@example.com"]\n}\n', { name: "team" })).toEqual({
      text: '{\n  "emails": ["me@example.com"],\n  "webhooks": [{"name":"team"}]\n}\n',
      webhooks: [{ name: "team" }],
      said: "Written to settings.json: the webhook team",
    });
    const text = '{\n  "webhooks": [\n    // the family\n    { "name": "phone", "kind": "ntfy" }\n  ]\n}\n';
    const { text: written, webhooks } = write(text, { name: "team" });
    expect(webhooks).toEqual([{ name: "phone", kind: "ntfy" }, { name: "team" }]);
    expect(written).toContain('// the family\n    { "name": "phone", "kind": "ntfy" }');
  });

  it("is left as it is if there is none that is new", () => {
    const text = '{ "webhooks": [{ "name": "team" }] }';
    expect(write(text)).toEqual({ text, webhooks: [{ name: "team" }], said: "" });
  });

  it.each([
    ['{ "webhooks": [{ "name": "phone" }, { "name": "team" }] }', /phone.*team/],
    [
      '{\n  "webhooks": [\n    // my own\n    { "name": "phone" }, // loud\n    // the family\n    { "name": "team" }\n  ]\n}\n',
      /own\n {4}\{"name":"phone","kind":"ntfy"\}, \/\/ loud\n {4}\/\/ the family\n {4}\{ "name": "team" \}/,
    ],
  ])("gets a kind in its place, and the webhook that got it is named: %j", (text, expected) => {
    const written = writeAll(text, ([, ...others]) => [{ name: "phone", kind: "ntfy" }, ...others]);
    expect(written.webhooks).toEqual([{ name: "phone", kind: "ntfy" }, { name: "team" }]);
    expect(written.text).toMatch(expected);
    expect(written.said).toBe("Written to settings.json: the webhook phone");
  });
});
