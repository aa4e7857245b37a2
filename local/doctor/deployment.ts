/** Rows on the stack: credentials, state, functions, code; and what its template says. */
import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatTime } from "../../lambda/messages/format.ts";
import { type Aws, type Identity, readIdentity } from "../aws.ts";
import { STACK } from "../config.ts";
import { type DeployedFunction, findFunctions } from "../deployed/functions.ts";
import { readDeployedTemplate, readState, type StackState } from "../deployed/stack.ts";
import { readTemplate, type Template } from "../deployed/template.ts";
import { DEPLOY, error, fine, once, orNull, type Row, row, type Verdict, warning } from "../findings.ts";

const APP = fileURLToPath(new URL("../../infra/app.ts", import.meta.url));

/** What is deployed. Each is asked for once. */
export interface Deployment {
  readonly state: () => Promise<StackState>;
  readonly functions: () => Promise<readonly DeployedFunction[]>;
  readonly template: () => Promise<Template>;
  /** The template that this checkout would deploy; null if it can't be built. */
  readonly built: () => Promise<Template | null>;
}

export function lookAtDeployment({ cloudFormation, lambda }: Aws): Deployment {
  return {
    state: once(() => readState(cloudFormation)),
    functions: once(() => findFunctions(cloudFormation, lambda)),
    template: once(() => readDeployedTemplate(cloudFormation)),
    built: once(buildTemplate),
  };
}

/** In stages: if one ends in a fatal finding, the next ones are not looked at. */
export function deploymentRows(
  aws: Aws,
  deployment: Deployment,
  timeZone: string,
): readonly (readonly Row[])[] {
  return [
    [row({ subject: "Credentials", look: () => readIdentity(aws), judge: judgeCredentials })],
    [row({ subject: "Stack", look: deployment.state, judge: (state) => judgeStack(state, timeZone) })],
    [
      row({
        subject: "Functions",
        look: deployment.functions,
        judge: (functions) => fine(functions.map(({ name }) => name).join(", ")),
      }),
      row({
        subject: "Dashboard",
        look: () => orNull(deployment.state),
        judge: (state) => (state?.dashboard === undefined ? null : fine(state.dashboard)),
      }),
      row({
        subject: "Code",
        look: () => Promise.all([deployment.template(), deployment.built()]),
        judge: ([deployed, built]) => judgeCode(deployed.assets, built?.assets[0] ?? null),
      }),
    ],
  ];
}

export function judgeCredentials({ account, who, region }: Identity): Verdict {
  return fine(`AWS account ${account} as ${who}, region ${region}`);
}

/** @param timeZone - to show times in, as an IANA name */
export function judgeStack({ status, changedAt }: StackState, timeZone: string): Verdict {
  const text = `${status}, ${formatTime(changedAt, timeZone)}`;
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return fine(text);
  if (status === "REVIEW_IN_PROGRESS") return error(`${text}: it was never deployed`, DEPLOY);
  if (status.endsWith("_IN_PROGRESS"))
    return warning(`${text}: it is being changed`, "Look again in a while.");
  if (status === "UPDATE_ROLLBACK_COMPLETE") {
    return warning(`${text}: the last deployment failed, and the one before it runs`, DEPLOY);
  }
  return error(text, "See what failed in the stack's events: npx cdk deploy shows them.");
}

/** @param built - the asset that this checkout builds; null if it builds none */
export function judgeCode(deployed: readonly string[], built: string | null): Verdict {
  const short = (asset: string) => asset.slice(0, 12);
  if (built === null) return warning("unknown, since this checkout can't be built", "See why: npm run synth");
  if (deployed.length > 0 && deployed.every((asset) => asset === built)) {
    return fine(`what this checkout builds, ${short(built)}`);
  }
  const there = deployed.map(short).join(", ") || "an unknown one";
  return warning(`deployed is ${there}, but this checkout builds ${short(built)}`, DEPLOY);
}

/** Runs the CDK app with the cdk.json of the folder that the doctor runs in, as a deployment does. */
async function buildTemplate(): Promise<Template | null> {
  const out = mkdtempSync(join(tmpdir(), "kie-credit-alert-"));
  let app: ChildProcess | undefined;
  const tidyUp = () => {
    app?.kill();
    rmSync(out, { recursive: true, force: true });
  };
  // Ctrl-C ends this process at once, and then nobody else would.
  process.once("exit", tidyUp);
  try {
    const { context = {} } = JSON.parse(readFileSync("cdk.json", "utf8")) as { context?: unknown };
    const env = {
      ...process.env,
      KIE_API_KEY: undefined,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify(context),
    };
    app = spawn(process.execPath, [APP], { env, stdio: "ignore" });
    const [code] = await event(app, "close");
    return code === 0 ? readTemplate(readFileSync(join(out, `${STACK}.template.json`), "utf8")) : null;
  } catch {
    // No cdk.json, or one that can't be read: npm run synth says what is wrong.
    return null;
  } finally {
    process.removeListener("exit", tidyUp);
    tidyUp();
  }
}
