import { z } from "zod";
import type { GatewayAnswer } from "../../shared/domain/failover/lookout.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { isSameAddress } from "../../shared/domain/membership/ip-address.ts";
import { findInterface, type InterfaceAddress, readAddresses, readVirtualAddress } from "./address-interface.ts";
import { type Probed, probeAddress } from "./address-probe.ts";
import { runIp } from "./ip-tool.ts";

/** Of a holder on a crowded machine, too. */
const answerMs = 60;

const routesSchema = z.array(z.object({ gateway: z.string().optional(), dev: z.string().optional() }));

/** A group with its addresses as the cluster document has them, each with its prefix length. */
export interface ProbedGroup {
  readonly group: GroupName;
  readonly addresses: readonly string[];
}

export interface Sighting {
  readonly answered: readonly GroupName[];
  readonly gateway: GatewayAnswer;
}

/** Asks the LAN who answers for these groups' addresses, and whether any of this machine's default gateways does. Throws where it cannot ask. */
export async function lookAtLan(groups: readonly ProbedGroup[]): Promise<Sighting> {
  const own = await readAddresses(runIp);
  const isAnswered = async ({ group, addresses }: ProbedGroup): Promise<readonly GroupName[]> => {
    const answers = await Promise.all(addresses.map((address) => mayBeHeld(address, own)));
    return answers.includes(true) ? [group] : [];
  };
  const [answered, gateway] = await Promise.all([Promise.all(groups.map(isAnswered)), askGateways()]);
  return { answered: answered.flat(), gateway };
}

/** What cannot be asked for counts as held: only a question that was put and not answered is silence. */
async function mayBeHeld(address: string, own: readonly InterfaceAddress[]): Promise<boolean> {
  const { subnet, host } = readVirtualAddress(address);
  const found = findInterface(subnet, own);
  if ("problem" in found || own.some((one) => isSameAddress(one, subnet))) return true;
  const { family } = subnet;
  return (await probeAddress(runIp, { host, family, ...found }, () => answerMs)) !== null;
}

async function askGateways(): Promise<GatewayAnswer> {
  const gateways = (await Promise.all(([4, 6] as const).map(gatewaysOf))).flat();
  if (gateways.length === 0) return "none";
  const answers = await Promise.all(gateways.map((gateway) => probeAddress(runIp, gateway, () => answerMs)));
  return answers.some((mac) => mac !== null) ? "answers" : "silent";
}

async function gatewaysOf(family: 4 | 6): Promise<readonly Probed[]> {
  const result = await runIp([`-${family}`, "route", "show", "default"]);
  if (!result.ok) {
    // A machine without this family has no routes of it.
    if (/not supported/i.test(result.reason)) return [];
    throw new Error(`the default gateways of this machine cannot be read: ${result.reason}`);
  }
  return routesSchema
    .parse(JSON.parse(result.output.trim() || "[]"))
    .flatMap(({ gateway, dev }) => (gateway === undefined || dev === undefined ? [] : [{ host: gateway, family, interfaceName: dev }]));
}
