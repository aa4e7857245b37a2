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

/** The email that asks for a confirmation. Its sender's name is that of the topic; these two are AWS's. */
export const CONFIRMATION_EMAIL =
  '"AWS Notification - Subscription Confirmation" from no-reply@sns.amazonaws.com';

/** The name of the stack, as in infra/app.ts. */
export const STACK = "KieCreditAlert";

/** Stands in the description of a stack that was not deployed from here, as in infra/template.ts. */
export const BROWSER_MARK = "template for the browser";
