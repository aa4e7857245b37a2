/** The CDK app: settings and code → stack. */
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { AwsSolutionsChecks } from "cdk-nag";
import { InvalidInputError } from "../lambda/problems.ts";
import { bundle } from "./bundle.ts";
import { readSettings, type Settings } from "./settings.ts";
import { CreditAlertStack } from "./stack.ts";

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const settings = settingsOf(app);
const folder = join(app.outdir, "check");
await bundle(folder);
new CreditAlertStack(app, "KieCreditAlert", { settings, code: Code.fromAsset(folder) });

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
