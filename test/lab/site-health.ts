import { setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus, GroupLine } from "../../agent/local/agent-status.ts";
import type { LabGroup } from "./lab-group.ts";
import type { LabHost } from "./lab-host.ts";

interface Told {
  readonly host: LabHost;
  readonly status: AgentStatus;
}

interface Parts {
  readonly hosts: readonly LabHost[];
  readonly witness: LabHost | null;
  readonly groups: readonly LabGroup[];
}

/**
 * Who holds each group, by the group's name. Throws with the first thing that is wrong: every group has one holder, which alone has its address
 * and answers the client, everybody else is fit and connected, and the witness can give its vote.
 */
export async function holdersOf(
  { hosts, witness, groups }: Parts,
  whoAnswers: (group: string) => string | undefined,
): Promise<ReadonlyMap<string, LabHost>> {
  const told = await Promise.all(hosts.map(async (host) => ({ host, status: await host.status() })));
  const holders = new Map(groups.map((group) => [group.name, holderOf(group.name, told)]));
  for (const { host, status } of told) {
    const trouble = troubleOf(status) ?? (await addressTrouble(host, groups, holders));
    if (trouble !== null) throw new Error(`${host.name}: ${trouble}`);
  }
  const witnessIsIll = witness === null ? null : witnessTrouble(await witness.status());
  if (witnessIsIll !== null) throw new Error(`the witness: ${witnessIsIll}`);
  await sleep(50);
  for (const [group, holder] of holders) {
    const answering = whoAnswers(group);
    if (answering !== holder.name)
      throw new Error(`${answering ?? "nobody"} answers the client for group ${group}, and ${holder.name} is operational`);
  }
  return holders;
}

function holderOf(group: string, told: readonly Told[]): LabHost {
  const lines = told.map(({ host, status }) => ({ host, line: status.groups.find(({ name }) => name === group) }));
  const holding = lines.filter(({ line }) => line?.state === "operational");
  const [holder] = holding.map(({ host }) => host);
  if (holder === undefined || holding.length > 1) throw new Error(`${holding.length} nodes are operational for group ${group}`);
  for (const { host, line } of lines) {
    const trouble = line === undefined ? `it does not know group ${group}` : groupTrouble(line, holder.name);
    if (trouble !== null) throw new Error(`${host.name}: ${trouble}`);
  }
  return holder;
}

function groupTrouble({ name, holderName, state, reason, ineligible }: GroupLine, holder: string): string | null {
  if (holderName !== holder) return `it takes ${holderName ?? "nobody"} for the holder of group ${name} (${state}: ${reason})`;
  if (!["operational", "standby"].includes(state)) return `it is ${state} for group ${name}: ${reason}`;
  return ineligible === null ? null : `it cannot take group ${name}: ${ineligible}`;
}

/** A witness that has just started gives its vote to nobody yet. */
function witnessTrouble(status: AgentStatus): string | null {
  const silent = status.groups.find(({ state }) => state !== "standby");
  return silent === undefined ? troubleOf(status) : `it is ${silent.state} for group ${silent.name}: ${silent.reason}`;
}

function troubleOf({ peers, cloud, outbox }: AgentStatus): string | null {
  const silent = peers.find(({ reachable }) => !reachable);
  if (silent !== undefined) return `it does not hear ${silent.name}`;
  const deaf = peers.flatMap(({ name, paths }) => paths.flatMap((path) => (path.heard ? [] : [`${name} on ${path.name}`])));
  if (deaf.length > 0) return `it does not hear ${deaf.join(", ")}`;
  if (cloud.state !== "connected") return `it has no connection to the cloud: ${cloud.reason}`;
  return outbox.waiting === 0 ? null : `${outbox.waiting} events wait for the cloud`;
}

async function addressTrouble(host: LabHost, groups: readonly LabGroup[], holders: ReadonlyMap<string, LabHost>): Promise<string | null> {
  const has = await host.machine.groupAddresses();
  for (const { name, address } of groups) {
    const shouldHave = holders.get(name) === host;
    if (has.includes(address) === shouldHave) continue;
    return shouldHave
      ? `it is operational for group ${name} without its address`
      : `it has the address of group ${name} and is not operational`;
  }
  return null;
}
