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
