import { describe, expect, it } from "vitest";
import type { PathName } from "../../../../shared/domain/ids.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import { type ClusterStatus, clusterStatus } from "../../../../shared/domain/monitoring/cluster-status.ts";
import type { Observation } from "../../../../shared/domain/monitoring/observation.ts";
import {
  at,
  defaultGroup,
  following,
  healthySample,
  nodeId,
  sampleDocument,
  sampleEvent,
  takenOverSample,
} from "../../../functions/console/sample-cluster.ts";

const three = { nodeNames: ["node-a", "node-b", "node-c"] };
const [a, b, c] = [nodeId(10), nodeId(11), nodeId(12)];
const lanB = "lan-b" as PathName;
const short = ({ health, reason, since }: ClusterStatus) => ({ health, reason, since });

/** The sample with some reports changed, by the node's place. */
function withReports(sample: Observation, change: (report: Observation["reports"][number], index: number) => object): Observation {
  return { ...sample, reports: sample.reports.map((report, index) => ({ ...report, ...change(report, index) })) };
}

describe("cluster status: health, reason and since when", () => {
  it("every node up, a standby for the group, data in step: ok since the cluster's beginning", () => {
    expect(short(clusterStatus(healthySample(three)))).toEqual({
      health: "ok",
      reason: "all 3 nodes up, every group has an operational node and a standby, data in step",
      since: at(0),
    });
  });

  it("a trouble that has ended: ok since its end", () => {
    const sample = healthySample(three);
    const events = [
      sampleEvent(sample.document, b, 300, { kind: "node.returned", node: a, awayMs: 9_000 }),
      sampleEvent(sample.document, b, 291, { kind: "node.silent", node: a, silentMs: 420, cause: "heartbeats-missed" }),
    ];
    expect(clusterStatus({ ...sample, events }).since).toBe(at(300));
  });

  it("the operational node was killed and another took over: degraded since the silence, and the bypass is no second problem", () => {
    const status = clusterStatus(takenOverSample(three));
    expect(short(status)).toEqual({ health: "degraded", reason: "node-a is down", since: at(122.64) });
    expect(status.problems).toHaveLength(1);
  });

  it("no node has joined: empty, which is no trouble", () => {
    const document = sampleDocument({ nodeNames: [] });
    expect(clusterStatus({ document, reports: [], presence: [], events: [] }).health).toBe("empty");
  });

  it("one node alone: degraded, not redundant", () => {
    expect(clusterStatus(healthySample({ nodeNames: ["solo"] })).reason).toMatch(/not redundant/);
  });

  it("a whole site without contact: unknown since the last one went, and nobody is called down", () => {
    const sample = healthySample(three);
    const status = clusterStatus({
      ...sample,
      presence: sample.presence.map((one, index) => ({ ...one, connected: false, since: at(500 + index) })),
    });
    expect(short(status)).toEqual({
      health: "unknown",
      reason: "no node has contact with the cloud; the site itself may be working",
      since: at(502),
    });
    expect(status.nodes.map((node) => node.condition)).toEqual(["unknown", "unknown", "unknown"]);
    expect(status.groups[0]).toMatchObject({ holder: a, stale: true });
  });

  it("a group that nobody may hold: down, with the agents' reason", () => {
    const sample = withReports(healthySample(three), (report) => ({
      groups: report.groups.map((group) => ({ ...group, state: "safe-halt", holder: null })),
    }));
    const halt = sampleEvent(sample.document, b, 70, { kind: "group.safe-halt", group: defaultGroup, epoch: 1, reason: "no majority" });
    expect(short(clusterStatus({ ...sample, events: [halt] }))).toEqual({
      health: "down",
      reason: "no node is operational for group default: no majority",
      since: at(70),
    });
  });

  it("the holder is unfit and so is everybody: degraded with the agents' reasons, until it is over or another node holds the group", () => {
    const sample = healthySample(three);
    const reason = "node-a: check web failed here; node-b: not heard";
    const alone = sampleEvent(sample.document, a, 80, { kind: "group.nobody-fit", group: defaultGroup, epoch: 1, reason });
    const over = sampleEvent(sample.document, a, 90, { kind: "group.fit-again", group: defaultGroup, epoch: 1, unfitMs: 10_000 });
    const ofAnother = sampleEvent(sample.document, b, 80, { kind: "group.nobody-fit", group: defaultGroup, epoch: 1, reason });
    expect(short(clusterStatus({ ...sample, events: [alone] }))).toEqual({
      health: "degraded",
      reason: `node-a runs group default although it is not fit for it, as no node is: ${reason}`,
      since: at(80),
    });
    expect(short(clusterStatus({ ...sample, events: [over, alone] }))).toMatchObject({ health: "ok", since: at(90) });
    expect(clusterStatus({ ...sample, events: [ofAnother] }).health).toBe("ok");
  });

  it("the standbys are alive but must not take over: degraded with the reason of the next one", () => {
    const sample = withReports(healthySample({ nodeNames: ["node-a", "node-b"] }), (report, index) =>
      index === 0 ? {} : { groups: report.groups.map((group) => ({ ...group, ineligible: "its service check fails" })) },
    );
    expect(clusterStatus(sample).reason).toBe("group default has no standby: node-b its service check fails");
  });

  it("a data set that cannot be replicated: degraded, with what stands in the way", () => {
    const sample = withReports(healthySample(three), (_report, index) =>
      index === 1 ? { dataSets: [following({ phase: "refused", problem: "table calls has no primary key" })] } : {},
    );
    expect(clusterStatus(sample).reason).toBe("node-b cannot replicate crm: table calls has no primary key");
  });
});

describe("cluster status: nodes", () => {
  it("the cloud does not hear a node, a peer does: offline, not down, and it keeps its group", () => {
    const sample = healthySample(three);
    const status = clusterStatus({
      ...sample,
      presence: sample.presence.map((one) => (one.nodeId === a ? { ...one, connected: false, since: at(90) } : one)),
    });
    expect(status.nodes[0]).toMatchObject({
      condition: "offline",
      since: at(90),
      reason: "no contact with the cloud; node-b and node-c still hear it",
    });
    expect(status.groups[0]?.holder).toBe(a);
  });

  it("the cloud hears a node, no peer does: isolated", () => {
    const sample = withReports(healthySample(three), (report) => ({
      peers: report.peers.map((peer) => (peer.nodeId === c ? { ...peer, reachable: false } : peer)),
    }));
    expect(clusterStatus(sample).nodes.map((node) => node.condition)).toEqual(["up", "up", "isolated"]);
  });

  it("one of two paths between two nodes is lost, whoever misses it: one problem, since it was told", () => {
    const sample = withReports(healthySample(three), (report) => ({
      peers: report.peers.map((peer) => ({
        ...peer,
        paths: [
          { name: mainPath, heard: true },
          { name: lanB, heard: ![a, b].includes(report.nodeId) || ![a, b].includes(peer.nodeId) },
        ],
      })),
    }));
    const events = [sampleEvent(sample.document, a, 200, { kind: "path.silent", node: b, path: lanB, silentMs: 3_000 })];
    const status = clusterStatus({ ...sample, events });
    expect(status.problems).toEqual([
      { health: "degraded", text: "path lan-b between node-a and node-b is silent; they hear each other on another", since: at(200) },
    ]);
  });

  it("what a peer without connection says is not asked: it may be of long ago", () => {
    const sample = takenOverSample(three);
    const stale = withReports(sample, (report, index) =>
      index === 0 ? { peers: report.peers.map((peer) => ({ ...peer, reachable: false })) } : {},
    );
    expect(clusterStatus(stale).nodes.map((node) => node.condition)).toEqual(["down", "up", "up"]);
  });

  it("enrolled and never heard: joining", () => {
    const sample = healthySample(three);
    const status = clusterStatus({
      ...sample,
      reports: sample.reports
        .filter((report) => report.nodeId !== c)
        .map((report) => ({
          ...report,
          peers: report.peers.map((peer) => (peer.nodeId === c ? { ...peer, reachable: false, lastHeardMs: null } : peer)),
        })),
      presence: sample.presence.filter((one) => one.nodeId !== c),
    });
    expect(status.nodes[2]?.condition).toBe("joining");
  });

  it("up, but a learner: degraded until it has its vote, since the others cannot count on it", () => {
    const sample = healthySample(three);
    const nodes = sample.document.nodes.map((node) => (node.nodeId === c ? { ...node, voting: false } : node));
    const status = clusterStatus({ ...sample, document: { ...sample.document, nodes } });
    expect(status.health).toBe("degraded");
    expect(status.reason).toMatch(/ has joined, and has no vote yet$/);
  });
});

describe("cluster status: groups and ring", () => {
  it("a killed node's last report still claims the group: the living node with the higher epoch is believed", () => {
    const [group] = clusterStatus(takenOverSample(three)).groups;
    expect(group).toMatchObject({ holder: b, epoch: 2, since: at(123.12), stale: false });
    expect(group?.order.map((member) => member.standing)).toEqual(["away", "operational", "standby"]);
  });

  it("the holder's epoch has grown since it took over: it still holds the group since then", () => {
    const sample = withReports(takenOverSample(three), (report, index) =>
      index === 1 ? { groups: report.groups.map((group) => ({ ...group, epoch: 17 })) } : {},
    );
    expect(clusterStatus(sample).groups[0]).toMatchObject({ holder: b, epoch: 17, since: at(123.12) });
  });

  it("the events tell of another's takeover alone: since when is not known", () => {
    const sample = healthySample(three);
    const events = takenOverSample(three).events;
    expect(clusterStatus({ ...sample, events }).groups[0]).toMatchObject({ holder: a, since: null });
  });

  it("the new holder is still starting the resources: nobody is operational yet, and the reason says who is coming", () => {
    const sample = withReports(takenOverSample(three), (report, index) =>
      index === 1 ? { groups: report.groups.map((group) => ({ ...group, state: "starting" })) } : {},
    );
    const status = clusterStatus(sample);
    expect(status).toMatchObject({ health: "down", reason: "node-b is starting the resources of group default" });
    expect(status.groups[0]).toMatchObject({ holder: null, moving: { node: b, state: "starting" } });
  });

  it("two living nodes claim it (an old report on its way): the higher epoch counts", () => {
    const sample = withReports(healthySample(three), (report, index) =>
      index === 2 ? { groups: report.groups.map((group) => ({ ...group, state: "operational", epoch: 7, holder: c })) } : {},
    );
    expect(clusterStatus(sample).groups[0]).toMatchObject({ holder: c, epoch: 7 });
  });

  it("every node with its successor: a closed ring of expected links", () => {
    const { ring } = clusterStatus(healthySample(three));
    expect(ring.map(({ from, to, condition }) => [from, to, condition])).toEqual([
      [a, b, "expected"],
      [b, c, "expected"],
      [c, a, "expected"],
    ]);
  });

  it("a killed node: its link is idle, and its predecessor's is a bypass", () => {
    const { ring } = clusterStatus(takenOverSample(three));
    expect(ring.map(({ condition }) => condition)).toEqual(["idle", "expected", "bypass"]);
    expect(ring[2]).toMatchObject({ from: c, to: b, expected: a });
  });

  it("a following node without partner: red, and told as a problem", () => {
    const sample = withReports(healthySample(three), (_report, index) => (index === 1 ? { dataSets: [following()] } : {}));
    const status = clusterStatus(sample);
    expect(status.ring[1]?.condition).toBe("none");
    expect(status.reason).toBe("node-b synchronises with nobody");
  });

  it("one of two data sets is bypassed: the worse one colours the link, and the unacknowledged add up", () => {
    const sample = withReports(healthySample(three), (_report, index) =>
      index === 0
        ? {
            dataSets: [
              following({ syncingWith: { nodeId: b, expected: true }, unacknowledged: { changes: 2, oldestAgeMs: 40 } }),
              following({
                name: "voicemail",
                syncingWith: { nodeId: c, expected: false },
                unacknowledged: { changes: 3, oldestAgeMs: 90 },
              }),
            ],
          }
        : {},
    );
    expect(clusterStatus(sample).ring[0]).toMatchObject({ condition: "bypass", to: c, unacknowledged: 5, oldestAgeMs: 90 });
  });
});
