import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DetachedState, leaveDetachedState, takeDetachedState } from "../../../agent/storage/detached-state.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";

const node = "node_00000000000000000001" as NodeId;
const group = "default" as GroupName;
const long = { requestId: 4, untilUs: 15_100_000, forUs: 15_000_000, epoch: 1, documentVersion: 1 };
const state: DetachedState = {
  secret: "0f",
  leftAtUs: 120_000,
  readoptByUs: 12_750_000,
  lastEvent: 7,
  detached: {
    incarnation: 1,
    sequence: 18,
    requestId: 4,
    readmissions: 0,
    documentVersion: 1,
    votersSinceVersion: 1,
    earlierLeaseMs: 0,
    votersSettleAtUs: 0,
    untilUs: 14_750_000,
    grants: [{ group, to: node, toIncarnation: 1, epoch: 1, requestId: 3, untilUs: 700_000, long, longVoidUpTo: 0 }],
    held: [
      {
        group,
        epoch: 1,
        ballot: 1,
        epochSeen: 1,
        leaseEndUs: 14_750_000,
        long: { [node]: { requestId: 4, sentUs: 100_000, leaseUs: 15_000_000 } },
      },
    ],
  },
};

describe("what an agent leaves to the next one", () => {
  let root = "";
  let path = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "understudy-detached-"));
    path = join(root, "detached.json");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("serves once, and only its own user can read it", async () => {
    await leaveDetachedState(path, state);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await takeDetachedState(path)).toMatchObject(state);
    expect(await takeDetachedState(path)).toBeNull();
  });

  it("is worth nothing after a boot, nor where it is damaged; it is gone all the same", async () => {
    await leaveDetachedState(path, state);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), bootId: "another" }));
    expect(await takeDetachedState(path)).toBeNull();
    writeFileSync(path, "{");
    expect(await takeDetachedState(path)).toBeNull();
    expect(await takeDetachedState(path)).toBeNull();
  });
});
