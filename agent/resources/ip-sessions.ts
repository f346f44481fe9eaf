import { IpSession } from "./ip-session.ts";

/** Starting a process takes a few milliseconds, which whoever is stopping something has better use for. */
const replacedAfterMs = 1_000;

/** Sessions that are started before they are needed: their start is no part of a takeover. */
export class IpSessions {
  readonly #spares: IpSession[] = [];
  #wanted = 0;

  /** So many are kept at hand from now on. */
  keep(wanted: number): void {
    this.#wanted = wanted;
    for (const surplus of this.#spares.splice(wanted)) surplus.end();
    while (this.#spares.length < wanted) this.#spares.push(new IpSession());
  }

  take(): IpSession {
    const spare = this.#spares.pop();
    return spare === undefined || spare.hasExited ? new IpSession() : spare;
  }

  /** It was taken, and is not needed any more. */
  end(session: IpSession): void {
    session.end();
    setTimeout(() => this.keep(this.#wanted), replacedAfterMs).unref();
  }
}
