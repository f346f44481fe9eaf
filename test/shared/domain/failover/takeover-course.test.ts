import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import type { LeaseRequest } from "../../../../shared/domain/failover/messages.ts";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import type { EventDetail } from "../../../../shared/domain/monitoring/cluster-event.ts";
import { b, c, group, requestsIn, TestNode } from "./test-node.ts";

type Takeover = Extract<EventDetail, { kind: "group.takeover" }>;

const takeoversIn = (effects: readonly Effect[]): Takeover[] =>
  effects.flatMap((effect) => (effect.type === "report" && effect.detail.kind === "group.takeover" ? [effect.detail] : []));
const heard = (node: NodeId, ageUs: number) => ({ node, ageUs, incarnation: 1, sequence: 1, quarantineUs: 0, readmissions: 0 });

/** Node b holds the group and falls silent at 1 s, while c is heard and tells when it last heard b; a asks, is granted by c, and starts. */
function takenOver(addresses: (nowUs: number) => Parameters<TestNode["take"]>[0], whileStarting: (node: TestNode) => void = () => {}) {
  const node = new TestNode();
  const operational = node.beatOf(b).groups.map((told) => ({ ...told, state: "operational", epoch: 3, highestAsked: 3, holder: b }));
  const lastHeard = [heard(node.state.nodeId, 0)];
  const grants = [{ group, to: b, toIncarnation: 1, epoch: 3, requestId: 9, remainingUs: 600_000 }];
  while (node.nowMs < 1_000) {
    node.hears(node.beatOf(b, { groups: operational, grants }));
    node.hears(node.beatOf(c));
    node.pass(100);
  }
  const silentSinceMs = node.nowMs - 100;
  let request: LeaseRequest | undefined;
  while (request === undefined && node.nowMs < 5_000) {
    const ageUs = (node.nowMs - silentSinceMs) * 1_000 + 5_000;
    node.hears(node.beatOf(c, { lastHeard: [...lastHeard, heard(b, ageUs)] }));
    request = requestsIn(node.pass(10))[0];
  }
  if (request === undefined) throw new Error("the node did not ask for the group");
  const askedAtMs = node.nowMs;
  node.pass(20);
  const start = node.hears(node.grantOf(c, request)).find((effect) => effect.type === "start-resources");
  if (start === undefined) throw new Error("the node did not start its resources");
  node.pass(30);
  whileStarting(node);
  const [takeover] = takeoversIn(node.take(addresses(node.nowMs * 1_000)));
  if (takeover?.course === undefined) throw new Error("no takeover was told with its course");
  return { takeover, course: takeover.course, sinceSilentMs: node.nowMs - silentSinceMs, sinceAskedMs: node.nowMs - askedAtMs };
}

const started = (addresses: Extract<Parameters<TestNode["take"]>[0], { type: "resources-started" }>["addresses"] = []) =>
  ({ type: "resources-started", group, epoch: 4, addresses }) as const;

describe("the record of a takeover", () => {
  it("tells every step, oldest first, on the one clock of the node that took over", () => {
    const { takeover, course, sinceSilentMs, sinceAskedMs } = takenOver(() => started());
    const { heardBeforeMs, silentBeforeMs, freeBeforeMs, askedBeforeMs } = course;
    expect({ heardBeforeMs, askedBeforeMs, startedInMs: takeover.startedInMs }).toEqual({
      heardBeforeMs: sinceSilentMs,
      askedBeforeMs: sinceAskedMs,
      startedInMs: 30,
    });
    const steps = [heardBeforeMs, silentBeforeMs, freeBeforeMs, askedBeforeMs, takeover.startedInMs].map((step) => step ?? Number.NaN);
    expect(steps).toEqual(steps.toSorted((one, other) => other - one));
    expect(takeover.silentMs).toBe(sinceSilentMs - 30);
  });

  it("tells for how long the old holder was silent when the group was won, though it was heard and lost again while the resources started", () => {
    const { takeover, course, sinceSilentMs } = takenOver(
      () => started(),
      (node) => {
        node.hears(node.beatOf(b));
        node.pass(20);
        node.take({ type: "connection-closed", peer: b, path: mainPath });
        expect(node.state.peers[b]?.silent).toBe(true);
      },
    );
    expect(takeover.silentMs).toBe(sinceSilentMs - 50);
    expect(course.heardBeforeMs).toBe(sinceSilentMs);
  });

  it("tells by which path the last word came, and what every other node in reach has heard", () => {
    const { course, sinceSilentMs } = takenOver(() => started());
    expect(course.paths).toEqual([{ path: mainPath, heardBeforeMs: sinceSilentMs }]);
    expect(course.heardByOthers).toEqual([{ node: c, heardBeforeMs: sinceSilentMs + 5 }]);
  });

  it("tells what was seen of the group's addresses, as instants before the resources ran", () => {
    const { course } = takenOver((nowUs) =>
      started([{ address: "10.0.0.9", probedUs: nowUs - 25_000, probeEndedUs: nowUs - 12_400, answeredBy: null, upUs: nowUs - 1_000 }]),
    );
    expect(course.addresses).toEqual([
      { address: "10.0.0.9", probedBeforeMs: 25, probeEndedBeforeMs: 12, answeredBy: null, upBeforeMs: 1 },
    ]);
  });

  it("an address that had fallen silent by this node's own questions: between which instants", () => {
    const look = { address: "10.0.0.9", answeredBy: null };
    const { course } = takenOver((nowUs) => {
      const seen = { probedUs: nowUs - 25_000, probeEndedUs: nowUs - 12_000, upUs: nowUs - 1_000 };
      return started([{ ...look, ...seen, sighting: { answeredUs: nowUs - 700_000, unansweredUs: nowUs - 650_400 } }]);
    });
    expect(course.addresses[0]?.sighting).toEqual({ answeredBeforeMs: 700, unansweredBeforeMs: 650 });
  });

  it("a group that nobody held before: nobody was heard, and its steps are there", () => {
    const node = new TestNode();
    const request = requestsIn([...node.hears(node.beatOf(b)), ...node.pass(100)])[0];
    if (request === undefined) throw new Error("the node did not ask for the group");
    node.hears(node.grantOf(b, request));
    node.pass(20);
    const [takeover] = takeoversIn(node.take({ ...started(), epoch: 1 }));
    expect(takeover).toMatchObject({ from: null, course: { heardBeforeMs: null, silentBeforeMs: null, paths: [], heardByOthers: [] } });
    expect(takeover?.course?.askedBeforeMs).toBeGreaterThanOrEqual(20);
  });
});
