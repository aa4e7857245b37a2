/** How the functions' code is bundled: each one small file with the SDK in it. */
import { fileURLToPath } from "node:url";
import { type BundlingOptions, LogLevel } from "aws-cdk-lib/aws-lambda-nodejs";

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The modules that export the handlers. */
export const CHECK = pathOf("../lambda/handler.ts");
export const WEBHOOK = pathOf("../lambda/webhook/handler.ts");

export const LOCK_FILE = pathOf("../package-lock.json");

/** `npm run bench` measures a cold check with these beside one with the defaults. */
export const BUNDLING: BundlingOptions = {
  // Lambda's runtime needs no older syntax.
  target: "node24",
  // ES modules first, since esbuild can leave out what is not used of them.
  mainFields: ["module", "main"],
  // The SDK is bundled, as it was tested, but for what Lambda never needs: its credentials are in the environment, and
  // no call streams events.
  externalModules: [
    "@aws-sdk/credential-provider-http",
    "@aws-sdk/credential-provider-ini",
    "@aws-sdk/credential-provider-process",
    "@aws-sdk/credential-provider-sso",
    "@aws-sdk/credential-provider-web-identity",
    "@smithy/core/event-streams",
    "@smithy/credential-provider-imds",
  ],
  // Less code to load, with the names of functions and errors kept for stack traces and logs.
  minify: true,
  keepNames: true,
  // The SDK imports node:https on demand: as an import that reads all that Node exports, as require() it doesn't.
  esbuildArgs: { "--supported:dynamic-import": "false" },
  // No sizes of files at every synth.
  logLevel: LogLevel.WARNING,
};
