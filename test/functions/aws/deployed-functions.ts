import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dynamoStores } from "../../../functions/store/dynamo-stores.ts";
import { DynamoTable, dynamoDocumentClient } from "../../../functions/store/dynamo-table.ts";
import type { Stores } from "../../../functions/store/stores.ts";
import { bundleFunctions, type FunctionName } from "../../../infra/function-bundles.ts";
import { credentials, region, runningEndpoint } from "../embedded/sns/running-endpoint.ts";
import { AwsDouble, callerOf } from "./aws-double.ts";
import { LambdaProcess } from "./lambda-process.ts";

/** The package brings no types. */
const dynalite = createRequire(import.meta.url)("dynalite") as (options: { readonly createTableMs: number }) => Server;

const tableName = "understudy";

export interface DeployedFunctions extends AsyncDisposable {
  readonly aws: AwsDouble;
  /** The table that the functions write. */
  readonly stores: Stores;
  /** Of the bundles, in bytes. */
  readonly bytes: ReadonlyMap<string, number>;
  /** The function's process, started when it is asked for first. */
  lambda(name: FunctionName): Promise<LambdaProcess>;
}

/** All functions from their bundles, each in a process of its own, against a DynamoDB-compatible server, the SNS endpoint and the double of the rest. */
export async function deployFunctions(): Promise<DeployedFunctions> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "understudy-functions-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const { outputs } = await bundleFunctions(folder);
  const database = dynalite({ createTableMs: 0 });
  await once(database.listen(0, "127.0.0.1"), "listening");
  stack.defer(() => void database.close());
  const sns = stack.use(await runningEndpoint());
  const aws = stack.use(await AwsDouble.start());
  database.on("request", (request) => {
    const [, operation] = String(request.headers["x-amz-target"]).split(".");
    aws.used.push({ by: callerOf(request), right: `dynamodb:${operation}` });
  });
  const databaseUrl = `http://127.0.0.1:${(database.address() as AddressInfo).port}`;
  const client = dynamoDocumentClient({ endpoint: databaseUrl, region, credentials });
  stack.defer(() => client.destroy());
  const table = new DynamoTable(client, tableName);
  await table.createIfAbsent();

  const environment = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: aws.url,
    AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
    AWS_ENDPOINT_URL_SNS: sns.endpoint.url,
    UNDERSTUDY_TABLE: tableName,
    UNDERSTUDY_AGENT_API_URL: "https://cloud.example.com",
    UNDERSTUDY_MQTT_URL: "mqtts://broker.example.com:8883",
    UNDERSTUDY_SIGNING_KEYS: "alias/understudy",
    UNDERSTUDY_NODE_POLICY: "understudy-node",
    UNDERSTUDY_USER_POOL: "eu-central-1_pool",
    UNDERSTUDY_CONSOLE_URL: "https://cloud.example.com",
    UNDERSTUDY_ISSUER_URL: `${aws.url}/issuer`,
    UNDERSTUDY_CLIENT_ID: "console",
    UNDERSTUDY_SESSION_KEY: "alias/understudy-sessions",
  };
  const started = new Map<FunctionName, Promise<LambdaProcess>>();
  stack.defer(async () => {
    for (const lambda of started.values()) await (await lambda)[Symbol.asyncDispose]();
  });
  const lambda = (name: FunctionName): Promise<LambdaProcess> => {
    const process = started.get(name) ?? LambdaProcess.start(join(folder, name, "index.mjs"), { ...environment, AWS_SDK_UA_APP_ID: name });
    started.set(name, process);
    return process;
  };
  const running = stack.move();
  return {
    aws,
    stores: dynamoStores(table),
    bytes: new Map(Object.entries(outputs).map(([path, { bytes }]) => [path, bytes])),
    lambda,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
