import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { createIdentity } from "../../../agent/link/identity.ts";
import type { AgentStatus, GroupLine } from "../../../agent/local/agent-status.ts";
import { LocalClient } from "../../../agent/local/local-client.ts";
import { processesOfDirectory } from "../../../agent/resources/marked-processes.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { directoryMark } from "../../../agent/storage/directory-mark.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { ClusterSigner, testClusterId, testDocument, testNode } from "../cluster-signer.ts";

const agentProgram = join(import.meta.dirname, "../../../agent/main.ts");
const serviceProgram = join(import.meta.dirname, "witnessed-service.ts");

interface Member {
  readonly name: string;
  readonly folder: string;
  readonly dataDir: string;
  readonly config: string;
  /** The service's own database, where the cluster has a data set. */
  readonly database: string;
  readonly servicePort: number;
  readonly mark: string;
  agent: ChildProcess | null;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Agents on this machine that were enrolled by the test's own signer; the cloud that their settings name does not exist. */
export class LocalCluster {
  readonly #folder: string;
  readonly #members: readonly Member[];
  readonly signer: ClusterSigner;
  readonly document: ClusterDocument;

  private constructor(folder: string, members: readonly Member[], signer: ClusterSigner, document: ClusterDocument) {
    this.#folder = folder;
    this.#members = members;
    this.signer = signer;
    this.document = document;
  }

  static async create(size: number, changes: Partial<ClusterDocument> = {}): Promise<LocalCluster> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "understudy-cluster-")));
    const signer = await ClusterSigner.create();
    const ports = await freePorts(3 * size + 1);
    const cloudPort = ports[3 * size];
    const drafts = await Promise.all(
      Array.from({ length: size }, async (_, index) => {
        const [heartbeat = 0, replication = 0, servicePort = 0] = ports.slice(3 * index);
        const name = `node-${"abcdefgh"[index]}`;
        const paths = dataPaths(join(folder, name, "agent"));
        mkdirSync(paths.root, { recursive: true, mode: 0o700 });
        const identity = await createIdentity(paths);
        return { name, paths, servicePort, node: testNode(index + 1, identity.certificateSha256, { heartbeat, replication }) };
      }),
    );
    const document = testDocument(
      drafts.map(({ node }) => node),
      changes,
    );
    const jws = await signer.sign(document);
    const members = await Promise.all(
      drafts.map(async ({ name, paths, servicePort, node }): Promise<Member> => {
        const cloud = { mqttUrl: `mqtts://127.0.0.1:${cloudPort}` };
        const enrolled = {
          schema: 1,
          nodeId: node.nodeId,
          clusterId: testClusterId,
          signingKeys: signer.keys,
          cloud,
          name,
          apiUrl: "https://127.0.0.1",
        };
        writeFileSync(paths.clusterDocument, jws);
        writeFileSync(paths.identity, JSON.stringify(enrolled));
        const config = join(folder, name, "agent.yaml");
        const health = `fetch("http://127.0.0.1:${servicePort}").catch(() => process.exit(1))`;
        const database = join(folder, name, "application.db");
        const start = [process.execPath, serviceProgram, String(servicePort), name, join(folder, "witness.log")];
        const hasData = document.dataSets.length > 0;
        const settings = {
          name,
          dataDir: paths.root,
          listen: { host: node.host, heartbeatPort: node.heartbeatPort, replicationPort: node.replicationPort },
          services: {
            sample: {
              start: hasData ? [...start, database] : start,
              health: [process.execPath, "-e", health],
              healthIntervalMs: 500,
            },
          },
          dataSets: Object.fromEntries(document.dataSets.map((dataSet) => [dataSet.name, { path: database }])),
        };
        writeFileSync(config, stringify(settings));
        return {
          name,
          folder: join(folder, name),
          dataDir: paths.root,
          config,
          database,
          servicePort,
          mark: await directoryMark(paths.root),
          agent: null,
        };
      }),
    );
    return new LocalCluster(folder, members, signer, document);
  }

  async startAll(): Promise<void> {
    await Promise.all(this.#members.map(({ name }) => this.start(name)));
  }

  /** Starts the agent and waits until it answers. */
  async start(name: string): Promise<void> {
    const member = this.#member(name);
    const log = openSync(join(member.folder, "agent.log"), "a");
    member.agent = spawn(process.execPath, [agentProgram, "agent", "run", "--config", member.config], { stdio: ["ignore", log, log] });
    await this.until(name, () => true);
  }

  /** A node that was away while the document changed starts with a newer one than the others have. */
  async giveDocument(name: string, document: ClusterDocument): Promise<void> {
    writeFileSync(dataPaths(this.#member(name).dataDir).clusterDocument, await this.signer.sign(document));
  }

  agent(name: string): ChildProcess {
    const { agent } = this.#member(name);
    if (agent === null) throw new Error(`${name} has not been started`);
    return agent;
  }

  /** Asks the agent to end; resolves with its exit code. */
  stop(name: string): Promise<number | null> {
    const agent = this.agent(name);
    return new Promise((resolve) => {
      agent.once("exit", (code) => resolve(code));
      agent.kill("SIGTERM");
    });
  }

  status(name: string): Promise<AgentStatus> {
    return new LocalClient(dataPaths(this.#member(name).dataDir).statusSocket).status();
  }

  async groupOf(name: string): Promise<GroupLine> {
    const line = (await this.status(name)).groups[0];
    if (line === undefined) throw new Error(`${name} knows no group`);
    return line;
  }

  async until(name: string, condition: (status: AgentStatus) => boolean, withinMs = 15_000): Promise<AgentStatus> {
    const startedMs = performance.now();
    let last: unknown = "no answer";
    while (performance.now() - startedMs < withinMs) {
      try {
        const status = await this.status(name);
        last = status;
        if (condition(status)) return status;
      } catch (error) {
        last = error;
      }
      await sleep(20);
    }
    throw new Error(`${name}, not within ${withinMs} ms; last: ${JSON.stringify(last)}\n${this.logOf(name).slice(-3_000)}`);
  }

  /** The node whose agent says that it is operational, once its service answers. */
  async operational(): Promise<string> {
    const names = this.#members.map(({ name }) => name);
    const name = await this.answersFrom(names, 20_000);
    await this.until(name, ({ groups }) => groups[0]?.state === "operational");
    return name;
  }

  /** The first of these nodes whose service answers. */
  async answersFrom(names: readonly string[], withinMs: number): Promise<string> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < withinMs) {
      for (const name of names) if (await this.#answers(name)) return name;
      await sleep(5);
    }
    throw new Error(
      `the service answers on none of ${names.join(", ")} after ${withinMs} ms\n${names.map((name) => this.logOf(name).slice(-1_500)).join("\n")}`,
    );
  }

  killService(name: string): void {
    for (const pid of processesOfDirectory(this.#member(name).mark)) process.kill(pid, "SIGKILL");
  }

  /** Everything that belongs to a node and still runs. */
  processesOf(name: string): number[] {
    return processesOfDirectory(this.#member(name).mark);
  }

  logOf(name: string): string {
    return readFileSync(join(this.#member(name).folder, "agent.log"), "utf8");
  }

  databaseOf(name: string): string {
    return this.#member(name).database;
  }

  /** From the service's last sign of life on one node to the start of its process on another, in milliseconds; the newest of each. */
  gapMs(from: string, to: string): number {
    const lives = [...this.#lives()];
    const newest = (name: string) => lives.findLast(([life]) => life.startsWith(`${name}/`))?.[1];
    const [last, next] = [newest(from), newest(to)];
    if (last === undefined || next === undefined) throw new Error(`the service has not run on both ${from} and ${to}`);
    return next.from - last.to;
  }

  /**
   * Pairs of services that ran at the same instant, by what each wrote itself every few milliseconds on the machine's monotonic
   * clock: one that ended is known to have lived until its last line only, so what is found here is certain.
   */
  overlaps(): string[] {
    const all = [...this.#lives()];
    return all.flatMap(([one, first], index) =>
      all.slice(index + 1).flatMap(([other, second]) => {
        const overlapMs = Math.min(first.to, second.to) - Math.max(first.from, second.from);
        return overlapMs > 0 ? [`${one} and ${other}: ${overlapMs} ms`] : [];
      }),
    );
  }

  command(name: string, command: string, ...args: string[]): Promise<Outcome> {
    const all = [agentProgram, "agent", command, "--config", this.#member(name).config, ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, all, { timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      });
    });
  }

  /** Kills what still runs; the guardians take the services down. */
  async end(): Promise<void> {
    for (const { agent } of this.#members) {
      agent?.kill("SIGCONT");
      agent?.kill("SIGKILL");
    }
    const startedMs = performance.now();
    while (this.#members.some(({ mark }) => processesOfDirectory(mark).length > 0) && performance.now() - startedMs < 5_000)
      await sleep(20);
    await sleep(100);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Every run of the service, with its first and last sign of life. */
  #lives(): ReadonlyMap<string, { readonly from: number; readonly to: number }> {
    const path = join(this.#folder, "witness.log");
    const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    const lives = new Map<string, { from: number; to: number }>();
    for (const line of lines) {
      const [life = "", at = "0"] = line.split(" ");
      const seen = lives.get(life);
      lives.set(life, { from: Math.min(seen?.from ?? Infinity, Number(at)), to: Math.max(seen?.to ?? 0, Number(at)) });
    }
    return lives;
  }

  async #answers(name: string): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#member(name).servicePort}`, { signal: AbortSignal.timeout(500) });
      return (await response.text()) === name;
    } catch {
      return false;
    }
  }

  #member(name: string): Member {
    const member = this.#members.find((candidate) => candidate.name === name);
    if (member === undefined) throw new Error(`there is no ${name}`);
    return member;
  }
}
