import { expect, it } from "vitest";
import { tuneTable } from "../../../agent/cli/tune-table.ts";
import { failoverSettings } from "../../../shared/config/timing.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { mainPath } from "../../../shared/domain/membership/lan-path.ts";
import { noGaps, withGap } from "../../../shared/domain/monitoring/gap-histogram.ts";
import { timingAdvice } from "../../../shared/domain/monitoring/timing-advice.ts";

const peer = "node_bbbbbbbbbbbbbbbbbbbb" as NodeId;

it("says what was heard, and what each profile would have made of it", () => {
  const rhythm = Array.from({ length: 999 }, () => 100);
  const days = [
    { day: "2026-11-20", peers: { [peer]: { [mainPath]: [...rhythm, 510].reduce(withGap, noGaps) } }, own: withGap(noGaps, 130) },
  ];
  expect(tuneTable({ timing: "default", days }, timingAdvice(days, failoverSettings, "default"), () => "node-b")).toBe(
    [
      "Heard from 2026-11-20 to 2026-11-20 (UTC), now with profile default.",
      "",
      "HEARTBEATS OF  PATH  GAPS  HALF UP TO  99 % UP TO  99.9 % UP TO  LONGEST",
      "node-b         main  1000  107 ms      107 ms      107 ms        510 ms",
      "",
      "This node's own control loop was late once, by at most 130 ms.",
      "",
      "PROFILE        T        BEARS SILENCE OF  LONGER ONES  LAST ON",
      "fast           300 ms   169 ms            at most 1    2026-11-20",
      "default (now)  600 ms   388 ms            at most 1    2026-11-20",
      "patient        3000 ms  2140 ms           none         -",
      "",
      "Each longer silence would have moved a group that depended on that peer alone; with several paths the best one counts. Choose a profile that has none.",
    ].join("\n"),
  );
});

it("nothing heard yet: says so", () => {
  expect(tuneTable({ timing: "default", days: [] }, [], () => "")).toMatch(/No heartbeat of any peer/);
});
