/** How the function's code is bundled: one small file with the SDK in it, and its source map. */
import { fileURLToPath } from "node:url";
import { type BundlingOptions, LogLevel } from "aws-cdk-lib/aws-lambda-nodejs";

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The module that exports the handler. */
export const ENTRY = pathOf("../lambda/handler.ts");

export const LOCK_FILE = pathOf("../package-lock.json");

/** Cold checks with these take 0.57 to 0.64 of the time that they take with the defaults. */
export const BUNDLING: BundlingOptions = {
  target: "node24",
  // ES modules go in, since esbuild can leave out what is not used of them. CommonJS, the default, comes out: it
  // starts faster, since importing Node's own modules as ES modules reads all that they export.
  mainFields: ["module", "main"],
  // The SDK is not among them: the bundled one is the one that was tested, and starts faster than the runtime's. These it
  // loads on demand and never needs here: Lambda's credentials are in the environment, and no call streams events.
  externalModules: [
    "@aws-sdk/credential-provider-http",
    "@aws-sdk/credential-provider-ini",
    "@aws-sdk/credential-provider-process",
    "@aws-sdk/credential-provider-sso",
    "@aws-sdk/credential-provider-web-identity",
    "@smithy/core/event-streams",
    "@smithy/credential-provider-imds",
  ],
  minify: true,
  esbuildArgs: {
    // V8 compiles other functions when they are called first, but arrow functions twice: once to skip them.
    "--supported:arrow": "false",
    // The SDK imports node:https on demand. As require() that doesn't read all that Node exports, such as its fetch.
    "--supported:dynamic-import": "false",
  },
  // Bodies are Node's streams. The SDK asks whether they are the web's, and Node would load all of those to answer.
  define: { ReadableStream: "undefined" },
  // For stack traces that name our files and lines. The files themselves are in the repository.
  sourceMap: true,
  sourcesContent: false,
  // Not the sizes of files at every synth.
  logLevel: LogLevel.WARNING,
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    // The map's paths would depend on where the CDK writes to, and with them the hash of the code. Begins without a
    // quote, since Windows takes the outer quotes off a command that begins with one.
    afterBundling: (_, outputFolder) => [
      `cd . && "${process.execPath}" "${pathOf("source-map.ts")}" "${outputFolder}/index.js.map"`,
    ],
  },
};
