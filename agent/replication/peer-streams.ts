import type { NodeId } from "../../shared/domain/ids.ts";
import type { StreamId } from "../../shared/domain/replication/exchange-state.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { IncomingChanges } from "./incoming-changes.ts";
import type { PeerStream } from "./peer-stream.ts";

/** One stream, what it has brought, and the frame of it that is being dealt with. */
export interface OpenStream {
  readonly id: StreamId;
  readonly peer: NodeId;
  readonly stream: PeerStream;
  readonly incoming: IncomingChanges;
  frame: FrameOf<"changes"> | undefined;
  /** Lets the next frame come; undefined while none is being waited for. */
  readOn: (() => void) | undefined;
}

/** The streams of the exchange by their numbers, until they are closed. */
export class PeerStreams {
  readonly #dataDir: string;
  readonly #streams = new Map<StreamId, OpenStream>();
  #opened = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  add(peer: NodeId, stream: PeerStream): OpenStream {
    this.#opened += 1;
    const incoming = new IncomingChanges(peer, this.#opened, this.#dataDir);
    const opened: OpenStream = { id: this.#opened, peer, stream, incoming, frame: undefined, readOn: undefined };
    this.#streams.set(this.#opened, opened);
    return opened;
  }

  get(id: StreamId): OpenStream | undefined {
    return this.#streams.get(id);
  }

  remove(id: StreamId): void {
    const opened = this.#streams.get(id);
    this.#streams.delete(id);
    opened?.incoming.discard(null);
    opened?.readOn?.();
  }

  /** For how long nothing was heard, by stream, in milliseconds. */
  silentMs(): Record<StreamId, number> {
    return Object.fromEntries([...this.#streams.values()].map(({ id, stream }) => [id, stream.silentMs]));
  }
}
