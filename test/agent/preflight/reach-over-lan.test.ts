import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseSettings } from "../../../agent/config/load-settings.ts";
import type { Looked } from "../../../agent/preflight/look-at-server.ts";
import { programFile } from "../../../agent/program-file.ts";
import type { NodeReport } from "../../../shared/domain/monitoring/node-report.ts";
import { clusterPreflight } from "../../../shared/domain/preflight/cluster-preflight.ts";
import { preflightReport } from "../../../shared/domain/preflight/preflight-report.ts";
import { testDocument, testNode } from "../cluster-signer.ts";
import { AddressLan, lanProblem } from "../processes/address-lan.ts";

const [heartbeat, replication] = [7_400, 7_401];
const nodes = [1, 2].map((number) => ({
  ...testNode(number, String(number).repeat(64), { heartbeat, replication }),
  host: `192.0.2.${number}`,
}));
const document = testDocument(nodes);

/** In place of an agent's listeners: what a firewall does is done before any of them is asked. */
const listening = `const { createServer } = require("node:net"); let ready = 0;
for (const port of [${heartbeat}, ${replication}]) createServer((s) => s.on("error", () => {})).listen(port, "0.0.0.0", () => ++ready === 2 && console.log("ready"));`;

const problem = lanProblem();
if (problem !== null) console.warn(`no firewall is looked through: ${problem}`);

describe.skipIf(problem !== null)("two servers and a firewall, by a real kernel", () => {
  let lan: AddressLan;

  beforeEach(async () => {
    lan = new AddressLan();
    for (const { name, host } of nodes) lan.addHost(name, [`${host}/24`]);
    await Promise.all(
      nodes.map(async ({ name }) => {
        const { stdout } = lan.start(name, process.execPath, "-e", listening);
        if (stdout !== null) await once(stdout, "data");
      }),
    );
  });
  afterEach(() => lan.close());

  /** As an agent that runs there does it every hour. */
  async function looked({ nodeId, name, host }: (typeof nodes)[number]): Promise<Looked> {
    const listen = { host, heartbeatPort: heartbeat, replicationPort: replication };
    const settings = parseSettings(stringify({ name, dataDir: "/nonexistent/understudy", listen }), "agent.yaml");
    const look = lan.start(name, process.execPath, programFile("server-look").pathname);
    look.stdin?.end(JSON.stringify({ settings, member: { nodeId, document } }));
    if (look.stdout === null) throw new Error("no standard output");
    return JSON.parse(await text(look.stdout)) as Looked;
  }

  it("one port is dropped and one is refused in one direction: both are named, with the server that has the firewall", async () => {
    const rules = ["tcp dport 7400 ct state new drop", `tcp dport 7401 ct state new reject with tcp reset`];
    const chain = "add table inet t; add chain inet t in { type filter hook input priority 0; }";
    lan.run("node-b", "nft", [chain, ...rules.map((rule) => `add rule inet t in ${rule}`)].join("; "));
    const looks = await Promise.all(nodes.map(looked));
    const reports = nodes.map(({ nodeId }, index): NodeReport => {
      const { results, beside } = looks[index] as Looked;
      const peers = nodes
        .filter((other) => other.nodeId !== nodeId)
        .map((other) => ({ nodeId: other.nodeId, reachable: true, lastHeardMs: 1 }));
      const preflight = preflightReport("2026-11-22T10:00:00.000Z", results, [], beside);
      const { clusterId, version: documentVersion } = document;
      return {
        clusterId,
        nodeId,
        at: preflight.at,
        agentVersion: "0.1.0",
        incarnation: 1,
        documentVersion,
        groups: [],
        peers,
        dataSets: [],
        preflight,
      };
    });
    const found = clusterPreflight(document, reports);
    expect(found.nodes.map(({ report }) => report?.findings.filter(({ id }) => id === "other-nodes"))).toEqual([
      [
        {
          id: "other-nodes",
          outcome: "warn",
          subject: "node-b",
          seen: "192.0.2.2:7400 gives no answer within 3 s; 192.0.2.2:7401 refuses connections",
        },
      ],
      [],
    ]);
    expect(found.cluster.find(({ id }) => id === "node-ports")).toMatchObject({
      outcome: "fail",
      subject: "node-a and node-b",
      seen:
        "node-b reaches node-a:7400, node-a does not reach node-b:7400 (gives no answer within 3 s): a firewall on node-b?; " +
        "node-b reaches node-a:7401, node-a does not reach node-b:7401 (refuses connections): a firewall on node-b?",
    });
  });
});
