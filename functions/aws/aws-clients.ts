import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { IoTClient } from "@aws-sdk/client-iot";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { KMSClient } from "@aws-sdk/client-kms";
import { SNSClient } from "@aws-sdk/client-sns";

/** Region and credentials come from the function's surroundings. No call may outlast the function: the SDK itself would wait for ever. */
export const clientSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
} as const satisfies DynamoDBClientConfig;

export const cognitoClient = (): CognitoIdentityProviderClient => new CognitoIdentityProviderClient(clientSettings);
export const iotClient = (): IoTClient => new IoTClient(clientSettings);
export const iotDataClient = (): IoTDataPlaneClient => new IoTDataPlaneClient(clientSettings);
export const kmsClient = (): KMSClient => new KMSClient(clientSettings);
export const snsClient = (): SNSClient => new SNSClient(clientSettings);
