import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { Agent, type AgentOptions } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { ClassicLevel } from "classic-level";
import { DynamoTable, dynamoDocumentClient } from "../store/dynamo-table.ts";
import { StartError } from "./start-error.ts";

export interface EmbeddedDynamo {
  readonly table: DynamoTable;
  close(): Promise<void>;
}

/** The package brings no types. */
type Dynalite = (options: { readonly path: string; readonly createTableMs: number }) => Server;

const tableName = "understudy";
/** The kernel's limit is 107. */
const socketPathBytesMax = 100;

/**
 * A DynamoDB-compatible server on disk. It listens on a socket file that only this user can reach, because it checks no credentials. What it
 * has answered survives a kill of the process at any instant.
 */
export async function startEmbeddedDynamo(path: string): Promise<EmbeddedDynamo> {
  const dynalite = createRequire(import.meta.url)("dynalite") as Dynalite;
  await checkReadable(path);
  const server = dynalite({ path, createTableMs: 0 });
  const socketPath = await freeSocketPath(path);
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
    },
  };
}

/** Dynalite ends the process where its files cannot be opened; whoever starts it should learn why. */
async function checkReadable(path: string): Promise<void> {
  const database = new ClassicLevel(path);
  try {
    await database.open();
    await database.close();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new StartError(
      `the database ${path} cannot be opened: ${cause}. Put it back from a backup, or begin with another --data-dir.`,
      error,
    );
  }
}

/** Beside the database, in a folder that only this user may enter; where that path is too long for a socket, in a folder of its own. */
async function freeSocketPath(databasePath: string): Promise<string> {
  const beside = `${databasePath}.socket`;
  if (Buffer.byteLength(beside) > socketPathBytesMax) return join(await mkdtemp(join(tmpdir(), "understudy-")), "database.socket");
  await rm(beside, { force: true });
  return beside;
}

/** The server wants to see a signature, and checks none: to make one for each request is time that nobody has anything of. */
const unsigned: NonNullable<DynamoDBClientConfig["signer"]> = {
  sign: async (request) => {
    request.headers["authorization"] = "AWS4-HMAC-SHA256 Credential=embedded, SignedHeaders=host, Signature=none";
    request.headers["x-amz-date"] = "20000101T000000Z";
    return request;
  },
};

/** The SDK as it is, with another way to the server; host and credentials are only there because it asks for some. */
function embeddedConfig(httpAgent: Agent): DynamoDBClientConfig {
  return {
    endpoint: "http://dynamodb.embedded",
    region: "us-east-1",
    credentials: { accessKeyId: "embedded", secretAccessKey: "embedded" },
    signer: unsigned,
    requestHandler: { httpAgent, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
}
