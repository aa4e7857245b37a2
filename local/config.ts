/** What a check outside AWS works by, where nothing else is said: the settings' defaults. Pure. */
import { type Config, DEFAULT_USD_PER_CREDIT } from "../lambda/config.ts";
import { DEFAULT_POLICY } from "../lambda/policy.ts";

export const LOCAL_CONFIG: Config = {
  account: "kie",
  apiKeyParameter: null,
  policy: DEFAULT_POLICY,
  usdPerCredit: DEFAULT_USD_PER_CREDIT,
  timeZone: "UTC",
  sms: "critical",
};
