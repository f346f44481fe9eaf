/** Who has just been seen is asked, and must be seen again this much later: the last frames of a holder that has let the address go are no conflict. */
const confirmAfterMs = 1_000;
/** While nobody is seen, at every so many looks: whoever says nothing by itself is heard when it is asked. */
const looksBetweenQuestions = 5;
/** Asked at each of them and seen at none, a stranger is gone. */
const quietLooksMin = 3;

export interface AddressWatchPorts {
  /** Has whoever has the address, too, say so on the wire. */
  readonly ask: () => void;
  /** Looks once more, after this time. */
  readonly lookAgain: (afterMs: number) => void;
  /** Tells all neighbours whose the address is; again and again where somebody else does so, too. */
  readonly defend: (isContested: boolean) => void;
  /** Somebody else certainly has it; said once of each, until all are gone. */
  readonly onConflict: (mac: string) => void;
  readonly onOver: () => void;
}

/**
 * Sees a stranger take an address while it is held here (RFC 5227, 2.4). The holder has the lease of a majority, so it does not yield: it announces
 * the address at once, and every second for as long as the stranger is there.
 */
export class AddressWatch {
  readonly #ports: AddressWatchPorts;
  readonly #strangers = new Set<string>();
  #suspects: ReadonlySet<string> = new Set();
  #quietLooks = 0;

  /** `stranger`: who is known to have it from the beginning; null for nobody. */
  constructor(stranger: string | null, ports: AddressWatchPorts) {
    this.#ports = ports;
    if (stranger !== null) this.#strangers.add(stranger);
  }

  /** The hardware addresses, not of this node, that have been seen to claim the address since the last look. */
  look(seen: readonly string[]): void {
    const wasContested = this.#strangers.size > 0;
    const wereSuspected = this.#suspects;
    this.#suspects = new Set(seen);
    if (seen.length === 0) return this.#nobody(wasContested);
    this.#quietLooks = 0;
    const certain = seen.filter((mac) => wereSuspected.has(mac) && !this.#strangers.has(mac));
    for (const mac of certain) {
      this.#strangers.add(mac);
      this.#ports.onConflict(mac);
    }
    const isContested = this.#strangers.size > 0;
    if (!wasContested) this.#ports.defend(isContested);
    this.#ports.ask();
    if (seen.some((mac) => !this.#strangers.has(mac))) this.#ports.lookAgain(confirmAfterMs);
  }

  #nobody(wasContested: boolean): void {
    this.#quietLooks += 1;
    if (wasContested && this.#quietLooks >= quietLooksMin) {
      this.#strangers.clear();
      this.#quietLooks = 0;
      this.#ports.defend(false);
      this.#ports.onOver();
    } else if (wasContested || this.#quietLooks % looksBetweenQuestions === 0) this.#ports.ask();
  }
}
