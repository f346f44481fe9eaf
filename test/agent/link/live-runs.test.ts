import { expect, test } from "vitest";
import { type Caller, isOneOf, isRun, LiveRuns, plainAddress, type RunConnection, type Twin } from "../../../agent/link/live-runs.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";

const peer = "node_00000000000000000001" as NodeId;
const atHome: Caller = { peer, run: "first", address: "192.0.2.1", isAtHome: true };
const elsewhere: Caller = { peer, run: "second", address: "192.0.2.9", isAtHome: false };
const alive = (): RunConnection => ({ silentMs: 100 });
const silent = (): RunConnection => ({ silentMs: 60_000 });

function watched() {
  const twins: Twin[] = [];
  return { twins, runs: new LiveRuns<RunConnection>((twin) => twins.push(twin)) };
}

test("a copy of a live node's machine knocks: turned away each time, and told once it has knocked for five seconds", () => {
  const { runs, twins } = watched();
  expect(runs.admit(atHome, alive(), 0)).toEqual({ admitted: true, ousted: [] });
  for (const nowMs of [1_000, 3_000, 5_900]) expect(runs.admit(elsewhere, alive(), nowMs)).toMatchObject({ admitted: false });
  expect(twins).toEqual([]);
  for (const nowMs of [6_000, 6_100, 20_000]) expect(runs.admit(elsewhere, alive(), nowMs)).toMatchObject({ admitted: false });
  expect(twins).toEqual([{ peer, address: "192.0.2.9", run: "second" }]);
});

test("a copy that is started over and over is told every ten minutes at most", () => {
  const { runs, twins } = watched();
  runs.admit(atHome, alive(), 0);
  for (let nowMs = 1_000; nowMs < 1_300_000; nowMs += 1_000) {
    runs.admit({ ...elsewhere, run: `run ${Math.floor(nowMs / 20_000)}` }, alive(), nowMs);
  }
  expect(twins).toHaveLength(3);
});

test("the node is restarted while its copy knocks: the copy finds no place free, and the node does", () => {
  const { runs } = watched();
  const first = alive();
  runs.admit(atHome, first, 0);
  for (const nowMs of [1_000, 7_000]) runs.admit(elsewhere, alive(), nowMs);
  runs.left(peer, first);
  expect(runs.admit(elsewhere, alive(), 7_100)).toMatchObject({
    admitted: false,
    reason: expect.stringMatching(/was here while another run/) as unknown,
  });
  expect(runs.admit({ ...atHome, run: "again" }, alive(), 7_200)).toMatchObject({ admitted: true });
});

test("an agent that starts anew while its last run's connection is not yet known to be dead is let in as soon as that has been silent, and is no copy", () => {
  const { runs, twins } = watched();
  const [last, again] = [silent(), alive()];
  runs.admit(atHome, last, 0);
  expect(runs.admit({ ...atHome, run: "again" }, again, 3_000)).toEqual({ admitted: true, ousted: [last] });
  // What closes late is the earlier run's.
  runs.left(peer, last);
  expect(runs.admit(elsewhere, alive(), 3_100)).toMatchObject({ admitted: false });
  expect(twins).toEqual([]);
});

test("a copy came first, and the node comes back at its own address: the copy's connections are closed, and it is turned away from then on", () => {
  const { runs } = watched();
  const [one, other] = [alive(), alive()];
  runs.admit(elsewhere, one, 0);
  runs.admit(elsewhere, other, 10);
  expect(runs.admit(atHome, alive(), 20)).toEqual({ admitted: true, ousted: [one, other] });
  expect(runs.admit(elsewhere, alive(), 30)).toMatchObject({ admitted: false });
});

test("two machines of one identity at one address: whoever is here and alive stays, and when it has gone the other one is let in", () => {
  const { runs } = watched();
  const first = alive();
  runs.admit(atHome, first, 0);
  expect(runs.admit({ ...atHome, run: "other" }, alive(), 10)).toMatchObject({
    admitted: false,
    reason: expect.stringMatching(/at 192\.0\.2\.1, is connected and alive.*enrol it anew/) as unknown,
  });
  runs.left(peer, first);
  expect(runs.admit({ ...atHome, run: "other" }, alive(), 20)).toEqual({ admitted: true, ousted: [] });
});

test("one run has several connections, and counts as alive while one of them is", () => {
  const { runs } = watched();
  runs.admit(elsewhere, silent(), 0);
  runs.admit(elsewhere, alive(), 0);
  expect(runs.admit({ ...elsewhere, run: "other" }, alive(), 10)).toMatchObject({ admitted: false });
});

test("a run is a random UUID; an address is at home as an address, and never by a name", () => {
  expect([isRun("0c5f2a8e-8f8d-4f8b-9d0e-2f6d3c1b7a90"), isRun("0c5f2a8e"), isRun("a/../b")]).toEqual([true, false, false]);
  expect([isOneOf("192.0.2.1", ["192.0.2.1"]), isOneOf("192.0.2.1", ["node-a"]), isOneOf("node-a", ["node-a"])]).toEqual([
    true,
    false,
    false,
  ]);
  expect([plainAddress("::ffff:192.0.2.1"), plainAddress("fd00::1"), plainAddress(undefined)]).toEqual([
    "192.0.2.1",
    "fd00::1",
    "an unknown address",
  ]);
});
