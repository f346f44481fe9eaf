import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerNetwork } from "../replication/peer-network.ts";
import type { PeerStream } from "../replication/peer-stream.ts";

/** Beyond what the writer may wait for another disk. */
const graceMs = 5_000;
const underWayMax = 32;

/** `unsent`: nothing was written. `unanswered`: nobody here knows whether it was; under the same id it may be asked again. */
export type Forwarded =
  | { readonly kind: "answered"; readonly answer: WriteAnswer }
  | { readonly kind: "unsent" | "unanswered"; readonly reason: string };

export interface ForwardDeskOptions {
  readonly nodeId: NodeId;
  readonly network: Pick<PeerNetwork, "dial">;
  readonly document: () => ClusterDocument;
  /** Carries out what another node has passed on; it is never passed on again. */
  readonly carryOut: (write: ForwardedWrite) => Promise<WriteAnswer>;
}

/** Passes writes of records on to their writer over the cluster's own streams, and takes those that others pass on: one on each stream. */
export class ForwardDesk {
  readonly #options: ForwardDeskOptions;
  #underWay = 0;

  constructor(options: ForwardDeskOptions) {
    this.#options = options;
  }

  async forward(to: NodeId, write: ForwardedWrite): Promise<Forwarded> {
    const node = this.#options.document().nodes.find(({ nodeId }) => nodeId === to);
    if (node === undefined || to === this.#options.nodeId)
      return { kind: "unsent", reason: "the writer is this node itself, or no member" };
    if (this.#underWay >= underWayMax) return { kind: "unsent", reason: `${underWayMax} writes are on their way already` };
    this.#underWay += 1;
    try {
      const stream = await this.#options.network.dial(node, "records");
      return await answerOn(stream, write);
    } catch (error) {
      return { kind: "unsent", reason: reasonOf(error) };
    } finally {
      this.#underWay -= 1;
    }
  }

  /** A stream on which another node passes writes on, one after the other. */
  serve(stream: PeerStream): void {
    stream.handle({
      onFrame: async (frame) => {
        if (frame.type !== "record-write") return stream.refuse(`a stream for records carries no ${frame.type} frames here`);
        const answer = await this.#options.carryOut(frame.write);
        stream.send({ type: "record-answer", ask: frame.ask, answer });
      },
      onClosed: () => {},
    });
  }
}

function answerOn(stream: PeerStream, write: ForwardedWrite): Promise<Forwarded> {
  return new Promise((resolve) => {
    const withinMs = graceMs + (write.durability === "replicated" ? write.timeoutMs : 0);
    const patience = setTimeout(() => stream.close(`no answer within ${withinMs / 1_000} s`), withinMs);
    const done = (forwarded: Forwarded): void => {
      clearTimeout(patience);
      resolve(forwarded);
    };
    stream.handle({
      onFrame: (frame) => {
        if (frame.type !== "record-answer") return stream.refuse(`a ${frame.type} frame is no answer to a write`);
        done({ kind: "answered", answer: frame.answer });
        stream.close("the write is answered");
      },
      onClosed: (reason) => done({ kind: "unanswered", reason }),
    });
    stream.send({ type: "record-write", ask: 1, write });
  });
}
