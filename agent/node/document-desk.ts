import type { Logger } from "pino";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { DocumentInForce, Offer, TrustStore } from "../cloud/trust-store.ts";

/** Whoever sends what is refused may send it a thousand times a second: events, and the disk that keeps them, are for more than that. */
const tellAgainMs = 10_000;
const reconsiderMs = 1_000;

export interface DocumentDeskParts {
  readonly trust: Pick<TrustStore, "offer" | "accept" | "reconsider" | "held">;
  readonly log: Pick<Logger, "info">;
  readonly record: (detail: EventDetail) => void;
  /** For everybody at once. */
  readonly inForce: (trusted: DocumentInForce) => void;
}

/** Where signed cluster documents come in: in force for everybody at once, or for nobody. */
export class DocumentDesk {
  readonly #parts: DocumentDeskParts;
  #reconsidering: NodeJS.Timeout | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(parts: DocumentDeskParts) {
    this.#parts = parts;
  }

  /** From the cloud or a peer; `from` names it. */
  async offer(jws: string, from: string): Promise<void> {
    this.#settle(await this.#parts.trust.offer(jws), `from ${from}`);
    if (this.#parts.trust.held !== null) this.#reconsiderLater();
  }

  /** An operator here takes the one that waits. Rejects with the cause where none of this version does, or it cannot be stored. */
  async accept(version: number): Promise<void> {
    const { trust } = this.#parts;
    const offer = await trust.accept(version);
    if (offer === null) {
      const waiting = trust.held === null ? "none" : `version ${trust.held.version}`;
      throw new Error(`no document of version ${version} waits here: ${waiting} does`);
    }
    this.#settle(offer, "as an operator has said");
    if (offer.verdict === "refused") throw new Error(offer.reason);
  }

  #reconsiderLater(): void {
    if (this.#reconsidering !== null) return;
    this.#reconsidering = setTimeout(() => {
      this.#reconsidering = null;
      void this.#reconsider();
    }, reconsiderMs).unref();
  }

  async #reconsider(): Promise<void> {
    const { trust } = this.#parts;
    const offer = await trust.reconsider();
    if (offer !== null) this.#settle(offer, "having waited");
    if (trust.held !== null) this.#reconsiderLater();
  }

  #settle(offer: Offer, how: string): void {
    const { log, inForce } = this.#parts;
    if (offer.verdict === "known") return;
    if (offer.verdict === "refused") return this.#refused(`${how}: ${offer.reason}`);
    log.info(`cluster document ${offer.trusted.document.version} is in force, ${how}`);
    inForce(offer.trusted);
  }

  #refused(reason: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < tellAgainMs) {
      this.#untold += 1;
      return;
    }
    const more = this.#untold === 0 ? "" : `; ${this.#untold} more were refused meanwhile`;
    this.#toldAtMs = nowMs;
    this.#untold = 0;
    this.#parts.record({ kind: "document.refused", reason: `${reason.slice(0, 900)}${more}` });
  }
}
