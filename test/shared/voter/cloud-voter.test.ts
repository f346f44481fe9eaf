import { beforeEach, describe, expect, it } from "vitest";
import { cloudVoterTimings } from "../../../shared/config/cloud-witness.ts";
import { failoverSettings } from "../../../shared/config/timing.ts";
import type { LeaseRequest, LongRequest, PeerMessage } from "../../../shared/domain/failover/messages.ts";
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
class Bench {
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

let bench: Bench;
let ofA: CloudVoter;
let ofB: CloudVoter;
beforeEach(() => {
  bench = new Bench();
  ofA = bench.voter(a);
  ofB = bench.voter(b);
  bench.pass(500);
});

const granted = [{ type: "lease-grant", group, to: a }];
const release = (from: NodeId, epoch: number): PeerMessage => ({
  ...bench.request(from, epoch),
  type: "lease-release",
  successor: null,
  planned: false,
  reason: "",
});
const looks = (): number => bench.asked.filter(({ from, question }) => from === a && question.type === "look").length;
const asks = (): readonly CloudQuestion[] => bench.asked.map(({ question }) => question).filter(({ type }) => type === "ask");
/** The core asks with every heartbeat. */
function hold(ms: number, epoch = 1): void {
  for (let passed = 0; passed < ms; passed += 100) {
    ofA.take(bench.request(a, epoch));
    bench.pass(100);
  }
}

describe("the control plane's vote, on a node", () => {
  it("asks the cloud once, then answers by itself, and asks again when a third of the promise is gone", () => {
    hold(5_000);
    expect(bench.heard(a)).toHaveLength(50);
    expect(asks()).toHaveLength(1);
    hold(10_000);
    expect(asks()).toHaveLength(2);
  });

  it("a promise is in the cloud before it is made here, and to nobody else meanwhile", () => {
    ofA.take(bench.request(a, 1));
    bench.pass(79);
    expect(bench.heard(a)).toEqual([]);
    bench.pass(2);
    expect(bench.heard(a)).toMatchObject(granted);
    ofB.take(bench.request(b, 2));
    bench.pass(100);
    expect(bench.heard(b)).toMatchObject([{ type: "lease-refusal", reason: "held-by-another", holder: a }]);
  });

  it("the cloud away: it serves what it was promised for as long as that surely holds, and then nothing", () => {
    hold(200);
    bench.isCloudAway = true;
    hold(29_000);
    bench.heard(a);
    hold(2_000);
    expect(bench.heard(a)).toEqual([]);
  });

  it("given back, it is free at once for the other node", () => {
    hold(200);
    ofA.take(release(a, 1));
    bench.pass(100);
    ofB.take(bench.request(b, 2));
    bench.pass(100);
    expect(bench.heard(b)).toMatchObject([{ type: "lease-grant", epoch: 2 }]);
  });

  it("given back while an ask is under way: its answer is not believed, and the cloud has it back", () => {
    ofA.take(bench.request(a, 1));
    bench.pass(10);
    ofA.take(release(a, 1));
    bench.pass(5_000);
    expect(bench.heard(a)).toEqual([]);
    expect(bench.votes.promises[group]?.to).toBeNull();
    ofA.take(bench.request(a, 1));
    bench.pass(100);
    expect(bench.heard(a)).toMatchObject([{ type: "lease-refusal", reason: "older-epoch" }]);
  });

  it("nobody asks any more: the cloud has it back once the last promise that was made out of it has ended", () => {
    hold(200);
    bench.pass(1_000);
    expect(bench.votes.promises[group]?.to).toBe(a);
    bench.pass(1_000);
    expect(bench.votes.promises[group]?.to).toBeNull();
  });

  it("its holder is gone: another node has it after its whole length, counted from when it was first seen", () => {
    hold(200);
    ofA.close();
    ofB.take(bench.request(b, 2));
    bench.pass(29_900);
    expect(bench.votes.promises[group]?.to).toBe(a);
    bench.heard(b);
    bench.pass(2_400);
    expect(bench.votes.promises[group]?.to).toBeNull();
    ofB.take(bench.request(b, 3));
    bench.pass(100);
    expect(bench.heard(b)).toMatchObject([{ type: "lease-grant", epoch: 3 }]);
  });

  it("its holder lives and is only not heard by the other node: it keeps it, however long the other one waits", () => {
    hold(200);
    for (let round = 0; round < 60; round += 1) {
      ofB.take(bench.request(b, 2 + round));
      hold(1_000);
    }
    expect(bench.votes.promises[group]?.to).toBe(a);
    expect(bench.heard(b).some(({ type }) => type === "lease-grant")).toBe(false);
  });

  it("a long promise that is asked for twice under one number counts from the first time", () => {
    bench.isCloudAway = true;
    const long: LongRequest = { ...bench.request(a, 1), type: "long-request", forUs: 15_000_000 };
    ofA.take(long);
    bench.pass(20_000);
    bench.isCloudAway = false;
    ofA.take(long);
    bench.pass(200);
    // 30 s from then on less a margin are no 15 s from now on.
    expect(bench.heard(a)).toEqual([]);
  });

  it("an agent that is started anew as the same run asks nothing of what it was promised, and gives it back when it needs it no more", () => {
    ofA.take({ ...bench.request(a, 1), type: "long-request", forUs: 15_000_000 });
    bench.pass(100);
    expect(bench.heard(a)).toMatchObject([{ type: "long-grant", forUs: 15_000_000 }]);
    ofA.close();
    ofA = bench.voter(a);
    ofA.take(bench.heartbeat(a, 0));
    bench.pass(21_000);
    expect(bench.votes.promises[group]?.to).toBe(a);
    ofA.take({ ...bench.request(a, 1), type: "long-request", forUs: 0 });
    bench.pass(35_000);
    expect(bench.votes.promises[group]?.to).toBeNull();
  });

  it("beats while the cloud answers, and not while it does not", () => {
    ofA.take(bench.request(a, 1));
    bench.pass(1_000);
    expect(bench.said.get(a)?.filter(({ type }) => type === "heartbeat").length).toBeGreaterThan(8);
    bench.isCloudAway = true;
    bench.pass(25_000);
    bench.said.get(a)?.splice(0);
    bench.pass(5_000);
    expect(bench.said.get(a)).toEqual([]);
  });
});

describe("how often the control plane is looked at", () => {
  const hour = 3_600_000;

  it("every two hours, while nothing speaks against its last answer", () => {
    ofA.take(bench.heartbeat(a, 100));
    bench.pass(2 * hour - 1_000);
    expect(looks()).toBe(1);
    bench.pass(1_000);
    expect(looks()).toBe(2);
  });

  it("at once when the other node is not heard any more, and then every 20 s until it is", () => {
    bench.pass(hour);
    ofA.take(bench.heartbeat(a, 200));
    bench.pass(1);
    expect(looks()).toBe(2);
    bench.pass(41_000);
    expect(looks()).toBe(4);
    ofA.take(bench.heartbeat(a, 20));
    bench.pass(hour);
    expect(looks()).toBe(4);
  });

  it("however often the other node comes and goes, no more than every 20 s", () => {
    for (let round = 0; round < 600; round += 1) {
      ofA.take(bench.heartbeat(a, round % 2 === 0 ? 300 : 20));
      bench.pass(100);
    }
    expect(looks()).toBeLessThan(5);
  });

  it("at once when another connection to the control plane breaks: one that is dead as a whole is found dead then", () => {
    ofA.take(bench.heartbeat(a, 20));
    bench.pass(hour);
    bench.isCloudAway = true;
    ofA.wayIsDoubtful(true);
    bench.pass(2_600);
    bench.said.get(a)?.splice(0);
    bench.pass(10_000);
    expect(bench.said.get(a)).toEqual([]);
    bench.isCloudAway = false;
    bench.pass(5_000);
    expect(bench.said.get(a)?.length).toBeGreaterThan(5);
  });

  it("until it has told of the document that the node acts on", () => {
    bench.pass(hour);
    ofA.take(bench.heartbeat(a, 20, 3));
    bench.pass(50_000);
    expect(looks()).toBe(4);
    bench.version = 3;
    bench.pass(hour);
    expect(looks()).toBe(5);
  });

  it("soon again after a question that nobody has answered", () => {
    bench.pass(hour);
    bench.isCloudAway = true;
    ofA.take(bench.request(a, 1));
    bench.pass(2_600);
    bench.isCloudAway = false;
    const before = looks();
    bench.pass(6_000);
    expect(looks()).toBe(before + 1);
  });
});
