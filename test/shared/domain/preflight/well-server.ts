import type { NodeId } from "../../../../shared/domain/ids.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import type { PreflightFacts } from "../../../../shared/domain/preflight/preflight-facts.ts";

const nodeB = "node_00000000000000000002" as NodeId;
const mebibyte = 1_048_576;

/** A server on which everything is as it should be. */
export const wellServer: PreflightFacts = {
  system: {
    os: "Linux",
    kernel: "6.12.5-amd64",
    node: "24.1.0",
    sqlite: "3.50.1",
    agent: "0.1.0",
    processors: 4,
    memory: { totalBytes: 8_192 * mebibyte, availableBytes: 4_096 * mebibyte },
  },
  addresses: [
    {
      setting: "listen.host",
      host: "192.0.2.11",
      isNeeded: true,
      found: { value: { interfaceName: "eth0", address: "192.0.2.11/24", isLoopback: false, isUsable: true, isDynamic: false } },
    },
  ],
  virtualAddresses: [{ group: "default", name: "front", address: "192.0.2.10/24", interfaceName: { value: "eth0" } }],
  ports: [{ setting: "listen.heartbeatPort", where: "192.0.2.11:7400 (TCP)", state: "free" }],
  names: [{ name: "db.example.com", usedBy: "sharedData.crm.host", isNeeded: false, addresses: { value: ["198.51.100.7"] } }],
  others: [
    { nodeId: nodeB, name: "node-b", path: mainPath, port: "heartbeat", where: "192.0.2.12:7400", problem: null },
    { nodeId: nodeB, name: "node-b", path: mainPath, port: "replication", where: "192.0.2.12:7401", problem: null },
  ],
  controlPlane: { origin: "https://cloud.example.com", answer: { kind: "answered", clockAheadMs: 0 } },
  timeSource: { value: { program: "chrony", isSynchronised: true, detail: "by 192.0.2.1, 0.040 ms off", sources: ["192.0.2.1"] } },
  dataDirectory: { value: { path: "/var/lib/understudy", isThere: true } },
  disks: [
    {
      setting: "dataDir",
      path: "/var/lib/understudy",
      seen: { value: { fileSystem: "ext4", mountPoint: "/", freeBytes: 50_000 * mebibyte } },
      databaseBytes: 0,
    },
  ],
  databases: [{ dataSet: "crm", path: "/srv/crm.sqlite", found: { kind: "database", tables: 3, problems: [], isDeclared: false } }],
  tools: [{ tool: "ip", package: "iproute2", costs: "no virtual address can be held", isThere: true }],
  addressGate: { value: "the kernel takes the rules, as tried on eth0" },
  capabilities: { value: ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_NICE"] },
};
