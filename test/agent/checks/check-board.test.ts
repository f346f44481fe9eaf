import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CheckBoard } from "../../../agent/checks/check-board.ts";
import type { NodeView } from "../../../shared/domain/failover/node-view.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { settingsOf } from "./check-settings.ts";

const group = "default" as GroupName;

function viewWhere(state: string): NodeView {
  const line = {
    group,
    state,
    epoch: 1,
    highestAsked: 1,
    holder: null,
    ineligible: null,
    released: null,
    moves: [],
    movesForgiven: 0,
    sole: { number: 0, node: null },
    soleWish: 0,
    reason: "",
    leaseRemainingMs: null,
    leaseEndUs: 0,
  };
  return { takenAtUs: 0, quarantinedForMs: 0, groups: [line], peers: [], documentVersion: 1 };
}

function passes(ms: number): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(ms);
}

/** One check whose looks the test decides about; chosen time, and pauses of exactly their settings. */
describe("the checks of a node", () => {
  const told: string[] = [];
  let looks = 0;
  let under = 0;
  let underMost = 0;
  let takesMs = 0;
  let problem: string | null = null;
  let changes = 0;
  let board: CheckBoard;

  beforeEach(() => {
    vi.useFakeTimers();
    told.length = 0;
    [looks, under, underMost, takesMs, problem, changes] = [0, 0, 0, 0, null, 0];
  });
  afterEach(async () => {
    await board.close();
    expect(under).toBe(0);
    vi.useRealTimers();
  });

  const look = (signal: AbortSignal): Promise<string | null> => {
    looks += 1;
    under += 1;
    underMost = Math.max(underMost, under);
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const timer = setTimeout(() => resolve(problem), takesMs);
    if (takesMs === 0) resolve(problem);
    signal.addEventListener("abort", () => resolve("ended"), { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      under -= 1;
    });
  };

  const open = (some: object): void => {
    const settings = settingsOf("tcp", { host: "127.0.0.1", port: 1, intervalMs: 1_000, retryIntervalMs: 500, timeoutMs: 2_000, ...some });
    board = new CheckBoard({
      settings: { [group]: { port: settings } },
      make: () => ({ look }),
      nowMs: () => Date.now(),
      chance: () => 0.5,
      record: (detail) => told.push(detail.kind === "check.recovered" ? `recovered after ${detail.failedMs} ms` : detail.kind),
      onChange: () => (changes += 1),
    });
  };
  const state = (): string | undefined => board.lines[0]?.state;

  it("judged where the group runs, and nowhere else", async () => {
    open({});
    board.viewChanged(viewWhere("standby"));
    await passes(10_000);
    expect({ looks, state: state() }).toEqual({ looks: 0, state: "unknown" });
    board.viewChanged(viewWhere("operational"));
    await passes(3_000);
    expect({ looks, state: state(), isWatched: board.lines[0]?.isWatched }).toEqual({ looks: 3, state: "ok", isWatched: true });
    board.viewChanged(viewWhere("handing-over"));
    await passes(10_000);
    expect({ looks, state: state() }).toEqual({ looks: 3, state: "unknown" });
  });

  it("judged always: from the start on, whatever the group is", async () => {
    open({ when: "always", fall: 2 });
    problem = "nobody there";
    await passes(2_000);
    board.viewChanged(viewWhere("safe-halt"));
    expect(board.problemsOf(group)).toEqual(["check port failed here: nobody there"]);
    expect(board.problemsOf("other" as GroupName)).toEqual([]);
    problem = null;
    await passes(1_000);
    expect(told).toEqual(["check.failed", "recovered after 2500 ms"]);
    expect(board.problemsOf(group)).toEqual([]);
    expect(changes).toBeGreaterThanOrEqual(2);
  });

  it("looks more often while its verdict may turn", async () => {
    open({ when: "always", fall: 5 });
    problem = "slow";
    await passes(500 + 4 * 500);
    expect({ looks, told }).toEqual({ looks: 5, told: ["check.failed"] });
  });

  it("a look that hangs: ended at its time-out, one at a time, and says so", async () => {
    open({ when: "always", fall: 2 });
    takesMs = 60_000;
    await passes(20_000);
    expect(underMost).toBe(1);
    expect(board.problemsOf(group)).toEqual(["check port failed here: no answer within 2000 ms"]);
  });

  it("a look under way when the group goes, or the agent ends: ended, and what it found is nobody's", async () => {
    open({ fall: 1 });
    takesMs = 60_000;
    board.viewChanged(viewWhere("operational"));
    await passes(600);
    expect(under).toBe(1);
    board.viewChanged(viewWhere("handing-over"));
    await passes(0);
    expect({ under, told, state: state() }).toEqual({ under: 0, told: [], state: "unknown" });
  });

  it("a failure counts for a while after the group has gone, and twice as long when it fails again soon", async () => {
    open({ fall: 1, retryAfterMs: 10_000 });
    problem = "it answers 500";
    const unfitForMs = async (): Promise<number> => {
      board.viewChanged(viewWhere("operational"));
      await passes(1_000);
      board.viewChanged(viewWhere("standby"));
      let ms = 0;
      for (; board.problemsOf(group).length > 0; ms += 1_000) await passes(1_000);
      return ms;
    };
    expect([await unfitForMs(), await unfitForMs(), await unfitForMs()]).toEqual([10_000, 20_000, 40_000]);
    expect(told).toEqual(["check.failed", "check.failed", "check.failed"]);
    problem = null;
    board.viewChanged(viewWhere("operational"));
    await passes(15_000);
    expect(told.at(-1)).toMatch(/^recovered after/);
    problem = "it answers 500";
    // Well for longer than that, it begins with the shortest wait again.
    expect(await unfitForMs()).toBe(10_000);
  });

  it("nobody holds the group because nobody counts as fit: what cannot be judged is forgotten at once", async () => {
    open({ fall: 1 });
    problem = "it answers 500";
    board.viewChanged(viewWhere("operational"));
    await passes(1_000);
    board.viewChanged(viewWhere("standby"));
    expect(board.problemsOf(group)).toHaveLength(1);
    const before = changes;
    board.viewChanged(viewWhere("safe-halt"));
    expect(board.problemsOf(group)).toEqual([]);
    expect(changes).toBe(before + 1);
  });
});
