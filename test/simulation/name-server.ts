import { type Fence, readFence } from "../../shared/domain/dns/fence.ts";
import type { NameOracle } from "./name-oracle.ts";

/** What a server says of one name: address and fence are changed together. */
export interface NameValue {
  readonly address: string | null;
  /** Text of the TXT record beside it, and what that says. */
  readonly text: string;
  readonly fence: Fence;
}

export interface NameChange {
  readonly domainName: string;
  /** Carried out only while this is the fence's text; null: while there is none. */
  readonly seen: string | null;
  readonly text: string;
  /** Null: whoever changes it takes the address away. */
  readonly address: string | null;
}

/** A DNS server, as far as groups' names go. One that is slow carries out what has come when it is quick again: then it may be late. */
export class NameServer {
  readonly host: string;
  trouble: "down" | "slow" | null = null;
  readonly #names = new Map<string, NameValue>();
  readonly #oracle: Pick<NameOracle, "changed" | "refused">;
  #waiting: (() => void)[] = [];

  constructor(host: string, oracle: Pick<NameOracle, "changed" | "refused">) {
    this.host = host;
    this.#oracle = oracle;
  }

  /** A request has arrived. */
  take(serve: () => void): void {
    if (this.trouble === "slow") this.#waiting.push(serve);
    else if (this.trouble === null) serve();
  }

  mend(): void {
    this.trouble = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const serve of waiting) serve();
  }

  valueOf(domainName: string): NameValue | null {
    return this.#names.get(domainName) ?? null;
  }

  /** False where the prerequisite does not hold: then nothing has changed. `isAsked`: a planted bug names none. */
  change({ domainName, seen, text, address }: NameChange, isAsked = true): boolean {
    const before = this.valueOf(domainName);
    if (isAsked && (before?.text ?? null) !== seen) {
      this.#oracle.refused();
      return false;
    }
    const fence = readFence(text);
    if (fence === null) throw new Error(`the fence of ${domainName} cannot be read: ${text}`);
    const after = { address, text, fence };
    this.#names.set(domainName, after);
    this.#oracle.changed(this, before, after);
    return true;
  }
}
