import type { GroupRun } from "../../shared/domain/failover/node-state.ts";
import type { Host } from "./host.ts";

/** L5: a halt has a name, and is told when it begins. */
export class HaltOracle {
  /** By the incarnation that told. */
  readonly #told = new Map<Host, number>();

  watch(host: Host, is: GroupRun): void {
    if (is.state !== "safe-halt") this.#told.delete(host);
  }

  tells(host: Host): void {
    if (host.state !== null) this.#told.set(host, host.state.incarnation);
  }

  isTold(host: Host): boolean {
    return host.state !== null && this.#told.get(host) === host.state.incarnation;
  }
}
