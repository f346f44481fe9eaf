import type { TLSSocket } from "node:tls";
import type { PathName } from "../../shared/domain/ids.ts";
import { FrameError, frameParts, type ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { FrameAssembly } from "./frame-assembly.ts";

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
  readonly #frames = new FrameAssembly();
  #working = false;
  #closed: string | undefined;
  #heardAtMs = performance.now();
  #refusal: string | undefined;

  constructor(socket: TLSSocket, path?: PathName) {
    this.#socket = socket;
    this.path = path;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.take(bytes));
    socket.once("error", (error) => this.close(error.message));
    socket.once("close", () => this.close("the connection was closed"));
    socket.pause();
  }

  /** What has come, by whatever way; the bytes' place may be used again when this returns. */
  take(bytes: Buffer): void {
    this.#heardAtMs = performance.now();
    this.#frames.add(bytes);
    if (this.#frames.isReady) void this.#work();
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

  /** `onSent`: it has left this process, or the stream is closed. */
  send(frame: ReplicationFrame, onSent?: () => void): void {
    if (this.#closed !== undefined) return onSent?.();
    const [start, data] = frameParts(frame);
    if (start === undefined) return;
    if (data === undefined) return void this.#socket.write(start, onSent);
    this.#socket.cork();
    this.#socket.write(start);
    this.#socket.write(data, onSent);
    this.#socket.uncork();
  }

  /** Resolves when the frame has left this process, or the stream is closed. */
  async sendOut(frame: ReplicationFrame): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.send(frame, resolve);
    await promise;
  }

  /** A chunk's bytes are not looked at any more: the next frame may use their place. */
  release(data: Uint8Array): void {
    this.#frames.release(data);
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
      for (let frame = this.#frames.next(); frame !== undefined && this.#closed === undefined; frame = this.#frames.next()) {
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
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.refuse(error.message);
    } finally {
      this.#working = false;
      this.#heardAtMs = performance.now();
    }
    // Last of all: a socket that reads into one buffer may bring the next bytes before this returns.
    this.#socket.resume();
  }
}
