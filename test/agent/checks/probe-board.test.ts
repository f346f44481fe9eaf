import { createServer, type Server } from "node:http";
import { afterEach, expect, it } from "vitest";
import { makeProbe } from "../../../agent/checks/make-probe.ts";
import { ProbeBoard } from "../../../agent/checks/probe-board.ts";
import { probeSettingsSchema } from "../../../agent/config/probe-settings.ts";
import type { NodeView } from "../../../shared/domain/failover/node-view.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { viewAt } from "../answers/views.ts";
import { answeringDocument, groupWith, nodeIds } from "../dns/answered-zone.ts";

const hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
const [a, b, c] = nodeIds as [NodeId, NodeId, NodeId];
const pace = { intervalMs: 100, retryIntervalMs: 100, fall: 2, rise: 1 };

/** The other two nodes' own words, of those on which somebody works. */
function viewWhere(inMaintenance: readonly NodeId[]): NodeView {
  const peers = [b, c].map((nodeId) => {
    const problems = inMaintenance.includes(nodeId) ? { default: "service sample failed here: x; it is in maintenance: a new disk" } : {};
    return { nodeId, reachable: true, detached: false, lastHeardMs: 1, paths: [], hears: [], problems };
  });
  return { ...viewAt(0, { default: "standby" }), peers };
}

/* Real web servers of three nodes, as one of them sees them. */
let board: ProbeBoard | undefined;
const servers: Server[] = [];
afterEach(async () => {
  await board?.close();
  for (const server of servers.splice(0)) server.close();
});

it("each service of each node has a verdict of its own, which follows what the node answers; a node that leaves is looked at no more", async () => {
  const [port = 0, closed = 0] = await freePorts(2);
  let isWell = true;
  const serve = (host: string): Promise<void> => {
    const server = createServer((_, response) => response.writeHead(isWell ? 200 : 500).end());
    servers.push(server);
    return new Promise((resolve) => {
      server.listen(port, host, resolve);
    });
  };
  await serve("127.0.0.2");
  await serve("127.0.0.3");
  let document: ClusterDocument = answeringDocument([groupWith([])], hosts);
  let worksHere = false;
  board = new ProbeBoard({
    nodeId: a,
    settings: {
      web: probeSettingsSchema.parse({ kind: "http", port, path: "/health", ...pace }),
      closed: probeSettingsSchema.parse({ kind: "tcp", port: closed, ...pace }),
    },
    make: makeProbe,
    document: () => document,
    isInMaintenance: () => worksHere,
    nowMs: () => performance.now(),
    chance: Math.random,
  });
  const verdicts = (): readonly string[] => board?.lines.map(({ probe, nodeName, verdict }) => `${probe} ${nodeName} ${verdict}`) ?? [];

  board.viewChanged(viewWhere([]));
  expect(verdicts()).toEqual(
    ["web", "closed"].flatMap((probe) => ["node-a", "node-b", "node-c"].map((node) => `${probe} ${node} unknown`)),
  );
  const allClosed = ["closed node-a ko", "closed node-b ko", "closed node-c ko"];
  await expect.poll(verdicts, { timeout: 5_000 }).toEqual(["web node-a ok", "web node-b ok", "web node-c ko", ...allClosed]);
  expect(board.lines.map(({ reason }) => reason?.includes("ECONNREFUSED") ?? null)).toEqual([null, null, true, true, true, true]);
  expect(board.lines.every(({ lastLookMs }) => lastLookMs !== null)).toBe(true);

  isWell = false;
  await expect.poll(() => board?.lines[1]?.verdict, { timeout: 5_000, interval: 10 }).toBe("ko");
  expect(board.lines[1]?.reason).toBe("it answered with status 500 in place of 200");
  isWell = true;
  worksHere = true;
  board.viewChanged(viewWhere([c]));
  expect(verdicts()[0]).toBe("web node-a maintenance");
  expect(verdicts()[2]).toBe("web node-c maintenance");

  worksHere = false;
  document = answeringDocument([groupWith([], "default", [])], hosts.slice(0, 2));
  board.viewChanged(viewWhere([]));
  expect(board.lines).toHaveLength(4);
  // Who stays is not looked at anew.
  expect(board.lines.filter(({ verdict }) => verdict === "unknown")).toEqual([]);
});
