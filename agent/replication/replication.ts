import { Worker } from "node:worker_threads";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { RingReport } from "../../shared/domain/replication/ring-report.ts";
import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import type { DriftAnswer, DriftRequest } from "../compare/drift-request.ts";
import type { FilesAnswer, FilesRequest } from "../files/files-request.ts";
import type { NodeIdentity } from "../link/identity.ts";
import { programFile } from "../program-file.ts";
import type { Forwarded } from "../records/forward-desk.ts";
import type { RecordAnswer, RecordRequest } from "../records/record-request.ts";
import type { BarrierPassed } from "./barrier.ts";
import type { ConflictAnswer, ConflictRequest } from "./conflict-record.ts";
import type { DataAnswer, DataRequest } from "./data-request.ts";
import type { FromThread, Holding, ReachablePeer, ReplicationSettings, TableDigests, ToThread } from "./thread-messages.ts";

export interface ReplicationOptions extends ReplicationSettings {
  /** On change, at most every 20 ms, and at least every second: it doubles as the thread's beat. */
  readonly onStatus: (status: readonly DataSetStatus[], ring: RingReport | null) => void;
  readonly onEvent: (detail: EventDetail) => void;
  /** For the log: who was turned away at the replication port, and why; at most one a minute. */
  readonly onWarning?: (message: string) => void;
  /** The replication thread died by itself. Nothing is replicated any more; start it anew to go on. */
  readonly onFailure: (error: Error) => void;
}

/** The handle of the replication thread, held by the main thread. */
export interface Replication {
  /** TCP port that the thread listens on. */
  readonly port: number;
  /** The node has changed its key, or is about to: in the order of their use. */
  identitiesChanged(identities: readonly NodeIdentity[]): void;
  documentChanged(document: ClusterDocument): void;
  /** The peers that heartbeats reach now, and by which paths; others are bypassed. */
  reachableChanged(reachable: readonly ReachablePeer[]): void;
  /** The groups that this node holds now: it writes their trees of files. Until the first call nobody knows, and no tree is touched. */
  holdingsChanged(holdings: readonly Holding[]): void;
  /** This node became operational for a group: generated keys jump, and its trees of files are this node's to write. Resolves when done. */
  becameOperational(holding: Holding): Promise<void>;
  /** What was committed up to now is seen and on its way to the peers; resolves after `onStatus` has told of it. Rejects where it cannot be seen in time. */
  flush(): Promise<void>;
  /** Digest per table of a data set, over all rows in key order. Rejects where there is no such data set or no readable file. */
  digest(dataSet: string): Promise<TableDigests>;
  /** Resolves once another node has on its disk all that was committed here up to now. Rejects with the cause where none has in time. */
  barrier(dataSet: string, timeoutMs: number): Promise<BarrierPassed>;
  /** How the data sets of files stand, or what reading all of their files shows. Rejects with the cause. */
  files(request: FilesRequest): Promise<FilesAnswer>;
  /** What lost in merges, from this node's journals; `reapply` writes a loser again. Rejects with the cause, worded for a person. */
  conflicts(request: ConflictRequest): Promise<ConflictAnswer>;
  /** What joins have replaced here; `undo` puts the newest of it back. Rejects with the cause, worded for a person. */
  data(request: DataRequest): Promise<DataAnswer>;
  /** Compares this node's rows with every other node's now; `repair` puts right what is wrong here. Rejects with the cause, worded for a person. */
  drift(request: DriftRequest): Promise<DriftAnswer>;
  /** What waits here since this node's clock is in doubt goes out, until the clock is in none. Rejects where it is in none. */
  releaseWithheld(): Promise<void>;
  /** Reads and writes the data sets of records. Rejects only where the agent itself fails. */
  records<Request extends RecordRequest>(request: Request): Promise<RecordAnswer<Request["kind"]>>;
  /** Passes a write of a record on to the node that is its data set's writer. */
  forward(to: NodeId, write: ForwardedWrite): Promise<Forwarded>;
  /** What carries out writes that other nodes pass on to this one. */
  carryOutWith(work: (write: ForwardedWrite) => Promise<WriteAnswer>): void;
  /** Closes streams and files; what was captured stays in the outbox for the next start. */
  stop(): Promise<void>;
}

/** A thread that does not end by itself in this time after `stop` is ended; SQLite rolls its transaction back. */
const stopWithinMs = 5_000;

/** Starts the replication thread. Rejects with cause and next step where it cannot start (port in use, no rights, a bad key). */
export async function startReplication(options: ReplicationOptions): Promise<Replication> {
  const { onStatus, onEvent, onWarning, onFailure, ...settings } = options;
  const workerData: ReplicationSettings = settings;
  const worker = new Worker(programFile("replication"), { workerData, name: "replication" });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const calls = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let lastCallId = 0;
  let stopping = false;

  let carriesOut: ((write: ForwardedWrite) => Promise<WriteAnswer>) | undefined;
  const carryOut = async (workId: number, write: ForwardedWrite): Promise<void> => {
    try {
      post({ type: "carried-out", workId, answer: (await carriesOut?.(write)) ?? null });
    } catch (error) {
      onWarning?.(`a write that was passed on failed: ${error instanceof Error ? error.message : String(error)}`);
      post({ type: "carried-out", workId, answer: null });
    }
  };
  const post = (message: ToThread) => worker.postMessage(message);

  const port = await new Promise<number>((resolve, reject) => {
    let started = false;
    const fail = (error: Error) => {
      for (const call of calls.values()) call.reject(error);
      calls.clear();
      if (!started) reject(error);
      else if (!stopping) onFailure(error);
      // Said once: the exit that follows an error is no second failure.
      stopping = true;
    };
    worker.on("error", (error) => fail(error instanceof Error ? error : new Error(String(error))));
    worker.once("exit", (code) => fail(new Error(`the replication thread ended by itself (exit code ${code})`)));
    worker.on("message", (message: FromThread) => {
      switch (message.type) {
        case "listening":
          started = true;
          return resolve(message.port);
        case "start-refused":
          return fail(new Error(message.reason));
        case "status":
          return onStatus(message.status, message.ring);
        case "warning":
          return onWarning?.(message.message);
        case "event":
          return onEvent(message.detail);
        case "carry-out":
          return void carryOut(message.workId, message.write);
        case "answer": {
          const call = calls.get(message.callId);
          calls.delete(message.callId);
          if (message.problem !== undefined) return call?.reject(new Error(message.problem));
          return call?.resolve(message.result);
        }
      }
    });
  });

  const call = (make: (callId: number) => ToThread) =>
    new Promise<unknown>((resolve, reject) => {
      if (stopping) return reject(new Error("the replication thread is not running"));
      lastCallId += 1;
      calls.set(lastCallId, { resolve, reject });
      post(make(lastCallId));
    });

  return {
    port,
    identitiesChanged: (identities) => post({ type: "identities-changed", identities }),
    documentChanged: (document) => post({ type: "document-changed", document }),
    reachableChanged: (reachable) => post({ type: "reachable-changed", reachable }),
    holdingsChanged: (holdings) => post({ type: "holdings-changed", holdings }),
    becameOperational: async (holding) => {
      await call((callId) => ({ type: "became-operational", callId, holding }));
    },
    flush: async () => {
      await call((callId) => ({ type: "flush", callId }));
    },
    digest: async (dataSet) => (await call((callId) => ({ type: "digest", callId, dataSet }))) as TableDigests,
    barrier: async (dataSet, timeoutMs) => (await call((callId) => ({ type: "barrier", callId, dataSet, timeoutMs }))) as BarrierPassed,
    files: async (request) => (await call((callId) => ({ type: "files", callId, request }))) as FilesAnswer,
    conflicts: async (request) => (await call((callId) => ({ type: "conflicts", callId, request }))) as ConflictAnswer,
    data: async (request) => (await call((callId) => ({ type: "data", callId, request }))) as DataAnswer,
    drift: async (request) => (await call((callId) => ({ type: "drift", callId, request }))) as DriftAnswer,
    releaseWithheld: async () => {
      await call((callId) => ({ type: "release-withheld", callId }));
    },
    records: async <Request extends RecordRequest>(request: Request) =>
      (await call((callId) => ({ type: "records", callId, request }))) as RecordAnswer<Request["kind"]>,
    forward: async (to, write) => (await call((callId) => ({ type: "forward", callId, to, write }))) as Forwarded,
    carryOutWith: (work) => {
      carriesOut = work;
    },
    stop: async () => {
      stopping = true;
      post({ type: "stop" });
      const patience = setTimeout(() => void worker.terminate(), stopWithinMs);
      await ended;
      clearTimeout(patience);
    },
  };
}
