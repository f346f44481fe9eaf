import { type IncomingMessage, request } from "node:http";
import { AgentError, reasonOf } from "../agent-error.ts";
import { parseJson } from "../storage/parse-json.ts";

export interface SocketCall {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly content?: unknown;
  readonly withinMs: number;
}

export interface SocketAnswer {
  readonly status: number;
  /** Of JSON. */
  readonly body: unknown;
}

/** One request to the agent's local socket. Rejects with `AgentError` ("not-running") where none answers. */
export async function callSocket(socketPath: string, call: SocketCall): Promise<SocketAnswer> {
  const response = await openSocket(socketPath, call);
  try {
    const body = parseJson((await response.setEncoding("utf8").toArray()).join(""));
    if (body === undefined) throw new Error("its answer cannot be read");
    return { status: response.statusCode ?? 0, body };
  } catch (error) {
    throw notRunning(socketPath, error);
  }
}

/** As `callSocket`, as soon as the answer begins: for one that goes on. Silence for `withinMs` ends it. */
export function openSocket(socketPath: string, { method, path, headers = {}, content, withinMs }: SocketCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers, timeout: withinMs }, resolve);
    outgoing.once("timeout", () => outgoing.destroy(new Error("it does not answer")));
    outgoing.once("error", (error) => reject(notRunning(socketPath, error)));
    outgoing.end(content === undefined ? undefined : JSON.stringify(content));
  });
}

export function notRunning(socketPath: string, error: unknown): AgentError {
  const nextStep = "Start it (understudy agent run --config FILE), or check that --config names the settings of the agent that runs.";
  return new AgentError("not-running", `No agent answers on ${socketPath}: ${reasonOf(error)}.`, nextStep, error);
}
