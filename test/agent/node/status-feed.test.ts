import { beforeEach, describe, expect, it } from "vitest";
import type { ReportedStatus } from "../../../agent/node/loop-messages.ts";
import { StatusFeed } from "../../../agent/node/status-feed.ts";
import { failoverSettings } from "../../../shared/config/timing.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";

const group = "default" as GroupName;
const knowing = (problem: string): ReportedStatus => ({ dataSets: [], groupProblems: { [group]: problem } });

describe("status on its way to the core", () => {
  let nowMs = 0;
  let told: string[] = [];
  let looks: number[] = [];
  let feed: StatusFeed;

  beforeEach(() => {
    [nowMs, told, looks] = [1_000, [], []];
    feed = new StatusFeed({
      nowMs: () => nowMs,
      tellCore: ({ groupProblems }) => told.push(groupProblems[group] ?? ""),
      look: (lookId) => looks.push(lookId),
    });
  });

  it("what is reported is told at once, and again with every beat; before that there is nothing to tell", () => {
    feed.repeat();
    feed.report(knowing("one"));
    feed.repeat();
    expect(told).toEqual(["one", "one"]);
  });

  it("a service was stopped: what is older than the stop is held back until the main thread has looked anew", () => {
    feed.report(knowing("old"));
    feed.serviceStopped();
    feed.repeat();
    feed.report(knowing("on its way when the service stopped"));
    expect({ told, looks }).toEqual({ told: ["old"], looks: [1] });
    feed.looked(1, knowing("new"));
    feed.repeat();
    expect(told).toEqual(["old", "new", "new"]);
  });

  it("a second service was stopped during the look: only the second look counts", () => {
    feed.serviceStopped();
    feed.serviceStopped();
    feed.looked(1, knowing("between the two"));
    expect(told).toEqual([]);
    feed.looked(2, knowing("new"));
    expect({ told, looks }).toEqual({ told: ["new"], looks: [1, 2] });
  });

  it("nobody looks: the status goes on when the core has ceased to wait for it", () => {
    feed.report(knowing("old"));
    feed.serviceStopped();
    nowMs += failoverSettings.drainMsMax - 1;
    feed.repeat();
    expect(told).toEqual(["old"]);
    nowMs += 1;
    feed.repeat();
    expect(told).toEqual(["old", "old"]);
  });
});
