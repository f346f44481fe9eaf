import type { TLSSocket } from "node:tls";
import type { PathName } from "../../shared/domain/ids.ts";
import {
  decodeFrame,
  encodeFrame,
  FrameError,
  frameHeaderBytes,
  frameLength,
  type ReplicationFrame,
} from "../../shared/protocol/replication-frames.ts";

export interface StreamHandlers {
  /** Frames come one at a time: the next is read when this has resolved. */
  readonly onFrame: (frame: ReplicationFrame) => void | Promise<void>;
  /** Once. The reason is for people. */
  readonly onClosed: (reason: string) => void;
}

/**
 * Frames over one mutually authenticated connection. Reading stops while a frame is being dealt with, so a slow disk slows the
 * sender instead of filling memory; bytes that are no frame end the stream with their reason, told to the other side.
 */
export class PeerStream {
  /** By which path this side dialled; undefined where the other one did. */
  readonly path: PathName | undefined;
  readonly #socket: TLSSocket;
  #handlers: StreamHandlers | undefined;
  #received: Buffer = Buffer.alloc(0);
  #working = false;
  #closed: string | undefined;
  #heardAtMs = performance.now();
  #refusal: string | undefined;

  constructor(socket: TLSSocket, path?: PathName) {
    this.#socket = socket;
    this.path = path;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      this.#heardAtMs = performance.now();
      this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
      void this.#work();
    });
    socket.once("error", (error) => this.close(error.message));
    socket.once("close", () => this.close("the connection was closed"));
    socket.pause();
  }

  /** Starts reading. May be called again to hand the stream on, between two frames. */
  handle(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    if (this.#closed !== undefined) return handlers.onClosed(this.#closed);
    void this.#work();
  }

  /** Milliseconds since the other side was last heard; 0 while this side is still busy with what it said. */
  get silentMs(): number {
    return this.#working ? 0 : performance.now() - this.#heardAtMs;
  }

  /** Bytes waiting in this process to be sent. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  send(frame: ReplicationFrame): void {
    if (this.#closed === undefined) this.#socket.write(encodeFrame(frame));
  }

  /** Resolves when what was sent has left this process, or the stream is closed. */
  async drained(): Promise<void> {
    while (this.#closed === undefined && this.#socket.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#socket.off("drain", done);
          this.#socket.off("close", done);
          resolve();
        };
        this.#socket.on("drain", done);
        this.#socket.on("close", done);
      });
    }
  }

  onDrain(listener: () => void): void {
    this.#socket.on("drain", listener);
  }

  /** Tells the other side why, then closes. */
  refuse(reason: string): void {
    if (this.#closed !== undefined) return;
    this.send({ type: "refused", reason: reason.slice(0, 1_000) });
    this.#socket.end();
    this.close(reason);
  }

  close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = this.#refusal ?? reason;
    this.#handlers?.onClosed(this.#closed);
    // `end` first, so that a refusal still gets out; the time-out is for a peer that does not take it.
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 500).unref();
  }

  async #work(): Promise<void> {
    if (this.#working || this.#handlers === undefined) return;
    this.#working = true;
    try {
      for (let frame = this.#next(); frame !== undefined && this.#closed === undefined; frame = this.#next()) {
        if (frame.type === "refused") {
          this.#refusal = `the peer refused: ${frame.reason}`;
          return this.close(this.#refusal);
        }
        const work = this.#handlers.onFrame(frame);
        if (work !== undefined) {
          this.#socket.pause();
          await work;
        }
      }
      this.#socket.resume();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.refuse(error.message);
    } finally {
      this.#working = false;
      this.#heardAtMs = performance.now();
    }
  }

  #next(): ReplicationFrame | undefined {
    if (this.#received.length < frameHeaderBytes) return undefined;
    const end = frameHeaderBytes + frameLength(this.#received);
    if (this.#received.length < end) return undefined;
    const body = this.#received.subarray(frameHeaderBytes, end);
    this.#received = this.#received.subarray(end);
    return decodeFrame(body);
  }
}
