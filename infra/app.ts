/** The CDK app: settings → stack. */
import { App } from "aws-cdk-lib";
import { InvalidInputError } from "../lambda/problems.ts";
import type { Settings } from "./settings.ts";
import { loadSettings } from "./settings-file.ts";
import { CreditAlertStack } from "./stack.ts";

// What the bundler writes can be read in Lambda, whatever the umask here.
process.umask(0o022);

const app = new App();
new CreditAlertStack(app, "KieCreditAlert", { settings: settingsOf(app) });

/** What is wrong with the settings is for whoever wrote them; a stack trace would only hide it. */
function settingsOf(app: App): Settings {
  try {
    return loadSettings(app.node.getAllContext());
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
