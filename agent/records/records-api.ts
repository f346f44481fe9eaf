import type { IncomingMessage, ServerResponse } from "node:http";
import type { OwnedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { Tenure } from "../../shared/domain/replication/tenure.ts";
import { reasonOf } from "../agent-error.ts";
import type { Replication } from "../replication/replication.ts";
import type { DataSetWriter, NamedNode } from "./data-set-writer.ts";
import type { CommitId } from "./record-commit.ts";
import { RecordProblem } from "./record-problem.ts";
import { changesQuery, conditionOf, deleteQuery, jsonBody, keyOf, listQuery, noQuery, parsed, putQuery, queryOf } from "./record-query.ts";
import { isRefusal, type RecordAnswers, type RecordRequest, shown } from "./record-request.ts";
import { streamChanges } from "./record-stream.ts";

export interface RecordsApiOptions {
  readonly writer: DataSetWriter;
  readonly replication: Pick<Replication, "records" | "barrier">;
}

/** One request about one data set. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dataSet: OwnedDataSet;
  readonly query: Record<string, string>;
}

interface CommitBody {
  readonly id: CommitId;
  readonly heldBy: readonly NamedNode[];
  readonly lackedBy: readonly NamedNode[];
}

/** HTTP for the data sets of records, for the applications on this server (README). Bodies are JSON; every refusal is a `RecordProblemBody`. */
export class RecordsApi {
  readonly #writer: DataSetWriter;
  readonly #replication: RecordsApiOptions["replication"];

  constructor({ writer, replication }: RecordsApiOptions) {
    this.#writer = writer;
    this.#replication = replication;
  }

  /** Answers everything under `/v1/`. Rejects only where the agent itself fails. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      refuse(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? "", "http://localhost");
    const [, version, things, name, what, ...parts] = url?.pathname.split("/") ?? [];
    if (url === null || version !== "v1" || things !== "datasets" || parts.length > 1) throw unknownPath(request);
    const query = queryOf(url);
    if (name === undefined) {
      only(request, "GET");
      parsed(noQuery, query);
      return reply(
        response,
        200,
        this.#writer.dataSets.map((dataSet) => ({ ...described(dataSet), writer: this.#writer.writerOf(dataSet) })),
      );
    }
    const dataSet = this.#writer.named(name);
    if (dataSet === undefined)
      throw new RecordProblem("unknown-data-set", `the cluster document has no data set of records called ${name.slice(0, 100)}`);
    const call = { request, response, dataSet, query };
    const [part] = parts;
    if (what === "records") return part === undefined ? this.#list(call) : this.#record(call, keyOf(part));
    if (what === "changes" && part === undefined) return this.#changes(call);
    if (what === "commits" && part !== undefined) return this.#commit(call, keyOf(part));
    throw unknownPath(request);
  }

  async #list({ request, response, dataSet, query }: Call): Promise<void> {
    only(request, "GET");
    const { records, more, position } = await this.#ask({ kind: "list", dataSet: dataSet.name, ...parsed(listQuery, query) });
    reply(response, 200, { records: records.map(shown), more, position });
  }

  async #record(call: Call, key: string): Promise<void> {
    const { method } = call.request;
    if (method === "GET") return this.#get(call, key);
    if (method === "PUT") return this.#put(call, key);
    if (method === "DELETE") return this.#delete(call, key);
    throw wrongMethod("GET, PUT, DELETE");
  }

  async #get({ response, dataSet, query }: Call, key: string): Promise<void> {
    parsed(noQuery, query);
    const record = await this.#ask({ kind: "get", dataSet: dataSet.name, key });
    if (record === null) throw new RecordProblem("unknown-record", `there is no record ${key}`);
    reply(response, 200, shown(record), { etag: `"${record.version}"` });
  }

  async #put(call: Call, key: string): Promise<void> {
    const { request, response, dataSet, query } = call;
    const { ttlSeconds, ...durability } = parsed(putQuery, query);
    if (ttlSeconds !== undefined && dataSet.kind !== "state")
      throw new RecordProblem(
        "invalid-request",
        `ttlSeconds is for data sets of kind state, and ${dataSet.name} is ${dataSet.kind}: its records stay`,
      );
    const condition = conditionOf(request);
    const value = await jsonBody(request);
    const tenure = this.#tenureFor(dataSet);
    const ttlMs = ttlSeconds === undefined ? null : ttlSeconds * 1_000;
    const record = await this.#ask({ kind: "put", dataSet: dataSet.name, key, value, ttlMs, condition, tenure });
    const commit = await this.#committed(call, record.version, tenure, durability);
    reply(response, 200, { record: shown(record), commit }, { etag: `"${record.version}"` });
  }

  async #delete(call: Call, key: string): Promise<void> {
    const { request, response, dataSet, query } = call;
    const durability = parsed(deleteQuery, query);
    const tenure = this.#tenureFor(dataSet);
    const deleted = await this.#ask({ kind: "delete", dataSet: dataSet.name, key, condition: conditionOf(request), tenure });
    reply(response, 200, { commit: await this.#committed(call, deleted.commit, tenure, durability) });
  }

  async #changes({ request, response, dataSet, query }: Call): Promise<void> {
    only(request, "GET");
    const { prefix, after, waitSeconds } = parsed(changesQuery, query);
    const ask = (position: string | null, waitMs: number) =>
      this.#ask({ kind: "changes", dataSet: dataSet.name, prefix, after: position, waitMs });
    if (request.headers.accept?.includes("text/event-stream") === true) {
      const resumed = request.headers["last-event-id"];
      const from = typeof resumed === "string" && resumed !== "" ? resumed : (after ?? null);
      return streamChanges(response, from, ask);
    }
    const { changes, position } = await ask(after ?? null, waitSeconds * 1_000);
    reply(response, 200, {
      changes: changes.map(({ key, record }) => ({ key, record: record === null ? null : shown(record) })),
      position,
    });
  }

  async #commit({ request, response, dataSet, query }: Call, commit: string): Promise<void> {
    only(request, "GET");
    parsed(noQuery, query);
    reply(response, 200, await this.#commitBody(dataSet, commit));
  }

  /** What became of a commit that was just made, once it is where it was asked to be. */
  async #committed(
    { dataSet }: Call,
    commit: CommitId,
    tenure: Tenure,
    { durability, timeoutMs }: { readonly durability: "local" | "replicated"; readonly timeoutMs: number },
  ): Promise<CommitBody> {
    if (durability === "local") return this.#commitBody(dataSet, commit);
    try {
      await this.#replication.barrier(dataSet.name, timeoutMs);
    } catch (error) {
      throw new RecordProblem("not-replicated", `it is committed on this node: ${reasonOf(error)}`, {
        commit: await this.#commitBody(dataSet, commit),
      });
    }
    // Whoever has become the writer in the meantime may have begun without it.
    if (this.#writer.tenureFor(dataSet)?.epoch !== tenure.epoch)
      throw new RecordProblem("not-the-writer", "it was committed, and this node has lost the group before another one had it", {
        nextStep: "Read the record again on the node that is the writer now.",
        writer: this.#writer.writerOf(dataSet),
      });
    return this.#commitBody(dataSet, commit);
  }

  async #commitBody({ name }: OwnedDataSet, commit: CommitId): Promise<CommitBody> {
    const { heldBy, lackedBy } = await this.#ask({ kind: "commit", dataSet: name, commit });
    return { id: commit, heldBy: this.#writer.nodes(heldBy), lackedBy: this.#writer.nodes(lackedBy) };
  }

  #tenureFor(dataSet: OwnedDataSet): Tenure {
    const tenure = this.#writer.tenureFor(dataSet);
    if (tenure === null) throw notTheWriter(dataSet, this.#writer.writerOf(dataSet));
    return tenure;
  }

  async #ask<Request extends RecordRequest>(request: Request): Promise<RecordAnswers[Request["kind"]]> {
    const answer = await this.#replication.records(request);
    if (answer === null || !isRefusal(answer)) return answer;
    throw new RecordProblem(answer.refused, answer.reason);
  }
}

function described({ name, kind, group }: OwnedDataSet) {
  return { name, kind, group };
}

function notTheWriter({ name, group }: OwnedDataSet, writer: NamedNode | null): RecordProblem {
  if (writer === null)
    return new RecordProblem("not-the-writer", `nobody holds group ${group} now, so nobody may write data set ${name}`, {
      nextStep: "Try again when `understudy agent status` names a holder of the group.",
      writer,
    });
  return new RecordProblem("not-the-writer", `data set ${name} is written on ${writer.name}, which holds group ${group}`, {
    nextStep: `Write on ${writer.name} (${writer.host}), at its own agent. What is written there is here at once.`,
    writer,
  });
}

function only(request: IncomingMessage, method: string): void {
  if (request.method !== method) throw wrongMethod(method);
}

function wrongMethod(allowed: string): RecordProblem {
  return new RecordProblem("wrong-method", `only ${allowed} can be asked here`);
}

function unknownPath({ url = "" }: IncomingMessage): RecordProblem {
  return new RecordProblem("unknown-path", `there is no ${url.slice(0, 200)}`);
}

export function refuse(response: ServerResponse, { status, body }: RecordProblem): void {
  // What was sent of a body that nobody reads to its end goes with the connection.
  reply(response, status, body, status === 413 ? { connection: "close" } : {});
}

function reply(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent) return;
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers })
    .end(`${JSON.stringify(body)}\n`);
}
