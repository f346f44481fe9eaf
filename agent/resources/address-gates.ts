import { setImmediate } from "node:timers/promises";
import { reasonOf } from "../agent-error.ts";
import { AddressGate, type GateNews } from "./address-gate.ts";
import { deleteGate, type GateTable } from "./gate-table.ts";

/** The gates of one process: taking the rules of one away takes the kernel longer than all the rest of a takedown, and without its address nothing passes. */
export class AddressGates {
  readonly #closing = new Map<string, Promise<void>>();

  /** As `AddressGate.open`, once no earlier gate of the name is on its way out. */
  async open(table: GateTable, news: GateNews): Promise<AddressGate> {
    await this.#closing.get(table.name);
    return AddressGate.open(table, news);
  }

  /** Its address must be off. Nobody waits for its rules to go; `onStays` hears where they do not. */
  close(gate: AddressGate, onStays: (reason: string) => void): void {
    gate.close();
    const { name } = gate;
    const gone = this.#remove(name)
      .catch((error: unknown) => onStays(reasonOf(error)))
      .finally(() => {
        if (this.#closing.get(name) === gone) this.#closing.delete(name);
      });
    this.#closing.set(name, gone);
  }

  /** Resolves when no rules are on their way out. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing.values());
  }

  /** Starting a process takes a few milliseconds: whoever waits for the address to be off is told first. */
  async #remove(name: string): Promise<void> {
    await setImmediate();
    await deleteGate(name);
  }
}
