/** Kie behind a proxy, as NODE_USE_ENV_PROXY names it: by the command that people run. */
import { createServer as createHttpsServer, Agent as HttpsAgent } from "node:https";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sendOverHttp, type Transport } from "../../../lambda/adapters/http.ts";
import { createKie, LIMITS } from "../../../lambda/adapters/kie.ts";
import { start } from "../../support/command.ts";
import { type Host, LOCALHOST_PEM, LOCALHOST_TLS, listen, startHost } from "../../support/hosts.ts";
import { type ProxyHost, startProxy } from "../../support/proxy.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const GOOD = '{"code":200,"msg":"success","data":5000}';

let kie: Host;
let proxy: ProxyHost;
beforeEach(async () => {
  kie = await listen(createHttpsServer(LOCALHOST_TLS, (_request, response) => response.end(GOOD)));
  proxy = await startProxy(GOOD);
});
afterEach(async () => {
  await kie.close();
  await proxy.close();
});

/** Checks once; Kie is at localhost, with a certificate that this process alone trusts. */
async function check(env: Record<string, string>, baseUrl = `https://localhost:${kie.port}`) {
  const { outcome } = start("local/check/check.ts", ["--json", "--base-url", baseUrl], {
    KIE_API_KEY: KEY,
    NODE_EXTRA_CA_CERTS: LOCALHOST_PEM,
    ...env,
  });
  const { stdout, stderr } = await outcome;
  expect(stdout + stderr).not.toContain(KEY);
  return JSON.parse(stdout) as { credits: number | null; failure: unknown };
}

describe("a check", () => {
  it("asks Kie through the proxy's tunnel, and shows the proxy no key", async () => {
    const report = await check({ NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxy.url });
    expect(report).toMatchObject({ credits: 5000, failure: null });
    expect(proxy.asked).toEqual([expect.stringMatching(`^CONNECT localhost:${kie.port} `)]);
    expect(proxy.asked[0]).not.toMatch(/bearer/i);
    expect(kie.connections).toBe(1);
  });

  it.each([
    ["NO_PROXY names Kie's host", { NODE_USE_ENV_PROXY: "1", NO_PROXY: "localhost" }],
    ["nothing says that the environment's proxies are used", {}],
  ])("goes around the proxy if %s", async (_title, env) => {
    const report = await check({ HTTPS_PROXY: proxy.url, ...env });
    expect(report).toMatchObject({ credits: 5000 });
    expect(proxy.asked).toEqual([]);
  });

  it("asks for a plain address through the proxy for plain addresses", async () => {
    const env = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy.url };
    expect(await check(env, "http://127.0.0.1:9")).toMatchObject({ credits: 5000 });
    expect(proxy.asked).toEqual(["GET http://127.0.0.1:9/api/v1/chat/credit"]);
  });
});

it("a proxy that refuses is a failure, and its password is in no detail", async () => {
  const agent = new HttpsAgent({
    proxyEnv: { HTTPS_PROXY: proxy.url.replace("http://", "http://me:wrong@") },
  });
  const throughProxy: Transport = (url, options, timeoutMs) =>
    sendOverHttp(url, { ...options, agent }, timeoutMs);
  const reading = await createKie(
    "https://kie.invalid",
    { ...LIMITS, attempts: 1 },
    undefined,
    throughProxy,
  )(KEY);
  expect(reading).toMatchObject({ failure: { reason: "network", detail: expect.stringContaining("407") } });
  expect(JSON.stringify(reading)).not.toContain("wrong");
});

it("a proxy that never opens its tunnel is a timeout, and leaves no connection behind", async () => {
  const silent = await startHost(() => {});
  const agent = new HttpsAgent({ proxyEnv: { HTTPS_PROXY: silent.url } });
  const asking = sendOverHttp(new URL("https://kie.invalid"), { agent }, 200);
  await expect(asking).rejects.toMatchObject({ name: "TimeoutError" });
  await silent.allClosed();
  expect(silent.connections).toBe(1);
  await silent.close();
});
