import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MariadbServer } from "../mariadb-server.ts";
import { recordColumns } from "./call-database.ts";

const linesPerPiece = 2_000;

/** Two MariaDB servers as they come; the first has the rows of an SQLite database, and the second gets them by a dump that is loaded as it comes. */
export class DumpAndLoad implements AsyncDisposable {
  readonly #folder: string;
  readonly #source: MariadbServer;
  readonly #target: MariadbServer;

  private constructor(folder: string, source: MariadbServer, target: MariadbServer) {
    this.#folder = folder;
    this.#source = source;
    this.#target = target;
  }

  static async create(database: string): Promise<DumpAndLoad> {
    const folder = mkdtempSync(join(tmpdir(), "understudy-dump-"));
    const options = ["--skip-networking", "--secure-file-priv="];
    const source = await MariadbServer.start(join(folder, "source"), options);
    const target = await MariadbServer.start(join(folder, "target"), options);
    const made = new DumpAndLoad(folder, source, target);
    try {
      await made.#fill(database);
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves with milliseconds. */
  async copy(): Promise<number> {
    const receiver = await this.#target.connect();
    await receiver.query("DROP DATABASE IF EXISTS bench");
    await receiver.query("CREATE DATABASE bench");
    await receiver.end();
    const startedAtMs = performance.now();
    const dump = spawn(
      "mariadb-dump",
      ["--no-defaults", `--socket=${this.#source.socketPath}`, "--user=root", "--single-transaction", "--quick", "--hex-blob", "bench"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const load = spawn("mariadb", ["--no-defaults", `--socket=${this.#target.socketPath}`, "--user=root", "bench"], {
      stdio: [dump.stdout, "inherit", "inherit"],
    });
    const [loaded] = (await once(load, "exit")) as [number | null];
    if (loaded !== 0) throw new Error(`mariadb ended with code ${loaded}`);
    return performance.now() - startedAtMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
    await this.#target[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #fill(database: string): Promise<void> {
    const file = join(this.#folder, "rows.txt");
    await pipeline(Readable.from(lines(database)), createWriteStream(file));
    const connection = await this.#source.connect();
    try {
      await connection.query("CREATE DATABASE bench");
      await connection.query("USE bench");
      await connection.query(
        `CREATE TABLE call_record (call_id BIGINT PRIMARY KEY, caller VARCHAR(32) NOT NULL, callee VARCHAR(32) NOT NULL, started_at BIGINT NOT NULL,
         seconds INT NOT NULL, codec VARCHAR(16) NOT NULL, note VARCHAR(200) NOT NULL, sample BLOB NOT NULL, KEY by_caller (caller, started_at)) ENGINE = InnoDB`,
      );
      const plain = recordColumns.slice(0, -1).join(", ");
      await connection.query(`LOAD DATA INFILE '${file}' INTO TABLE call_record (${plain}, @sample) SET sample = UNHEX(@sample)`);
    } finally {
      await connection.end();
      rmSync(file, { force: true });
    }
  }
}

function* lines(path: string): Generator<string> {
  using database = new DatabaseSync(path, { readOnly: true });
  const plain = recordColumns.slice(0, -1).join(", ");
  let piece = "";
  let count = 0;
  for (const row of database.prepare(`SELECT ${plain}, hex(sample) AS sample FROM call_record`).iterate()) {
    piece += `${Object.values(row).join("\t")}\n`;
    count += 1;
    if (count % linesPerPiece > 0) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}
