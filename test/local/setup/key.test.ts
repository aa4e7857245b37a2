import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseSettings } from "../../../infra/settings.ts";
import { createClients } from "../../../local/aws.ts";
import {
  credits,
  type KieStandIn,
  kieError,
  startKieStandIn,
  text,
} from "../../../local/demo/kie-stand-in.ts";
import { type KeyStep, provideKey } from "../../../local/setup/key.ts";
import { stubAws } from "../../support/credentials.ts";
import { startSetupStandIn } from "./aws.ts";
import { createScript } from "./script.ts";

const KEY = "0123456789abcdef0123456789abcdef";

describe("the key of an account", () => {
  const NAME = "/kie-credit-alert/kie/api-key";
  const QUESTION = "The Kie API key of kie";
  const OTHER = "fedcba9876543210fedcba9876543210";
  const [account] = parseSettings({}, "").accounts;
  let aws: Awaited<ReturnType<typeof startSetupStandIn>>;
  let kie: KieStandIn;
  beforeEach(async () => {
    aws = await startSetupStandIn();
    kie = await startKieStandIn(credits(12_400));
    stubAws(aws.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
    await kie.close();
  });

  async function provide(answers: Parameters<typeof createScript>[0], changes: Partial<KeyStep> = {}) {
    const script = createScript(answers);
    const step: KeyStep = {
      prompts: { ...script.prompts, sleep: aws.sleep },
      aws: createClients(),
      baseUrl: kie.url,
      given: [],
      isNewWanted: false,
      kmsKeyArn: null,
      ...changes,
    };
    if (account === undefined) throw new Error("there is no account");
    const balance = await provideKey(step, account).catch((error: Error) => error.message);
    for (const text of [script.said(), String(balance)]) expect(text).not.toMatch(/0123456789|9876543210/);
    return { balance, said: script.said(), asked: script.asked };
  }
  const store = (Type: string) => aws.parameters.set(NAME, { Type, Value: KEY });

  it("is asked for if there is none, and stored encrypted once Kie takes it", async () => {
    expect(await provide({ [QUESTION]: `Bearer ${KEY}` })).toMatchObject({ balance: 12_400 });
    expect(aws.parameters.get(NAME)).toEqual({ Type: "SecureString", Value: KEY });
  });

  it("that works is kept, and nobody is asked", async () => {
    store("SecureString");
    expect(await provide({})).toMatchObject({ balance: 12_400, asked: [] });
    expect(aws.calls).toEqual(["GetParameter"]);
  });

  it("that works is replaced if that is wanted", async () => {
    store("SecureString");
    await provide({ [QUESTION]: OTHER }, { isNewWanted: true });
    expect(aws.parameters.get(NAME)?.Value).toBe(OTHER);
  });

  it("is replaced where it is an advanced parameter, which SSM makes no standard one", async () => {
    aws.parameters.set(NAME, { Type: "SecureString", Value: KEY, Tier: "Advanced" });
    expect(await provide({ [QUESTION]: OTHER }, { isNewWanted: true })).toMatchObject({ balance: 12_400 });
    expect(aws.parameters.get(NAME)?.Value).toBe(OTHER);
  });

  it("that is not encrypted stays where it is if the new one can't be stored", async () => {
    store("String");
    aws.denied.add("SecureString");
    const { balance } = await provide({ [QUESTION]: OTHER }, { isNewWanted: true });
    expect(balance).toMatch(/^ssm:PutParameter of \S+ is denied: .* The old one is back\.$/);
    expect(aws.parameters.get(NAME)).toEqual({ Type: "String", Value: KEY });
  });

  it("that is not encrypted is followed by the new one also if SSM takes longer than it says", async () => {
    store("String");
    aws.world.nameIsFreeAfterMs = 80_000;
    expect(await provide({ [QUESTION]: OTHER }, { isNewWanted: true })).toMatchObject({ balance: 12_400 });
    expect(aws.parameters.get(NAME)).toEqual({ Type: "SecureString", Value: OTHER });
  });

  it("says so if there is none in the end", async () => {
    store("String");
    aws.world.nameIsFreeAfterMs = 600_000;
    const { balance, said } = await provide({ [QUESTION]: OTHER }, { isNewWanted: true });
    expect(balance).toMatch(/failed: TooManyUpdates: .* There is none now: run npm run setup again\.$/);
    expect(said).toMatch(/AWS wants half a minute .* what needs it in that time says that it is missing/);
  });

  it("is tried again while SSM is busy with it", async () => {
    store("SecureString");
    aws.busy.push(NAME, NAME);
    expect(await provide({ [QUESTION]: OTHER }, { isNewWanted: true })).toMatchObject({ balance: 12_400 });
    expect(aws.parameters.get(NAME)?.Value).toBe(OTHER);
  });

  it("never costs what an advanced parameter costs", async () => {
    await provide({ [QUESTION]: KEY });
    expect(aws.tiers).toEqual(["Standard"]);
  });

  it("that Kie refuses is asked for until one works", async () => {
    store("SecureString");
    const refusal = kieError(401, `no access with ${KEY}`);
    kie.answer(refusal, refusal, refusal, refusal, credits(7));
    const { balance, said } = await provide({ [QUESTION]: [KEY, OTHER] });
    expect(balance).toBe(7);
    expect(said).toMatch(
      /The stored Kie key of kie does not work\. unauthorized: .*This key does not work\. /s,
    );
    expect(aws.parameters.get(NAME)?.Value).toBe(OTHER);
  });

  it("is kept if only its IP whitelist is in the way, and nobody is asked for it again", async () => {
    store("SecureString");
    kie.answer(kieError(401, "Illegal IP, please set up a whitelist"));
    const { balance, said } = await provide({});
    expect(balance).toBeNull();
    expect(said).toMatch(/stored and kept\. .*The key works, but not from Lambda, whose addresses change/);
    expect(aws.parameters.get(NAME)?.Value).toBe(KEY);
  });

  it("is kept if Kie has a trouble that no other key would fix", async () => {
    store("SecureString");
    kie.answer(text(404, "nothing here"));
    const { balance, said } = await provide({});
    expect(balance).toBeNull();
    expect(said).toMatch(/stored and kept\. Kie gave no balance\./);
    expect(aws.calls).toEqual(["GetParameter"]);
  });

  it("that could not be tried is stored only if somebody says so", async () => {
    kie.answer(text(404, "nothing here"));
    const { balance } = await provide({ [QUESTION]: [KEY, OTHER], Store: [false, true] });
    expect(balance).toBeNull();
    expect(aws.parameters.get(NAME)?.Value).toBe(OTHER);
  });

  it("that is stored as plain text is said to be so, and a new one takes its place encrypted", async () => {
    store("String");
    expect((await provide({})).said).toMatch(
      /\/kie\/api-key is a String, which is not encrypted\. .*: npm run setup -- --new-key kie$/m,
    );
    await provide({ [QUESTION]: OTHER }, { isNewWanted: true });
    expect(aws.parameters.get(NAME)).toEqual({ Type: "SecureString", Value: OTHER });
  });
});
