import { describe, expect, it } from "vitest";
import { eventDetailSchema } from "../../../shared/protocol/event-schema.ts";

const takeover = {
  kind: "group.takeover",
  group: "default",
  epoch: 7,
  from: "node_0000000000000000000a",
  silentMs: 607,
  released: null,
  votes: 2,
  voters: 3,
  startedInMs: 12,
  behind: 0,
};
const course = {
  heardBeforeMs: 700,
  silentBeforeMs: null,
  paths: [{ path: "lan", heardBeforeMs: null }],
  heardByOthers: [{ node: "node_0000000000000000000c", heardBeforeMs: 690 }],
  freeBeforeMs: 100,
  askedBeforeMs: 99,
  addressesQuietForMs: null,
  addresses: [{ address: "10.0.0.9", probedBeforeMs: 80, probeEndedBeforeMs: 60, answeredBy: null, upBeforeMs: 10 }],
};
const isTaken = (detail: unknown): boolean => eventDetailSchema.safeParse(detail).success;

describe("a takeover on its way to the cloud", () => {
  it("with the record of its steps, and as earlier agents tell it, without", () => {
    expect(eventDetailSchema.parse({ ...takeover, course })).toEqual({ ...takeover, course });
    expect(eventDetailSchema.parse(takeover)).toEqual(takeover);
  });

  it.each([
    ["an instant after the resources ran", { freeBeforeMs: -1 }],
    ["a step that is none", { wonBeforeMs: 3 }],
    ["more paths than a node can have", { paths: Array(5).fill(course.paths[0]) }],
    ["more nodes than a cluster can have", { heardByOthers: Array(9).fill(course.heardByOthers[0]) }],
    ["more addresses than a group can have", { addresses: Array(33).fill(course.addresses[0]) }],
    ["a step that is missing", { askedBeforeMs: undefined }],
  ])("%s is refused", (_what, patch) => {
    expect(isTaken({ ...takeover, course: { ...course, ...patch } })).toBe(false);
  });
});
