import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { Agent, type AgentOptions } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoTable, dynamoDocumentClient } from "../store/dynamo-table.ts";

export interface EmbeddedDynamo {
  readonly table: DynamoTable;
  close(): Promise<void>;
}

/** The package brings no types. */
type Dynalite = (options: { readonly path: string; readonly createTableMs: number }) => Server;

const tableName = "understudy";

/**
 * A DynamoDB-compatible server on disk. It listens on a socket file in a folder that only this user may enter, because it checks no credentials. What it
 * has answered survives a kill of the process at any instant.
 */
export async function startEmbeddedDynamo(path: string): Promise<EmbeddedDynamo> {
  const dynalite = createRequire(import.meta.url)("dynalite") as Dynalite;
  const server = dynalite({ path, createTableMs: 0 });
  // In the temporary folder: the path of a socket file may not be longer than 107 bytes, a data directory's may.
  const socketFolder = await mkdtemp(join(tmpdir(), "understudy-db-"));
  const socketPath = join(socketFolder, "socket");
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socketPath, resolve));
  // Node's agent hands socketPath on to every request, though its types do not say so.
  const options: AgentOptions & { readonly socketPath: string } = { keepAlive: true, maxSockets: 64, socketPath };
  const agent = new Agent(options);
  const client = dynamoDocumentClient(embeddedConfig(agent));
  const table = new DynamoTable(client, tableName);
  await table.createIfAbsent();
  return {
    table,
    close: async () => {
      client.destroy();
      agent.destroy();
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error === undefined || error === null ? resolve() : reject(error))),
      );
      await rm(socketFolder, { recursive: true, force: true });
    },
  };
}

/** The SDK as it is, with another way to the server; host and credentials are only there because it asks for some. */
function embeddedConfig(httpAgent: Agent): DynamoDBClientConfig {
  return {
    endpoint: "http://dynamodb.embedded",
    region: "us-east-1",
    credentials: { accessKeyId: "embedded", secretAccessKey: "embedded" },
    requestHandler: { httpAgent, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
}
