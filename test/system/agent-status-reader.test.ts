import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TableDrift } from "../../agent/compare/drift-request.ts";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { type LocalApi, openLocalApi } from "../../agent/local/local-api.ts";
import { LocalClient } from "../../agent/local/local-client.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { certificateInOrder } from "../agent/local/certificate-in-order.ts";
import { agentProgram } from "../agent/processes/agent-program.ts";

const dataDir = mkdtempSync(join(tmpdir(), "us-"));
const settings = join(dataDir, "agent.yaml");
const socketPath = join(dataDir, "status.sock");
const status: AgentStatus = {
  node: {
    nodeId: "node_a" as NodeId,
    name: "node-a",
    role: "node",
    incarnation: 1,
    agentVersion: "0.1.0",
    pid: 1,
    guardianPid: null,
    quarantinedForMs: 0,
  },
  maintenance: null,
  cluster: { clusterId: "clus_a" as ClusterId, name: "hall", documentVersion: 1 },
  groups: [],
  peers: [],
  hears: [],
  probes: [],
  certificate: certificateInOrder,
  checks: [],
  ring: null,
  alarms: [],
  dataSets: [],
  sharedData: [],
  cloud: { state: "connected", since: "2026-01-02T03:04:05.678Z" },
  outbox: { waiting: 0, trouble: null },
  problems: [],
};
const drift: TableDrift = {
  dataSet: "calls",
  table: "call",
  from: "7",
  to: "9",
  rows: 2,
  others: ["node_b" as NodeId],
  repaired: 0,
  wrongHere: 2,
  rightHere: 0,
  undecided: 0,
  silent: [],
};
let quarantinedForMs = 0;
let api: LocalApi;

beforeAll(async () => {
  writeFileSync(settings, `name: node-a\ndataDir: ${dataDir}\nlisten: { host: 127.0.0.1 }\n`);
  api = await openLocalApi({
    socketPath,
    status: () => ({ ...status, node: { ...status.node, quarantinedForMs } }),
    gaps: () => ({ timing: "default", days: [] }),
    outlook: () => Promise.resolve(null),
    switchover: async () => null,
    maintenance: { begin: async () => {}, end: async () => {} },
    drills: async () => [],
    triggers: () => Promise.reject(new Error("there are no triggers")),
    trust: () => Promise.reject(new Error("nothing waits")),
    takeover: async () => null,
    releaseWithheld: () => Promise.reject(new Error("this node's clock is in no doubt, and nothing waits for it")),
    readmit: () => {
      quarantinedForMs = 0;
    },
    barrier: () => Promise.reject(new Error("there are no data sets")),
    files: () => Promise.reject(new Error("there are no data sets")),
    conflicts: () => Promise.reject(new Error("there are no data sets")),
    data: () => Promise.reject(new Error("there are no data sets")),
    drift: ({ kind }) =>
      Promise.resolve({ compared: [], drifts: kind === "compare" ? [drift] : [{ ...drift, repaired: 2, wrongHere: 0 }] }),
    records: (_request, response) => Promise.resolve(void response.writeHead(404).end("{}")),
    rotateCertificate: () => Promise.reject(new Error("there is no control plane")),
    detach: async () => ({ refusal: "there is nothing to leave" }),
  });
});
afterAll(async () => {
  await api.close();
  rmSync(dataDir, { recursive: true });
});

it("status --watch into a reader that has seen enough (head): ends by itself, and says nothing", async () => {
  const child = spawn(process.execPath, [agentProgram, "agent", "status", "--config", settings, "--watch", "--json"]);
  const told = child.stderr.setEncoding("utf8").toArray();
  const [first] = await once(child.stdout.setEncoding("utf8"), "data");
  expect(JSON.parse(String(first))).toEqual(status);
  child.stdout.destroy();
  const [code] = await once(child, "exit");
  expect((await told).join("")).toBe("");
  expect(code).toBe(0);
});

it("a switchover that cannot be asked for: what is wrong, on one line", async () => {
  const refusal = await new LocalClient(socketPath).switchover("Bad_Name", "node-b");
  expect(refusal).toBe("group must hold only lower-case letters, digits and hyphens");
});

it("readmit: waits until the quarantine is over, and says whether there was one", async () => {
  quarantinedForMs = 60_000;
  for (const wasQuarantined of [true, false]) {
    const child = spawn(process.execPath, [agentProgram, "agent", "readmit", "--config", settings, "--json"]);
    const printed = (await child.stdout.setEncoding("utf8").toArray()).join("");
    expect(JSON.parse(printed)).toEqual({ nodeId: "node_a", wasQuarantined });
  }
});

it("conflicts: what the agent refuses is told with its reason, in words and by exit code", async () => {
  const child = spawn(process.execPath, [agentProgram, "agent", "conflicts", "reapply", "1", "--config", settings]);
  const told = child.stderr.setEncoding("utf8").toArray();
  const [code] = await once(child, "exit");
  expect((await told).join("")).toContain("The agent refused: there are no data sets.");
  expect(code).toBe(21);
});

it("data compare and repair: rows that are not the same on all nodes end it with a code of its own, those that were put right do not", async () => {
  for (const [kind, expected] of [
    ["compare", 26],
    ["repair", 0],
  ] as const) {
    const child = spawn(process.execPath, [agentProgram, "agent", "data", kind, "--config", settings, "--json"]);
    const [told, printed] = [child.stderr.setEncoding("utf8").toArray(), child.stdout.setEncoding("utf8").toArray()];
    const [code] = await once(child, "exit");
    expect(JSON.parse((await printed).join(""))).toMatchObject({ drifts: [{ table: "call", rows: 2 }] });
    expect((await told).join("")).toContain(expected === 0 ? "" : "2 rows are not the same on all nodes");
    expect(code).toBe(expected);
  }
});
