import { cloudVoterTimings } from "../../../shared/config/cloud-witness.ts";
import { failoverSettings } from "../../../shared/config/timing.ts";
import type { LeaseRequest, PeerMessage } from "../../../shared/domain/failover/messages.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import {
  answerNode,
  type CloudAnswer,
  type CloudQuestion,
  type CloudVotes,
  firstVotes,
} from "../../../shared/domain/witness/cloud-votes.ts";
import { CloudVoter } from "../../../shared/voter/cloud-voter.ts";
import { witnessId } from "../../simulation/cluster.ts";
import { a, b, documentOf, group } from "../domain/failover/test-node.ts";

const document: ClusterDocument = {
  ...documentOf([a, b], 2),
  witness: { kind: "cloud", nodeId: witnessId, name: "the control plane", voting: true },
};

/** Two nodes and the cloud on one virtual clock; the way to the cloud takes 40 ms there and 40 ms back. */
export class Bench {
  nowUs = 1_000_000;
  isCloudAway = false;
  version = 2;
  votes: CloudVotes = firstVotes(witnessId);
  readonly asked: { readonly from: NodeId; readonly question: CloudQuestion }[] = [];
  readonly said = new Map<NodeId, PeerMessage[]>([
    [a, []],
    [b, []],
  ]);
  readonly #timers: { atUs: number; callback: () => void }[] = [];
  #requestId = 0;

  voter(node: NodeId): CloudVoter {
    const callAt = (atUs: number, callback: () => void) => this.#at(Math.max(atUs, this.nowUs + 1), callback);
    const ports = {
      nowUs: () => this.nowUs,
      callAt,
      ask: (question: CloudQuestion, answered: (answer: CloudAnswer | null) => void) => this.#carry(node, question, answered),
      deliver: (message: PeerMessage) => this.said.get(node)?.push(message),
      heartbeatUs: () => 100_000,
    };
    return new CloudVoter(witnessId, node, ports, cloudVoterTimings, failoverSettings);
  }

  pass(ms: number): void {
    const untilUs = this.nowUs + ms * 1_000;
    for (;;) {
      const next = this.#timers.toSorted((one, other) => one.atUs - other.atUs)[0];
      if (next === undefined || next.atUs > untilUs) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.nowUs = next.atUs;
      next.callback();
    }
    this.nowUs = untilUs;
  }

  request(from: NodeId, epoch: number, incarnation = 1): LeaseRequest {
    this.#requestId += 1;
    const envelope = { from, incarnation, sequence: this.#requestId, documentVersion: 2 };
    return { type: "lease-request", ...envelope, group, epoch, leaseUs: 600_000, requestId: this.#requestId, seen: null };
  }

  /** As the core sends it to everybody, the witness among them. */
  heartbeat(from: NodeId, otherUnheardMs: number, documentVersion = 2): PeerMessage {
    const heard = { incarnation: 1, sequence: 1, quarantineUs: 0, readmissions: 0 };
    const lastHeard = [{ ...heard, node: from === a ? b : a, ageUs: otherUnheardMs * 1_000 }];
    const nothing = { groups: [], grants: [], quarantineUs: 0, readmissions: 0 };
    const status = { threadAgesMs: {}, dataSets: [], groupProblems: {} };
    return { type: "heartbeat", from, incarnation: 1, sequence: 1, documentVersion, lastHeard, ...nothing, status };
  }

  /** What the witness has said to the node since it was last asked, heartbeats left out. */
  heard(node: NodeId): readonly PeerMessage[] {
    return (this.said.get(node)?.splice(0) ?? []).filter(({ type }) => type !== "heartbeat");
  }

  #at(atUs: number, callback: () => void): { cancel(): void } {
    const timer = { atUs, callback };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers.includes(timer) && this.#timers.splice(this.#timers.indexOf(timer), 1)) };
  }

  #carry(from: NodeId, question: CloudQuestion, answered: (answer: CloudAnswer | null) => void): void {
    this.asked.push({ from, question });
    if (this.isCloudAway) return void this.#at(this.nowUs + 2_500_000, () => answered(null));
    this.#at(this.nowUs + 40_000, () => {
      const { votes, answer } = answerNode(
        this.votes,
        { document: { ...document, version: this.version }, votersSince: 2 },
        from,
        question,
      );
      this.votes = votes;
      this.#at(this.nowUs + 40_000, () => answered(answer));
    });
  }
}
