import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import { viewOf } from "../../../../shared/domain/failover/node-view.ts";
import type { PathName } from "../../../../shared/domain/ids.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import type { EventDetail } from "../../../../shared/domain/monitoring/cluster-event.ts";
import { a, b, c, documentOf, TestNode } from "./test-node.ts";

const lanB = "lan-b" as PathName;

function node(): TestNode {
  const made = new TestNode();
  made.take({ type: "document", document: documentOf([a, b, c], 2, null, 1) });
  return made;
}

/** The peer's heartbeats for so long, on these paths. */
function beats(to: TestNode, ms: number, paths: readonly PathName[]): readonly EventDetail[] {
  const told: Effect[] = [];
  for (const endMs = to.nowMs + ms; to.nowMs < endMs; ) {
    const [first, ...further] = paths;
    const message = to.beatOf(b);
    if (first !== undefined) told.push(...to.take({ type: "message", message, path: first }));
    for (const path of further) told.push(...to.take({ type: "copy", from: b, incarnation: 1, sequence: message.sequence, path }));
    told.push(...to.pass(100));
  }
  return told.flatMap((effect) => (effect.type === "report" && /^(path|node)/.test(effect.detail.kind) ? [effect.detail] : []));
}

const pathsOfB = (of: TestNode) => viewOf(of.state, of.nowMs * 1_000).peers.find(({ nodeId }) => nodeId === b)?.paths;

describe("a peer with two paths", () => {
  it("one falls silent: shown at once, told after a while, and the peer is not silent", () => {
    const made = node();
    expect(beats(made, 1_000, [mainPath, lanB])).toEqual([]);
    expect(beats(made, 600, [lanB])).toEqual([]);
    expect(pathsOfB(made)).toMatchObject([
      { name: mainPath, heard: false },
      { name: lanB, heard: true },
    ]);
    expect(made.state.peers[b]?.silent).toBe(false);
    expect(beats(made, 3_000, [lanB])).toEqual([{ kind: "path.silent", node: b, path: mainPath, silentMs: 3_000 }]);
    expect(beats(made, 5_000, [lanB])).toEqual([]);
    expect(beats(made, 500, [lanB, mainPath])).toEqual([{ kind: "path.heard", node: b, path: mainPath, silentMs: 8_700 }]);
  });

  it("a copy by the other one tells of its way alone", () => {
    const made = node();
    beats(made, 1_000, [mainPath, lanB]);
    const message = made.beatOf(b);
    made.take({ type: "message", message, path: mainPath });
    const before = made.state;
    made.nowMs += 1;
    expect(made.take({ type: "copy", from: b, incarnation: 1, sequence: message.sequence, path: lanB })).toEqual([]);
    const lastPath = before.peers[b]?.paths[lanB];
    expect(made.state.peers[b]?.paths[lanB]).toMatchObject({ sequence: message.sequence, heardAtUs: made.nowMs * 1_000 });
    expect({ ...made.state, peers: null }).toEqual({ ...before, peers: null });
    expect({ ...made.state.peers[b], paths: { ...made.state.peers[b]?.paths, [lanB]: lastPath } }).toEqual(before.peers[b]);
  });

  it("both fall silent: the peer is, once, and of paths nothing is said", () => {
    const made = node();
    beats(made, 1_000, [mainPath, lanB]);
    expect(beats(made, 4_000, [])).toEqual([{ kind: "node.silent", node: b, silentMs: 420, cause: "heartbeats-missed" }]);
    expect(beats(made, 1_000, [mainPath, lanB])).toEqual([{ kind: "node.returned", node: b, awayMs: 4_100 }]);
  });

  it("a connection that closes takes its own path only; the last one takes the peer", () => {
    const made = node();
    beats(made, 1_000, [mainPath, lanB]);
    made.take({ type: "connection-closed", peer: b, path: mainPath });
    expect(made.state.peers[b]?.silent).toBe(false);
    expect(made.take({ type: "connection-closed", peer: b, path: lanB })).toContainEqual({
      type: "report",
      detail: { kind: "node.silent", node: b, silentMs: 100, cause: "connection-closed" },
    });
  });

  it("a path that never came up is told too, once it had its time", () => {
    const made = node();
    expect(beats(made, 2_900, [mainPath])).toEqual([]);
    expect(beats(made, 1_000, [mainPath])).toEqual([{ kind: "path.silent", node: b, path: lanB, silentMs: 3_000 }]);
  });

  it("a node that was itself late accuses no path", () => {
    const made = node();
    beats(made, 1_000, [mainPath, lanB]);
    made.nowMs += 20_000;
    made.take({ type: "tick" });
    expect(pathsOfB(made)).toMatchObject([{ heard: true }, { heard: true }]);
    expect(beats(made, 1_000, [mainPath, lanB])).toEqual([]);
  });

  it("what comes by a path that this node's document does not name yet keeps the peer heard", () => {
    const made = new TestNode();
    expect(beats(made, 3_000, [lanB])).toEqual([]);
    expect(made.state.peers[b]?.silent).toBe(false);
  });

  it("a document that takes a path away ends what is said of it", () => {
    const made = node();
    beats(made, 5_000, [mainPath]);
    made.take({ type: "document", document: documentOf([a, b, c], 3, null, 0) });
    expect(pathsOfB(made)).toMatchObject([{ name: mainPath, heard: true }]);
    expect(beats(made, 5_000, [mainPath])).toEqual([]);
  });
});
