import { Worker } from "node:worker_threads";
import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import { programFile } from "../program-file.ts";
import type { ReplicaIdentity } from "./replica-identity.ts";
import type { DeclaredTables } from "./table-form.ts";

/** What takes SQLite long, and is done on a thread of its own: the replication thread has streams to look after. */
export type SnapshotJob =
  | { readonly kind: "bring-log-in"; readonly path: string }
  | { readonly kind: "prepare"; readonly path: string; readonly local: readonly LocalPart[] }
  | { readonly kind: "admit"; readonly path: string; readonly identity: ReplicaIdentity; readonly lineage: string }
  | { readonly kind: "swap"; readonly arrived: string; readonly path: string; readonly declared: DeclaredTables }
  | {
      readonly kind: "put-back";
      readonly saved: string;
      readonly path: string;
      readonly local: readonly LocalPart[];
      /** The number of this node's own last change that some other node has. */
      readonly seq: number;
    };

export type SnapshotJobResult =
  | { readonly outcome: "done"; readonly rows: number }
  | { readonly outcome: "failed"; readonly message: string; readonly errcode: number | undefined; readonly code: string | undefined };

/** A thread for one job. Its start takes a moment, so that whoever knows early that there will be one starts it early. */
export class SnapshotThread implements Disposable {
  readonly #worker = new Worker(programFile("snapshot"), { name: "snapshot" });
  readonly #result: Promise<SnapshotJobResult>;

  constructor() {
    this.#result = new Promise<SnapshotJobResult>((resolve, reject) => {
      this.#worker.once("message", resolve);
      this.#worker.once("error", reject);
      this.#worker.once("exit", (code) => reject(new Error(`the snapshot's thread ended by itself (exit code ${code})`)));
    });
    // Whoever gives it no job does not wait for the result.
    this.#result.catch(() => undefined);
  }

  /** Once. Resolves with the rows that were counted, if any. Rejects as SQLite does, with its code. */
  async run(job: SnapshotJob): Promise<number> {
    this.#worker.postMessage(job);
    const result = await this.#result;
    if (result.outcome === "done") return result.rows;
    const { message, errcode, code } = result;
    throw Object.assign(new Error(message), errcode === undefined ? {} : { errcode }, code === undefined ? {} : { code });
  }

  [Symbol.dispose](): void {
    void this.#worker.terminate();
  }
}

/** Does it, on a thread that ends with it. */
export async function onSnapshotThread(job: SnapshotJob): Promise<number> {
  using thread = new SnapshotThread();
  return await thread.run(job);
}
