import { AgentError } from "../agent-error.ts";
import { callSocket, notRunning, openSocket } from "../local/socket-call.ts";
import { parseJson } from "../storage/parse-json.ts";
import type { RecordProblemBody } from "./record-problem.ts";

const timeoutMs = 5_000;
/** What an answer may take beyond what was asked for. */
const graceMs = 2_000;
/** The stream says at least every ten seconds that it is there. */
const silentMsMax = 30_000;

export interface RecordCall {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Below `/v1/datasets`, each part as it is meant. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly value?: unknown;
  /** For how long it may be waited at the other end. */
  readonly withinMs?: number;
}

export interface RecordEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** The CLI's way to the records of the agent that runs on this server. */
export class RecordsClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Throws `AgentError`: "record-refused" with the agent's reason and next step, "not-running" where there is none. */
  async call({ method, path, query = {}, headers = {}, value, withinMs = 0 }: RecordCall): Promise<unknown> {
    const answer = await callSocket(this.#socketPath, {
      method,
      path: pathOf(path, query),
      headers,
      content: value,
      withinMs: timeoutMs + (withinMs === 0 ? 0 : withinMs + graceMs),
    });
    if (answer.status === 200) return answer.body;
    throw refusalIn(answer.body, answer.status);
  }

  /** What is written from now on, or since a position. Ends where the agent ends it. */
  async *watch(dataSet: string, query: Readonly<Record<string, string | undefined>>): AsyncGenerator<RecordEvent> {
    const response = await openSocket(this.#socketPath, {
      method: "GET",
      path: pathOf([dataSet, "changes"], query),
      headers: { accept: "text/event-stream" },
      withinMs: silentMsMax,
    });
    response.setEncoding("utf8");
    let waiting = "";
    try {
      for await (const piece of response) {
        waiting += String(piece);
        if (response.statusCode !== 200) continue;
        const blocks = waiting.split("\n\n");
        waiting = blocks.pop() ?? "";
        for (const block of blocks) if (!block.startsWith(":")) yield eventIn(block);
      }
    } catch (error) {
      throw notRunning(this.#socketPath, error);
    }
    if (response.statusCode !== 200) throw refusalIn(parseJson(waiting), response.statusCode ?? 0);
  }
}

function pathOf(parts: readonly string[], query: NonNullable<RecordCall["query"]>): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
  const path = ["/v1/datasets", ...parts.map(encodeURIComponent)].join("/");
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

function eventIn(block: string): RecordEvent {
  const fields = Object.fromEntries(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
  return { event: fields["event"] ?? "", id: fields["id"] ?? null, data: parseJson(fields["data"] ?? "") };
}

function refusalIn(body: unknown, status: number): AgentError {
  const { error } = (body ?? {}) as Partial<RecordProblemBody>;
  if (error === undefined) return new AgentError("record-refused", `The agent answered with status ${status}.`, "See the agent's log.");
  return new AgentError("record-refused", `The agent refused: ${error.message}.`, error.nextStep);
}
