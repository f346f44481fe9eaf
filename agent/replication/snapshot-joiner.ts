import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { successorsOf } from "../../shared/domain/replication/ring.ts";
import { ArrivingSnapshot } from "./arriving-snapshot.ts";
import { ChunkPeer, type ChunkPeerHandlers } from "./chunk-peer.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { Replica } from "./replica.ts";
import { SnapshotFetch } from "./snapshot-fetch.ts";
import { findSnapshot } from "./snapshot-finder.ts";
import { installSnapshot, requireSpaceToJoin } from "./snapshot-install.ts";
import { SnapshotThread } from "./snapshot-work.ts";
import { problemOf } from "./sqlite-problem.ts";
import { TransferRate } from "./transfer-rate.ts";

export interface JoinOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: ClusterDocument;
  /** Only these are asked, and a fresh copy of data that are here already is what comes of it. Absent: there are none here. */
  readonly donors?: readonly NodeId[];
  readonly onEvent: (detail: EventDetail) => void;
  readonly onProgress: () => void;
  /** What the last attempt has left open. */
  readonly left: ArrivingSnapshot | undefined;
  /** What is being received, over attempts that fail too, until it is put in place: other nodes that join may have it. */
  readonly onArriving: (arriving: ArrivingSnapshot | undefined) => void;
}

/** Where a snapshot lies until it is put in place: on the same disk. */
export function arrivingPath(path: string): string {
  return `${path}.arriving`;
}

/** What a round of asking has found. `nobody`: every node that comes before this one in the ring has answered that it has no data either. */
export type JoinResult = "joined" | "nobody" | { readonly waitingFor: string };

/** Asks the other nodes for a snapshot, receives it from all that have of it, and puts it in place. What an interrupted join has received is kept for the next. */
export async function joinFromPeers(replica: Replica, options: JoinOptions): Promise<JoinResult> {
  const { document, nodeId, network } = options;
  const order = document.nodes.map((node) => node.nodeId);
  const { donors } = options;
  const asked = successorsOf(order, nodeId).filter((id) => donors?.includes(id) !== false);
  const nodes = asked.flatMap((id) => document.nodes.filter((node) => node.nodeId === id));
  const before = new Set(donors ?? order.slice(0, order.indexOf(nodeId)));
  const path = arrivingPath(replica.path);
  const about = { dataSet: replica.name, schema: replica.fingerprint };
  const dial = (node: ClusterNode, handlers: ChunkPeerHandlers) => ChunkPeer.dial(network, node, about, handlers);
  let arriving: ArrivingSnapshot | undefined;
  try {
    const left = options.left ?? (await ArrivingSnapshot.resume(path, replica.name));
    arriving = left;
    options.onArriving(arriving);
    const found = await findSnapshot({ nodes, before, dial, known: left?.snapshot });
    if (found === "nobody") {
      await givenUp(arriving, options);
      return "nobody";
    }
    if ("waitingFor" in found) return found;
    const { snapshot, lineage, bytesTotal } = found.offer;
    await requireSpaceToJoin({ total: bytesTotal, missing: bytesTotal - (left?.bytesDone ?? 0) }, replica.path);
    if (left?.snapshot !== snapshot) {
      options.onArriving(undefined);
      arriving = await ArrivingSnapshot.begin(path, { dataSet: replica.name, snapshot, lineage, bytesTotal }, left);
      options.onArriving(arriving);
      options.onEvent({ kind: "replication.snapshot-started", dataSet: replica.name, donor: found.donor, bytesTotal });
    }
    if (arriving === undefined) throw new Error("there is nothing to receive into");
    await receive(replica, arriving, { ...options, nodes, dial, donor: found.donor, place: order.indexOf(nodeId) });
    return "joined";
  } catch (error) {
    if (arriving?.isLost) await givenUp(arriving, options);
    return { waitingFor: joinProblem(error, replica.path) };
  } finally {
    replica.received();
  }
}

async function givenUp(arriving: ArrivingSnapshot | undefined, { onArriving }: JoinOptions): Promise<void> {
  onArriving(undefined);
  await arriving?.close();
  if (arriving !== undefined) await ArrivingSnapshot.remove(arriving.path);
}

interface Receiving extends JoinOptions {
  readonly nodes: readonly ClusterNode[];
  readonly dial: (node: ClusterNode, handlers: ChunkPeerHandlers) => Promise<ChunkPeer>;
  readonly donor: NodeId;
  readonly place: number;
}

async function receive(replica: Replica, arriving: ArrivingSnapshot, options: Receiving): Promise<void> {
  const startedAtMs = performance.now();
  const { nodes, dial, place, onProgress, onEvent } = options;
  const rate = new TransferRate(arriving.bytesDone);
  const tell = (step: "copying" | "checking") => {
    const bytesPerSecond = rate.bytesPerSecond(arriving.bytesDone);
    const bytesLeft = arriving.bytesTotal - arriving.bytesDone;
    replica.progress = {
      donor: fetch.donor ?? options.donor,
      step,
      sources: fetch.sources,
      bytesDone: arriving.bytesDone,
      bytesTotal: arriving.bytesTotal,
      bytesPerSecond,
      etaSeconds: bytesPerSecond === 0 ? 0 : bytesLeft / bytesPerSecond,
    };
    onProgress();
  };
  const fetch = new SnapshotFetch({ arriving, nodes, dial, place, places: nodes.length + 1, onProgress: () => tell("copying") });
  using thread = new SnapshotThread();
  replica.receiving();
  tell("copying");
  await fetch.run();
  const donor = fetch.donor ?? options.donor;
  options.onArriving(undefined);
  await arriving.close();
  tell("checking");
  const { rows, carried } = await installSnapshot(replica, arriving, thread);
  const about = { dataSet: replica.name, donor, rows, durationMs: Math.round(performance.now() - startedAtMs) };
  if (options.donors === undefined) onEvent({ kind: "replication.snapshot-finished", ...about });
  else onEvent({ kind: "replication.resync-finished", ...about, carried });
}

/** Of a join that could not be ended: with the next step where there is one to take. */
function joinProblem(error: unknown, path: string): string {
  const ofTheDisk = error instanceof Error && (("code" in error && error.code === "ENOSPC") || "errcode" in error);
  const message = error instanceof Error ? error.message : String(error);
  return ofTheDisk ? `${problemOf(error, path).message}. What stood at ${path} before is as it was` : message;
}
