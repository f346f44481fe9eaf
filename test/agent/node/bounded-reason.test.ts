import { describe, expect, it } from "vitest";
import { boundedReason, reasonBytesMax } from "../../../agent/node/bounded-reason.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { Heartbeat } from "../../../shared/domain/failover/messages.ts";
import type { GroupName, NodeId, OriginId } from "../../../shared/domain/ids.ts";
import { movesKeptMax } from "../../../shared/domain/priority/flap-guard.ts";
import { decodeLanMessage, encodeLanMessage } from "../../../shared/protocol/codec.ts";

const { groupsPerClusterMax, dataSetsPerClusterMax, nodesPerClusterMax, nameLengthMax } = limits;
const largest = Number.MAX_SAFE_INTEGER;
const node = "node_00000000000000000001" as NodeId;
const many = <Made>(count: number, make: (index: number) => Made): Made[] => Array.from({ length: count }, (_, index) => make(index));
const nameOf = (index: number): string => String(index).padStart(nameLengthMax, "g");

describe("reasons in heartbeats", () => {
  it("a reason that fits is left as it is", () => {
    expect(boundedReason("its start command ended with code 7", 160)).toBe("its start command ended with code 7");
  });

  it("a longer one keeps what happened and a command's last words, in whole characters", () => {
    const reason = `service sample ended with code 7: ${"é".repeat(400)}${"x".repeat(401)} ✗ the licence is missing`;
    const bounded = boundedReason(reason, 160);
    expect(bounded).toMatch(/^service sample ended with code 7: é+ \.\.\. x+ ✗ the licence is missing$/);
    for (let bytesMax = 100; bytesMax < 200; bytesMax += 1) {
      expect(Buffer.byteLength(boundedReason(reason, bytesMax))).toBeLessThanOrEqual(bytesMax);
      expect(boundedReason(reason, bytesMax)).not.toContain("\uFFFD");
    }
  });

  it("one group: as long as a person needs, and with the core's words around it never longer than peers take", () => {
    expect(reasonBytesMax(1, groupsPerClusterMax)).toBe(600);
  });

  it("every group and data set of the largest cluster has a reason: the heartbeat still fits its message", () => {
    const groupReason = boundedReason("世".repeat(2_000), reasonBytesMax(groupsPerClusterMax, groupsPerClusterMax));
    const dataReason = boundedReason("世".repeat(2_000), reasonBytesMax(dataSetsPerClusterMax, dataSetsPerClusterMax));
    const heartbeat: Heartbeat = {
      type: "heartbeat",
      from: node,
      incarnation: largest,
      sequence: largest,
      documentVersion: largest,
      groups: many(groupsPerClusterMax, (index) => ({
        group: nameOf(index) as GroupName,
        state: "stepping-down",
        epoch: largest,
        highestAsked: largest,
        holder: node,
        ineligible: `its resources failed to start (${groupReason}); next try in 300 s`,
        released: {
          epoch: largest,
          successor: node,
          planned: true,
          reason: `its resources failed: ${groupReason}; ${largest} changes missing`,
        },
        moves: many(movesKeptMax, () => ({ epoch: largest, ageUs: largest })),
        movesForgiven: largest,
        sole: { number: largest, node },
        soleWish: largest,
      })),
      grants: many(groupsPerClusterMax, (index) => ({
        group: nameOf(index) as GroupName,
        to: node,
        toIncarnation: largest,
        epoch: largest,
        requestId: largest,
        remainingUs: largest,
      })),
      lastHeard: many(nodesPerClusterMax, () => ({
        node,
        ageUs: largest,
        incarnation: largest,
        sequence: largest,
        quarantineUs: largest,
        readmissions: largest,
      })),
      quarantineUs: largest,
      readmissions: largest,
      status: {
        threadAgesMs: { main: largest / 3, replication: largest / 3 },
        dataSets: many(dataSetsPerClusterMax, (index) => ({
          name: nameOf(index),
          phase: "waiting-for-database" as const,
          vector: Object.fromEntries(many(nodesPerClusterMax, (origin) => [`${node}:${1_795_242_430 + origin}` as OriginId, largest])),
          progress: {
            donor: node,
            step: "copying" as const,
            sources: 1,
            bytesDone: largest,
            bytesTotal: largest,
            bytesPerSecond: largest,
            etaSeconds: largest,
          },
          syncingWith: { nodeId: node, expected: false },
          unacknowledged: { changes: largest, oldestAgeMs: largest },
          behind: largest,
          problem: dataReason,
        })),
        groupProblems: Object.fromEntries(many(groupsPerClusterMax, (index) => [nameOf(index) as GroupName, groupReason])),
      },
    };
    const bytes = encodeLanMessage(heartbeat);
    expect(decodeLanMessage(bytes)).toEqual({ ok: true, message: heartbeat });
    expect(bytes.byteLength).toBeLessThanOrEqual(limits.lanMessageBytesMax);
  });
});
