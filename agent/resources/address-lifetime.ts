import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";
import { deleteAddress, lifetimeS } from "./address-interface.ts";
import { type RunIp, runIp } from "./ip-tool.ts";
import { monotonicUs } from "./monotonic.ts";
import type { ProgramResult } from "./system-program.ts";

/** Several times in each lifetime, whatever the pace of the leases. */
const renewEveryMs = 200;

export interface AddressLifetimeOptions {
  /** One command after the other, in the order of the calls. */
  readonly run: RunIp;
  /** With its prefix length. */
  readonly address: string;
  readonly family: 4 | 6;
  readonly interfaceName: string;
  /** The kernel refuses to renew it. Said once. */
  readonly onRefused: (reason: string) => void;
}

/** An address that the kernel removes by itself when nobody renews it: within 3 s, since it counts in whole seconds. */
export class AddressLifetime {
  readonly #options: AddressLifetimeOptions;
  #renewedUs: MonotonicUs = 0;
  #complained = false;
  #ended = false;

  constructor(options: AddressLifetimeOptions) {
    this.#options = options;
  }

  /** Null where the address is set, else why it is not. */
  async add(): Promise<string | null> {
    const result = await this.#set();
    if (!result.ok) {
      const denied = /Operation not permitted|Permission denied/.test(result.reason);
      return denied ? "this agent may not set addresses: run it as root or with CAP_NET_ADMIN" : result.reason;
    }
    this.#renewedUs = monotonicUs();
    return null;
  }

  /** Cheap, and needed only now and then: called with every beat of the lease. */
  renew(): void {
    const nowUs = monotonicUs();
    if (this.#ended || nowUs - this.#renewedUs < usFromMs(renewEveryMs)) return;
    this.#renewedUs = nowUs;
    void this.#renewOnce();
  }

  /** No renewal comes after it. Rejects where the kernel keeps the address. */
  async remove(): Promise<void> {
    this.#ended = true;
    const { run, address, interfaceName } = this.#options;
    // Whatever could not be done so, one more try by a process of its own tells for certain.
    await deleteAddress(run, address, interfaceName).catch(() => deleteAddress(runIp, address, interfaceName));
  }

  async #renewOnce(): Promise<void> {
    const result = await this.#set();
    if (result.ok || this.#complained || this.#ended) return;
    this.#complained = true;
    this.#options.onRefused(`the kernel refuses to renew it: ${result.reason}`);
  }

  #set(): Promise<ProgramResult> {
    const { run, address, family, interfaceName } = this.#options;
    // A deprecated address (preferred for 0 s) answers, but is never the source of this node's own connections. The kernel keeps IPv4's
    // secondary addresses from that by itself. It need not look for duplicates: that was done, and it would take a second.
    const perFamily = family === 6 ? ["preferred_lft", "0", "nodad"] : ["preferred_lft", String(lifetimeS)];
    return run(["address", "replace", address, "dev", interfaceName, "valid_lft", String(lifetimeS), ...perFamily]);
  }
}
