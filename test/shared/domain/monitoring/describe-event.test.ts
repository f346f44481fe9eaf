import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { describeEvent } from "../../../../shared/domain/monitoring/describe-event.ts";

const [a, b, c] = ["node-a", "node-b", "node-c"] as readonly string[] as readonly [NodeId, NodeId, NodeId];
const nameOf = (node: NodeId): string => node;

describe("sentences about who hears whom: two observers of one node never say the same", () => {
  it("a node is silent", () => {
    const detail = { kind: "node.silent", node: b, silentMs: 420, cause: "heartbeats-missed" } as const;
    expect([a, c].map((observer) => describeEvent(detail, observer, nameOf))).toEqual([
      "node-b is silent: node-a has not heard it for 420 ms",
      "node-b is silent: node-c has not heard it for 420 ms",
    ]);
  });

  it("a node has returned", () => {
    const detail = { kind: "node.returned", node: b, awayMs: 3_600 } as const;
    expect([a, c].map((observer) => describeEvent(detail, observer, nameOf))).toEqual([
      "node-a hears node-b again after 3.6 s",
      "node-c hears node-b again after 3.6 s",
    ]);
  });
});

describe("sentences about the ring and its clocks", () => {
  it("each node that was to be taken first has its reason", () => {
    const passedOver = [
      { node: b, reason: "its heartbeats are missing" },
      { node: c, reason: "connection refused" },
    ];
    const detail = { kind: "replication.no-peer", dataSet: "pbx", reason: "its heartbeats are missing", passedOver } as const;
    expect(describeEvent(detail, a, nameOf)).toBe(
      "node-a has nobody to synchronise pbx with: node-b: its heartbeats are missing; node-c: connection refused",
    );
  });

  it("whose clock is wrong, and by how much; or that nobody can say", () => {
    const skewed = { kind: "clock.skewed", node: b, than: null, aheadMs: 3_600_000, uncertaintyMs: 2, limitMs: 15_000 } as const;
    expect(describeEvent(skewed, a, nameOf)).toBe(
      "the clock of node-b is 3600.0 s ahead of what a majority of the nodes says, more than the 15.0 s that are allowed: set it right",
    );
    expect(describeEvent({ ...skewed, than: c, aheadMs: 20_000 }, a, nameOf)).toBe(
      "the clock of node-b is 20.0 s ahead of that of node-c, more than the 15.0 s that are allowed, and there is no majority to say which is wrong: set it right",
    );
  });
});
