/** A stand-in for the part of STS, SSM and CloudFormation that setup calls. */
import { startWiretap } from "../../support/wiretap.ts";

export interface Parameter {
  readonly Type: string;
  readonly Value: string;
}

/**
 * @param statuses - of each stack, in turn; the last one stays, and without one there is no stack
 * @param template - of each stack; it has no function, whatever that says
 */
export async function startSetupStandIn(
  statuses: readonly string[] = [],
  template: { readonly Description?: string; readonly Resources?: unknown } = {},
) {
  const left = [...statuses];
  const parameters = new Map<string, Parameter>();
  const calls: string[] = [];
  /** Types of parameters that may not be put, and calls that may not be made. */
  const denied = new Set<string>();
  const { url, close } = await startWiretap("", async ({ headers, body }) => {
    const target = headers["x-amz-target"]?.split(".")[1];
    if (body.startsWith("Action=GetCallerIdentity")) return { body: IDENTITY_XML };
    const call = /^Action=(\w+)/.exec(body)?.[1] ?? "";
    if (denied.has(call)) return { status: 403, body: errorXml("AccessDenied", "not authorized") };
    if (call === "GetTemplate") return { body: templateXml(template) };
    if (call === "ListStackResources") return { body: NO_RESOURCES_XML };
    if (target === undefined) {
      calls.push("DescribeStacks");
      const status = left.length > 1 ? left.shift() : left[0];
      return status === undefined
        ? { status: 400, body: errorXml("ValidationError", "Stack with id X does not exist") }
        : { body: stackXml(status, template.Description) };
    }
    calls.push(target);
    const { Name, Type, Value } = JSON.parse(body);
    const stored = parameters.get(Name);
    if (target === "PutParameter" && denied.has(Type)) {
      return { status: 400, body: '{"__type":"AccessDeniedException","message":"kms:GenerateDataKey"}' };
    }
    if (target === "PutParameter") parameters.set(Name, { Type, Value });
    else if (target === "DeleteParameter") parameters.delete(Name);
    else if (stored === undefined) return { status: 400, body: '{"__type":"ParameterNotFound"}' };
    return { body: JSON.stringify({ Parameter: { Name, ...stored } }) };
  });
  return { url, parameters, calls, denied, close };
}

const IDENTITY_XML =
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

const NO_RESOURCES_XML =
  "<ListStackResourcesResponse><ListStackResourcesResult/></ListStackResourcesResponse>";

function templateXml(template: unknown): string {
  const body = JSON.stringify(template).replaceAll('"', "&quot;");
  return `<GetTemplateResponse><GetTemplateResult><TemplateBody>${body}</TemplateBody></GetTemplateResult></GetTemplateResponse>`;
}

function stackXml(status: string, description = ""): string {
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>X</StackName><Description>${description}</Description><CreationTime>2026-11-23T05:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

function errorXml(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
