/** The environment, as the CDK and the AWS CLI read it: so that they and our clients go to one AWS account. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { CommandError } from "./command.ts";

/** What the CDK takes where the first is not set, in its order. The SDK's clients know the first alone. */
const NAMES = [
  ["AWS_REGION", "AMAZON_REGION", "AWS_DEFAULT_REGION", "AMAZON_DEFAULT_REGION"],
  ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
  ["AWS_ACCESS_KEY_ID", "AMAZON_ACCESS_KEY_ID"],
  ["AWS_SECRET_ACCESS_KEY", "AMAZON_SECRET_ACCESS_KEY"],
  ["AWS_SESSION_TOKEN", "AMAZON_SESSION_TOKEN"],
] as const;

/** Credentials in the environment. */
interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Puts into AWS_REGION, AWS_PROFILE and the keys what the CDK would take, trimmed, for the clients and for the CDK that
 * is started later; and trusts the certificates of AWS_CA_BUNDLE.
 *
 * @returns the keys that are set; undefined if there are none. They count before a profile, as with the CDK and the AWS
 * CLI; the SDK's clients would take the profile.
 * @throws CommandError if a value is none, or if the CDK would go elsewhere than AWS_PROFILE or AWS_REGION say
 */
export function settleEnvironment(): Keys | undefined {
  const env = process.env;
  for (const [name, value] of Object.entries(env)) {
    if (/^(AWS|AMAZON|CDK)_/.test(name)) env[name] = value?.trim();
  }
  for (const [name, ...others] of NAMES) {
    const value = [name, ...others].map((one) => env[one]).find(Boolean);
    if (value) env[name] = value;
  }
  for (const name of ["profile", "region"] as const) takeFromCdk(name);
  const region = env["AWS_REGION"];
  const problem = region && problemWithRegion(region);
  if (problem) throw new CommandError(`AWS_REGION is ${JSON.stringify(region)}: ${problem}`);
  trustBundle(env["AWS_CA_BUNDLE"]);
  return readKeys();
}

/** What is wrong with a region's name; undefined if nothing is. */
export function problemWithRegion(region: string): string | undefined {
  if (/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) return undefined;
  const [name] = /^[a-z]{2,}(-[a-z]+)+-\d+(?=[a-z]$)/.exec(region) ?? [];
  return name === undefined
    ? "expected a region, such as eu-central-1"
    : `that is a zone, expected its region: ${name}`;
}

/** Both cdk.json files may name a profile and a region, and so may CDK_PROFILE and CDK_REGION. The CDK takes these first. */
function takeFromCdk(name: "profile" | "region"): void {
  const env = process.env;
  const [own, cdks] = [`AWS_${name.toUpperCase()}`, `CDK_${name.toUpperCase()}`];
  const { where, value } = env[cdks] ? { where: cdks, value: env[cdks] } : (readCdkSetting(name) ?? {});
  if (!value) return;
  const against = [
    ...(env[own] && env[own] !== value ? [`${own} is ${env[own]}`] : []),
    ...(name === "profile" && env["AWS_ACCESS_KEY_ID"] ? ["AWS_ACCESS_KEY_ID is set"] : []),
  ];
  if (against.length > 0) {
    throw new CommandError(
      `The CDK takes the ${name} ${value}, as ${where} says, but ${against.join(" and ")}. Take one of them out, so that all goes to one place.`,
    );
  }
  env[own] = value;
}

/**
 * What the CDK's files say, in its order.
 *
 * @param path - the names of the fields that lead to it
 * @returns null if it is in none of them
 */
export function readCdkSetting(
  ...path: readonly string[]
): { readonly where: string; readonly value: string } | null {
  const files: readonly (readonly [string, readonly string[]])[] = [
    ["cdk.json", path],
    // It holds the context alone.
    ...(path[0] === "context" ? [["cdk.context.json", path.slice(1)] as const] : []),
    ["~/.cdk.json", path],
  ];
  for (const [where, fields] of files) {
    const value = readField(where.replace("~", homedir()), fields);
    if (value) return { where, value };
  }
  return null;
}

function readField(file: string, fields: readonly string[]): string | undefined {
  try {
    const value: unknown = fields.reduce(
      (object, name) => Reflect.get(object, name),
      JSON.parse(readFileSync(file, "utf8")),
    );
    return typeof value === "string" ? value.trim() : undefined;
  } catch {
    // There is none, or the CDK says what is wrong with it.
    return undefined;
  }
}

function readKeys(): Keys | undefined {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
  const broken = names.find((name) => /[^\x21-\x7e]/.test(process.env[name] ?? ""));
  if (broken) throw new CommandError(`${broken} has a blank or a line break in it. Copy it again.`);
  const [accessKeyId, secretAccessKey, sessionToken] = names.map((name) => process.env[name]);
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The CDK and the AWS CLI trust it, where a company's proxy opens TLS. Node has NODE_EXTRA_CA_CERTS. */
function trustBundle(file: string | undefined): void {
  if (!file) return;
  try {
    const own = readFileSync(file, "utf8").match(CERTIFICATE);
    if (!own) throw new Error(`no certificate in ${file}, expected -----BEGIN CERTIFICATE-----`);
    setDefaultCACertificates([...new Set([...getCACertificates("default"), ...own])]);
  } catch (error) {
    throw new CommandError(`AWS_CA_BUNDLE can't be read: ${error instanceof Error ? error.message : error}`);
  }
}
