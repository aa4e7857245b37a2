import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createClients } from "../../../local/aws.ts";
import { findTopic, readDeployedTemplate, readState } from "../../../local/deployed/stack.ts";
import { stubAws } from "../../support/credentials.ts";
import { startWiretap } from "../../support/wiretap.ts";

const NO_STACK =
  "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id KieCreditAlert does not exist</Message></Error></ErrorResponse>";
const IDENTITY =
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
const DENIED = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";

let knowsAccount: boolean;
let aws: Awaited<ReturnType<typeof startWiretap>>;
beforeEach(async () => {
  knowsAccount = true;
  aws = await startWiretap("", async ({ body }) => {
    if (!body.startsWith("Action=GetCallerIdentity")) return { status: 400, body: NO_STACK };
    return knowsAccount ? { body: IDENTITY } : { status: 403, body: DENIED };
  });
  stubAws(aws.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

it.each([
  ["readState", readState],
  ["readDeployedTemplate", readDeployedTemplate],
  ["findTopic", findTopic],
])("%s says where there is no stack, and never to deploy one first", async (_, read) => {
  await expect(read(createClients("eu-west-3"))).rejects.toMatchObject({
    kind: "missing",
    message:
      "No stack KieCreditAlert in 123456789012, eu-west-3. Deployed elsewhere? Set AWS_REGION. Never deployed? npm run setup.",
  });
});

it("names the region alone if STS does not tell the account", async () => {
  knowsAccount = false;
  await expect(readState(createClients("eu-west-3"))).rejects.toThrow(
    "No stack KieCreditAlert in eu-west-3. ",
  );
});
