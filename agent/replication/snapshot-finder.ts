import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { ChunkSet } from "../../shared/domain/replication/chunk-set.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import type { Answer, ChunkPeer, ChunkPeerHandlers } from "./chunk-peer.ts";
import { chunksOf } from "./chunk-source.ts";

type Offer = FrameOf<"snapshot-offer">;

export interface FinderOptions {
  /** The other nodes, in the order in which this one prefers them. */
  readonly nodes: readonly ClusterNode[];
  /** Those that come before this one in the ring: what they have goes before this node's own database. */
  readonly before: ReadonlySet<NodeId>;
  readonly dial: (node: ClusterNode, handlers: ChunkPeerHandlers) => Promise<ChunkPeer>;
  /** The snapshot of which some is here already. */
  readonly known: string | undefined;
}

export type Found = { readonly donor: NodeId; readonly offer: Offer } | "nobody" | { readonly waitingFor: string };

interface Answered {
  readonly peer: ChunkPeer;
  readonly answer: Answer;
}

/**
 * Looks for a snapshot to take. The one that was begun, where somebody has the whole of it; otherwise one that another joiner is receiving or has
 * just received; otherwise the first node with the data makes one; at last, what other joiners have of one whose donor is gone.
 */
export async function findSnapshot({ nodes, before, dial, known }: FinderOptions): Promise<Found> {
  const problems: string[] = [];
  const peers: ChunkPeer[] = [];
  try {
    await Promise.all(
      nodes.map(async (node) => {
        try {
          peers.push(await dial(node, { onChunk: () => Promise.resolve(), onRoom: () => undefined, onClosed: () => undefined }));
        } catch (error) {
          if (before.has(node.nodeId)) problems.push(`${node.name}: ${messageOf(error)}`);
        }
      }),
    );
    const inOrder = nodes.flatMap((node) => peers.filter((peer) => peer.node === node));
    const askAll = (snapshot: string | null) => answersOf(inOrder, snapshot, before, problems);
    const begun = known === undefined ? [] : offersIn(await askAll(known));
    const whole = begun.find(isWhole);
    if (whole !== undefined) return chosen(whole);
    const answers = await askAll(null);
    const offers = offersIn(answers);
    const ready = offers.find(isWhole);
    if (ready !== undefined) return chosen(ready);
    for (const { peer, answer } of answers) {
      if (answer.type !== "state" || answer.lineage === null || answer.holding) continue;
      try {
        return { donor: peer.node.nodeId, offer: await madeBy(peer) };
      } catch (error) {
        problems.push(`${peer.node.name}: ${messageOf(error)}`);
      }
    }
    const part = begun[0] ?? offers[0];
    if (part !== undefined) return chosen(part);
    for (const { peer, answer } of answers) {
      if (answer.type !== "state") continue;
      if (answer.lineage !== null ? answer.holding : answer.hasDatabase && before.has(peer.node.nodeId))
        problems.push(`${peer.node.name} has the data but is not ready to give them`);
    }
    return problems.length === 0 ? "nobody" : { waitingFor: problems.join("; ") };
  } finally {
    for (const peer of peers) peer.close("done with asking");
  }
}

async function answersOf(
  peers: readonly ChunkPeer[],
  snapshot: string | null,
  before: ReadonlySet<NodeId>,
  problems: string[],
): Promise<Answered[]> {
  const answers = await Promise.all(
    peers.map(async (peer): Promise<Answered[]> => {
      try {
        return [{ peer, answer: await peer.ask(snapshot, false) }];
      } catch (error) {
        if (before.has(peer.node.nodeId)) problems.push(`${peer.node.name}: ${messageOf(error)}`);
        return [];
      }
    }),
  );
  return answers.flat();
}

/** A large copy takes its time; meanwhile the node says that it is not there yet. */
async function madeBy(peer: ChunkPeer): Promise<Offer> {
  for (;;) {
    const answer = await peer.ask(null, true);
    if (answer.type === "snapshot-offer") return answer;
    if (answer.lineage === null || answer.holding) throw new Error("it has the data but is not ready to give them");
  }
}

interface Offered {
  readonly peer: ChunkPeer;
  readonly offer: Offer;
}

function offersIn(answers: readonly Answered[]): Offered[] {
  return answers.flatMap(({ peer, answer }) => (answer.type === "snapshot-offer" ? [{ peer, offer: answer }] : []));
}

function isWhole({ offer }: Offered): boolean {
  return ChunkSet.from(chunksOf(offer.bytesTotal), offer.have)?.isWhole === true;
}

function chosen({ peer, offer }: Offered): Found {
  return { donor: peer.node.nodeId, offer };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
