import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerNetwork } from "../replication/peer-network.ts";
import { type Asked, CompareAsker } from "./compare-asker.ts";
import type { Answer } from "./judge.ts";

/** The streams of one comparison, each opened when its node is asked first. */
export class CompareAskers {
  readonly #network: PeerNetwork;
  readonly #document: () => ClusterDocument;
  readonly #askers = new Map<NodeId, CompareAsker>();

  constructor(network: PeerNetwork, document: () => ClusterDocument) {
    this.#network = network;
    this.#document = document;
  }

  /** A node that cannot be reached answers that it cannot, with the reason. */
  async ask(node: NodeId, question: Asked): Promise<Answer> {
    try {
      const asker = this.#askers.get(node) ?? (await this.#dial(node));
      return await asker.ask(question);
    } catch (error) {
      this.#askers.get(node)?.close("it has not answered");
      this.#askers.delete(node);
      return { outcome: "cannot", reason: reasonOf(error) };
    }
  }

  close(): void {
    for (const asker of this.#askers.values()) asker.close("nothing more is asked");
    this.#askers.clear();
  }

  async #dial(node: NodeId): Promise<CompareAsker> {
    const member = this.#document().nodes.find(({ nodeId }) => nodeId === node);
    if (member === undefined) throw new Error(`${node} is no member any more`);
    const asker = new CompareAsker(await this.#network.dial(member, "compare"));
    this.#askers.set(node, asker);
    return asker;
  }
}
