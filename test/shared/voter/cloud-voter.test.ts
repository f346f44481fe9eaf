import { beforeEach, describe, expect, it } from "vitest";
import type { LongRequest, PeerMessage } from "../../../shared/domain/failover/messages.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { CloudQuestion } from "../../../shared/domain/witness/cloud-votes.ts";
import type { CloudVoter } from "../../../shared/voter/cloud-voter.ts";
import { a, b, group } from "../domain/failover/test-node.ts";
import { Bench } from "./cloud-bench.ts";

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
