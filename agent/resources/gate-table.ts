import type { IpAddress } from "../../shared/domain/membership/ip-address.ts";
import { runProgram } from "./system-program.ts";

const programMs = 2_000;
const strangersSet = "strangers";
/** Looks come far more often. Whoever makes up hardware addresses fills no memory. */
const strangersKeptS = 30;
const strangersMax = 16;

/** The nftables table that guards one virtual address on one interface. */
export interface GateTable {
  readonly name: string;
  readonly address: IpAddress;
  readonly host: string;
  readonly interfaceName: string;
  /** The interface's own hardware address; empty where it has none, and then nobody else is looked out for. */
  readonly mac: string;
}

/** Tells the tables of one agent's addresses from everything else on the machine. */
export function gatePrefix(directoryMark: string): string {
  return `understudy_${directoryMark.slice(0, 16)}_`;
}

export function gateName(directoryMark: string, address: IpAddress): string {
  return `${gatePrefix(directoryMark)}${hex(address)}`;
}

/** What renews the set: the guardian's port, and for each rung, in milliseconds, what its datagrams hold. */
export interface GatePulse {
  readonly port: number;
  readonly secrets: ReadonlyMap<number, Uint8Array>;
  /** For how long the set holds the port from the beginning; 0: not at all. */
  readonly ticketMs: number;
}

/**
 * The rules, in place of an older table of the name. A datagram with the secret of a rung on `port` renews, if the set `pulse` holds the port
 * still, both it and the address in the set `pass` for that rung's time; frames to and from the address need it there. Whoever else says that it
 * has the address is noted in the set `strangers`.
 */
export function gateRules(table: GateTable, { port, secrets, ticketMs }: GatePulse): string {
  const { name, address, interfaceName } = table;
  if (!/^[\w.@:-]{1,15}$/.test(interfaceName)) throw new Error(`the name of the interface ${interfaceName} cannot be written in a rule`);
  const { type, keys, claim, incoming, outgoing } = address.family === 4 ? ipv4Rules(table) : ipv6Rules(table);
  const noting = isMac(table.mac)
    ? `${claim} ether saddr != ${table.mac} update @${strangersSet} { ether saddr timeout ${strangersKeptS}s }`
    : "";
  const ticket = ticketMs === 0 ? "" : `elements = { ${port} timeout ${ticketMs}ms };`;
  const renewals = [...secrets].map(([ms, secret]) => {
    const passes = keys.map((key) => `update @pass { ${key} timeout ${ms}ms }`).join(" ");
    return `@th,64,128 0x${Buffer.from(secret).toString("hex")} udp dport @pulse update @pulse { udp dport timeout ${ms}ms } ${passes}`;
  });
  return `
table netdev ${name}
delete table netdev ${name}
table netdev ${name} {
  set pulse { type inet_service; flags dynamic,timeout; size 4; ${ticket} }
  set pass { type ${type}; flags dynamic,timeout; size 8; }
  set ${strangersSet} { type ether_addr; flags dynamic,timeout; size ${strangersMax}; }
  chain renewals {
    ${renewals.join("\n    ")}
  }
  chain renew { type filter hook ingress device "lo" priority 0; policy accept;
    ip daddr 127.0.0.1 udp dport ${port} jump renewals
  }
  chain incoming { type filter hook ingress device "${interfaceName}" priority 0; policy accept;
    ${[noting, ...incoming].join("\n    ")}
  }
  chain outgoing { type filter hook egress device "${interfaceName}" priority 0; policy accept;
    ${outgoing.join("\n    ")}
  }
}
`;
}

interface FamilyRules {
  readonly type: "ipv4_addr" | "ipv6_addr";
  /** What the set holds while traffic may pass. */
  readonly keys: readonly string[];
  /** A frame by which somebody says that it has the address. */
  readonly claim: string;
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
}

function ipv4Rules({ host }: GateTable): FamilyRules {
  return {
    type: "ipv4_addr",
    keys: [host],
    claim: `arp saddr ip ${host}`,
    // Another holder's announcement asks for its own address; it passes.
    incoming: [`ip daddr ${host} ip daddr != @pass drop`, `arp daddr ip ${host} arp saddr ip != ${host} arp daddr ip != @pass drop`],
    outgoing: [`ip saddr ${host} ip saddr != @pass drop`, `arp saddr ip ${host} arp saddr ip != @pass drop`],
  };
}

/** Neighbour discovery carries the address behind its header; whom it goes to is what the set can be asked for. */
function ipv6Rules({ host, address }: GateTable): FamilyRules {
  const low = hex(address).slice(-6);
  const askedAt = `ff02::1:ff${low.slice(0, 2)}:${low.slice(2)}`;
  const allNodes = "ff02::1";
  const target = `@th,64,128 0x${hex(address)}`;
  return {
    type: "ipv6_addr",
    keys: [host, askedAt, allNodes],
    claim: `icmpv6 type nd-neighbor-advert ${target}`,
    incoming: [`icmpv6 type nd-neighbor-solicit ${target} ip6 daddr != @pass drop`, `ip6 daddr ${host} ip6 daddr != @pass drop`],
    outgoing: [
      `icmpv6 type nd-neighbor-advert ${target} ip6 daddr ${allNodes} ip6 daddr != @pass drop`,
      `ip6 saddr ${host} ip6 saddr != @pass drop`,
    ],
  };
}

function isMac(text: string): boolean {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text);
}

/** Takes out who has said since the last time that it has the address: hardware addresses. Null where the table is not there any more. */
export async function takeStrangers(name: string): Promise<readonly string[] | null> {
  const listed = await runProgram(["nft", "list", "set", "netdev", name, strangersSet], programMs);
  if (!listed.ok) return null;
  const seen = listed.output.match(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g) ?? [];
  if (seen.length === 0) return [];
  const flushed = await runProgram(["nft", "flush", "set", "netdev", name, strangersSet], programMs);
  return flushed.ok ? [...new Set(seen)] : null;
}

/** Throws where it stays; one that has gone already is no error. */
export async function deleteGate(name: string): Promise<void> {
  // Adding what is there already changes nothing, and makes the deletion certain.
  const result = await runProgram(["nft", "-f", "-"], programMs, `table netdev ${name}\ndelete table netdev ${name}\n`);
  if (!result.ok) throw new Error(`the nftables table ${name} cannot be removed: ${result.reason}`);
}

/** Those that an earlier run of this directory's agent has left. None where nftables is missing or not for this user: it had made none then. */
export async function leftGates(directoryMark: string): Promise<readonly string[]> {
  const result = await runProgram(["nft", "list", "tables", "netdev"], programMs);
  if (!result.ok) return [];
  return [...result.output.matchAll(/^table netdev (\S+)$/gm)].flatMap(([, name = ""]) =>
    name.startsWith(gatePrefix(directoryMark)) ? [name] : [],
  );
}

function hex({ family, value }: IpAddress): string {
  return value.toString(16).padStart(family === 4 ? 8 : 32, "0");
}
