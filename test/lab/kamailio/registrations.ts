import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { SipExchange } from "./sip-exchange.ts";

const lookEveryMs = 3;

/** The registrations in a database, each as one text of all its values, by the phone's user. */
export function registrationsIn(path: string): ReadonlyMap<string, string> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return new Map(
      database
        .prepare("SELECT * FROM location")
        .all()
        .map((row) => [String(row["username"]), JSON.stringify(row)]),
    );
  } finally {
    database.close();
  }
}

/** The Call-IDs of the REGISTERs that made, or last renewed, the registrations in a database. */
export function callIdsIn(path: string): ReadonlySet<string> {
  const rows = [...registrationsIn(path).values()];
  return new Set(rows.map((row) => (JSON.parse(row) as { readonly callid: string }).callid));
}

/** Sees registrations arrive in a database, by the Call-ID of each REGISTER. */
export class ArrivalWatch {
  readonly #database: DatabaseSync;
  readonly #arrivedMs = new Map<string, number>();
  readonly #looking: Promise<void>;
  #closed = false;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true });
    this.#looking = this.#look();
    // Whoever closes it hears of that.
    this.#looking.catch(() => {});
  }

  async #look(): Promise<void> {
    const callIds = this.#database.prepare("SELECT callid FROM location");
    while (!this.#closed) {
      for (const { callid } of callIds.all()) {
        const callId = String(callid);
        if (!this.#arrivedMs.has(callId)) this.#arrivedMs.set(callId, Date.now());
      }
      await sleep(lookEveryMs);
    }
  }

  /** How long each took from the phone's 200 until it was seen here, shortest first; without those that have not come. */
  delaysMs(registrations: readonly SipExchange[]): number[] {
    return registrations
      .flatMap(({ callId, acceptedMs }) => {
        const arrivedMs = this.#arrivedMs.get(callId);
        // Seen here before the phone had its answer: it took no time that anybody could lose it in.
        return arrivedMs === undefined || acceptedMs === null ? [] : [Math.max(0, arrivedMs - acceptedMs)];
      })
      .toSorted((one, other) => one - other);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#looking;
    this.#database.close();
  }
}
