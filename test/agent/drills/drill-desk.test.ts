import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DrillBook } from "../../../agent/drills/drill-book.ts";
import { DrillDesk } from "../../../agent/drills/drill-desk.ts";
import type { OutlookAnswer } from "../../../agent/local/outlook-answer.ts";
import type { Seen } from "../../../agent/node/silence-watch.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { eventDetailSchema } from "../../../shared/protocol/event-schema.ts";
import { viewAt } from "../answers/views.ts";
import { testNodeId } from "../cluster-signer.ts";

const group = "default" as GroupName;
const [here, there, third] = [testNodeId(1), testNodeId(2), testNodeId(3)] as readonly string[] as readonly [NodeId, NodeId, NodeId];
const host = "10.77.0.100";

const line = (node: NodeId, refusal: string | null) => ({ node, name: node, refusal, reasonsFor: [], reasonsAgainst: [] });
const well: OutlookAnswer = { group, holder: here, holderName: here, obstacle: null, nodes: [line(here, "it runs it"), line(there, null)] };

describe("a drill", () => {
  let folder = "";
  let path = "";
  let nowMs = 0;
  let outlook: OutlookAnswer | null = well;
  let answers: Seen<number>[] = [];
  let told: EventDetail[] = [];
  let troubles: string[] = [];
  let hurried: GroupName[] = [];
  let switched: string[] = [];
  let refusal: string | null = null;
  let statuses = 0;
  let desk: DrillDesk;

  const open = async (): Promise<void> => {
    desk = new DrillDesk({
      nodeId: here,
      book: await DrillBook.open(path, (reason) => troubles.push(reason)),
      nowUs: () => usFromMs(nowMs),
      wallClock: () => new Date("2026-11-01T12:00:00.000Z"),
      outlook: async () => outlook,
      switchover: async (_group, to) => {
        switched.push(to);
        return refusal;
      },
      silences: { hurry: (name) => hurried.push(name), watches: () => 1, firstAnswers: () => answers },
      tellStatus: () => {
        statuses += 1;
      },
      record: (detail) => told.push(eventDetailSchema.parse(detail)),
      onTrouble: (reason) => troubles.push(reason),
    });
  };
  /** What the node believes at this instant, and the desk with it. */
  const see = (atMs: number, state: string, holder: NodeId | null, ineligible: string | null = null): void => {
    nowMs = atMs;
    const view = viewAt(atMs, { [group]: state });
    desk.viewChanged({ ...view, groups: view.groups.map((one) => ({ ...one, holder, ineligible })) });
  };
  const outcome = async (): Promise<string | undefined> => {
    await expect.poll(() => desk.reports[0]?.outcome).not.toBe("running");
    return desk.reports[0]?.outcome;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-drill-"));
    path = join(folder, "drills.json");
    [nowMs, outlook, refusal, statuses] = [1_000, well, null, 0];
    [answers, told, troubles, hurried, switched] = [[], [], [], [], []];
    await open();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("health: fails until the group runs elsewhere and answers, then is well; the report tells each step and the silence", async () => {
    await desk.run({ kind: "run", group });
    expect({ problem: desk.problemOf(group), other: desk.problemOf("other" as GroupName), hurried, statuses }).toEqual({
      problem: ["a drill makes its health fail"],
      other: [],
      hurried: [group],
      statuses: 1,
    });
    see(1_010, "handing-over", here);
    see(1_015, "draining", null);
    see(1_020, "standby", null);
    see(1_060, "standby", there, "a drill makes its health fail");
    expect(desk.problemOf(group)).toHaveLength(1);
    answers = [{ host, told: usFromMs(1_055) }];
    see(1_070, "standby", there, "a drill makes its health fail");
    expect({ problem: desk.problemOf(group), statuses }).toEqual({ problem: [], statuses: 2 });
    see(1_120, "standby", there);
    expect(desk.reports[0]?.outcome).toBe("running");
    see(3_100, "standby", there);
    expect(await outcome()).toBe("completed");
    expect(desk.reports).toMatchObject([
      {
        way: "health",
        from: here,
        to: there,
        reason: null,
        silences: [{ address: host, atLeastMs: 40, atMostMs: 45 }],
        steps: [
          { what: "the group's resources are being stopped", afterMs: 10 },
          { what: "they are down", afterMs: 15 },
          { what: "the group is given away", afterMs: 20 },
          { what: `${host} answers again`, afterMs: 55 },
          { what: "another node runs it", afterMs: 60 },
          { what: "this node could take it again", afterMs: 120 },
        ],
      },
    ]);
    expect(told).toEqual([{ kind: "drill.completed", group, way: "health", to: there, silence: { atLeastMs: 40, atMostMs: 45 } }]);
  });

  it("to a named node: nothing fails, the group is switched over", async () => {
    await desk.run({ kind: "run", group, to: there });
    expect({ switched, problem: desk.problemOf(group) }).toEqual({ switched: [there], problem: [] });
    see(1_010, "handing-over", here);
    see(1_020, "standby", null);
    answers = [{ host, told: usFromMs(1_050) }];
    see(1_060, "standby", there);
    see(3_100, "standby", there);
    expect(await outcome()).toBe("completed");
    expect(told).toMatchObject([{ kind: "drill.completed", way: "switchover", silence: { atLeastMs: 30, atMostMs: 40 } }]);
  });

  it.each([
    ["nobody takes it", () => see(31_100, "standby", null), "no other node ran the group within 30 s"],
    ["it comes back", () => [see(1_010, "handing-over", here), see(1_020, "operational", here)], "the group is on this node again: "],
    ["its address stays silent", () => [see(1_060, "standby", there), see(31_100, "standby", there)], "1 of the group's addresses did not"],
    ["a third node takes it", () => [see(1_060, "standby", there), see(1_100, "standby", third)], "the group went on to a third node"],
  ] as const)("fails where %s, and what it had broken is well again", async (_what, happens, reason) => {
    await desk.run({ kind: "run", group });
    happens();
    expect(desk.problemOf(group)).toEqual([]);
    expect(await outcome()).toBe("failed");
    expect(told).toMatchObject([{ kind: "drill.failed", group, way: "health", reason: expect.stringContaining(reason) as string }]);
    expect(statuses).toBe(2);
  });

  it("fails where the node does not become fit again", async () => {
    await desk.run({ kind: "run", group });
    answers = [{ host, told: usFromMs(1_055) }];
    see(1_060, "standby", there, "its service is ill");
    see(20_000, "standby", there, "its service is ill");
    expect(await outcome()).toBe("failed");
    expect(desk.reports[0]?.reason).toBe("this node did not become fit for the group again");
  });

  it("ended by an operator, or by the end of the agent: mended at once", async () => {
    await desk.run({ kind: "run", group });
    await desk.cancel("an operator has ended it");
    expect({ problem: desk.problemOf(group), told }).toMatchObject({
      problem: [],
      told: [{ kind: "drill.failed", reason: "an operator has ended it" }],
    });
    await desk.cancel("again");
    expect(told).toHaveLength(1);
  });

  it("an agent that dies meanwhile: the next one has nothing broken, and tells it", async () => {
    await desk.run({ kind: "run", group });
    await open();
    await desk.recover();
    expect({ problem: desk.problemOf(group), outcome: desk.reports[0]?.outcome }).toEqual({ problem: [], outcome: "failed" });
    expect(told).toMatchObject([{ kind: "drill.failed", reason: "the agent ended while it was under way" }]);
    await desk.recover();
    expect(told).toHaveLength(1);
  });

  it.each([
    [
      "no healthy successor",
      { ...well, nodes: [line(here, null), line(there, "its service is ill"), line(third, "it is not heard")] },
      undefined,
      /no healthy successor: .*ill; .*it is not heard/,
    ],
    [
      "the named one is not healthy",
      { ...well, nodes: [line(there, "its service is ill"), line(third, null)] },
      there,
      /its service is ill/,
    ],
    ["the group runs elsewhere", { ...well, obstacle: "the group is on another" }, undefined, /the group is on another/],
    ["this node itself", well, here, /is no other node of the group's order/],
    ["an unknown group", null, undefined, /nothing is known/],
  ] as const)("is refused, and nothing fails: %s", async (_what, seen, to, reason) => {
    outlook = seen;
    await expect(desk.run({ kind: "run", group, to })).rejects.toThrow(reason);
    expect({ reports: desk.reports, problem: desk.problemOf(group), told, statuses }).toEqual({
      reports: [],
      problem: [],
      told: [],
      statuses: 0,
    });
  });

  it("one at a time; a switchover that is refused has failed at once", async () => {
    refusal = "it is not heard";
    const first = desk.run({ kind: "run", group, to: there });
    await expect(desk.run({ kind: "run", group })).rejects.toThrow("another drill is under way");
    expect(await first).toMatchObject({ outcome: "failed", reason: "the switchover was refused: it is not heard" });
    await expect(desk.run({ kind: "run", group })).resolves.toMatchObject({ outcome: "running" });
  });

  it("that cannot be kept on disk is not begun; the newest 50 are kept, and a damaged book is begun anew", async () => {
    path = join(folder, "missing", "drills.json");
    await open();
    await expect(desk.run({ kind: "run", group })).rejects.toThrow(/ENOENT/);
    expect(desk.problemOf(group)).toEqual([]);
    path = join(folder, "drills.json");
    await open();
    for (let drill = 0; drill < 52; drill += 1) {
      await desk.run({ kind: "run", group });
      await desk.cancel(`the end of drill ${drill}`);
    }
    await open();
    expect(desk.reports).toHaveLength(50);
    expect(desk.reports[0]?.reason).toBe("the end of drill 51");
    writeFileSync(path, "[{");
    await open();
    expect({ reports: desk.reports, troubles: troubles.length }).toEqual({ reports: [], troubles: 1 });
  });
});
