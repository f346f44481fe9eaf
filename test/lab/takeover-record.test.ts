import { expect, it } from "vitest";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { TakeoverCourse } from "../../shared/domain/monitoring/takeover-course.ts";
import { recordProblems } from "./takeover-record.ts";

const unseen = { address: "10.77.0.100", probedBeforeMs: 80, probeEndedBeforeMs: 60, answeredBy: null, upBeforeMs: 10 };
const address = { ...unseen, sighting: { answeredBeforeMs: 700, unansweredBeforeMs: 650 } };
const course: TakeoverCourse = {
  heardBeforeMs: 700,
  silentBeforeMs: 280,
  paths: [],
  heardByOthers: [],
  freeBeforeMs: 100,
  askedBeforeMs: 99,
  addressesQuietForMs: null,
  addresses: [address],
};

function takeover(patch: Partial<TakeoverCourse> | null): ClusterEvent {
  const counted = { group: "default" as GroupName, epoch: 7, votes: 2, voters: 3, behind: 0 };
  const detail = {
    kind: "group.takeover",
    ...counted,
    from: "node-a" as NodeId,
    silentMs: 607,
    released: null,
    startedInMs: 93.2,
  } as const;
  return { detail: patch === null ? detail : { ...detail, course: { ...course, ...patch } } } as ClusterEvent;
}

it("a record with its steps in order, and with the client's silence, is well", () => {
  expect(recordProblems([takeover({})], 700)).toEqual([]);
});

it.each([
  ["no record", null, 700],
  ["asked before it was free", { freeBeforeMs: 98 }, 700],
  ["silent before its last word", { silentBeforeMs: 701 }, 700],
  ["probed before it had won", { addresses: [{ ...address, probedBeforeMs: 94 }] }, 700],
  ["no address", { addresses: [] }, 700],
  [
    "another silence than the client's",
    { addresses: [{ ...unseen, sighting: { answeredBeforeMs: 1_250, unansweredBeforeMs: 1_200 } }] },
    1_200,
  ],
  [
    "a measured silence that is not the client's",
    { addresses: [{ ...unseen, sighting: { answeredBeforeMs: 500, unansweredBeforeMs: 450 } }] },
    700,
  ],
  ["no measure of its own", { addresses: [unseen] }, 700],
] as const)("%s is told", (_what, patch, silenceMs) => {
  expect(recordProblems([takeover(patch)], silenceMs)).toHaveLength(1);
});
