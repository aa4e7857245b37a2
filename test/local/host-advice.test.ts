import { afterEach, describe, expect, it, vi } from "vitest";
import { createKie } from "../../lambda/adapters/kie.ts";
import { failed } from "../../lambda/policy/reading.ts";
import { withHostAdvice } from "../../local/host-advice.ts";

describe("a look at Kie from this machine", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("names the switch of a proxy if there was no connection", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy:8080");
    const reading = withHostAdvice(await createKie("http://127.0.0.1:1")("0123456789abcdef"));
    expect(reading).toMatchObject({
      failure: { reason: "network", detail: expect.stringMatching(/ECONNREFUSED.*NODE_USE_ENV_PROXY=1/) },
    });
  });

  it.each([
    ["certificate is not yet valid", /^api\.kie\.ai: .*\. This machine's clock says/],
    ["self-signed certificate in certificate chain", /set NODE_EXTRA_CA_CERTS/],
  ])("says what may be wrong with this machine: %s", (problem, advice) => {
    expect(withHostAdvice(failed("network", `api.kie.ai: ${problem}`))).toMatchObject({
      failure: { detail: expect.stringMatching(advice), permanent: false },
    });
  });

  it("is left as it is if Kie answered, or the error says nothing of this machine", () => {
    for (const reading of [
      { kind: "credits", credits: 5 } as const,
      failed("network", "api.kie.ai: socket hang up"),
      failed("server-error", "code 500: certificate has expired"),
    ])
      expect(withHostAdvice(reading)).toBe(reading);
  });
});
