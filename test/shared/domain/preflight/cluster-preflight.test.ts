import { expect, it } from "vitest";
import { clusterPreflight, nextStepOf } from "../../../../shared/domain/preflight/cluster-preflight.ts";
import { preflight } from "../../../../shared/domain/preflight/preflight-checks.ts";
import { preflightReport } from "../../../../shared/domain/preflight/preflight-report.ts";
import { healthySample } from "../../../functions/console/sample-cluster.ts";
import { wellServer } from "./well-server.ts";

const { document, reports } = healthySample({ nodeNames: ["node-a", "node-b", "node-c"] });
const [first, ...others] = reports;
if (first === undefined) throw new Error("there is a first node");
const report = preflightReport("2026-11-22T10:00:00.000Z", preflight({ ...wellServer, timeSource: { problem: "no chrony" } }), []);

it("nodes that are alike: each with its own report, and nothing of the cluster", () => {
  const { nodes, cluster } = clusterPreflight(document, [{ ...first, preflight: report }, ...others]);
  expect(nodes.map(({ name, report: own }) => [name, own])).toEqual([
    ["node-a", report],
    ["node-b", null],
    ["node-c", null],
  ]);
  expect(cluster.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok", "ok"]);
});

it("another version on one, and an address of another family on another: told, with who has which", () => {
  const nodes = document.nodes.map((node, index) => (index === 2 ? { ...node, host: "2001:db8::11" } : node));
  const { cluster } = clusterPreflight({ nodes }, [{ ...first, agentVersion: "0.2.0" }, ...others]);
  expect(cluster.slice(0, 2)).toMatchObject([
    { id: "agent-versions", outcome: "warn", seen: expect.stringMatching(/^0\.2\.0 on node-a; .* on node-b, node-c$/) as string },
    { id: "address-families", outcome: "warn", seen: "IPv4 on node-a, node-b; IPv6 on node-c" },
  ]);
  expect(cluster.slice(0, 2).every(({ nextStep }) => nextStep !== null)).toBe(true);
});

it("a check that only a newer agent has: where the next step stands", () => {
  expect(nextStepOf("clock")).toMatch(/timedatectl/);
  expect(nextStepOf("from-the-future")).toMatch(/understudy agent preflight/);
});
