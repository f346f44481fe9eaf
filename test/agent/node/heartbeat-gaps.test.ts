import { expect, it } from "vitest";
import { HeartbeatGaps } from "../../../agent/node/heartbeat-gaps.ts";
import type { NodeId, PathName } from "../../../shared/domain/ids.ts";
import { mainPath } from "../../../shared/domain/membership/lan-path.ts";

const [b, c] = ["node-b", "node-c"] as readonly string[] as readonly [NodeId, NodeId];

it("pauses between heartbeats of one run of a peer count, each once", () => {
  let nowMs = 0;
  const gaps = new HeartbeatGaps(() => nowMs * 1_000);
  const heard = (atMs: number, from: NodeId, incarnation = 1, path = mainPath): void => {
    nowMs = atMs;
    gaps.heard(from, path, incarnation);
  };
  heard(0, b);
  heard(50, c);
  heard(100, b);
  heard(230, b);
  heard(260, c);
  expect(gaps.take()).toEqual({ peers: { [b]: { [mainPath]: [100, 130] }, [c]: { [mainPath]: [210] } }, own: [] });
  expect(gaps.take()).toBeNull();
  // It was started anew: nobody's path is to blame for the pause.
  heard(9_000, b, 2);
  heard(9_100, b, 2);
  expect(gaps.take()).toEqual({ peers: { [b]: { [mainPath]: [100] } }, own: [] });
});

it("a node that was late itself blames no peer for the time", () => {
  let nowMs = 0;
  const gaps = new HeartbeatGaps(() => nowMs * 1_000);
  gaps.heard(b, mainPath, 1);
  nowMs = 5_000;
  gaps.wasLate(4_900);
  gaps.heard(b, mainPath, 1);
  nowMs = 5_100;
  gaps.heard(b, mainPath, 1);
  expect(gaps.take()).toEqual({ peers: { [b]: { [mainPath]: [100] } }, own: [4_900] });
});

it("each path has a rhythm of its own", () => {
  let nowMs = 0;
  const gaps = new HeartbeatGaps(() => nowMs * 1_000);
  const lanB = "lan-b" as PathName;
  gaps.heard(b, mainPath, 1);
  gaps.heard(b, lanB, 1);
  nowMs = 100;
  gaps.heard(b, mainPath, 1);
  nowMs = 130;
  gaps.heard(b, lanB, 1);
  expect(gaps.take()).toEqual({ peers: { [b]: { [mainPath]: [100], [lanB]: [130] } }, own: [] });
});
