import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AgentError, reasonOf } from "../agent-error.ts";
import { writeDurably } from "./durable-file.ts";

/** Where everything of one agent lies. */
export interface DataPaths {
  readonly root: string;
  readonly key: string;
  /** As agents before kept it: now it lies in the key's file. */
  readonly certificate: string;
  /** A key and certificate that are to take the present ones' place. */
  readonly nextKey: string;
  readonly identity: string;
  readonly clusterDocument: string;
  /** Who the members were a day ago: what a newer document must not turn over at once. */
  readonly memberMemory: string;
  /** What the failover core must know again after a crash, and the proof of a clean stop. */
  readonly nodeRecord: string;
  readonly cleanStop: string;
  /** What an agent has left that is only to be started anew. */
  readonly detached: string;
  readonly outbox: string;
  /** There while an operator works on this server (understudy agent maintenance). */
  readonly maintenance: string;
  /** What this node's drills came to (understudy agent drill). */
  readonly drills: string;
  /** What the newest look at this server has found (understudy agent preflight). */
  readonly preflight: string;
  /** How regularly peers were heard (understudy agent tune). */
  readonly gaps: string;
  readonly resources: string;
  readonly replication: string;
  /** Sockets: the local status endpoint, and the control loop's link to the guardian. */
  readonly statusSocket: string;
  readonly guardianSocket: string;
  /** Here a guardian whose agent is away waits for the next one. */
  readonly adoptSocket: string;
}

export function dataPaths(root: string): DataPaths {
  return {
    root,
    key: join(root, "node-key.pem"),
    certificate: join(root, "node-certificate.pem"),
    nextKey: join(root, "next-node-key.pem"),
    identity: join(root, "identity.json"),
    clusterDocument: join(root, "cluster-document.jws"),
    memberMemory: join(root, "member-memory.json"),
    nodeRecord: join(root, "node-record.json"),
    cleanStop: join(root, "clean-stop.json"),
    detached: join(root, "detached.json"),
    outbox: join(root, "outbox.log"),
    maintenance: join(root, "maintenance.json"),
    drills: join(root, "drills.json"),
    preflight: join(root, "preflight.json"),
    gaps: join(root, "heartbeat-gaps.json"),
    resources: join(root, "resources.json"),
    replication: join(root, "replication"),
    statusSocket: join(root, "status.sock"),
    guardianSocket: join(root, "guardian.sock"),
    adoptSocket: join(root, "adopt.sock"),
  };
}

/** Makes the directory where it is missing, for the agent's user alone. */
export async function openDataDirectory(root: string): Promise<DataPaths> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await chmod(root, 0o700);
    const probe = join(root, ".write-probe");
    await writeDurably(probe, "");
    await rm(probe);
  } catch (error) {
    const nextStep = "Name a directory on a local disk that the agent's user may write, in the setting dataDir.";
    throw new AgentError("data-dir-unusable", `The data directory ${root} cannot be used: ${reasonOf(error)}.`, nextStep, error);
  }
  return dataPaths(root);
}
