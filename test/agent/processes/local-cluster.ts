import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import type { AgentStatus, GroupLine } from "../../../agent/local/agent-status.ts";
import { LocalClient } from "../../../agent/local/local-client.ts";
import { processesOfDirectory } from "../../../agent/resources/marked-processes.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { directoryMark } from "../../../agent/storage/directory-mark.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { ClusterSigner, testClusterId, testDocument, testNode, testWitness } from "../cluster-signer.ts";
import { agentProgram } from "./agent-program.ts";
import type { AgentStart } from "./agent-start.ts";
import type { ClusterShape } from "./cluster-shape.ts";
import { WitnessLog } from "./witness-log.ts";

const serviceProgram = join(import.meta.dirname, "witnessed-service.ts");

/** Longer than any command waits by itself: it is to say what it waited for. */
const commandTimeoutMs = 90_000;
/** On a machine that is busy with other tests. */
const startPatienceMs = 60_000;

interface Member {
  readonly name: string;
  readonly folder: string;
  readonly dataDir: string;
  readonly config: string;
  /** The service's own database, where the cluster has a data set of that kind. */
  readonly database: string;
  readonly host: string;
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
  readonly witness: WitnessLog;

  private constructor(folder: string, members: readonly Member[], signer: ClusterSigner, document: ClusterDocument) {
    this.#folder = folder;
    this.#members = members;
    this.signer = signer;
    this.document = document;
    this.witness = new WitnessLog(join(folder, "witness.log"));
  }

  static async create(size: number, changes: Partial<ClusterDocument> = {}, shape: ClusterShape = {}): Promise<LocalCluster> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "understudy-cluster-")));
    const signer = await ClusterSigner.create();
    const agents = shape.hasWitness === true ? size + 1 : size;
    const ports = await freePorts(3 * agents + 1);
    const cloudPort = ports[3 * agents];
    const drafts = await Promise.all(
      Array.from({ length: agents }, async (_, index) => {
        const [heartbeat = 0, replication = 0, freePort = 0] = ports.slice(shape.hosts === undefined ? 3 * index : 0);
        const host = shape.hosts?.[index] ?? "127.0.0.1";
        const name = index < size ? `node-${"abcdefgh"[index]}` : "witness";
        const paths = dataPaths(join(folder, name, "agent"));
        mkdirSync(paths.root, { recursive: true, mode: 0o700 });
        const identity = await createIdentity(paths);
        const node = { ...testNode(index + 1, identity.certificateSha256, { heartbeat, replication }), host };
        return { name, paths, servicePort: shape.servicePort ?? freePort, node };
      }),
    );
    const nodes = drafts.slice(0, size).map(({ node }) => node);
    const witness = drafts[size]?.node;
    const document = testDocument(nodes, { ...changes, ...(witness === undefined ? {} : { witness: testWitness(witness) }) });
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
        const health = `fetch("http://${node.host}:${servicePort}").catch(() => process.exit(1))`;
        const database = join(folder, name, "application.db");
        const start = [process.execPath, serviceProgram, String(servicePort), name, join(folder, "witness.log")];
        const databases = document.dataSets.filter(({ kind }) => kind === "sqlite");
        const settings = {
          name,
          dataDir: paths.root,
          listen: { host: node.host, heartbeatPort: node.heartbeatPort, replicationPort: node.replicationPort },
          services: {
            sample: {
              start: databases.length > 0 ? [...start, database] : start,
              health: [process.execPath, "-e", health],
              healthIntervalMs: 500,
              environment: { HOST: node.host },
            },
          },
          dataSets: Object.fromEntries(databases.map((dataSet) => [dataSet.name, { path: database }])),
          ...shape.settings,
          ...shape.settingsOf?.(servicePort),
        };
        writeFileSync(config, stringify(settings));
        return {
          name,
          folder: join(folder, name),
          dataDir: paths.root,
          config,
          database,
          host: node.host,
          servicePort,
          mark: await directoryMark(paths.root),
          agent: null,
        };
      }),
    );
    return new LocalCluster(folder, members, signer, document);
  }

  async startAll(how: AgentStart = {}): Promise<void> {
    await Promise.all(this.#members.map(({ name }) => this.start(name, how)));
  }

  /** Starts the agent and waits until it answers. */
  async start(name: string, { uid, environment = {}, program = agentProgram }: AgentStart = {}): Promise<void> {
    const member = this.#member(name);
    const log = openSync(join(member.folder, "agent.log"), "a");
    member.agent = spawn(process.execPath, [program, "agent", "run", "--config", member.config], {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...environment },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    await this.until(name, () => true, startPatienceMs);
  }

  /** Everything on disk belongs to this user from now on. */
  giveTo(uid: number): void {
    const files = readdirSync(this.#folder, { recursive: true, encoding: "utf8" });
    for (const file of [".", ...files]) chownSync(join(this.#folder, file), uid, uid);
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

  client(name: string): LocalClient {
    return new LocalClient(dataPaths(this.#member(name).dataDir).statusSocket);
  }

  status(name: string): Promise<AgentStatus> {
    return this.client(name).status();
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

  /** Where the service of a node answers. */
  serviceUrlOf(name: string): string {
    const { host, servicePort } = this.#member(name);
    return `http://${host}:${servicePort}`;
  }

  databaseOf(name: string): string {
    return this.#member(name).database;
  }

  dataDirOf(name: string): string {
    return this.#member(name).dataDir;
  }

  /** The command line that asks the agent of a node something; `command` may have a part of its own, as `records get`. */
  argvOf(name: string, command: string, ...args: readonly string[]): string[] {
    return [agentProgram, "agent", ...command.split(" "), "--config", this.#member(name).config, ...args];
  }

  command(name: string, command: string, ...args: string[]): Promise<Outcome> {
    const all = this.argvOf(name, command, ...args);
    return new Promise((resolve) => {
      execFile(process.execPath, all, { timeout: commandTimeoutMs }, (error, stdout, stderr) => {
        const killed = error?.killed === true ? `\nkilled by the test after ${commandTimeoutMs / 1_000} s` : "";
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr: stderr + killed });
      });
    });
  }

  /** Kills what still runs; the guardians take the services down. Then, before everything is removed, `andThen`. */
  async end(andThen: () => void = () => {}): Promise<void> {
    for (const { agent } of this.#members) {
      agent?.kill("SIGCONT");
      agent?.kill("SIGKILL");
    }
    const startedMs = performance.now();
    while (this.#members.some(({ mark }) => processesOfDirectory(mark).length > 0) && performance.now() - startedMs < 5_000)
      await sleep(20);
    await sleep(100);
    andThen();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(name: string): Promise<boolean> {
    try {
      const response = await fetch(this.serviceUrlOf(name), { signal: AbortSignal.timeout(500) });
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
