/** A stand-in for the part of STS, SSM, CloudFormation and S3 that setup calls, as strict as they are. */
import { startWiretap } from "../../support/wiretap.ts";

export interface Parameter {
  readonly Type: string;
  readonly Value: string;
  readonly Tier?: "Advanced";
}

/** SSM wants so long between deleting a parameter and making one of its name. */
const NAME_IS_FREE_AFTER_MS = 30_000;

/**
 * @param statuses - of each stack, in turn; the last one stays, and without one there is no stack
 * @param template - of each stack; its functions are those of `functions`
 * @param functions - the variables of each, by its name
 */
export async function startSetupStandIn(
  statuses: readonly string[] = [],
  template: { readonly Description?: string; readonly Resources?: unknown } = {},
  functions: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
) {
  const left = [...statuses];
  const parameters = new Map<string, Parameter>();
  const calls: string[] = [];
  /** Types of parameters that may not be put, and calls that may not be made. */
  const denied = new Set<string>();
  /** Names that SSM is busy with, once for each time. */
  const busy: string[] = [];
  const tiers: string[] = [];
  /** When each parameter was deleted. */
  const deleted = new Map<string, number>();
  /** What may be changed: `now` by those who wait, in milliseconds; the rest by tests. */
  const world = {
    now: 0,
    /** How long SSM really takes. */
    nameIsFreeAfterMs: NAME_IS_FREE_AFTER_MS,
    /** Of the stack CDKToolkit; null if its template is too old to have one. */
    qualifier: "hnb659fds" as string | null,
    hasBucket: true,
    /** What failed in the last deployment, first things first. */
    failures: [] as readonly (readonly [resource: string, reason: string])[],
  };
  const { url, close } = await startWiretap("", async ({ headers, body, path }) => {
    const target = headers["x-amz-target"]?.split(".")[1];
    if (body.startsWith("Action=GetCallerIdentity")) return { body: IDENTITY_XML };
    const call = /^Action=(\w+)/.exec(body)?.[1] ?? "";
    if (denied.has(call)) return { status: 403, body: errorXml("AccessDenied", "not authorized") };
    if (call === "GetTemplate") return { body: templateXml(template) };
    if (call === "ListStackResources") return { body: resourcesXml(Object.keys(functions)) };
    if (call === "DescribeStackEvents") return { body: eventsXml(world.failures) };
    const [, name = ""] = /\/functions\/(\w+)$/.exec(path) ?? [];
    if (name !== "") {
      if (denied.has("GetFunction"))
        return { status: 403, body: '{"__type":"AccessDeniedException","message":"not authorized"}' };
      return { body: JSON.stringify({ Configuration: { Environment: { Variables: functions[name] } } }) };
    }
    if (path.startsWith("/cdk-")) {
      calls.push("HeadBucket");
      return { status: denied.has("HeadBucket") ? 403 : world.hasBucket ? 200 : 404, body: "" };
    }
    if (target === undefined) {
      calls.push("DescribeStacks");
      const status = left.length > 1 ? left.shift() : left[0];
      return status === undefined
        ? { status: 400, body: errorXml("ValidationError", "Stack with id X does not exist") }
        : { body: stackXml(status, world.qualifier, template.Description) };
    }
    calls.push(target);
    const { Name, Type, Value, Overwrite, Tier } = JSON.parse(body);
    const stored = parameters.get(Name);
    const refused = (code: string, message = "refused") => ({
      status: 400,
      body: JSON.stringify({ __type: code, message }),
    });
    if (denied.has(target)) return refused("AccessDeniedException");
    if (target === "PutParameter") {
      if (denied.has(Type)) return refused("AccessDeniedException", "kms:GenerateDataKey");
      if (stored && stored.Type !== Type) return refused("HierarchyTypeMismatchException");
      if (stored && !Overwrite) return refused("ParameterAlreadyExists");
      const freeAt = (deleted.get(Name) ?? Number.NEGATIVE_INFINITY) + world.nameIsFreeAfterMs;
      if (world.now < freeAt || busy.shift() === Name) return refused("TooManyUpdates");
      if (stored?.Tier === "Advanced" && Tier === "Standard")
        return refused("ValidationException", "This parameter uses the advanced-parameter tier.");
      tiers.push(Tier);
      parameters.set(Name, { Type, Value });
    } else if (stored === undefined) return refused("ParameterNotFound");
    if (target === "DeleteParameter") {
      parameters.delete(Name);
      deleted.set(Name, world.now);
    }
    return { body: JSON.stringify({ Parameter: { Name, ...stored } }) };
  });
  const sleep = async (ms: number) => {
    world.now += ms;
  };
  return { url, parameters, calls, denied, busy, tiers, world, sleep, close };
}

const IDENTITY_XML =
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

function resourcesXml(functions: readonly string[]): string {
  const members = functions.map(
    (name) =>
      `<member><ResourceType>AWS::Lambda::Function</ResourceType><PhysicalResourceId>${name}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`,
  );
  return `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members.join("")}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`;
}

function templateXml(template: unknown): string {
  const body = JSON.stringify(template).replaceAll('"', "&quot;");
  return `<GetTemplateResponse><GetTemplateResult><TemplateBody>${body}</TemplateBody></GetTemplateResult></GetTemplateResponse>`;
}

/** The newest come first, and those after the first failure are cancelled. */
function eventsXml(failures: readonly (readonly [string, string])[]): string {
  const event = (id: string, status: string, reason = "") =>
    `<member><StackId>X</StackId><PhysicalResourceId>${id}</PhysicalResourceId><LogicalResourceId>${id}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus><ResourceStatusReason>${reason}</ResourceStatusReason></member>`;
  const events = [
    event("X", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create"),
    ...failures.map(([id, reason]) => event(id, "CREATE_FAILED", reason)).toReversed(),
    event("X", "CREATE_IN_PROGRESS", "User Initiated"),
    event("Older", "CREATE_FAILED", "of a deployment before"),
  ];
  return `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>${events.join("")}</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`;
}

function stackXml(status: string, qualifier: string | null, description = ""): string {
  const parameter =
    qualifier === null
      ? ""
      : `<Parameters><member><ParameterKey>Qualifier</ParameterKey><ParameterValue>${qualifier}</ParameterValue></member></Parameters>`;
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${parameter}<StackName>X</StackName><Description>${description}</Description><CreationTime>2026-11-23T05:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

function errorXml(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
