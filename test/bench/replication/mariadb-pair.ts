import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { freePorts } from "../../demo/free-ports.ts";
import { MariadbServer } from "../mariadb-server.ts";
import { type Durability, type Pair, rowColumns, rowOf } from "./pair.ts";

/** MariaDB's own replication, a primary and a replica by GTID, as it comes but for how often the binary log is synced. */
export class MariadbPair implements Pair {
  readonly #folder: string;
  readonly #durability: Durability;
  #servers: MariadbServer[] = [];
  #writer: Connection | undefined;
  #reader: Connection | undefined;
  #replicaPort = 0;

  private constructor(folder: string, durability: Durability) {
    this.#folder = folder;
    this.#durability = durability;
  }

  static async start(durability: Durability): Promise<MariadbPair> {
    const pair = new MariadbPair(mkdtempSync(join(tmpdir(), "understudy-mariadb-")), durability);
    try {
      await pair.#begin();
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  async write(from: number, count: number, rowsPerTransaction: number): Promise<number> {
    const writer = present(this.#writer);
    const startedMs = performance.now();
    for (let id = from; id < from + count; id += rowsPerTransaction) {
      const rows = Array.from({ length: Math.min(rowsPerTransaction, from + count - id) }, (_, place) => rowOf(id + place));
      const places = rows.map((row) => `(${row.map(() => "?").join(", ")})`).join(", ");
      await writer.execute(`INSERT INTO call_record (${rowColumns.join(", ")}) VALUES ${places}`, rows.flat());
    }
    return performance.now() - startedMs;
  }

  async shows(id: number): Promise<boolean> {
    const [rows] = await present(this.#reader).execute("SELECT 1 FROM call_record WHERE id = ?", [id]);
    return Array.isArray(rows) && rows.length > 0;
  }

  async away(): Promise<void> {
    await this.#reader?.end();
    await this.#servers.pop()?.[Symbol.asyncDispose]();
  }

  async back(): Promise<void> {
    const replica = await this.#server(2, this.#replicaPort);
    this.#reader = await replica.connect("bench");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writer?.destroy();
    this.#reader?.destroy();
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    const [primaryPort = 0, replicaPort = 0] = await freePorts(2);
    this.#replicaPort = replicaPort;
    const primary = await this.#server(1, primaryPort);
    const administrator = await primary.connect();
    await administrator.query("CREATE DATABASE bench");
    await administrator.query("CREATE USER replica@'127.0.0.1' IDENTIFIED BY 'replica'");
    await administrator.query("GRANT REPLICATION SLAVE ON *.* TO replica@'127.0.0.1'");
    await administrator.end();
    const replica = await this.#server(2, replicaPort);
    const operator = await replica.connect();
    await operator.query(
      `CHANGE MASTER TO master_host = '127.0.0.1', master_port = ${primaryPort}, master_user = 'replica', master_password = 'replica', master_use_gtid = slave_pos`,
    );
    await operator.query("START SLAVE");
    await operator.end();
    this.#writer = await primary.connect("bench");
    await this.#writer.query(
      "CREATE TABLE call_record (id BIGINT PRIMARY KEY, ts BIGINT, tag INT, val DOUBLE, txt VARCHAR(64)) ENGINE = InnoDB",
    );
    await this.write(0, 1, 1);
    this.#reader = await replica.connect();
    await untilReady(() => present(this.#reader).query("USE bench"));
    await untilReady(async () => {
      if (!(await this.shows(0))) throw new Error("the replica does not follow");
    });
  }

  async #server(id: number, port: number): Promise<MariadbServer> {
    const server = await MariadbServer.start(join(this.#folder, `server-${id}`), [
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      `--server-id=${id}`,
      "--log-bin=log",
      "--log-slave-updates=1",
      "--skip-name-resolve",
      `--sync-binlog=${this.#durability === "full" ? 1 : 0}`,
    ]);
    this.#servers.push(server);
    return server;
  }
}

async function untilReady(look: () => Promise<unknown>): Promise<void> {
  const untilMs = performance.now() + 30_000;
  for (;;) {
    try {
      await look();
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the pair has not been started");
  return value;
}
