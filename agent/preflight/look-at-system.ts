import { readFile } from "node:fs/promises";
import { availableParallelism, release, totalmem, type } from "node:os";
import type { PreflightFacts, SystemFacts, ToolFact } from "../../shared/domain/preflight/preflight-facts.ts";
import { isInstalled } from "../resources/system-program.ts";
import { agentVersion } from "../version.ts";
import { within } from "./within.ts";

const readMs = 5_000;

export function lookAtSystem(): SystemFacts {
  const constrained = process.constrainedMemory();
  return {
    os: type(),
    kernel: release(),
    node: process.versions.node,
    sqlite: process.versions["sqlite"] ?? "unknown",
    agent: agentVersion,
    processors: availableParallelism(),
    memory: {
      // Without a limit it is 0, or far more than there is.
      totalBytes: constrained > 0 ? Math.min(constrained, totalmem()) : totalmem(),
      availableBytes: process.availableMemory(),
    },
  };
}

const tools: readonly Omit<ToolFact, "isThere">[] = [
  { tool: "ip", package: "iproute2", costs: "no virtual address can be held" },
  { tool: "nft", package: "nftables", costs: "a virtual address is held by its lifetime alone, up to 3 s" },
  { tool: "arping", package: "iputils-arping", costs: "clients find an IPv4 address that has moved up to a minute late" },
  { tool: "ndptool", package: "libndp-tools", costs: "clients find an IPv6 address that has moved up to a minute late" },
  { tool: "setpriv", package: "util-linux", costs: "a service outlives its guardian until the agent has noticed" },
  { tool: "chrt", package: "util-linux", costs: "the agent runs at ordinary priority, and may be late on a busy machine" },
];

export function lookAtTools(): Promise<readonly ToolFact[]> {
  return Promise.all(tools.map(async (one) => ({ ...one, isThere: await isInstalled(one.tool) })));
}

/** Numbers of the kernel (capabilities(7)). */
const capabilityNumbers = { CAP_NET_BIND_SERVICE: 10, CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_NICE: 23 } as const;

export function lookAtCapabilities(): Promise<PreflightFacts["capabilities"]> {
  return within(readMs, readFile("/proc/self/status", "utf8").then(capabilitiesIn));
}

/** What the line `CapEff` of a process's status says. */
export function capabilitiesIn(status: string): readonly string[] {
  const [, hex] = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status) ?? [];
  if (hex === undefined) throw new Error("the kernel does not say what this process may do");
  const set = BigInt(`0x${hex}`);
  return Object.entries(capabilityNumbers).flatMap(([name, number]) => (((set >> BigInt(number)) & 1n) === 1n ? [name] : []));
}
