import type { OwnedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { Tenure } from "../../shared/domain/replication/tenure.ts";
import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import { reasonOf } from "../agent-error.ts";
import type { Replication } from "../replication/replication.ts";
import type { DataSetWriter, NamedNode } from "./data-set-writer.ts";
import { RecentWrites } from "./recent-writes.ts";
import type { CommitId } from "./record-commit.ts";
import { RecordProblem } from "./record-problem.ts";
import { isRefusal, type RecordAnswers, type RecordRequest, shown } from "./record-request.ts";

export interface CommitBody {
  readonly id: CommitId;
  readonly heldBy: readonly NamedNode[];
  readonly lackedBy: readonly NamedNode[];
}

/** Makes writes where this node is the data set's writer; where it is not, it says who is, and writes nothing. */
export class RecordWriter {
  readonly #writer: DataSetWriter;
  readonly #replication: Pick<Replication, "records" | "barrier">;
  readonly #recent = new RecentWrites();

  constructor(writer: DataSetWriter, replication: Pick<Replication, "records" | "barrier">) {
    this.#writer = writer;
    this.#replication = replication;
  }

  /** Resolves with the refusal, too. Rejects only where the agent itself fails. */
  async answer(write: ForwardedWrite): Promise<WriteAnswer> {
    try {
      return await this.#recent.once(write, () => this.#made(write));
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      return { status: error.status, body: JSON.stringify(error.body), etag: null };
    }
  }

  async ask<Request extends RecordRequest>(request: Request): Promise<RecordAnswers[Request["kind"]]> {
    const answer = await this.#replication.records(request);
    if (answer === null || !isRefusal(answer)) return answer;
    throw new RecordProblem(answer.refused, answer.reason);
  }

  async commitBody({ name }: OwnedDataSet, commit: CommitId): Promise<CommitBody> {
    const { heldBy, lackedBy } = await this.ask({ kind: "commit", dataSet: name, commit });
    return { id: commit, heldBy: this.#writer.nodes(heldBy), lackedBy: this.#writer.nodes(lackedBy) };
  }

  async #made(write: ForwardedWrite): Promise<WriteAnswer> {
    const { key, change, condition } = write;
    const dataSet = this.#writer.named(write.dataSet);
    if (dataSet === undefined) throw unknownDataSet(write.dataSet);
    const tenure = this.#tenureFor(dataSet);
    const about = { dataSet: dataSet.name, key, condition, tenure };
    if (change.kind === "delete") {
      const deleted = await this.ask({ kind: "delete", ...about });
      return answered({ commit: await this.#committed(dataSet, deleted.commit, tenure, write) }, null);
    }
    if (change.ttlMs !== null && dataSet.kind !== "state")
      throw new RecordProblem(
        "invalid-request",
        `ttlSeconds is for data sets of kind state, and ${dataSet.name} is ${dataSet.kind}: its records stay`,
      );
    const record = await this.ask({ kind: "put", ...about, value: change.value, ttlMs: change.ttlMs });
    const commit = await this.#committed(dataSet, record.version, tenure, write);
    return answered({ record: shown(record), commit }, `"${record.version}"`);
  }

  /** What became of a commit that was just made, once it is where it was asked to be. */
  async #committed(dataSet: OwnedDataSet, commit: CommitId, tenure: Tenure, write: ForwardedWrite): Promise<CommitBody> {
    if (write.durability === "local") return this.commitBody(dataSet, commit);
    try {
      await this.#replication.barrier(dataSet.name, write.timeoutMs);
    } catch (error) {
      throw new RecordProblem("not-replicated", `it is committed on this node: ${reasonOf(error)}`, {
        commit: await this.commitBody(dataSet, commit),
      });
    }
    // Whoever has become the writer in the meantime may have begun without it.
    if (this.#writer.tenureFor(dataSet)?.epoch !== tenure.epoch)
      throw new RecordProblem("not-the-writer", "it was committed, and this node has lost the group before another one had it", {
        nextStep: "Read the record again on the node that is the writer now.",
        writer: this.#writer.writerOf(dataSet),
      });
    return this.commitBody(dataSet, commit);
  }

  #tenureFor(dataSet: OwnedDataSet): Tenure {
    const tenure = this.#writer.tenureFor(dataSet);
    if (tenure === null) throw notTheWriter(dataSet, this.#writer.writerOf(dataSet));
    return tenure;
  }
}

export function unknownDataSet(name: string): RecordProblem {
  return new RecordProblem("unknown-data-set", `the cluster document has no data set of records called ${name.slice(0, 100)}`);
}

function notTheWriter({ name, group }: OwnedDataSet, writer: NamedNode | null): RecordProblem {
  if (writer === null)
    return new RecordProblem("not-the-writer", `nobody holds group ${group} now, so nobody may write data set ${name}`, {
      nextStep: "Try again when `understudy agent status` names a holder of the group.",
      writer,
    });
  return new RecordProblem("not-the-writer", `data set ${name} is written on ${writer.name}, which holds group ${group}`, {
    nextStep: `Write on ${writer.name} (${writer.host}), at its own agent, or send \`forward=true\` along. What is written there is here at once.`,
    writer,
  });
}

function answered(body: unknown, etag: string | null): WriteAnswer {
  return { status: 200, body: JSON.stringify(body), etag };
}
