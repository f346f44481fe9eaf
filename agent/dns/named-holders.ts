import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { named } from "../../shared/domain/membership/named-holder.ts";
import { majorityOf, votersOf } from "../../shared/domain/membership/quorum.ts";
import type { GroupStandings } from "../answers/group-standing.ts";

export interface NamedHoldersOptions {
  readonly nodeId: NodeId;
  readonly document: () => ClusterDocument;
  readonly standings: GroupStandings;
}

/** Whom the names of each group point at, by what this node's core has told. */
export class NamedHolders {
  readonly #options: NamedHoldersOptions;
  readonly #remembered = new Map<GroupName, NodeId>();

  constructor(options: NamedHoldersOptions) {
    this.#options = options;
    // A holder that comes and goes between two questions is remembered, too.
    options.standings.onView(() => this.#options.document().groups.forEach(({ name }) => this.of(name)));
  }

  /** Null where this node cannot say. */
  of(group: GroupName): NodeId | null {
    const { standings, document } = this.#options;
    const view = standings.freshView;
    const told = view?.groups.find((line) => line.group === group);
    if (view === null || told === undefined) return null;
    const hearsMajority = this.#hearsMajority(view, document());
    const { remembered, answered } = named(this.#remembered.get(group) ?? null, { holder: told.holder, hearsMajority });
    if (remembered !== null) this.#remembered.set(group, remembered);
    return answered;
  }

  /** Who is being started anew is as good as heard: what it runs goes on. */
  #hearsMajority({ peers }: NodeView, document: ClusterDocument): boolean {
    const voters = votersOf(document);
    const heard = new Set([this.#options.nodeId, ...peers.flatMap((peer) => (peer.reachable || peer.detached ? [peer.nodeId] : []))]);
    return voters.filter((voter) => heard.has(voter)).length >= majorityOf(voters.length);
  }
}
