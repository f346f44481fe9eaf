import { describe, expect, it } from "vitest";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { clusterEventSchema } from "../../../shared/protocol/event-schema.ts";
import { takeoverCourseSchema } from "../../../shared/protocol/takeover-course-schema.ts";

/** DynamoDB refuses a larger item. */
const itemBytesMax = 400 * 1_024;

function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item);
}

describe("limits", () => {
  it("whatever the cloud can send as a cluster document, agents take from it and from each other", () => {
    expect(limits.cloudMessageBytesMax).toBeLessThanOrEqual(limits.clusterDocumentBytesMax);
  });

  it("a cluster document and its signature, base64 of the same and longer by a third, fit into one item of the table", () => {
    expect(2 * limits.cloudMessageBytesMax).toBeLessThan(itemBytesMax);
  });

  it("an entry of the audit log fits into one item of the table, in whatever letters", () => {
    expect(2 * limits.auditChangesMax * limits.auditValueCharactersMax * 3).toBeLessThan(itemBytesMax);
  });

  it("the largest takeover, with every step of every address, fits into a message many times", () => {
    const heardBeforeMs = Number.MAX_SAFE_INTEGER;
    const address = {
      address: "a".repeat(64),
      probedBeforeMs: heardBeforeMs,
      probeEndedBeforeMs: heardBeforeMs,
      upBeforeMs: heardBeforeMs,
      sighting: { answeredBeforeMs: heardBeforeMs, unansweredBeforeMs: heardBeforeMs },
    };
    const node = `node_${"n".repeat(20)}`;
    const course = takeoverCourseSchema.parse({
      heardBeforeMs,
      silentBeforeMs: heardBeforeMs,
      paths: times(limits.pathsPerNodeMax, { path: "p".repeat(limits.nameLengthMax), heardBeforeMs }),
      heardByOthers: times(limits.nodesPerClusterMax, { node, heardBeforeMs }),
      freeBeforeMs: heardBeforeMs,
      askedBeforeMs: heardBeforeMs,
      addressesQuietForMs: heardBeforeMs,
      addresses: times(limits.resourcesPerGroupMax, { ...address, answeredBy: "m".repeat(64) }),
    });
    expect(10 * JSON.stringify(course).length).toBeLessThan(limits.cloudMessageBytesMax);
  });

  it("a message of the largest events of all other kinds fits what the broker takes", () => {
    const event = clusterEventSchema.parse({
      eventId: "e".repeat(200),
      clusterId: `clus_${"c".repeat(20)}`,
      reporter: `node_${"n".repeat(20)}`,
      at: "2026-01-02T03:04:05.678Z",
      severity: "critical",
      detail: {
        kind: "replication.bypass",
        dataSet: "d".repeat(limits.nameLengthMax),
        expected: `node_${"n".repeat(20)}`,
        using: `node_${"n".repeat(20)}`,
        reason: "r".repeat(1_000),
      },
    }) satisfies ClusterEvent;
    expect(limits.eventsPerMessageMax * JSON.stringify(event).length).toBeLessThan(limits.cloudMessageBytesMax);
  });

  it("a page of the timeline holds at least one message of events", () => {
    expect(limits.eventsPerPageMax).toBeGreaterThanOrEqual(limits.eventsPerMessageMax);
  });

  it("changes are packed, and snapshots cut, into pieces that fit into a frame, and a frame fits into what may be in flight", () => {
    expect(limits.replicationChangesBytesTarget).toBeLessThan(limits.replicationFrameBytesMax);
    expect(limits.replicationSnapshotChunkBytes).toBeLessThan(limits.replicationFrameBytesMax);
    expect(limits.replicationFrameBytesMax).toBeLessThanOrEqual(limits.replicationInFlightBytesMax);
  });
});
