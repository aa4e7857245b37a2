/** The CDK app: settings → stack. */
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { InvalidInputError } from "../lambda/problems.ts";
import { CreditAlertStack } from "./credit-alert-stack.ts";
import { readSettings, type Settings } from "./settings.ts";

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new CreditAlertStack(app, "KieCreditAlert", { settings: settingsOf(app) });

/** What is wrong with the settings is for whoever wrote them; a stack trace would only hide it. */
function settingsOf(app: App): Settings {
  try {
    return readSettings(app.node.getAllContext());
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
