import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import {
  ApiMapping,
  type CfnStage,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  SecurityPolicy,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { Alias, type IFunction, type IVersion, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { controlPlaneFunction, type FunctionSettings } from "./control-plane-function.ts";
import type { DataStack } from "./data-stack.ts";
import {
  admissionRights,
  alertRights,
  directoryRights,
  messengerRights,
  signingRights,
  storeRights,
  subscriptionRights,
  topicEndRights,
  witnessRights,
} from "./rights.ts";
import type { Stage } from "./stages.ts";

export interface ApiStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly bundles: string;
  /** Of all functions, but for what only this stack knows. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Requests a second of all callers together, and as many at once; each caller's own limit is the API's (functions/use-cases/rate-limit.ts). */
const throttle = { rateLimit: 500, burstLimit: 1_000 } as const;

/** The one door: agents' enrolments and questions, programs with API keys, and, from the console's stack, browsers. */
export class ApiStack extends Stack {
  readonly api: HttpApi;
  /** `https://...`, without a slash at its end. */
  readonly url: string;
  readonly functions: readonly LambdaFunction[];
  readonly settings: FunctionSettings;

  constructor(scope: Construct, id: string, { stage, data, bundles, environment, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.api = new HttpApi(this, "Api", {
      apiName: `understudy-${stage.name}`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: stage.domain !== undefined,
    });
    this.url = stage.domain === undefined ? this.api.apiEndpoint : `https://${stage.domain.name}`;
    this.settings = { stage, bundles, environment: { ...environment, UNDERSTUDY_AGENT_API_URL: this.url } };
    this.#stage(stage);
    const { table, signingKey, people } = data;
    const api = controlPlaneFunction(this, this.settings, {
      name: "api",
      description: "HTTP API for agents and programs",
      memoryMb: 512,
      timeout: Duration.seconds(25),
      rights: [
        ...storeRights(table),
        ...signingRights(signingKey),
        ...messengerRights(this),
        ...admissionRights(this),
        ...alertRights(this),
        ...subscriptionRights(this),
        ...topicEndRights(this),
        ...(people === undefined ? [] : directoryRights(people.userPoolArn)),
      ],
    });
    const witness = controlPlaneFunction(this, this.settings, {
      name: "witness",
      description: "The control plane's vote in failovers",
      memoryMb: 512,
      timeout: Duration.seconds(5),
      rights: witnessRights(table),
    });
    const firstOwner = controlPlaneFunction(this, this.settings, {
      name: "first-owner",
      description: "Makes the first owner, once; invoked by hand",
      memoryMb: 256,
      timeout: Duration.seconds(25),
      atOnceMax: 1,
      rights: [...storeRights(table), ...(people === undefined ? [] : directoryRights(people.userPoolArn))],
    });
    this.functions = [api, witness, firstOwner];
    this.#route("/v1/{proxy+}", HttpMethod.ANY, api);
    this.#route("/v1/witness", HttpMethod.POST, warmed(this, witness, stage.warmWitnesses));
    new CfnOutput(this, "Url", { value: this.url });
    new CfnOutput(this, "FirstOwnerFunction", { value: firstOwner.functionName });
  }

  #route(path: string, method: HttpMethod, target: IFunction): void {
    const integration = new HttpLambdaIntegration(`${target.node.id}-integration`, target);
    this.api.addRoutes({ path, methods: [method], integration, authorizer: new HttpNoneAuthorizer() });
  }

  #stage(stage: Stage): void {
    const accessLog = new LogGroup(this, "AccessLog", {
      logGroupName: `/understudy/${stage.name}/access`,
      retention: stage.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const live = new HttpStage(this, "Live", { httpApi: this.api, stageName: "$default", autoDeploy: true, throttle });
    (live.node.defaultChild as CfnStage).accessLogSettings = {
      destinationArn: accessLog.logGroupArn,
      // Neither queries nor headers: they may hold what is secret.
      format: JSON.stringify({
        at: "$context.requestTime",
        requestId: "$context.requestId",
        from: "$context.identity.sourceIp",
        method: "$context.httpMethod",
        path: "$context.path",
        status: "$context.status",
        ms: "$context.responseLatency",
        error: "$context.integrationErrorMessage",
      }),
    };
    if (stage.domain === undefined) return;
    const domain = new DomainName(this, "Domain", {
      domainName: stage.domain.name,
      certificate: Certificate.fromCertificateArn(this, "Certificate", stage.domain.certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new ApiMapping(this, "Mapping", { api: this.api, domainName: domain, stage: live });
    new CfnOutput(this, "DomainTarget", { value: domain.regionalDomainName });
  }
}

/** The witness as the API reaches it: a version that so many warm copies stand ready of. */
function warmed(stack: Stack, witness: LambdaFunction, copies: number): IFunction {
  // The library's own types do not fit together where optional properties are exact.
  return new Alias(stack, "WitnessLive", {
    aliasName: "live",
    version: witness.currentVersion as IVersion,
    ...(copies === 0 ? {} : { provisionedConcurrentExecutions: copies }),
  }) as IFunction;
}
