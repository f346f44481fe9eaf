import type {
  Away,
  Heartbeat,
  LeaseGrant,
  LeaseRefusal,
  LeaseRelease,
  LeaseRequest,
  LongGrant,
  LongRequest,
} from "../../../shared/domain/failover/messages.ts";
import type { GroupName, NodeId, OriginId } from "../../../shared/domain/ids.ts";
import type { DocumentMessage } from "../../../shared/protocol/codec.ts";

const here = "node_aaaaaaaaaaaaaaaaaaaa" as NodeId;
const there = "node_bbbbbbbbbbbbbbbbbbbb" as NodeId;
const group = "default" as GroupName;
const envelope = { from: here, incarnation: 3, sequence: 4_711, documentVersion: 12 };

const heartbeat: Heartbeat = {
  type: "heartbeat",
  ...envelope,
  groups: [
    {
      group,
      state: "operational",
      epoch: 17,
      highestAsked: 18,
      holder: here,
      ineligible: null,
      released: { epoch: 16, successor: there, planned: true, reason: "an operator asked for it" },
      moves: [{ epoch: 17, ageUs: 61_004_310 }],
      movesForgiven: 16,
      sole: { number: 3, node: here },
      soleWish: 0,
    },
  ],
  grants: [{ group, to: here, toIncarnation: 3, epoch: 17, requestId: 902, remainingUs: 512_340 }],
  lastHeard: [{ node: there, ageUs: 41_220, incarnation: 2, sequence: 99, quarantineUs: 0, readmissions: 0 }],
  quarantineUs: 0,
  readmissions: 0,
  status: {
    threadAgesMs: { main: 12.5, replication: 3 },
    dataSets: [
      {
        name: "application",
        phase: "following",
        vector: { ["node_aaaaaaaaaaaaaaaaaaaa:1" as OriginId]: 120_034 },
        syncingWith: { nodeId: there, expected: true },
        unacknowledged: { changes: 2, oldestAgeMs: 1.5 },
        behind: 0,
      },
    ],
    groupProblems: {},
  },
};

const request: LeaseRequest = { type: "lease-request", ...envelope, group, epoch: 18, leaseUs: 600_000, requestId: 903, seen: null };
const grant: LeaseGrant = {
  type: "lease-grant",
  ...envelope,
  group,
  to: there,
  toIncarnation: 2,
  epoch: 18,
  requestId: 55,
  seen: { incarnation: 2, sequence: 99 },
};
const refusal: LeaseRefusal = {
  type: "lease-refusal",
  ...envelope,
  group,
  to: there,
  requestId: 56,
  reason: "held-by-another",
  epoch: 18,
  holder: here,
  remainingUs: 80_000,
};
const release: LeaseRelease = { type: "lease-release", ...envelope, group, epoch: 18, successor: there, planned: true, reason: "failback" };
const longRequest: LongRequest = { type: "long-request", ...envelope, group, epoch: 18, forUs: 15_000_000, requestId: 904, seen: null };
const longGrant: LongGrant = {
  type: "long-grant",
  ...envelope,
  group,
  to: there,
  toIncarnation: 2,
  epoch: 18,
  requestId: 904,
  forUs: 15_000_000,
  seen: { incarnation: 2, sequence: 99 },
};
const away: Away = { type: "away", ...envelope, forUs: 14_650_000 };
const document: DocumentMessage = { type: "document", from: here, jws: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln" };

/** One of each kind, as two agents of this version say it. */
export const examples = { heartbeat, request, grant, refusal, release, longRequest, longGrant, away, document };
