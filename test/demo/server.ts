import { type ChildProcess, execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { endProcess, lastLines, processTree, startProgram } from "./child-process.ts";

const agentProgram = join(import.meta.dirname, "../../agent/main.ts");
const applicationProgram = join(import.meta.dirname, "customer-application.ts");
const healthProgram = join(import.meta.dirname, "application-health.ts");

export interface ServerOptions {
  /** Everything of this server lies below it: settings, the agent's data, the application's database. */
  readonly folder: string;
  readonly name: string;
  readonly heartbeatPort: number;
  readonly replicationPort: number;
  /** Where the application answers, on whichever server it runs. */
  readonly applicationPort: number;
}

/** One of the customer's servers: an agent, and the application where the server is operational; its own folder stands for its disk. */
export class Server {
  readonly name: string;
  readonly folder: string;
  readonly database: string;
  readonly settingsFile: string;
  readonly #logFile: string;
  #agent: ChildProcess | undefined;

  constructor(options: ServerOptions) {
    this.name = options.name;
    this.folder = options.folder;
    this.database = join(options.folder, "application.sqlite");
    this.settingsFile = join(options.folder, "agent.yaml");
    this.#logFile = join(options.folder, "agent.log");
    mkdirSync(options.folder, { recursive: true });
    const address = `http://127.0.0.1:${options.applicationPort}/`;
    const application = ["--port", String(options.applicationPort), "--database", this.database, "--server-name", options.name];
    const settings = {
      name: options.name,
      dataDir: join(options.folder, "agent"),
      listen: { host: "127.0.0.1", heartbeatPort: options.heartbeatPort, replicationPort: options.replicationPort },
      services: {
        application: {
          start: [process.execPath, applicationProgram, ...application],
          health: [process.execPath, healthProgram, address],
        },
      },
      dataSets: { application: { path: this.database } },
    };
    writeFileSync(this.settingsFile, stringify(settings), { mode: 0o600 });
  }

  /** Enrols this server with a one-time token, by the installer's own command. Rejects with what the command printed. */
  async join(token: string): Promise<string> {
    return this.#command(["agent", "join", "--token", token, "--config", this.settingsFile]);
  }

  get isEnrolled(): boolean {
    return existsSync(join(this.folder, "agent", "identity.json"));
  }

  boot(): void {
    this.#agent = startProgram(agentProgram, ["agent", "run", "--config", this.settingsFile], { logFile: this.#logFile, stdout: "log" });
  }

  get agent(): ChildProcess {
    if (this.#agent?.pid === undefined) throw new Error(`${this.name} is not running`);
    return this.#agent;
  }

  get isRunning(): boolean {
    return this.#agent !== undefined && this.#agent.exitCode === null && this.#agent.signalCode === null;
  }

  /** What `understudy agent status --json` prints. */
  async status(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.#command(["agent", "status", "--json", "--config", this.settingsFile])) as Record<string, unknown>;
  }

  /** The server loses its power: every process of it ends in one instant, with nothing said to anybody. */
  losePower(): void {
    for (const pid of processTree(this.agent.pid ?? 0)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        // The kernel may have ended a child together with its parent.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }

  async shutDown(): Promise<boolean> {
    return this.#agent === undefined ? true : endProcess(this.#agent);
  }

  lastWords(): string {
    return lastLines(this.#logFile);
  }

  async #command(args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [agentProgram, ...args], { timeout: 60_000 });
    return stdout;
  }
}
