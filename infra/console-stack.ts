import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { HttpNoneAuthorizer, HttpRoute, HttpRouteKey } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { OAuthScope, type UserPool, UserPoolClient, UserPoolDomain } from "aws-cdk-lib/aws-cognito";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ApiStack } from "./api-stack.ts";
import { controlPlaneFunction } from "./control-plane-function.ts";
import type { DataStack } from "./data-stack.ts";
import {
  alertRights,
  directoryRights,
  messengerRights,
  sessionRights,
  signingRights,
  storeRights,
  subscriptionRights,
  topicEndRights,
} from "./rights.ts";
import type { Stage } from "./stages.ts";

export interface ConsoleStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack & { readonly people: UserPool };
  readonly door: ApiStack;
}

/** The pages for people, everywhere below the door but at `/v1`, and where they sign in. */
export class ConsoleStack extends Stack {
  readonly functions: readonly LambdaFunction[];

  constructor(scope: Construct, id: string, { stage, data, door, ...props }: ConsoleStackProps) {
    super(scope, id, props);
    const client = new UserPoolClient(this, "Client", {
      userPool: data.people,
      generateSecret: false,
      preventUserExistenceErrors: true,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [`${door.url}/login/callback`],
      },
    });
    new UserPoolDomain(this, "SignIn", {
      userPool: data.people,
      cognitoDomain: { domainPrefix: `understudy-${stage.name}-${Aws.ACCOUNT_ID}` },
    });
    // Whoever has what this makes can make any session. Losing it ends the sessions, and nothing else.
    const sessionKey = new Key(this, "SessionKey", {
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      description: "Understudy: the sessions of the console",
      removalPolicy: RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(7),
    });
    const console = controlPlaneFunction(this, door.settings, {
      name: "console",
      description: "The console's pages",
      memoryMb: 512,
      timeout: Duration.seconds(25),
      environment: {
        UNDERSTUDY_CONSOLE_URL: door.url,
        UNDERSTUDY_ISSUER_URL: data.people.userPoolProviderUrl,
        UNDERSTUDY_CLIENT_ID: client.userPoolClientId,
        UNDERSTUDY_SESSION_KEY: sessionKey.keyArn,
      },
      rights: [
        ...storeRights(data.table),
        ...signingRights(data.signingKey),
        ...sessionRights(sessionKey),
        ...messengerRights(this),
        ...alertRights(this),
        ...subscriptionRights(this),
        ...topicEndRights(this),
        ...directoryRights(data.people.userPoolArn),
      ],
    });
    this.functions = [console];
    new HttpRoute(this, "Pages", {
      httpApi: door.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration("console-integration", console),
      authorizer: new HttpNoneAuthorizer(),
    });
    new CfnOutput(this, "ConsoleUrl", { value: door.url });
  }
}
