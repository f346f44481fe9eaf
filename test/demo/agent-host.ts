import { type ChildProcess, execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { agentProgram } from "../agent/processes/agent-program.ts";
import { endProcess, lastLines, processTree, startProgram } from "./child-process.ts";

export interface AgentHostOptions {
  /** Everything of this host lies below it: settings, log, the agent's data. */
  readonly folder: string;
  readonly name: string;
  /** The agent's settings without its name and data directory. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Argv that the agent runs under, as the command that enters a network namespace. */
  readonly runsUnder?: readonly string[];
  /** Whether its programs get sessions of their own, as under a service manager. */
  readonly ownSession?: boolean;
}

/** A server with an agent, as its installer leaves it; its own folder stands for its disk. */
export class AgentHost {
  readonly name: string;
  readonly folder: string;
  readonly settingsFile: string;
  readonly #runsUnder: readonly string[];
  readonly #ownSession: boolean;
  readonly #logFile: string;
  #agent: ChildProcess | undefined;

  constructor({ folder, name, settings, runsUnder = [], ownSession = false }: AgentHostOptions) {
    this.name = name;
    this.folder = folder;
    this.settingsFile = join(folder, "agent.yaml");
    this.#runsUnder = runsUnder;
    this.#ownSession = ownSession;
    this.#logFile = join(folder, "agent.log");
    mkdirSync(folder, { recursive: true });
    writeFileSync(this.settingsFile, stringify({ name, dataDir: this.dataDir, ...settings }), { mode: 0o600 });
  }

  get dataDir(): string {
    return join(this.folder, "agent");
  }

  /** Enrols this server with a one-time token, by the installer's own command. Rejects with what the command printed. */
  async join(token: string, ...more: readonly string[]): Promise<string> {
    return this.#command(["agent", "join", "--token", token, "--config", this.settingsFile, ...more]);
  }

  get isEnrolled(): boolean {
    return existsSync(join(this.dataDir, "identity.json"));
  }

  /** `environment`: added to the agent's own. `program`: another copy of its code. */
  boot(environment: Readonly<Record<string, string>> = {}, program = agentProgram): void {
    this.#agent = startProgram(program, ["agent", "run", "--config", this.settingsFile], {
      logFile: this.#logFile,
      stdout: "log",
      environment,
      runsUnder: this.#runsUnder,
      ownSession: this.#ownSession,
    });
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
    const [program = "", ...rest] = [...this.#runsUnder, process.execPath, agentProgram, ...args];
    const { stdout } = await promisify(execFile)(program, rest, { timeout: 60_000 });
    return stdout;
  }
}
