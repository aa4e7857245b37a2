/** What the commands take for granted. Pure. */
import { type Config, DEFAULT_USD_PER_CREDIT } from "../lambda/config.ts";
import { DEFAULT_POLICY } from "../lambda/policy/rules.ts";

/** The settings' defaults, for a check outside AWS. */
export const LOCAL_CONFIG: Config = {
  account: "kie",
  apiKeyParameter: null,
  policy: DEFAULT_POLICY,
  usdPerCredit: DEFAULT_USD_PER_CREDIT,
  timeZone: "UTC",
  sms: "critical",
  tellsAudience: true,
};

/** The name of the stack, as in infra/app.ts. */
export const STACK = "KieCreditAlert";
