/** AWS behind a proxy, as NODE_USE_ENV_PROXY names it: by the commands that people run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { start } from "../support/command.ts";
import { CREDENTIALS } from "../support/credentials.ts";
import { type ProxyHost, startProxy } from "../support/proxy.ts";
import { linkOf, tokenOf } from "../support/sns-stand-in.ts";

let proxy: ProxyHost;
let folder: string;
beforeEach(async () => {
  proxy = await startProxy("");
  folder = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
});
afterEach(async () => {
  await proxy.close();
  rmSync(folder, { recursive: true });
});

it.each([
  ["the doctor", "local/doctor/doctor.ts", []],
  ["setup", "local/setup/setup.ts", ["--yes", "--email", "me@example.com"]],
  ["a check by the deployed function", "local/check/check.ts", ["--deployed"]],
  ["confirm", "local/confirm/confirm.ts", []],
])("%s asks AWS through the proxy's tunnel", async (_title, file, args) => {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    ...CREDENTIALS,
    AWS_ENDPOINT_URL: "https://aws.invalid",
    NODE_USE_ENV_PROXY: "1",
    HTTPS_PROXY: proxy.url,
  };
  const { process: child, outcome } = start(file, args, env, folder);
  child.stdin?.end(linkOf(tokenOf(1)));
  await outcome;
  expect(new Set(proxy.asked.map((line) => line.split(" ")[1]))).toEqual(new Set(["aws.invalid:443"]));
});
