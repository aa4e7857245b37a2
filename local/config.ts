/** What the commands take for granted. Pure. */
import type { Config } from "../lambda/config.ts";
import { ACCOUNT_DEFAULTS } from "../lambda/fields.ts";

/** The settings' defaults, for a check outside AWS. */
export const LOCAL_CONFIG: Config = {
  account: "kie",
  apiKeyParameter: null,
  tellsAudience: true,
  consoleOnly: false,
  ...ACCOUNT_DEFAULTS,
};

/** The name of the stack, as in infra/app.ts. */
export const STACK = "KieCreditAlert";
