import { expect, it } from "vitest";
import type { PathName } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import type { NodeReport } from "../../../../shared/domain/monitoring/node-report.ts";
import { clusterPreflight } from "../../../../shared/domain/preflight/cluster-preflight.ts";
import type { UnreachedPort } from "../../../../shared/domain/preflight/preflight-report.ts";
import { healthySample, nodeId } from "../../../functions/console/sample-cluster.ts";

const { document, reports } = healthySample({ nodeNames: ["node-a", "node-b", "node-c"] });
const [a, b, c] = [10, 11, 12].map(nodeId) as [UnreachedPort["nodeId"], UnreachedPort["nodeId"], UnreachedPort["nodeId"]];
const lanB = "lan-b" as PathName;
const timeout = "gives no answer within 3 s";

const blocked = (
  to: UnreachedPort["nodeId"],
  port: UnreachedPort["port"] = "heartbeat",
  path = mainPath,
  problem = timeout,
): UnreachedPort => ({
  nodeId: to,
  path,
  port,
  problem,
});
const all = (to: UnreachedPort["nodeId"]) => [blocked(to), blocked(to, "replication")];

/** What each node has tried, in their order; null: it has not told. Everybody hears everybody but those that are `unheard`. */
function judged(
  tried: readonly (readonly UnreachedPort[] | null)[],
  of: Pick<ClusterDocument, "nodes" | "witness"> = document,
  unheard: readonly UnreachedPort["nodeId"][] = [],
): readonly (readonly [string | undefined, string, string])[] {
  const told = reports.flatMap((report, index): readonly NodeReport[] => {
    const unreached = tried[index];
    const peers = report.peers.map((peer) => ({ ...peer, reachable: !unheard.includes(peer.nodeId) }));
    if (unreached === undefined || unreached === null) return [{ ...report, peers }];
    const others = of.nodes.map((node) => node.nodeId).filter((node) => node !== report.nodeId);
    const beside = {
      reach: { tried: [...others, ...(of.witness === undefined ? [] : [of.witness.nodeId])], unreached },
      timeSource: { program: "chrony", isSynchronised: true, sources: [] },
    };
    return [{ ...report, peers, preflight: { at: "2026-11-22T10:00:00.000Z", ok: 1, findings: [], leftOut: 0, beside } }];
  });
  const results = clusterPreflight(of, told).cluster.filter(({ id }) => id === "node-ports");
  return results.map(({ subject, outcome, seen }) => [subject, outcome, seen]);
}

it("nobody has told; everybody reaches everybody", () => {
  expect(judged([null, null, null])).toEqual([[undefined, "ok", "no node has told yet"]]);
  expect(judged([[], [], []])).toEqual([[undefined, "ok", "all that was tried between 3 members is reached"]]);
});

it("one direction alone: named, with the server whose firewall it would be", () => {
  expect(judged([[blocked(b)], [], []])).toEqual([
    [
      "node-a and node-b",
      "fail",
      "node-b reaches node-a:7400, node-a does not reach node-b:7400 (gives no answer within 3 s): a firewall on node-b?",
    ],
  ]);
  expect(judged([[], [], [blocked(a, "replication", mainPath, "refuses connections")]])).toEqual([
    [
      "node-a and node-c",
      "fail",
      "node-a reaches node-c:7401, node-c does not reach node-a:7401 (refuses connections): a firewall on node-a?",
    ],
  ]);
});

it("neither direction: something between them; of one that has not told yet nothing is claimed", () => {
  expect(judged([[blocked(b)], [blocked(a)], []])[0]?.[2]).toBe(
    `node-a does not reach node-b:7400 (${timeout}), and node-b does not reach node-a:7400 (${timeout}): a firewall between them?`,
  );
  expect(judged([[blocked(b)], null, []])[0]?.[2]).toBe(
    `node-a does not reach node-b:7400 (${timeout}); node-b has not told of the way back`,
  );
});

it("a node that nobody reaches or hears does not run: one line, and what it told before accuses nobody", () => {
  expect(judged([all(c), all(c), []], document, [c])).toEqual([
    ["node-c", "warn", "node-a, node-b reach none of its ports and hear nothing of it: its agent does not run, or it is cut off"],
  ]);
});

it("a node that is heard but takes no connection has a firewall", () => {
  const found = judged([all(c), all(c), []]);
  expect(found.map(([subject, outcome]) => [subject, outcome])).toEqual([
    ["node-a and node-c", "fail"],
    ["node-b and node-c", "fail"],
  ]);
  expect(found[0]?.[2]).toMatch(/a firewall on node-c\?; .*7401 .*a firewall on node-c\?$/);
});

it("of two networks one is enough to go on, and told; a path that the document names no longer is not", () => {
  const nodes = document.nodes.map((node, index) =>
    index < 2 ? { ...node, paths: [{ name: lanB, host: `10.8.0.${index + 11}` }] } : node,
  );
  expect(judged([[blocked(b, "heartbeat", lanB)], [], []], { nodes })).toEqual([
    [
      "node-a and node-b",
      "warn",
      `node-b reaches node-a:7400 on path lan-b, node-a does not reach node-b:7400 on path lan-b (${timeout}): a firewall on node-b?`,
    ],
  ]);
  expect(judged([[blocked(c, "heartbeat", lanB)], [], []], { nodes })).toEqual([
    [undefined, "ok", "all that was tried between 3 members is reached"],
  ]);
});

it("a witness has one port", () => {
  const witness = {
    kind: "agent",
    nodeId: c,
    name: "witness",
    voting: true,
    host: "10.0.1.13",
    heartbeatPort: 7_400,
    certificateSha256: "c".repeat(64),
  } as const;
  const nodes = document.nodes.slice(0, 2);
  expect(judged([[blocked(c)], [], []], { nodes, witness })).toEqual([
    ["node-a and witness", "fail", `witness reaches node-a:7400, node-a does not reach witness:7400 (${timeout}): a firewall on witness?`],
  ]);
});
