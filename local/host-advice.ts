/** What is wrong with this machine, where an error of AWS's or of the network's tells it. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Reading } from "../lambda/policy/reading.ts";

const EXPORT =
  'eval "$(aws configure export-credentials --format env)" (in PowerShell: docs/by-hand.md#windows)';

/**
 * @param error - the error's name, code and text
 * @returns what to do on this machine; null if the error says nothing about it
 */
export function adviceOnHost(error: string): string | null {
  const env = process.env;
  const isClock =
    /CERT_NOT_YET_VALID|CERT_HAS_EXPIRED|certificate (is not yet valid|has expired)|Signature (expired|not yet current)|RequestExpired|RequestTimeTooSkewed/i;
  if (isClock.test(error)) {
    return `This machine's clock says ${new Date().toISOString().slice(0, 16)} UTC: if that is wrong, set it.`;
  }
  const isIntercepted =
    /self.signed.cert|unable to (get|verify)|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE/i;
  if (isIntercepted.test(error)) {
    return "Something on the way, such as a company's proxy, opens TLS with a certificate of its own: set NODE_EXTRA_CA_CERTS to the file of that certificate.";
  }
  const proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find((name) => env[name]);
  const isUnreachable = /ENOTFOUND|EAI_AGAIN|ECONN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|time(d )?.?out/i;
  if (proxy && env["NODE_USE_ENV_PROXY"] !== "1" && isUnreachable.test(error)) {
    return `${proxy} is set, which Node takes only with NODE_USE_ENV_PROXY=1: set that, too.`;
  }
  return null;
}

/** A look at Kie from this machine, with advice if it had no connection. */
export function withHostAdvice(reading: Reading): Reading {
  if (reading.kind === "credits" || !/^(network|timeout)$/.test(reading.failure.reason)) return reading;
  const { failure } = reading;
  const advice = adviceOnHost(`${failure.reason}: ${failure.detail}`);
  const detail = `${failure.detail.replace(/\.$/, "")}. ${advice}`;
  return advice === null ? reading : { ...reading, failure: { ...failure, detail } };
}

/**
 * Why the SDK found no credentials, where it hides that itself, and what to do.
 *
 * @param message - of the SDK
 * @param profile - AWS_PROFILE; undefined if it is not set
 */
export function adviceOnCredentials(message: string, profile: string | undefined): string {
  if (/multi-factor|mfa/i.test(message)) {
    return `These commands can't ask for the code of a profile with MFA. Get keys for an hour first: ${EXPORT}`;
  }
  const own = profile ? readProfile(profile) : null;
  if (profile && own === undefined) {
    return `There is no profile ${profile} in ${files().join(" or ")}. Set AWS_PROFILE to one that is there (aws configure list-profiles).`;
  }
  if (own?.includes("credential_process")) {
    return `The credential_process of the profile ${profile ?? "default"} failed: run its line in ${files()[0]} yourself.`;
  }
  const whose = profile ? `AWS_PROFILE is ${profile}. ` : "";
  return `${whose}Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in again (aws login, aws sso login).`;
}

function files(): readonly [config: string, credentials: string] {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const inHome = (name: string) => join(homedir(), ".aws", name);
  return [AWS_CONFIG_FILE || inHome("config"), AWS_SHARED_CREDENTIALS_FILE || inHome("credentials")];
}

/** The lines of a profile in both files; undefined if it is in none. */
function readProfile(profile: string): string | undefined {
  const sections = files().flatMap((file) => {
    try {
      return `\n${readFileSync(file, "utf8")}`.split(/\n\s*(?=\[)/);
    } catch {
      return [];
    }
  });
  const own = sections.filter(
    (text) => /^\[\s*(?:profile\s+)?["']?(.*?)["']?\s*\]/.exec(text)?.[1] === profile,
  );
  return own.length === 0 ? undefined : own.join("\n");
}
