import { describe, expect, it } from "vitest";
import { GroupStandings } from "../../../agent/answers/group-standing.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { viewAt } from "./views.ts";

const group = "default" as GroupName;

describe("what a node may say of itself", () => {
  let nowMs = 0;
  const standings = (...views: ReturnType<typeof viewAt>[]): GroupStandings => {
    const all = new GroupStandings(() => usFromMs(nowMs));
    for (const view of views) all.viewChanged(view);
    return all;
  };

  it("nothing before the first view, and nothing of a group that it does not know", () => {
    expect(standings().of(group)).toEqual({ is: "unknown", reason: "the agent is starting" });
    expect(standings(viewAt(0, {})).of(group)).toBeNull();
  });

  it("operational to the end of the lease that the view told of, and not a microsecond longer", () => {
    const all = standings(viewAt(1_000, { default: "operational" }, 400));
    nowMs = 1_399.999;
    expect(all.of(group)).toEqual({ is: "operational", epoch: 4 });
    nowMs = 1_400;
    expect(all.of(group)).toEqual({ is: "unknown", reason: "the lease has ended, and nothing newer was heard" });
  });

  it("a newer view carries it on", () => {
    const all = standings(viewAt(1_000, { default: "operational" }), viewAt(1_300, { default: "operational" }));
    nowMs = 1_600;
    expect(all.of(group)).toMatchObject({ is: "operational" });
  });

  it("only who is operational is: who starts is standby, who stops drains", () => {
    nowMs = 1_000;
    const told = ["starting", "handing-over", "draining", "stepping-down", "waiting", "safe-halt", "left", "a state to come"].map(
      (state) => standings(viewAt(1_000, { default: state })).of(group)?.is,
    );
    expect(told).toEqual(["standby", "drain", "drain", "drain", "standby", "standby", "standby", "standby"]);
  });

  it("a control loop that is silent for a second makes a standby unknown, too, and a patient lease does not outlive that", () => {
    nowMs = 2_001;
    expect(standings(viewAt(1_000, { default: "standby" })).of(group)).toMatchObject({ is: "unknown" });
    expect(standings(viewAt(1_000, { default: "operational" }, 3_000)).of(group)).toMatchObject({ is: "unknown" });
  });

  it("once what was written has been counted for a successor, nothing more may be, unless a newer view says so", () => {
    nowMs = 1_010;
    const all = standings(viewAt(1_000, { default: "handing-over", other: "operational" }));
    all.writesCounted(group);
    expect(all.tenureOf(group)).toBeNull();
    expect(all.tenureOf("other" as GroupName)).not.toBeNull();
    all.viewChanged(viewAt(1_005, { default: "handing-over" }));
    expect(all.tenureOf(group)).toBeNull();
    // The switchover was given up, and the services are started again.
    all.viewChanged(viewAt(1_050, { default: "starting" }));
    expect(all.tenureOf(group)).toMatchObject({ epoch: 4 });
  });

  it("a group's data may be written to the end of the lease, from the start of its resources until they are down", () => {
    nowMs = 1_399;
    const told = ["starting", "operational", "handing-over", "stepping-down", "draining", "standby", "safe-halt"].map(
      (state) => standings(viewAt(1_000, { default: state }, 400)).tenureOf(group)?.epoch,
    );
    expect(told).toEqual([4, 4, 4, 4, undefined, undefined, undefined]);
    nowMs = 1_400;
    expect(standings(viewAt(1_000, { default: "operational" }, 400)).tenureOf(group)).toBeNull();
    expect(standings().tenureOf(group)).toBeNull();
  });
});
