import { isAhead, retimed, type TimeReference } from "../../../shared/domain/replication/retiming.ts";
import type { Mutant } from "./mutant.ts";
import type { Control, SimulatedChange } from "./records.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** Whether the own writes in a file carry times that may be told: what OwnTimes and retimeOwn (agent/replication) do for SQLite. */
export class VirtualTimes {
  readonly #file: VirtualFile;
  readonly #mutant: Mutant | null;
  /** By which own writes are dated; undefined: nothing is known to date them by. */
  dating: () => TimeReference | undefined = () => undefined;
  /** Up to where the log has been read for others since the agent's start, and its end then. */
  #toldTo = 0;
  #endAtStart = 0;

  constructor(file: VirtualFile, mutant: Mutant | null) {
    this.#file = file;
    this.#mutant = mutant;
  }

  /** An agent's run begins. */
  began(): void {
    this.#toldTo = 0;
    this.#endAtStart = this.#control?.n ?? 0;
  }

  /** What was there then has numbers now that nobody has heard of. */
  renumbered(): void {
    this.#endAtStart = 0;
  }

  tell(upTo: number): void {
    this.#toldTo = Math.max(this.#toldTo, upTo);
  }

  get need(): "none" | "dating" | "incarnation" {
    const reference = this.dating();
    const control = this.#control;
    if (reference === undefined || control === undefined) return "none";
    const from = Math.max(control.absorbed, this.#toldTo);
    if (control.n <= from || !isAhead(control.hlc, reference)) return "none";
    return from < this.#endAtStart ? "incarnation" : "dating";
  }

  /** Own writes that nobody else knows, with times too far ahead, get others. Returns those. */
  dateOwn(): readonly SimulatedChange[] {
    const reference = this.#mutant?.trustsItsClock === true ? undefined : this.dating();
    const control = this.#control;
    if (reference === undefined || control === undefined || !isAhead(control.hlc, reference)) return [];
    const { n, absorbed, absorbedTime } = control;
    const from = Math.max(absorbed, this.#toldTo);
    let before = absorbedTime;
    const changed: SimulatedChange[] = [];
    for (let at = absorbed + 1; at <= n; at += 1) {
      const change = this.#file.get("log", String(at));
      if (change === undefined) continue;
      // What others may know keeps its time.
      const time = at <= from ? change.hlc : retimed(change.hlc, before, reference);
      before = time;
      if (time === change.hlc) continue;
      changed.push({ ...change, hlc: time });
      this.#file.set("log", String(at), { ...change, hlc: time });
    }
    if (from < n) this.#file.set("control", "", { ...control, hlc: before });
    return changed;
  }

  get #control(): Control | undefined {
    return this.#file.get("control", "");
  }
}
