import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { covers } from "../../shared/domain/replication/version-vector.ts";
import { FrameError } from "../../shared/protocol/replication-frames.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import type { Replica } from "../replication/replica.ts";
import { SqliteDatabase } from "../replication/sqlite-database.ts";
import type { KnownTables } from "./compared-tables.ts";
import { type Answer, judge, type Question } from "./judge.ts";

/** For so long it is waited until all that the asker had merged is here too. */
const patienceMs = 5_000;
const lookAgainMs = 10;

export interface CompareServerOptions {
  readonly replica: (dataSet: string) => Replica | undefined;
  readonly tables: KnownTables;
  /** Rows were found here that have drifted apart from the asker's: this node's own may be the wrong ones. */
  readonly onDrift: (asker: NodeId, question: Question) => void;
}

/** Judges other nodes' rows by this node's own, one question after the other. */
export class CompareServer {
  readonly #options: CompareServerOptions;

  constructor(options: CompareServerOptions) {
    this.#options = options;
  }

  /** A stream on which another node asks. The next question is read when one is answered. */
  serve(asker: NodeId, stream: PeerStream): void {
    let isOpen = true;
    stream.handle({
      onFrame: async (frame) => {
        if (frame.type !== "compare-range" && frame.type !== "compare-rows")
          return stream.refuse(`a stream that compares carries no ${frame.type} frames here`);
        const answer = await this.#answer(frame, () => isOpen);
        if (answer.outcome === "judged" && answer.rows.length > 0) this.#options.onDrift(asker, frame);
        send(stream, frame.ask, answer);
      },
      onClosed: () => {
        isOpen = false;
      },
    });
  }

  async #answer(question: Question, isWanted: () => boolean): Promise<Answer> {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const replica = this.#options.replica(question.dataSet);
      if (replica?.following !== true) return { outcome: "cannot", reason: "its replica is not in step" };
      // What is written here beyond that only grows: where it cannot be judged now, the asker shows its rows anew.
      if (covers(replica.view.vector, question.vector)) return this.#judge(replica, question);
      if (performance.now() >= untilMs || !isWanted()) return { outcome: "later" };
      await sleep(lookAgainMs);
    }
  }

  #judge({ path, identity, view }: Replica, question: Question): Answer {
    let database: SqliteDatabase | undefined;
    try {
      database = new SqliteDatabase(path);
      return judge(database, { path, opening: view.opening, local: identity.local }, this.#options.tables, question);
    } catch (error) {
      return { outcome: "cannot", reason: reasonOf(error).slice(0, 1_000) };
    } finally {
      database?.close();
    }
  }
}

function send(stream: PeerStream, ask: number, answer: Answer): void {
  try {
    stream.send({ type: "compare-answer", ask, answer });
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    const reason = `what differs does not fit into a frame of ${limits.replicationFrameBytesMax} bytes`;
    stream.send({ type: "compare-answer", ask, answer: { outcome: "cannot", reason } });
  }
}
