/** moto, an AWS emulator in Python (https://docs.getmoto.org), where it is installed. */
import { spawn, spawnSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Moto {
  readonly url: string;
  /** What AWS clients and the CDK need to take it for AWS. */
  readonly env: Readonly<Record<string, string>>;
  /** The same for a client of the SDK. */
  readonly client: typeof CLIENT & { readonly endpoint: string };
  stop(): Promise<void>;
}

const CLIENT = {
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
} as const;

/** Whether a command is there. Where the tests must be complete, which CI says, its absence is an error. */
export function isInstalled(command: string, installation: string): boolean {
  if (spawnSync(command, ["--help"]).status === 0) return true;
  const message = `${command} is not on the PATH: ${installation}`;
  if (process.env["CI"]) throw new Error(message);
  console.warn(`\n*** SKIPPED, since ${message} ***\n`);
  return false;
}

export function hasMoto(): boolean {
  return isInstalled("moto_server", 'pip install "moto[server]"');
}

/** Starts moto on a free port. By name, since the queues of moto are at localhost and not at 127.0.0.1. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const server = spawn("moto_server", ["-H", "localhost", "-p", String(port)], { stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  while (!(await answers(url))) {
    if (server.exitCode !== null) throw new Error(`moto_server ended with ${server.exitCode}`);
    await sleep(100);
  }
  return {
    url,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: CLIENT.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CLIENT.credentials.secretAccessKey,
      AWS_REGION: CLIENT.region,
    },
    client: { ...CLIENT, endpoint: url },
    async stop() {
      server.kill("SIGKILL");
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/`).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => {
    server.listen(0, "localhost", listening);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => {
    server.close(closed);
  });
  return port;
}
