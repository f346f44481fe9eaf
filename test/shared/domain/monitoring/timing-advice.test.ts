import { expect, it } from "vitest";
import { failoverSettings } from "../../../../shared/config/timing.ts";
import { runsOutAtUs } from "../../../../shared/domain/failover/candidacy.ts";
import { marginUs } from "../../../../shared/domain/failover/lease.ts";
import { bornSilenceMs } from "../../../../shared/domain/failover/timing-rules.ts";
import type { NodeId, PathName } from "../../../../shared/domain/ids.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import { noGaps, withGap } from "../../../../shared/domain/monitoring/gap-histogram.ts";
import { timingAdvice } from "../../../../shared/domain/monitoring/timing-advice.ts";
import { TestNode } from "../failover/test-node.ts";

const peer = "node_bbbbbbbbbbbbbbbbbbbb" as NodeId;
const gaps = (...ms: readonly number[]) => ms.reduce(withGap, noGaps);

it("a profile bears the silence after which its holder begins to stop", () => {
  const { state } = new TestNode();
  const leaseUs = failoverSettings.profiles.default.leaseMs * 1_000;
  const stopsAtUs = runsOutAtUs(state, leaseUs - marginUs(leaseUs, failoverSettings));
  expect(bornSilenceMs(failoverSettings.profiles.default.leaseMs, failoverSettings)).toBe(Math.floor(stopsAtUs / 1_000));
});

it("counts for each profile the silences that it would not have borne, with the last day of one", () => {
  const days = [
    { day: "2026-11-19", peers: { [peer]: { [mainPath]: gaps(100, 101, 900) } }, own: noGaps },
    { day: "2026-11-20", peers: { [peer]: { [mainPath]: gaps(100, 240, 300) } }, own: gaps(210) },
    { day: "2026-11-21", peers: { [peer]: { [mainPath]: gaps(99, 104) } }, own: noGaps },
  ];
  expect(timingAdvice(days, failoverSettings, "default")).toMatchObject([
    { profile: "fast", leaseMs: 300, lost: 4, lastDay: "2026-11-20" },
    { profile: "default", leaseMs: 600, lost: 1, lastDay: "2026-11-19" },
    { profile: "patient", leaseMs: 3_000, lost: 0, lastDay: null },
  ]);
});

it("a peer with several paths was silent only as often as the best of them", () => {
  const paths = { [mainPath]: gaps(100, 900, 900), ["lan-b" as PathName]: gaps(100, 700) };
  const days = [{ day: "2026-11-20", peers: { [peer]: paths }, own: noGaps }];
  expect(timingAdvice(days, failoverSettings, "default")).toMatchObject([{ lost: 1 }, { lost: 1 }, { lost: 0 }]);
});

it("a cluster's own timings are judged beside the profiles", () => {
  const own = { leaseMs: 1_000, heartbeatIntervalMs: 200, suspectAfterMs: { least: 600, usual: 800, most: 900 }, rankDelayMs: 80 };
  const days = [{ day: "2026-11-20", peers: { [peer]: { [mainPath]: gaps(200, 900) } }, own: noGaps }];
  expect(timingAdvice(days, failoverSettings, own).at(-1)).toMatchObject({ profile: "custom", leaseMs: 1_000, bearsMs: 680, lost: 1 });
});
