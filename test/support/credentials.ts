/** What a command that asks a stand-in for AWS finds in its environment. */
import { vi } from "vitest";

export const CREDENTIALS = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};

/** Has the clients of this process ask the stand-in, until `vi.unstubAllEnvs()`. */
export function stubAws(url: string): void {
  for (const [name, value] of Object.entries({ ...CREDENTIALS, AWS_ENDPOINT_URL: url }))
    vi.stubEnv(name, value);
}
