import type { Machine } from "./machine.ts";
import type { Row } from "./records.ts";

/** What faults have changed beneath capture, by place: nothing else may ever be found to have drifted. */
export class RotBook {
  readonly #rotten = new Map<string, Set<number | null>>();

  add(place: string, row: Row | undefined): void {
    const known = this.#rotten.get(place) ?? new Set();
    this.#rotten.set(place, known.add(row?.value ?? null));
  }

  has(place: string): boolean {
    return this.#rotten.has(place);
  }

  /**
   * A row that a fault has put there: where no log can tell any more, and most replicas (or the first of two) show it, it is what all come to show. One that a
   * fault has taken away comes back with the next write, as its writer had it, where that says which columns it changed (`byColumns`).
   */
  explains(place: string, row: Row | undefined, byColumns: boolean): boolean {
    const rotten = this.#rotten.get(place);
    return rotten?.has(row?.value ?? null) === true || (byColumns && rotten?.has(null) === true);
  }

  /** Every replica shows the same again, where something was changed. */
  isMended(machines: readonly Machine[]): boolean {
    return [...this.#rotten.keys()].every(
      (place) => new Set(machines.map(({ file }) => JSON.stringify(file?.get("row", place) ?? null))).size < 2,
    );
  }
}
