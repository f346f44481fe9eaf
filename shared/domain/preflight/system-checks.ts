import type { Judgement, PreflightCheck, PreflightOutcome } from "./preflight-check.ts";
import type { Seen, SystemFacts } from "./preflight-facts.ts";
import { preflightThresholds } from "./preflight-thresholds.ts";

const { kernelFail, kernelWarn, nodeMajorFail, memoryAvailableBytesWarn, memoryTotalBytesFail, processorsWarn } = preflightThresholds;
const mebibyte = 1_048_576;

/** By what a server loses without it. */
const wantedCapabilities: Readonly<Record<string, string>> = {
  CAP_NET_ADMIN: "it sets no virtual addresses",
  CAP_NET_RAW: "it announces no virtual addresses",
  CAP_SYS_NICE: "it runs at ordinary priority, and may be late on a busy machine",
};

/** The machine and what is installed on it. */
export const systemChecks: readonly PreflightCheck[] = [
  {
    id: "kernel",
    looksAt: "the operating system and its version",
    warns: `a Linux before ${kernelWarn.join(".")}: a virtual address is held by its lifetime alone, not by its lease`,
    fails: `no Linux, or one before ${kernelFail.join(".")}`,
    nextStep: "Run a newer kernel, as a maintained distribution has it.",
    judge: ({ system: { os, kernel } }) => [{ outcome: kernelOutcome(os, kernel), seen: `${os} ${kernel}` }],
  },
  {
    id: "versions",
    looksAt: "the versions of the agent, its runtime and its SQLite",
    warns: null,
    fails: `a Node.js before ${nodeMajorFail}`,
    nextStep: "Install the agent's package, which has a runtime of its own.",
    judge: ({ system: { node, sqlite, agent } }) => [
      { outcome: Number.parseInt(node, 10) < nodeMajorFail ? "fail" : "ok", seen: `agent ${agent}, Node.js ${node}, SQLite ${sqlite}` },
    ],
  },
  {
    id: "memory",
    looksAt: "the machine's memory, or that of the agent's control group where it is less",
    warns: `less than ${memoryAvailableBytesWarn / mebibyte} MiB available`,
    fails: `less than ${memoryTotalBytesFail / mebibyte} MiB in all`,
    nextStep: "Give the machine more memory, or raise the limit of the agent's unit.",
    judge: ({ system }) => [judgeMemory(system)],
  },
  {
    id: "processors",
    looksAt: "processors that the agent may use",
    warns: `fewer than ${processorsWarn}: heartbeats and replication share one`,
    fails: null,
    nextStep: "Give the machine another processor.",
    judge: ({ system: { processors } }) => [{ outcome: processors < processorsWarn ? "warn" : "ok", seen: String(processors) }],
  },
  {
    id: "tools",
    looksAt: "programs of the system that the agent calls",
    warns: "one is missing",
    fails: null,
    nextStep: "Install its package with the system's package manager.",
    judge: ({ tools }) =>
      tools.map(({ tool, package: from, costs, isThere }) => ({
        outcome: isThere ? "ok" : "warn",
        subject: tool,
        seen: isThere ? "installed" : `not installed (package ${from}): ${costs}`,
      })),
  },
  {
    id: "address-gate",
    looksAt: "whether the kernel takes the nftables rules that guard a virtual address; `nft` tries them, and changes nothing",
    warns: "it does not: an address is then held by its lifetime alone, up to 3 s",
    fails: null,
    nextStep: "Install nftables, run the agent as root or with CAP_NET_ADMIN, on a kernel with nf_tables and its netdev family.",
    judge: ({ addressGate }) => [
      "value" in addressGate ? { outcome: "ok", seen: addressGate.value } : { outcome: "warn", seen: addressGate.problem },
    ],
  },
  {
    id: "privileges",
    looksAt: "what the kernel lets the agent's user do; run preflight as that user",
    warns: `it lacks ${Object.keys(wantedCapabilities).join(", ")}`,
    fails: null,
    nextStep: "Run the agent as root, or give its unit these capabilities (AmbientCapabilities).",
    judge: ({ capabilities }) => [judgeCapabilities(capabilities)],
  },
];

function kernelOutcome(os: string, kernel: string): PreflightOutcome {
  if (os !== "Linux" || isBefore(kernel, kernelFail)) return "fail";
  return isBefore(kernel, kernelWarn) ? "warn" : "ok";
}

function isBefore(version: string, [wantedMajor, wantedMinor]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function judgeMemory({ memory }: SystemFacts): Judgement {
  const { totalBytes, availableBytes } = memory;
  const outcome = totalBytes < memoryTotalBytesFail ? "fail" : availableBytes < memoryAvailableBytesWarn ? "warn" : "ok";
  return { outcome, seen: `${Math.round(availableBytes / mebibyte)} of ${Math.round(totalBytes / mebibyte)} MiB available` };
}

function judgeCapabilities(capabilities: Seen<readonly string[]>): Judgement {
  if ("problem" in capabilities) return { outcome: "warn", seen: capabilities.problem };
  const missing = Object.entries(wantedCapabilities).filter(([name]) => !capabilities.value.includes(name));
  if (missing.length === 0) return { outcome: "ok", seen: `has ${Object.keys(wantedCapabilities).join(", ")}` };
  return { outcome: "warn", seen: missing.map(([name, cost]) => `no ${name}: ${cost}`).join("; ") };
}
