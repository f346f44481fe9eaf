import { join } from "node:path";
import { type Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { FunctionName } from "./function-bundles.ts";
import type { Stage } from "./stages.ts";

export interface FunctionSettings {
  readonly stage: Stage;
  /** Folder of the bundles (function-bundles.ts). */
  readonly bundles: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface FunctionShape {
  readonly name: FunctionName;
  readonly description: string;
  readonly rights: readonly PolicyStatement[];
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** At most so many at once; absent: as many as the account has. */
  readonly atOnceMax?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One function with its own log and its own role: what the role allows is what is listed, and writing that log. */
export function controlPlaneFunction(
  stack: Stack,
  { stage, bundles, environment }: FunctionSettings,
  shape: FunctionShape,
): LambdaFunction {
  const { name, description, rights, memoryMb, timeout, atOnceMax } = shape;
  const functionName = `understudy-${stage.name}-${name}`;
  const logGroup = new LogGroup(stack, `${name}-log`, {
    logGroupName: `/understudy/${stage.name}/${name}`,
    retention: stage.logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const logging = new PolicyStatement({ actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] });
  const role = new Role(stack, `${name}-role`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: `Of ${functionName}`,
    inlinePolicies: { rights: new PolicyDocument({ statements: [logging, ...rights] }) },
  });
  return new LambdaFunction(stack, name, {
    functionName,
    description,
    role,
    logGroup,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: Code.fromAsset(join(bundles, name)),
    memorySize: memoryMb,
    timeout,
    environment: { ...environment, ...shape.environment },
    ...(atOnceMax === undefined ? {} : { reservedConcurrentExecutions: atOnceMax }),
  });
}
