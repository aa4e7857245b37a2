/** One small function with its log group and its role: what the check and the webhooks have in common. */
import { type Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  type Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { DeployedConfig, Environment, WebhookConfig } from "../lambda/config.ts";
import { BUNDLING, LOCK_FILE } from "./bundle.ts";

/** How often Lambda tries again what failed: a minute later, and two minutes after that. */
export const RETRIES = 2;

interface FunctionProps {
  readonly description: string;
  /** The module that exports the handler. */
  readonly entry: string;
  readonly config: DeployedConfig | WebhookConfig;
  readonly timeout: Duration;
  /** How long an event may wait, retries included. */
  readonly maxEventAge: Duration;
  readonly logRetention: RetentionDays;
  /** The name of the role's one policy, and all that it allows beside logging. */
  readonly policy: string;
  readonly permissions: readonly PolicyStatement[];
}

export function addFunction(
  scope: Construct,
  props: FunctionProps,
): { readonly function: LambdaFunction; readonly logGroup: LogGroup } {
  const { description, entry, timeout, maxEventAge } = props;
  const logGroup = new LogGroup(scope, "Logs", {
    retention: props.logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // The stack makes the group, so the function needn't.
  const logging = allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]);
  const lambda = new NodejsFunction(scope, "Function", {
    description,
    entry,
    depsLockFilePath: LOCK_FILE,
    bundling: BUNDLING,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    // A check takes about 80 MB, but with 128 MB come only a 14th of a processor, on which connecting to three hosts
    // by TLS nears the second that the clients give it.
    memorySize: 256,
    timeout,
    environment: { CONFIG: Stack.of(scope).toJsonString(props.config) } satisfies Environment,
    // Inline, so that the function waits for its permissions and what calls it for the function.
    role: new Role(scope, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: {
        [props.policy]: new PolicyDocument({ statements: [...props.permissions, logging] }),
      },
    }),
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    retryAttempts: RETRIES,
    maxEventAge,
  });
  return { function: lambda, logGroup };
}

export function allow(
  actions: string[],
  resources: string[],
  conditions: Record<string, Record<string, string>> = {},
): PolicyStatement {
  return new PolicyStatement({ actions, resources, conditions });
}

/** The ARN of a parameter, by its name with a slash first, which may be a token. */
export function parameterArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: "ssm", resource: `parameter${name}` });
}

/**
 * A service of AWS as the condition `kms:ViaService` names it, in China too:
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function via(stack: Stack, service: string): string {
  return `${service}.${stack.region}.amazonaws.com`;
}

/** To decrypt one SecureString that a customer key encrypts; nothing without one, since AWS's own key needs no grant. */
export function allowDecrypt(stack: Stack, key: IKey | undefined, parameter: string): PolicyStatement[] {
  if (key === undefined) return [];
  return [
    allow(["kms:Decrypt"], [key.keyArn], {
      StringEquals: {
        "kms:ViaService": via(stack, "ssm"),
        "kms:EncryptionContext:PARAMETER_ARN": parameterArn(stack, parameter),
      },
    }),
  ];
}
