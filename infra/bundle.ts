/** The function's code: the check and all that it needs, in one file that starts fast. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin, transform } from "esbuild";

/** The module that exports the handler. */
export const ENTRY = fileURLToPath(new URL("../lambda/handler.ts", import.meta.url));

/** The handler's name in the bundle, as Lambda takes it. */
export const HANDLER = "index.handler";

/**
 * What the SDK would load on demand, and never does here: Lambda's credentials are in the environment, where the SDK
 * looks first, and no call of ours streams events.
 */
const NEVER_LOADED = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/core/event-streams",
  "@smithy/credential-provider-imds",
];

/**
 * Leaves out what the SDK's clients have for the operations that are not called. They name everything by constants
 * and register the class of every error as they load, of which esbuild can't tell that nobody would miss it. An error
 * without a class of its own is an SSMServiceException or SNSServiceException, with the same message, and the name
 * that the service gave it.
 */
const withoutOtherOperations: Plugin = {
  name: "without-other-operations",
  setup({ onLoad }) {
    onLoad({ filter: /\/client-(sns|ssm)\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const constant = /^const (_\w+) = (".*");$/gm;
      const texts = new Map([...source.matchAll(constant)].map(([, name = "", text]) => [name, text]));
      const contents = source
        .replace(constant, "")
        .replace(/^n0_registry\.registerError\(.*\);$/gm, "")
        .replace(/\b_\w+\b/g, (name) => texts.get(name) ?? name);
      return { contents };
    });
  },
};

/** Lambda has no ~/.aws/config and no ~/.aws/credentials, where the SDK looks for whatever it is not told. */
const withoutConfigFiles: Plugin = {
  name: "without-config-files",
  setup({ onLoad }) {
    onLoad({ filter: /\/shared-ini-file-loader\/loadSharedConfigFiles\.js$/ }, () => ({
      contents: `
        export { CONFIG_PREFIX_SEPARATOR } from "./constants";
        export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
    }));
  },
};

const TARGET = {
  platform: "node",
  target: "node24",
  // Of an arrow function V8 parses all that is in it, and again when it is called; of others only when they are called.
  supported: { arrow: false },
} as const satisfies BuildOptions;

/**
 * Bundles the function into a folder, as the one file `index.js`.
 *
 * @returns what esbuild says is in it, before it is minified
 * @throws what esbuild says, where a module can't be found or read
 */
export async function bundle(folder: string): Promise<Metafile> {
  const { outputFiles, metafile } = await build({
    ...TARGET,
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    metafile: true,
    logLevel: "error",
    // ES modules go in, since what is not used of them can be left out. CommonJS comes out: importing one of Node's own
    // modules reads all that it exports, and with node:http that loads Node's fetch.
    mainFields: ["module", "main"],
    format: "cjs",
    supported: { ...TARGET.supported, "dynamic-import": false },
    // The SDK that was tested is the one that runs, and it starts faster than the runtime's.
    external: NEVER_LOADED,
    plugins: [withoutOtherOperations, withoutConfigFiles],
    // More can be left out then.
    minifySyntax: true,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild wrote nothing");
  // Minified by itself, a file keeps the names of what it declares: stack traces stay readable.
  const { code } = await transform(output.text, { ...TARGET, minify: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "index.js"), code);
  return metafile;
}
