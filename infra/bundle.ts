/** The function's code: the check and all that it needs, in one file that starts fast. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { simple } from "acorn-walk";
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
    onLoad(
      { filter: /[\\/]client-(sns|ssm)[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, "utf8");
        const constant = /^const (_\w+) = (".*");$/gm;
        const texts = new Map([...source.matchAll(constant)].map(([, name = "", text]) => [name, text]));
        const contents = source
          .replace(constant, "")
          .replace(/^n0_registry\.registerError\(.*\);$/gm, "")
          .replace(/\b_\w+\b/g, (name) => texts.get(name) ?? name);
        return { contents };
      },
    );
  },
};

/** Puts another module in the place of one of the SDK's. */
function replace(path: RegExp, contents: string): Plugin {
  return {
    name: `replace-${path.source}`,
    setup: ({ onLoad }) => onLoad({ filter: path }, () => ({ contents })),
  };
}

/**
 * The SDK looks for whatever it is not told in the environment, then in ~/.aws/config and ~/.aws/credentials, which
 * Lambda has not, and then takes its default. That cost three errors, with their stacks, for each setting.
 */
const configurationFromEnvironmentOnly = replace(
  /[\\/]node-config-provider[\\/]configLoader\.js$/,
  `import { memoize } from "../property-provider/memoize";
  export const loadConfig = ({ environmentVariableSelector, default: fallback }, { signingName, logger } = {}) =>
    memoize(async () => {
      try {
        const value = environmentVariableSelector(process.env, { signingName, logger });
        if (value !== undefined) return value;
      } catch {
        // What is no value is as good as none, as the SDK has it.
      }
      return typeof fallback === "function" ? fallback() : fallback;
    });`,
);

/** The SDK takes its UUIDs from the web's crypto object, for which Node loads all of it. */
const uuidsOfNode = replace(
  /[\\/]serde[\\/]uuid[\\/]v4\.js$/,
  'import { randomUUID } from "node:crypto"; export const bindV4 = () => randomUUID;',
);

const TARGET = {
  platform: "node",
  target: "node24",
  // Of an arrow function V8 parses all that is in it, and again when it is called; of others only when they are called.
  supported: { arrow: false },
} as const satisfies BuildOptions;

/**
 * Bundles the function into a folder, as the one file `index.js`. What else was in the folder is gone.
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
    logLevel: "warning",
    // ES modules go in, since what is not used of them can be left out. CommonJS comes out: importing one of Node's own
    // modules reads all that it exports, and with node:http that loads Node's fetch.
    mainFields: ["module", "main"],
    format: "cjs",
    supported: { ...TARGET.supported, "dynamic-import": false },
    // The SDK that was tested is the one that runs, and it starts faster than the runtime's.
    external: NEVER_LOADED,
    plugins: [withoutOtherOperations, configurationFromEnvironmentOnly, uuidsOfNode],
    // Bodies are Node's streams. The SDK asks whether they are the web's, for which Node loads all of those.
    define: { ReadableStream: "undefined" },
    // More can be left out then.
    minifySyntax: true,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild wrote nothing");
  // Minified by itself, a file keeps the names of what it declares: stack traces stay readable.
  const { code } = await transform(output.text, { ...TARGET, minify: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "index.js"), inParentheses(code));
  return metafile;
}

/**
 * Puts every function expression into parentheses, of which V8 guesses that it will be called: it is compiled with
 * what is around it, and not read once to skip it and again to call it.
 *
 * @see https://v8.dev/blog/preparser#pife
 */
function inParentheses(code: string): string {
  const marks = new Map<number, string>();
  simple(parse(code, { ecmaVersion: "latest" }), {
    FunctionExpression({ start, end }) {
      const isMethod = !/^(async )?function/.test(code.slice(start, end));
      if (!isMethod) marks.set(start, "(").set(end, ")");
    },
  });
  return code.replace(/[\s\S]/g, (character, at: number) => (marks.get(at) ?? "") + character);
}
