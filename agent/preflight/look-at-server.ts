import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { PreflightResult } from "../../shared/domain/preflight/preflight-check.ts";
import { preflight } from "../../shared/domain/preflight/preflight-checks.ts";
import type { ControlPlaneFact, PreflightFacts } from "../../shared/domain/preflight/preflight-facts.ts";
import { type BesideOthers, besideOthers } from "../../shared/domain/preflight/preflight-report.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { readAddresses } from "../resources/address-interface.ts";
import { runIp } from "../resources/ip-tool.ts";
import { lookAtAddressGate } from "./look-at-address-gate.ts";
import { lookAtAddresses, lookAtVirtualAddresses } from "./look-at-addresses.ts";
import { lookAtDatabases } from "./look-at-databases.ts";
import { lookAtDataDirectory, lookAtDisks } from "./look-at-disks.ts";
import { lookAtNames } from "./look-at-names.ts";
import { lookAtOthers } from "./look-at-others.ts";
import { lookAtPorts } from "./look-at-ports.ts";
import { lookAtCapabilities, lookAtSystem, lookAtTools } from "./look-at-system.ts";
import { lookAtTimeSource } from "./look-at-time-source.ts";
import { within } from "./within.ts";

const addressesMs = 5_000;

export interface LookOptions {
  readonly settings: AgentSettings;
  /** Null: the node is not enrolled. */
  readonly member: { readonly nodeId: NodeId; readonly document: ClusterDocument } | null;
  readonly isAgentRunning: boolean;
  /** Null: it is not asked. */
  readonly askControlPlane: (() => Promise<ControlPlaneFact>) | null;
}

/** Looks at everything once and judges it; changes nothing. Each look has an end, and what cannot be seen is a result like any other. */
export async function lookAtServer(options: LookOptions): Promise<readonly PreflightResult[]> {
  return (await lookBesideOthers(options)).results;
}

/** With what the control plane needs to hold this server beside the others. */
export interface Looked {
  readonly results: readonly PreflightResult[];
  readonly beside: BesideOthers;
}

/** As `lookAtServer`. */
export async function lookBesideOthers(options: LookOptions): Promise<Looked> {
  const facts = await factsOf(options);
  return { results: preflight(facts), beside: besideOthers(facts) };
}

async function factsOf({ settings, member, isAgentRunning, askControlPlane }: LookOptions): Promise<PreflightFacts> {
  const all = await within(addressesMs, readAddresses(runIp));
  const [addresses, ports, names, others, controlPlane, timeSource, dataDirectory, disks, databases, tools, addressGate, capabilities] =
    await Promise.all([
      lookAtAddresses(settings, all),
      lookAtPorts(settings, isAgentRunning),
      lookAtNames(settings),
      member === null ? [] : lookAtOthers(member.nodeId, member.document),
      askControlPlane === null ? null : askControlPlane(),
      lookAtTimeSource(),
      lookAtDataDirectory(settings.dataDir),
      lookAtDisks(settings),
      lookAtDatabases(settings, member?.document ?? null),
      lookAtTools(),
      lookAtAddressGate(all),
      lookAtCapabilities(),
    ]);
  const virtualAddresses = member === null ? [] : lookAtVirtualAddresses(member.document, member.nodeId, all);
  const system = lookAtSystem();
  return {
    system,
    addresses,
    virtualAddresses,
    ports,
    names,
    others,
    controlPlane,
    timeSource,
    dataDirectory,
    disks,
    databases,
    tools,
    addressGate,
    capabilities,
  };
}
