import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";
import { deleteAddress, lifetimeS } from "./address-interface.ts";
import { monotonicUs, settledBy } from "./monotonic.ts";
import { feedProgram, runProgram } from "./system-program.ts";

const programMs = 2_000;
/** Several times in each lifetime, whatever the pace of the leases. */
const renewEveryMs = 200;

export interface AddressLifetimeOptions {
  /** With its prefix length. */
  readonly address: string;
  readonly family: 4 | 6;
  readonly interfaceName: string;
  /** The kernel refuses to renew it. Said once. */
  readonly onRefused: (reason: string) => void;
}

/**
 * An address that the kernel removes by itself when nobody renews it: within 3 s, since it counts in whole seconds. Renewals go
 * through one `ip` that lives as long as the address is held; a process for each would cost more than all the rest.
 */
export class AddressLifetime {
  readonly #options: AddressLifetimeOptions;
  #renewer: ChildProcess | null = null;
  #renewedUs: MonotonicUs = 0;
  #complained = false;
  #ended = false;

  constructor(options: AddressLifetimeOptions) {
    this.#options = options;
  }

  /** Null where the address is set, else why it is not. */
  async add(): Promise<string | null> {
    const result = await runProgram(["ip", "address", "replace", ...this.#arguments()], programMs);
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
    this.#renewer ??= this.#startRenewer();
    this.#renewer.stdin?.write(`address replace ${this.#arguments().join(" ")}\n`);
  }

  /** Rejects where the kernel keeps the address. */
  async remove(): Promise<void> {
    this.#ended = true;
    await this.#endRenewer();
    await deleteAddress(this.#options.address, this.#options.interfaceName);
  }

  #startRenewer(): ChildProcess {
    const renewer = feedProgram(["ip", "-force", "-batch", "-"], (complaint) => {
      if (!this.#complained && !this.#ended) this.#options.onRefused(`the kernel refuses to renew it: ${complaint}`);
      this.#complained = true;
    });
    renewer.once("exit", () => {
      if (this.#renewer === renewer) this.#renewer = null;
    });
    return renewer;
  }

  /** A renewal that it has read and not yet carried out must not come after the removal. */
  async #endRenewer(): Promise<void> {
    const renewer = this.#renewer;
    if (renewer === null) return;
    const ended = once(renewer, "exit");
    renewer.stdin?.end();
    if ((await settledBy(monotonicUs() + usFromMs(programMs), ended)) === undefined) renewer.kill("SIGKILL");
    await ended;
  }

  #arguments(): string[] {
    const { address, family, interfaceName } = this.#options;
    // A deprecated address (preferred for 0 s) answers, but is never the source of this node's own connections. The kernel keeps IPv4's
    // secondary addresses from that by itself. It need not look for duplicates: that was done, and it would take a second.
    const perFamily = family === 6 ? ["preferred_lft", "0", "nodad"] : ["preferred_lft", String(lifetimeS)];
    return [address, "dev", interfaceName, "valid_lft", String(lifetimeS), ...perFamily];
  }
}
