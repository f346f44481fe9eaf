import { setTimeout as sleep } from "node:timers/promises";
import { isSameAddress, type SubnetAddress } from "../../shared/domain/membership/ip-address.ts";
import type { AddressResource } from "../../shared/domain/membership/resource.ts";
import type { AddressLook } from "../../shared/domain/monitoring/takeover-course.ts";
import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";
import { reasonOf } from "../agent-error.ts";
import { AddressAnnouncer } from "./address-announcer.ts";
import type { AddressGate } from "./address-gate.ts";
import type { AddressGates } from "./address-gates.ts";
import { deleteAddress, findInterface, lifetimeS, readAddresses, readVirtualAddress } from "./address-interface.ts";
import { AddressLifetime } from "./address-lifetime.ts";
import { probeAddress } from "./address-probe.ts";
import { AddressWatch } from "./address-watch.ts";
import { gateName } from "./gate-table.ts";
import type { IpSession } from "./ip-session.ts";
import type { IpSessions } from "./ip-sessions.ts";
import { monotonicUs, settledBy } from "./monotonic.ts";
import { type Resource, type ResourceTrace, refusedStart, type StartOutcome } from "./resource.ts";

/** A frozen holder's kernel drops the address within its lifetime and the second that it counts in; then nobody may answer. */
const lifetimeEndsMs = (lifetimeS + 1) * 1_000 + 200;
const probeAgainAfterMs = 50;
/**
 * How long a probe waits for an answer. Behind a gate a frozen holder cannot answer any more, so that a moment is enough to find a stranger; where
 * there is none its kernel may answer late on a crowded machine.
 */
const probeAnswerMs = { gated: 12, ungated: 60 } as const;
/** Traffic passes a few milliseconds after the address is set; on a crowded machine nobody waits longer for it than this. */
const gateOpensMs = 500;
/** The longest start that has an outcome: a probe that is answered to the end, and a few calls of the system's tools. */
export const addressStartMsMax = lifetimeEndsMs + 3_000;

export interface AddressOptions {
  readonly definition: AddressResource;
  /** Of this agent's data directory: names its rules in the kernel. */
  readonly directoryMark: string;
  /** Of this process. */
  readonly ips: IpSessions;
  readonly gates: AddressGates;
  /** It can no longer be held here. Said once a start. */
  readonly onFailed: (reason: string) => void;
  /** Somebody else answers for it, at this hardware address, although no node of the cluster may. */
  readonly onConflict: (mac: string) => void;
  /** It is set, and traffic passes; what was seen of it until then. */
  readonly onUp: (look: AddressLook) => void;
  /** Something that does not keep the address from being held, for the log. */
  readonly onTrouble: (reason: string) => void;
}

/** `stranger`: who answers after a frozen holder's kernel would have dropped the address. */
type Probe = Omit<AddressLook, "address" | "upUs"> & { readonly stranger: string | null };

/** A virtual address on this node: found its interface, asked who has it, set for a short time again and again, announced. Made anew for every start. */
export class Address implements Resource {
  readonly definition: AddressResource;
  readonly #options: AddressOptions;
  readonly #subnet: SubnetAddress;
  readonly #host: string;
  readonly #ip: IpSession;
  #untilUs: MonotonicUs = 0;
  #gate: AddressGate | null = null;
  #lifetime: AddressLifetime | null = null;
  #announcer: AddressAnnouncer | null = null;
  #watch: AddressWatch | null = null;
  #starting: Promise<StartOutcome> | null = null;
  #stopping = false;
  #stopped: Promise<void> | null = null;

  constructor(options: AddressOptions) {
    this.definition = options.definition;
    this.#options = options;
    this.#ip = options.ips.take();
    const { subnet, host } = readVirtualAddress(options.definition.address);
    this.#subnet = subnet;
    this.#host = host;
  }

  get trace(): ResourceTrace {
    const { name, address } = this.definition;
    return { kind: "address", name, address };
  }

  start(): Promise<StartOutcome> {
    this.#starting = this.#start().catch((error: unknown) => refusedStart(reasonOf(error)));
    return this.#starting;
  }

  hold(untilUs: MonotonicUs): void {
    this.#untilUs = untilUs;
    if (this.#stopping) return;
    this.#gate?.hold(untilUs);
    this.#lifetime?.renew();
  }

  /** After a part of the network came back: its hosts may have gone to another holder, or to none. */
  announce(): void {
    this.#announcer?.announce();
  }

  /** Takes a millisecond or two; the kernel removes it by itself where even that hangs, so there is nothing to do by force. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#announcer?.stop();
    // Whatever the start is at, it looks before its next step.
    await this.#starting;
    this.#announcer?.stop();
    const { ips, gates, onTrouble } = this.#options;
    try {
      await this.#lifetime?.remove();
    } finally {
      ips.end(this.#ip);
    }
    if (this.#gate !== null) gates.close(this.#gate, onTrouble);
  }

  async #start(): Promise<StartOutcome> {
    const addresses = await readAddresses(this.#ip.run);
    const found = findInterface(this.#subnet, addresses);
    if ("problem" in found) return refusedStart(`${this.definition.address} cannot be set on this node: ${found.problem}`);
    const { interfaceName, mac } = found;
    // One that an earlier guardian has left behind would hide from the probe who else has it.
    if (addresses.some((one) => isSameAddress(one, this.#subnet)))
      await deleteAddress(this.#ip.run, this.definition.address, interfaceName);
    // The gate before the address, so that not one frame passes without the lease; and open before it, since nobody answers yet.
    const [probe] = await Promise.all([this.#awaitSilence(interfaceName), this.#openGate(interfaceName, mac)]);
    const unwanted = this.#unwanted();
    if (unwanted !== null) return refusedStart(unwanted);
    const { stranger, ...seen } = probe;
    if (stranger !== null) this.#options.onConflict(stranger);
    const { address } = this.definition;
    const { family } = this.#subnet;
    this.#lifetime = new AddressLifetime({ run: this.#ip.run, address, family, interfaceName, onRefused: this.#options.onFailed });
    const refusal = await this.#lifetime.add();
    if (refusal !== null) return refusedStart(refusal);
    await settledBy(monotonicUs() + usFromMs(gateOpensMs), this.#gate?.opened ?? Promise.resolve());
    const late = this.#unwanted();
    if (late !== null) return refusedStart(late);
    this.#announcer = new AddressAnnouncer({ host: this.#host, family, interfaceName, onTrouble: this.#options.onTrouble });
    this.#announcer.contest(stranger !== null);
    this.#watch = this.#watchFor(stranger, this.#announcer);
    this.#options.onUp({ address: this.#host, ...seen, upUs: monotonicUs() });
    return { started: true };
  }

  /** Without nftables the address has its lifetime alone: seconds in place of milliseconds where everything is frozen or killed. */
  async #openGate(interfaceName: string, mac: string): Promise<void> {
    const { directoryMark, gates, onTrouble } = this.#options;
    const name = gateName(directoryMark, this.#subnet);
    const onGivenUp = (reason: string): void =>
      onTrouble(`address ${this.#host} is guarded by its lifetime of ${lifetimeS} s alone, not by nftables: ${reason}`);
    const onRestored = (): void =>
      onTrouble(`somebody had removed the nftables rules that guard address ${this.#host}; they were put back`);
    try {
      const table = { name, address: this.#subnet, host: this.#host, interfaceName, mac };
      this.#gate = await gates.open(table, { onGivenUp, onRestored, onLook: (strangers) => this.#looked(strangers) });
      if (!this.#stopping) this.#gate.hold(this.#untilUs);
    } catch (error) {
      onGivenUp(reasonOf(error));
    }
  }

  #watchFor(stranger: string | null, announcer: AddressAnnouncer): AddressWatch {
    const { onConflict, onTrouble } = this.#options;
    return new AddressWatch(stranger, {
      ask: () => announcer.ask(),
      lookAgain: (afterMs) => this.#gate?.lookAgain(afterMs),
      defend: (isContested) => announcer.contest(isContested),
      onConflict,
      onOver: () => onTrouble(`nobody else answers for address ${this.#host} any more`),
    });
  }

  /** Whoever has lost the lease has nothing to defend. */
  #looked(strangers: readonly string[]): void {
    if (this.#unwanted() === null) this.#watch?.look(strangers);
  }

  /**
   * Silence means that nobody holds the address here: it may be set at once, and a dead holder costs no wait. An answer means a
   * holder that is frozen, until its kernel drops the address, or a stranger, whose hardware address is returned.
   */
  async #awaitSilence(interfaceName: string): Promise<Probe> {
    const probedUs = monotonicUs();
    const untilUs = probedUs + usFromMs(lifetimeEndsMs);
    const probed = { host: this.#host, family: this.#subnet.family, interfaceName };
    let answeredBy: string | null = null;
    for (;;) {
      const holder = await probeAddress(this.#ip.run, probed, () => (this.#gate === null ? probeAnswerMs.ungated : probeAnswerMs.gated));
      answeredBy = holder ?? answeredBy;
      if (holder === null || this.#unwanted() !== null || monotonicUs() >= untilUs)
        return { stranger: holder, probedUs, probeEndedUs: monotonicUs(), answeredBy };
      await sleep(probeAgainAfterMs);
    }
  }

  #unwanted(): string | null {
    if (this.#stopping) return "it was stopped while it started";
    return this.#untilUs <= monotonicUs() ? "this node's lease for the group ended before it could start" : null;
  }
}
