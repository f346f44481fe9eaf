import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import mysql, { type Connection } from "mysql2/promise";

const startsWithinMs = 30_000;
const endsWithinMs = 30_000;

/** A MariaDB server of the bench's own: in a folder, on a socket there, and on loopback for its replica. It has no other data and nobody else uses it. */
export class MariadbServer implements AsyncDisposable {
  readonly socketPath: string;
  readonly #process: ChildProcess;

  private constructor(socketPath: string, child: ChildProcess) {
    this.socketPath = socketPath;
    this.#process = child;
  }

  /** `options` are mariadbd's. A folder that has data goes on with them. Rejects where it does not answer in time. */
  static async start(folder: string, options: readonly string[]): Promise<MariadbServer> {
    const [data, socketPath] = [join(folder, "data"), join(folder, "server.sock")];
    if (mkdirSync(data, { recursive: true }) !== undefined) await install(data);
    const child = spawn(
      "mariadbd",
      [
        "--no-defaults",
        "--user=root",
        `--datadir=${data}`,
        `--socket=${socketPath}`,
        `--log-error=${join(folder, "error.log")}`,
        ...options,
      ],
      { stdio: "ignore" },
    );
    const server = new MariadbServer(socketPath, child);
    try {
      await server.#answers();
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`mariadbd does not answer; see ${join(folder, "error.log")}`, { cause: error });
    }
    return server;
  }

  connect(database?: string): Promise<Connection> {
    return mysql.createConnection({ socketPath: this.socketPath, user: "root", ...(database === undefined ? {} : { database }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const patience = setTimeout(() => this.#process.kill("SIGKILL"), endsWithinMs);
    await ended;
    clearTimeout(patience);
  }

  async #answers(): Promise<void> {
    const untilMs = performance.now() + startsWithinMs;
    for (;;) {
      try {
        const connection = await this.connect();
        return await connection.end();
      } catch (error) {
        if (this.#process.exitCode !== null || performance.now() > untilMs) throw error;
        await sleep(100);
      }
    }
  }
}

async function install(data: string): Promise<void> {
  await promisify(execFile)("mariadb-install-db", [
    "--no-defaults",
    "--user=root",
    `--datadir=${data}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ]);
}
