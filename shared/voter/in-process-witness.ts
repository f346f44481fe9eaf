import { ControlLoop } from "../domain/failover/control-loop.ts";
import type { DurableRecord } from "../domain/failover/durable-record.ts";
import type { FailoverSettings } from "../domain/failover/failover-settings.ts";
import type { PeerMessage } from "../domain/failover/messages.ts";
import { initialState, step } from "../domain/failover/step.ts";
import type { NodeId } from "../domain/ids.ts";
import type { ClusterDocument } from "../domain/membership/cluster-document.ts";
import { mainPath } from "../domain/membership/lan-path.ts";
import type { EventDetail } from "../domain/monitoring/cluster-event.ts";
import { type MonotonicUs, usFromMs } from "../domain/time.ts";
import { RecordWriter } from "./record-writer.ts";
import type { VoteStore } from "./vote-store.ts";
import type { Witness } from "./witness.ts";

export interface InProcessWitnessOptions {
  /** The witness in the cluster document. */
  readonly nodeId: NodeId;
  readonly document: ClusterDocument;
  readonly settings: FailoverSettings;
  readonly store: VoteStore;
  /** Of a clock that never goes back while the process lives, and goes as fast as time. */
  readonly nowUs: () => MonotonicUs;
  /** Calls back once at the instant, never before it, unless it is cancelled. */
  readonly callAt: (atUs: MonotonicUs, callback: () => void) => { cancel(): void };
  /** Nothing is promised of it: what is lost is said again with the next heartbeat. */
  readonly send: (to: NodeId, message: PeerMessage) => void;
  /** The node acts on an older cluster document: it shall get the newest signed one. */
  readonly sendDocument: (to: NodeId) => void;
  readonly onEvent: (detail: EventDetail) => void;
  /** Its record cannot be kept: what it has reserved lasts for a while, then it promises nothing new until it can. */
  readonly onTrouble: (reason: string) => void;
  /** The core has found one of its beliefs broken: this witness is closed, and must be opened anew. */
  readonly onFailure: (error: unknown) => void;
}

/** A witness as a part of another process: the core that every agent runs, and nothing of a node beside it. */
export class InProcessWitness implements Witness {
  readonly #loop: ControlLoop;
  readonly #store: VoteStore;
  readonly #writer: RecordWriter;
  readonly #onFailure: (error: unknown) => void;
  #wake: { cancel(): void } | null = null;
  #retry: { cancel(): void } | null = null;
  #keeping: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** It keeps silent for the longest lease there is from now on: what it had promised before is not known (rule 4). Rejects as its store does. */
  static async open(options: InProcessWitnessOptions): Promise<InProcessWitness> {
    const record = await options.store.advance();
    const { nodeId, document, settings, nowUs } = options;
    const state = initialState({ nodeId, document, settings, nowUs: nowUs(), ...record, cleanStop: null, detached: null });
    return new InProcessWitness(options, state);
  }

  private constructor(options: InProcessWitnessOptions, state: ReturnType<typeof initialState>) {
    const { nowUs, callAt, send, sendDocument, onEvent, onTrouble, onFailure } = options;
    this.#onFailure = onFailure;
    this.#store = options.store;
    this.#writer = new RecordWriter({
      store: (record, stored) => this.#keep(record, stored),
      after: (ms, then) => void (this.#retry = callAt(nowUs() + usFromMs(ms), then)),
      onWritten: (record) => this.#step({ type: "persisted", record }),
      onTrouble,
    });
    this.#loop = new ControlLoop(step, state, {
      nowUs,
      send: (to, message) => this.#unlessClosed(() => send(to, message)),
      sendDocument: (to) => this.#unlessClosed(() => sendDocument(to)),
      persist: (record) => this.#writer.write(record),
      report: (detail) => this.#unlessClosed(() => onEvent(detail)),
      wakeAt: (atUs) => {
        this.#wake?.cancel();
        this.#wake = callAt(atUs, () => this.#step({ type: "tick" }));
      },
      stepped: () => {},
      ...nothingOfANode,
    });
    this.#step({ type: "tick" });
    this.#step({ type: "status", status: { threadAgesMs: {}, dataSets: [], groupProblems: {} } });
  }

  take(message: PeerMessage): void {
    this.#step({ type: "message", message, path: mainPath });
  }

  documentChanged(document: ClusterDocument): void {
    this.#step({ type: "document", document });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.cancel();
    this.#retry?.cancel();
    await this.#keeping;
  }

  #keep(record: DurableRecord, stored: (problem: string | null) => void): void {
    if (this.#isClosed) return;
    this.#keeping = this.#store.write(record).then(
      () => stored(null),
      (error: unknown) => stored(`the witness's record cannot be kept: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  #step(event: Parameters<ControlLoop["take"]>[0]): void {
    if (this.#isClosed) return;
    try {
      this.#loop.take(event);
    } catch (error) {
      void this.close();
      this.#onFailure(error);
    }
  }

  #unlessClosed(act: () => void): void {
    if (!this.#isClosed) act();
  }
}

/** What the core asks of a node alone. A witness is in no group's order, so it comes to none of these; it throws, and the witness is closed. */
function never(): never {
  throw new Error("a witness was to run a group");
}
const nothingOfANode = {
  startResources: never,
  holdUntil: never,
  stopResources: never,
  look: never,
  probe: never,
  detached: never,
  releasedEverything: never,
};
