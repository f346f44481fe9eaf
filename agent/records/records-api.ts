import type { IncomingMessage, ServerResponse } from "node:http";
import type { OwnedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import type { Replication } from "../replication/replication.ts";
import type { DataSetWriter, NamedNode } from "./data-set-writer.ts";
import { RecordProblem } from "./record-problem.ts";
import {
  changesQuery,
  conditionOf,
  deleteQuery,
  idempotencyKeyOf,
  jsonBody,
  keyOf,
  listQuery,
  noQuery,
  parsed,
  putQuery,
  queryOf,
} from "./record-query.ts";
import { shown } from "./record-request.ts";
import { streamChanges } from "./record-stream.ts";
import { type RecordWriter, unknownDataSet } from "./record-writer.ts";

export interface RecordsApiOptions {
  readonly writer: DataSetWriter;
  readonly replication: Pick<Replication, "forward">;
  readonly records: RecordWriter;
}

/** One request about one data set. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dataSet: OwnedDataSet;
  readonly query: Record<string, string>;
}

type Durability = Pick<ForwardedWrite, "durability" | "timeoutMs">;
type WriteHow = Durability & { readonly forward: "true" | "false" };

/** HTTP for the data sets of records, for the applications on this server (README). Bodies are JSON; every refusal is a `RecordProblemBody`. */
export class RecordsApi {
  readonly #writer: DataSetWriter;
  readonly #replication: RecordsApiOptions["replication"];
  readonly #records: RecordWriter;

  constructor({ writer, replication, records }: RecordsApiOptions) {
    this.#writer = writer;
    this.#records = records;
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
    if (dataSet === undefined) throw unknownDataSet(name);
    const call = { request, response, dataSet, query };
    const [part] = parts;
    if (what === "records") return part === undefined ? this.#list(call) : this.#record(call, keyOf(part));
    if (what === "changes" && part === undefined) return this.#changes(call);
    if (what === "commits" && part !== undefined) return this.#commit(call, keyOf(part));
    throw unknownPath(request);
  }

  async #list({ request, response, dataSet, query }: Call): Promise<void> {
    only(request, "GET");
    const { records, more, position } = await this.#records.ask({ kind: "list", dataSet: dataSet.name, ...parsed(listQuery, query) });
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
    const record = await this.#records.ask({ kind: "get", dataSet: dataSet.name, key });
    if (record === null) throw new RecordProblem("unknown-record", `there is no record ${key}`);
    reply(response, 200, shown(record), { etag: `"${record.version}"` });
  }

  async #put(call: Call, key: string): Promise<void> {
    const { request, dataSet, query } = call;
    const { ttlSeconds, ...how } = parsed(putQuery, query);
    const [id, condition] = [idempotencyKeyOf(request), conditionOf(request)];
    const value = await jsonBody(request);
    const ttlMs = ttlSeconds === undefined ? null : ttlSeconds * 1_000;
    await this.#write(call, how, { id, dataSet: dataSet.name, key, change: { kind: "put", value, ttlMs }, condition });
  }

  async #delete(call: Call, key: string): Promise<void> {
    const { request, dataSet, query } = call;
    const how = parsed(deleteQuery, query);
    const [id, condition] = [idempotencyKeyOf(request), conditionOf(request)];
    await this.#write(call, how, { id, dataSet: dataSet.name, key, change: { kind: "delete" }, condition });
  }

  /** Here, or by the writer where that is wanted. */
  async #write(
    { response, dataSet }: Call,
    { forward, ...durability }: WriteHow,
    what: Omit<ForwardedWrite, keyof Durability>,
  ): Promise<void> {
    const write = { ...what, ...durability };
    const writer = this.#writer.tenureFor(dataSet) === null ? this.#writer.writerOf(dataSet) : null;
    const isElsewhere = forward === "true" && writer !== null;
    const { status, body, etag } = isElsewhere ? await this.#forwarded(writer, write) : await this.#records.answer(write);
    reply(response, status, JSON.parse(body) as unknown, etag === null ? {} : { etag });
  }

  /** Once: the writer passes nothing on. */
  async #forwarded(writer: NamedNode, write: ForwardedWrite): Promise<WriteAnswer> {
    const forwarded = await this.#replication.forward(writer.nodeId, write);
    if (forwarded.kind === "answered") return forwarded.answer;
    const [code, what] =
      forwarded.kind === "unsent" ? (["writer-away", "cannot be reached"] as const) : (["writer-silent", "has not answered"] as const);
    throw new RecordProblem(code, `the writer, ${writer.name}, ${what}: ${forwarded.reason}`, { writer, idempotencyKey: write.id });
  }

  async #changes({ request, response, dataSet, query }: Call): Promise<void> {
    only(request, "GET");
    const { prefix, after, waitSeconds } = parsed(changesQuery, query);
    const ask = (position: string | null, waitMs: number) =>
      this.#records.ask({ kind: "changes", dataSet: dataSet.name, prefix, after: position, waitMs });
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
    reply(response, 200, await this.#records.commitBody(dataSet, commit));
  }
}

function described({ name, kind, group }: OwnedDataSet) {
  return { name, kind, group };
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
