import type { IpAddress } from "../../shared/domain/membership/ip-address.ts";
import type { PreflightFacts, Seen } from "../../shared/domain/preflight/preflight-facts.ts";
import type { InterfaceAddress } from "../resources/address-interface.ts";
import { gateRules } from "../resources/gate-table.ts";
import { runProgram } from "../resources/system-program.ts";
import { within } from "./within.ts";

const programMs = 3_000;
/** Of a network that is for documentation alone (RFC 5737): nobody's. */
const host = "192.0.2.1";
const address: IpAddress = { family: 4, value: 0xc0_00_02_01n };

/** Has the kernel judge the rules that would guard an address (`nft --check`): it takes them apart, and nothing of them stays. */
export function lookAtAddressGate(all: Seen<readonly InterfaceAddress[]>): Promise<PreflightFacts["addressGate"]> {
  const usable = "value" in all ? all.value.find(({ isUsable }) => isUsable) : undefined;
  return within(2 * programMs, tried(usable?.interfaceName ?? "lo"));
}

async function tried(interfaceName: string): Promise<string> {
  const table = { name: "understudy_preflight", address, host, interfaceName, mac: "" };
  const rules = gateRules(table, { port: 9, secrets: new Map([[100, new Uint8Array(16)]]), ticketMs: 0 });
  const result = await runProgram(["nft", "--check", "--file", "-"], programMs, rules);
  if (!result.ok) throw new Error(result.reason);
  return `the kernel takes the rules, as tried on ${interfaceName}`;
}
