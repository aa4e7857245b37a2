import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll } from "vitest";
import cdkJson from "../../cdk.json" with { type: "json" };
import { parseSettings } from "../../infra/settings.ts";
import { CreditAlertStack } from "../../infra/stack.ts";
import { DEPLOYED_CONFIG } from "../support/settings.ts";

const out = mkdtempSync(join(tmpdir(), "cdk-out-"));
afterAll(() => rmSync(out, { recursive: true }));

/** Of a resource, as the CDK types what it reads from a template. */
type Properties = ReturnType<Template["toJSON"]>;

/** What the stack's template says, with the feature flags of cdk.json, and without bundling the function's code. */
export function synthesize(settings: Record<string, unknown> = {}) {
  const app = new App({
    outdir: mkdtempSync(join(out, "app-")),
    context: { ...cdkJson.context, "aws:cdk:bundling-stacks": [] },
  });
  const stack = new CreditAlertStack(app, "KieCreditAlert", {
    settings: parseSettings({ emails: ["me@example.com"], ...settings }, "the test"),
  });
  const template = Template.fromStack(stack);
  const { Resources, Outputs } = template.toJSON();

  /** The logical ids of a type's resources. */
  const idsOf = (type: string) => Object.keys(Resources).filter((id) => Resources[id].Type === type);
  const idOf = (type: string, beginning = "") => {
    const ids = idsOf(type).filter((id) => id.startsWith(beginning));
    if (ids.length !== 1) throw new Error(`${ids.length} of ${type} begin with ${JSON.stringify(beginning)}`);
    return String(ids[0]);
  };
  return {
    app,
    stack,
    json: template.toJSON(),
    outputs: Outputs as Record<string, { Value: unknown; Description: string }>,
    idsOf,
    /** The logical id of the only resource of a type, or of the one whose id begins so. */
    idOf,
    /** Its properties. */
    find: (type: string, beginning?: string): Properties => Resources[idOf(type, beginning)].Properties,
    /** A function's environment, as it is once the topic has its ARN. */
    environment: (beginning?: string) => {
      const { Variables } = Resources[idOf("AWS::Lambda::Function", beginning)].Properties.Environment;
      const [separator, parts] = Variables.CONFIG["Fn::Join"];
      const topic = { Ref: idOf("AWS::SNS::Topic") };
      const resolved = parts.map((part: unknown) =>
        isDeepStrictEqual(part, topic) ? DEPLOYED_CONFIG.topicArn : part,
      );
      return { ...Variables, CONFIG: resolved.join(separator) } as Record<string, string>;
    },
    resources: Resources as Record<string, { Type: string; Properties: Properties; DeletionPolicy?: string }>,
  };
}
