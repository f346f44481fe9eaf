import { Worker } from "node:worker_threads";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { programFile } from "../program-file.ts";
import type { FileSetPlaces, FileSetReport, FromFilesThread, Role, ToFilesThread } from "./files-messages.ts";
import type { Pieces, WantedChunk } from "./pieces.ts";
import type { SetAsideEvent } from "./set-aside-news.ts";
import type { Verification } from "./verify-tree.ts";

export interface FilesThreadOptions {
  readonly onReport: (dataSet: string, report: FileSetReport) => void;
  readonly onSetAside: (dataSet: string, event: SetAsideEvent) => void;
  /** Gets pieces of files from other nodes. */
  readonly fetch: (dataSet: string, wants: readonly WantedChunk[]) => Promise<Pieces>;
  /** The thread died by itself; nothing of it is left. */
  readonly onFailure: (error: Error) => void;
}

type Call = Extract<ToFilesThread, { readonly callId: number }>;
type Unnumbered<Message> = Message extends unknown ? Omit<Message, "callId"> : never;
interface Waiting {
  readonly resolve: (result: Pieces | Verification | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** The thread that reads, hashes and writes the trees' files, seen from the replication thread: neither waits for the other's disk. */
export class FilesThread {
  readonly #worker: Worker;
  readonly #options: FilesThreadOptions;
  readonly #calls = new Map<number, Waiting>();
  #lastCall = 0;
  #isEnding = false;

  constructor(options: FilesThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(programFile("files"), { name: "files" });
    this.#worker.on("message", (message: FromFilesThread) => this.#take(message));
    this.#worker.on("error", (error) => this.#failed(error instanceof Error ? error : new Error(String(error))));
    this.#worker.once("exit", (code) => this.#failed(new Error(`the thread of files ended by itself (exit code ${code})`)));
  }

  open(places: FileSetPlaces): void {
    this.#post({ type: "open", places });
  }

  /** It has got so far; undefined: it must not be used now. */
  manifestChanged(dataSet: string, vector: VersionVector | undefined): void {
    this.#post({ type: "manifest", dataSet, vector });
  }

  async close(dataSet: string): Promise<void> {
    await this.#call({ type: "close", dataSet });
  }

  /** Resolves when nothing of the role before is under way any more. */
  async roleChanged(dataSet: string, role: Role): Promise<void> {
    await this.#call({ type: "role", dataSet, role });
  }

  async flush(dataSet: string): Promise<void> {
    await this.#call({ type: "flush", dataSet });
  }

  async verify(dataSet: string): Promise<Verification> {
    return (await this.#call({ type: "verify", dataSet })) as Verification;
  }

  async read(dataSet: string, wants: readonly WantedChunk[]): Promise<Pieces> {
    return (await this.#call({ type: "read", dataSet, wants })) as Pieces;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#rejectAll(new Error("this node is stopping"));
    await this.#worker.terminate();
  }

  #take(message: FromFilesThread): void {
    switch (message.type) {
      case "report":
        return this.#options.onReport(message.dataSet, message.report);
      case "set-aside":
        return this.#options.onSetAside(message.dataSet, message.event);
      case "want":
        return void this.#fetch(message);
      case "answer": {
        const call = this.#calls.get(message.callId);
        this.#calls.delete(message.callId);
        if (message.problem === undefined) call?.resolve(message.result);
        else call?.reject(new Error(message.problem));
      }
    }
  }

  async #fetch({ wantId, dataSet, wants }: Extract<FromFilesThread, { type: "want" }>): Promise<void> {
    try {
      const pieces = await this.#options.fetch(dataSet, wants);
      this.#worker.postMessage({ type: "chunks", wantId, pieces } satisfies ToFilesThread, [pieces.data.buffer]);
    } catch (error) {
      this.#post({ type: "chunks", wantId, problem: error instanceof Error ? error.message : String(error) });
    }
  }

  #call(message: Unnumbered<Call>): Promise<Pieces | Verification | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#isEnding) return reject(new Error("this node is stopping"));
      this.#lastCall += 1;
      this.#calls.set(this.#lastCall, { resolve, reject });
      this.#post({ ...message, callId: this.#lastCall });
    });
  }

  #post(message: ToFilesThread): void {
    this.#worker.postMessage(message);
  }

  #failed(error: Error): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#rejectAll(error);
    this.#options.onFailure(error);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }
}
