import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentStatus } from "../../../agent/local/agent-status.ts";
import { openStatusPage } from "../../../agent/local/status-page.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { certificateInOrder } from "./certificate-in-order.ts";

const [a, b] = ["node_a", "node_b"] as [NodeId, NodeId];
const status: AgentStatus = {
  node: { nodeId: a, name: "node-a", role: "node", incarnation: 3, agentVersion: "1.0.0", pid: 1, guardianPid: 2, quarantinedForMs: 0 },
  maintenance: null,
  cluster: { clusterId: "k" as ClusterId, name: "Front & desk", documentVersion: 4 },
  groups: [],
  peers: [{ nodeId: b, name: "node-b", role: "node", reachable: true, detached: false, lastHeardMs: 12, paths: [] }],
  hears: [
    { nodeId: a, name: "node-a", isCurrent: true, hears: [{ nodeId: b, name: "node-b", lastHeardMs: 12 }] },
    { nodeId: b, name: "node-b", isCurrent: false, hears: [] },
  ],
  probes: [
    { probe: "web", kind: "http", node: b, nodeName: "node-b", verdict: "ko", stateForMs: 2_500, lastLookMs: 40, reason: "<script>" },
    { probe: "web", kind: "http", node: a, nodeName: "node-a", verdict: "ok", stateForMs: 100, lastLookMs: null, reason: null },
  ],
  certificate: certificateInOrder,
  checks: [],
  ring: null,
  alarms: [],
  dataSets: [],
  sharedData: [
    {
      dataSet: "billing",
      kind: "tcp",
      state: "failed",
      stateForMs: 9_000,
      lastLookMs: 300,
      reason: "connect ECONNREFUSED 192.0.2.9:3306",
      detectsWithinMs: 19_200,
    },
  ],
  cloud: { state: "connected", since: "2026-11-22T00:00:00.000Z" },
  outbox: { waiting: 0, trouble: null },
  problems: [],
};

describe("the status page", () => {
  let port = 0;
  let page = { close: () => Promise.resolve() };
  const ask = (path: string, method = "GET", host = `127.0.0.1:${port}`): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: "127.0.0.1", port, path, method, headers: { host } }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      });
      outgoing.on("error", reject).end();
    });

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    page = await openStatusPage({ port, status: () => status });
  });
  afterAll(() => page.close());

  it("shows who hears whom, and each node's services as seen from here", async () => {
    const { status: code, body } = await ask("/");
    expect(code).toBe(200);
    expect(body).toContain("<h1>node-a: Front &amp; desk</h1>");
    const lines = body.split("\n").map((line) => line.replaceAll(/ +/g, " "));
    expect(lines).toContain("HEARS node-a node-b");
    expect(lines).toContain("node-a - 12 ms ago");
    expect(lines).toContain("node-b (silent: as it told last) never -");
    expect(lines).toContain("web (http) node-b ko 2.5 s 40 ms ago &lt;script&gt;");
    expect(lines).toContain("web (http) node-a ok 0.1 s never -");
    expect(lines).toContain("billing (tcp) failed 9.0 s 300 ms ago 19.2 s connect ECONNREFUSED 192.0.2.9:3306");
    expect(body).not.toContain("<script>");
    expect(JSON.parse((await ask("/status")).body)).toEqual(status);
  });

  it("only shows, only what there is, and nothing to a page that has its own name point here", async () => {
    expect((await ask("/", "POST")).status).toBe(405);
    expect((await ask("/groups")).status).toBe(404);
    expect(await ask("/status", "GET", `evil.example:${port}`)).toEqual({ status: 403, body: "Ask for 127.0.0.1.\n" });
    expect((await ask("/status", "GET", `localhost:${port}`)).status).toBe(200);
  });
});
